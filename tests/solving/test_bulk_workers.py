"""Blocks given out: by work all is the same whoever solves them and however long that takes; no cluster is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.bulk import size
from models.matrix import Vector
from models.problem import Problem
from optimizer import pipeline
from optimizer.batch.sameness import same_files
from optimizer.generating.generate import generate
from optimizer.settings import Settings
from optimizer.solving import bulk_workers
from optimizer.solving.bulk_part import Part, Piece, Solved
from optimizer.solving.bulk_workers import Workers
from optimizer.solving.clock import WorkClock, going_by, now
from optimizer.solving.effort import measured
from optimizer.solving.here import solve_here
from optimizer.solving.highs import Limits
from optimizer.solving.outcome import Outcome
from optimizer.solving.places import link
from optimizer.solving.places.where import Where
from optimizer.solving.spawning import THREADS
from tests.batch.sites import Site
from tests.solving.misbehaving import slowly
from tests.solving.tasks import hard_knapsack

pytest.importorskip("distributed")
WORK = 9.0


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a spawned process is started."""
    monkeypatch.setenv(THREADS[0], "1")


@pytest.fixture(autouse=True)
def _few_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what the first blocks spend counts for the others; and no limit is the least one."""
    monkeypatch.setattr(bulk_workers, "AHEAD", 4)
    monkeypatch.setattr(bulk_workers, "LEAST", 0.02)


def never() -> bool:
    return False


def blocks() -> list[Part]:
    """Blocks of several sizes that nobody proves in time, and some that are proven at once."""
    found = []
    for k, n in enumerate([30, 6, 28, 5, 26, 29, 7]):
        block = hard_knapsack(n)
        start = np.zeros(len(block.cost))
        start[[-4, -2]] = block.row_lower
        found.append(Part(block, np.arange(len(start)), start, weight=float(n + 10 * (k % 3))))
    return found


def by_work(where: Where) -> tuple[object, ...]:
    """What comes of the blocks in two goes, all that is counted, and what is said."""
    found: list[tuple[float, bytes | None]] = []

    def done(part: Part, x: Vector | None) -> None:
        found.append((part.weight, None if x is None else x.tobytes()))

    with going_by(WorkClock()), measured() as effort, Workers(where, lambda: now() > WORK, never) as workers:
        said = workers.solve(blocks(), Limits(WORK, 0.0), lambda: WORK / 2 - now(), done)
        said += workers.solve(blocks()[:3], Limits(WORK, 0.0), lambda: WORK - now(), done)
        return found, now(), effort.nodes, said, workers.disturbed


@pytest.fixture(scope="module")
def here() -> Iterator[tuple[object, ...]]:
    """Solved in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(THREADS[0], "1")
        patch.setattr(bulk_workers, "AHEAD", 4)
        patch.setattr(bulk_workers, "LEAST", 0.02)
        yield by_work(Where(workers=1))


@pytest.mark.parametrize("where", [Where(workers=2), Where(workers=5), Where("local", 2)], ids=str)
def test_by_work_blocks_are_solved_alike_whoever_solves_them(
    monkeypatch: pytest.MonkeyPatch, here: tuple[object, ...], where: Where
) -> None:
    monkeypatch.setattr(bulk_workers, "solve_piece", slowly)
    assert by_work(where) == here
    assert here[-2:] == ([], False)


def test_what_blocks_took_is_counted(here: tuple[object, ...]) -> None:
    """A run looks at its limit a few times in a unit, so each may take half a unit more."""
    _, spent, nodes, *_ = here
    assert WORK / 2 < float(str(spent)) < WORK + 0.5 * len(blocks())
    assert isinstance(nodes, int)


def limits(count: int, total: float, used: float, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Limits of so many blocks alike, each of which takes that share of its own."""
    found: list[float] = []

    def solve(piece: Piece, stop: Callable[[], bool]) -> Solved:
        found.append(piece.limits.seconds)
        return Solved(None, used * piece.limits.seconds, None, late=False, alone=True)

    monkeypatch.setattr(bulk_workers, "solve_piece", solve)
    with going_by(WorkClock()), Workers(Where(workers=1), never, never) as workers:
        workers.solve(blocks()[:1] * count, Limits(total, 0.0), lambda: total - now(), lambda *_: None)
        assert now() == pytest.approx(used * sum(found))
    return found


def test_together_blocks_get_no_more_work_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even if all take what they get; where many are still to come, the first ones get more than their share."""
    assert limits(4, 8.0, 1.0, monkeypatch) == pytest.approx([2.0] * 4)
    all_of_it = limits(40, 8.0, 1.0, monkeypatch)
    assert all_of_it[0] == pytest.approx(4 * 8.0 / 40)
    assert 8.0 <= sum(all_of_it) < 8.0 + 40 * bulk_workers.LEAST


def test_what_blocks_leave_goes_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    little, much = (limits(8, 8.0, used, monkeypatch) for used in (0.1, 1.0))
    assert little[:4] == much[:4]
    assert all(one > other for one, other in zip(little[4:], much[4:], strict=True))


def test_a_wish_to_stop_is_heard_by_work_as_well() -> None:
    """Each block would take its hour of work otherwise."""
    asked = iter([False] * 12)
    found: list[Vector | None] = []
    with going_by(WorkClock()), Workers(Where(workers=2), never, lambda: next(asked, True)) as workers:
        workers.solve(blocks()[:2], Limits(3600.0, 0.0), lambda: 7200.0, lambda _part, x: found.append(x))
    assert len(found) == 2


# --- a cluster that goes ----------------------------------------------------------------------------------------------


def test_where_no_cluster_answers_blocks_are_solved_here(
    monkeypatch: pytest.MonkeyPatch, here: tuple[object, ...]
) -> None:
    monkeypatch.setattr(link, "ANSWERS", 0.5)
    found, spent, nodes, said, disturbed = by_work(Where("tcp://127.0.0.1:1", 1))
    assert (found, spent, nodes, disturbed) == (*here[:3], False)
    assert isinstance(said, list)
    assert len(said) == 1
    assert "the cluster at tcp://127.0.0.1:1 could not be used (no scheduler answers" in said[0]


@pytest.mark.parametrize("work", [True, False])
def test_a_scheduler_that_goes_takes_nothing_with_it(
    monkeypatch: pytest.MonkeyPatch, here: tuple[object, ...], work: bool
) -> None:
    """Killed with all its workers after the first block."""
    site = Site()
    site.start()
    first = Workers._take_up

    def killing(self: Workers, *given: object) -> None:
        if site.running:
            site.kill()
        first(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Workers, "_take_up", killing)
    where = Where(site.address, 1)
    try:
        if work:
            found, spent, nodes, said, disturbed = by_work(where)
            assert (found, spent, nodes, disturbed) == (*here[:3], False)
        else:
            done: list[Vector | None] = []
            with Workers(where, never, never) as workers:
                said = workers.solve(blocks(), Limits(1.0, 0.0), lambda: 1.0, lambda _part, x: done.append(x))
            assert len(done) == len(blocks())
    finally:
        site.kill()
    assert isinstance(said, list)
    assert len(said) == 1
    assert "blocks are solved here" in said[0]


# --- whole plans ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weekly") / "instance"
    generate("weekly", 1, folder, factor=0.15)
    return folder


def test_a_book_by_work_is_the_same_plan_file_by_file(
    monkeypatch: pytest.MonkeyPatch, weekly: Path, tmp_path: Path
) -> None:
    """In this process: a spawned one would not know that so small an instance is a book here."""
    monkeypatch.setattr(size, "LARGE", 0)
    monkeypatch.setattr(bulk_workers, "AHEAD", 2)

    def solve(problem: Problem, formulation: object, limits: Settings, **given: object) -> Outcome:
        outcome = solve_here(problem, formulation, limits, starts=given["starts"], where=given["where"])  # type: ignore[arg-type]
        assert outcome.method == "bulk"
        assert outcome.repeatable
        return outcome

    monkeypatch.setattr(pipeline, "solve", solve)
    ways = {"one": Where(workers=1), "two": Where(workers=2), "Dask": Where("local", 2)}
    for name, where in ways.items():
        pipeline.solve_instance(weekly, tmp_path / name, settings=Settings(work=1.2, threads=1), where=where)
    for name in ("two", "Dask"):
        compared = same_files(tmp_path / "one", tmp_path / name)
        assert {file for file, same in compared.items() if same != "same"} == set()


def test_a_method_without_parts_says_so(weekly: Path, tmp_path: Path) -> None:
    """By itself, as small an instance is no book."""
    result = pipeline.solve_instance(
        weekly, tmp_path / "plan", settings=Settings(seconds=5.0, gap=0.9), where=Where(workers=2)
    )
    assert result.summary is not None
    assert any("has no parts for other workers" in line for line in result.summary.warnings)
