"""Checkpoints: what is kept comes back the same, what is torn is not there, and a run that is cut off goes on."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from models import problem as p
from models.baselines import first_come_first_served, priority_list
from models.bulk import size
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan
from optimizer.settings import Settings
from optimizer.solving import bulk, bulk_polish, search
from optimizer.solving import solve as solving
from optimizer.solving.bulk import Bulk, Found
from optimizer.solving.bulk_polish import Polish
from optimizer.solving.bulk_saved import InBlocks, Saved
from optimizer.solving.checkpoint import STATE, Checkpoint, digest
from optimizer.solving.here import solve_here
from optimizer.solving.highs import Limits
from optimizer.solving.job import Job
from optimizer.solving.outcome import Progress
from optimizer.solving.places.where import Where
from optimizer.solving.solve import solve
from tests.builders import an_order, bare_problem, day, small_plan, small_problem
from tests.models.bulk.books import master_of, relaxed
from tests.solving.small_books import work
from tests.solving.tasks import SLOTS, TIGHT, case, named, run_here, toy

LIMITS = Limits(30.0, 1e-9, 1, 0)


class CutOffError(RuntimeError):
    """A run that ends where nobody expects it."""


def cut_off() -> None:
    raise CutOffError


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    plan, problem = small_plan(), small_problem()
    Checkpoint(tmp_path, problem).keep_state(plan, 12.5, 3.25, "blocks")
    found = Checkpoint(tmp_path, problem).state()
    assert found is not None
    assert (found.plan, found.objective, found.bound, found.phase) == (plan, 12.5, 3.25, "blocks")
    assert check_plan(problem, plan).violations == ()  # or the plan says too little


def test_every_instance_has_a_part_of_its_own(tmp_path: Path) -> None:
    problem = small_problem()
    other = replace(problem, orders=(replace(problem.orders[0], quantity=3), *problem.orders[1:]))
    assert digest(problem) == digest(small_problem()) != digest(other)
    Checkpoint(tmp_path, problem).keep_state(None, None, 1.0, "relaxation")
    assert Checkpoint(tmp_path, other).state() is None
    Checkpoint(tmp_path, other).clear()
    assert Checkpoint(tmp_path, problem).state() is not None
    Checkpoint(tmp_path, problem).clear()
    assert not tmp_path.exists()


@pytest.mark.parametrize("spoiled", ["", "{", '{"format": 0}', '{"format": 1, "plan": {"dispatches": [[1]]}}'])
def test_what_is_torn_or_of_another_format_is_not_there(tmp_path: Path, spoiled: str) -> None:
    kept = Checkpoint(tmp_path, small_problem())
    kept.keep_state(small_plan(), 1.0, 1.0, "blocks")
    kept.keep("blocks", {"mark": ""}, {"x": np.arange(1000.0)})
    (kept.folder / STATE).write_text(spoiled, encoding="utf-8")
    (kept.folder / "blocks.npz").write_bytes((kept.folder / "blocks.npz").read_bytes()[:900])
    again = Checkpoint(tmp_path, small_problem())
    assert again.state() is None
    assert again.read("blocks") is None
    assert len(again.messages) == (1 if spoiled == '{"format": 0}' else 2)


def test_a_checkpoint_that_cannot_be_written_ends_no_solve(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    kept = Checkpoint(tmp_path / "file", small_problem())
    for _ in range(2):
        kept.keep_state(None, None, 1.0, "relaxation", soon=False)
    assert len(kept.messages) == 1
    assert "could not be written" in kept.messages[0]


def test_a_state_is_not_written_all_the_time(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path, small_problem())
    kept.keep_state(None, None, 1.0, "relaxation")
    kept.keep_state(None, None, 2.0, "relaxation")
    found = Checkpoint(tmp_path, small_problem()).state()
    assert found is not None
    assert found.bound == 1.0
    kept.keep_state(None, None, 2.0, "relaxation", soon=False)
    found = Checkpoint(tmp_path, small_problem()).state()
    assert found is not None
    assert found.bound == 2.0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_master_is_written_down_again_as_it_was(tmp_path: Path, seed: int) -> None:
    problem = toy(seed)
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    Saved(Checkpoint(tmp_path, problem)).keep_relaxation(master, found, done=True)
    again = master_of(problem, begun=False)
    back, done = Saved(Checkpoint(tmp_path, problem)).relaxation(again)
    assert back is not None
    assert done
    assert (back.value, back.bound) == (found.value, found.bound)
    assert np.array_equal(back.x, found.x)
    ours, theirs = master.program(), again.program()
    assert (ours.A != theirs.A).nnz == 0
    assert np.array_equal(ours.cost, theirs.cost)
    assert np.array_equal(ours.upper, theirs.upper)


def saved_run(problem: p.Problem, folder: Path, *starts: tuple[Plan, float]) -> Found:
    """One run of the method with a checkpoint, in this process."""
    saved = Saved(Checkpoint(folder, problem))
    state = saved.plan()
    before = [] if state is None or state.plan is None or state.objective is None else [(state.plan, state.objective)]

    def report(found: Found) -> None:
        saved.keep_plan(found.plan, found.objective, found.bound, found.phase, soon=False)

    method = Bulk(Facts(problem), LIMITS, Where(), report, lambda: False, saved=saved)
    return method.run([*before, *starts], None if state is None else state.bound)


@pytest.mark.parametrize("where", ["packages", "settled", "dives", "rounds"])
def test_a_run_that_is_cut_off_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """What was done before is not done again, and the plan is as good as without the break."""
    problem = toy(3)
    whole = saved_run(problem, tmp_path / "whole")
    places = {
        "packages": (bulk, "whole_packages"),
        "settled": (bulk_polish, "whole_needs"),
        "dives": (bulk_polish, "_promising"),
        "rounds": (Polish, "_round"),
    }
    with monkeypatch.context() as broken:
        broken.setattr(*places[where], lambda *_given, **_named: cut_off())
        with pytest.raises(CutOffError):
            saved_run(problem, tmp_path / "cut")
    done = {"packages": 0, "settled": 1, "dives": 2, "rounds": 2}[where]
    monkeypatch.setattr(Bulk, "_relaxed", lambda *_: cut_off())
    if done >= 1:
        monkeypatch.setattr(bulk, "whole_packages", lambda *_: cut_off())
        monkeypatch.setattr(Polish, "relax", lambda *_: cut_off())
    if done >= 2:
        monkeypatch.setattr(bulk_polish, "whole_needs", lambda *_: cut_off())
    found = saved_run(problem, tmp_path / "cut")
    assert found.plan is not None
    assert check_plan(problem, found.plan).violations == ()
    assert found.objective == pytest.approx(whole.objective, rel=0.01)
    assert found.bound == pytest.approx(whole.bound)


def test_blocks_of_other_packages_are_not_gone_on_from(tmp_path: Path) -> None:
    """As where two runs have kept in one folder at once: columns would mean something else."""
    problem = toy(1)
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    at = InBlocks(found.x, found.x, None)
    ours, theirs = (Saved(Checkpoint(tmp_path, problem)) for _ in range(2))
    ours.keep_settled(priority_list(problem), master, found)
    ours.keep_blocks(at, soon=False)
    again = Saved(Checkpoint(tmp_path, problem))
    assert again.settled() is not None
    assert again.blocks() is not None
    theirs.keep_settled(first_come_first_served(problem), master, found)
    assert again.settled() is not None
    assert again.blocks() is None


def test_a_killed_order_book_goes_on_from_its_own_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asked for one: a child that dies is followed by one that has what it had."""
    problem, killed = toy(3), list[int]()
    monkeypatch.setattr(size, "LARGE", 0)
    monkeypatch.setattr(solving, "work", work)

    def kill(progress: Progress) -> None:
        if progress.phase == "blocks" and not killed:
            for child in psutil.Process().children():
                if "spawn_main" in " ".join(child.cmdline()):
                    killed.append(child.pid)
                    os.kill(child.pid, signal.SIGKILL)

    start = priority_list(problem)
    outcome = solve(problem, TIGHT, Settings(seconds=30.0, threads=1, gap=1e-9), starts=named(start), progress=kill)
    assert len(killed) == 1
    assert any("goes on from a checkpoint" in message for message in outcome.messages)
    assert outcome.plan is not None
    assert outcome.bound is not None
    assert outcome.objective is not None
    assert outcome.objective < check_plan(problem, start).terms.total


def test_another_method_goes_on_from_its_solution_and_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = case("case-021")
    job = Job(found.problem, SLOTS, Settings(seconds=30.0, threads=1), checkpoint=tmp_path)
    first = run_here(job)
    assert first.status in ("optimal", "gap_reached")
    # a gap that was proven is still proven, so that nothing is left to be solved
    monkeypatch.setattr(search.Search, "enter", lambda _self, phase: phase == "starting plans" or cut_off())
    again = run_here(job)
    assert again.objective == pytest.approx(first.objective)
    assert again.bound == pytest.approx(first.bound)
    assert any("goes on from a checkpoint" in message for message in again.messages)


def test_a_plan_of_the_checkpoint_that_breaks_a_rule_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = bare_problem(orders=(an_order("O", quantity=3, due_date=day(0)),))
    legal = priority_list(problem)
    Checkpoint(tmp_path, problem).keep_state(replace(legal, made=()), -1.0, 0.0, "blocks")
    monkeypatch.setattr(size, "LARGE", 0)
    job = Job(problem, TIGHT, Settings(seconds=10.0, threads=1), named(legal), checkpoint=tmp_path)
    outcome = run_here(job)
    assert outcome.plan is not None
    assert check_plan(problem, outcome.plan).violations == ()
    assert any("'of the checkpoint' could not be used" in message for message in outcome.messages)


def test_what_goes_on_is_not_called_repeatable(tmp_path: Path) -> None:
    problem = case("case-021").problem
    job = Job(problem, SLOTS, Settings(work=5.0, threads=1, gap=1e-9), named(first_come_first_served(problem)))
    kept = replace(job, checkpoint=tmp_path)
    run_here(kept)
    assert not run_here(kept).repeatable
    text = next(tmp_path.rglob(STATE)).read_text(encoding="utf-8")
    assert json.loads(text)["plan"] is not None


def test_without_a_checkpoint_nothing_is_kept() -> None:
    problem = small_problem()
    saved = Saved(None)
    saved.keep_plan(small_plan(), 1.0, 1.0, "blocks", soon=False)
    assert saved.plan() is None
    assert saved.settled() is None
    assert saved.relaxation(master_of(problem, begun=False)) == (None, False)
    assert solve_here(problem, SLOTS, Settings(seconds=20.0, threads=1)).plan is not None
