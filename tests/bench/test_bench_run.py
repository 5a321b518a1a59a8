"""Running a suite: resumed, repeated, interrupted; what is measured becomes a record."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from optimizer.bench import machine
from optimizer.bench.run import Finished, Told, Watch, run_suite
from optimizer.bench.store import Store
from optimizer.bench.suite import read_suite
from optimizer.bench.watch import Watched
from optimizer.peers.records import Job
from tests.bench.test_bench_suite import TOY, written

TRACE = [[2.0, 200.0, None], [3.0, 100.0, 99.5], [5.0, 100.0, 99.95]]
FIELDS = {"status": "gap_reached", "objective": 100.0, "bound": 99.95, "plan_ok": True, "trace": TRACE}


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The state of the program, which a test may change."""
    commits = ["aaaa"]
    monkeypatch.setattr(machine, "state", lambda: (commits[-1], False))
    return commits


class Counting:
    """Answers every job at once, and remembers it."""

    def __init__(self, **changes: object) -> None:
        self.jobs: list[Job] = []
        self.fields = {**FIELDS, **changes}

    def __call__(self, job: Job, stop: threading.Event) -> Watched:
        self.jobs.append(job)
        return Watched(None if stop.is_set() else dict(self.fields), 6.0, 70.0)


def measure(
    folder: Path, watching: Watch, *, again: bool = False, at_once: int = 1, told: Told | None = None
) -> Finished:
    text = f'name = "s"\ninstances = ["{TOY}"]\nformulations = ["slots", "textbook"]\nseeds = [0, 1]\n'
    text += "settings = [{seconds = 20, gap = 1e-3, threads = 1}]"
    suite = read_suite(written(folder, text))
    return run_suite(suite, folder / "out", again=again, at_once=at_once, told=told, watching=watching)


def test_what_is_measured_becomes_a_record(tmp_path: Path) -> None:
    found = measure(tmp_path, Counting()).records[0]
    assert (found.suite, found.commit, found.name, found.instance) == ("s", "aaaa", "slots", "toy")
    assert (found.to_first_plan, found.to_gap_1, found.to_gap_01, found.to_gap_001) == (2.0, 3.0, 5.0, None)
    assert found.gap == pytest.approx(0.0005)
    assert found.primal_integral == pytest.approx(2 * 1 + 1 * 0.5)
    assert (found.total_seconds, found.peak_memory_mib) == (6.0, 70.0)
    assert found.solved
    assert '"highspy"' in found.versions
    assert '"cores"' in found.machine


def test_a_plan_that_the_checker_refuses_reaches_nothing(tmp_path: Path) -> None:
    found = measure(tmp_path, Counting(plan_ok=False)).records[0]
    assert (found.solved, found.failed, found.gap, found.to_gap_1, found.to_first_plan) == (False, True) + (None,) * 3


def test_what_is_known_is_not_measured_again(tmp_path: Path) -> None:
    first = measure(tmp_path, Counting())
    assert (first.done, first.known, first.wanted) == (4, 0, 4)
    watching = Counting()
    second = measure(tmp_path, watching)
    assert (second.done, second.known, watching.jobs) == (0, 4, [])
    assert len(second.records) == 4


def test_after_a_killed_writer_only_what_is_missing_is_measured(tmp_path: Path) -> None:
    measure(tmp_path, Counting())
    gone, broken, *_ = sorted((tmp_path / "out" / "records").glob("*.parquet"))
    gone.unlink()
    broken.write_bytes(broken.read_bytes()[:50])
    watching = Counting()
    assert len(measure(tmp_path, watching).records) == 4
    assert len(watching.jobs) == 2


def test_another_commit_is_measured_beside(tmp_path: Path, state: list[str]) -> None:
    measure(tmp_path, Counting())
    state.append("bbbb")
    found = measure(tmp_path, Counting(objective=101.0))
    assert found.done == 4
    assert {record.commit for record in found.records} == {"bbbb"}
    assert len(Store(tmp_path / "out").all()) == 8


def test_again_measures_all_and_keeps_all(tmp_path: Path) -> None:
    measure(tmp_path, Counting())
    found = measure(tmp_path, Counting(objective=101.0), again=True)
    assert (found.done, {record.objective for record in found.records}) == (4, {101.0})
    assert len(Store(tmp_path / "out").all()) == 8


def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    """The second record interrupts, as Ctrl-C would while the third runs."""
    ended = 0

    def told(_count: int, _number: int, _job: Job, record: object) -> None:
        nonlocal ended
        ended += record is not None
        if ended == 2 and record is not None:
            raise KeyboardInterrupt

    def watching(job: Job, stop: threading.Event) -> Watched:
        if ended == 2 or len(Store(tmp_path / "out").all()) == 2:
            stop.wait(20)
        return Watched(None if stop.is_set() else dict(FIELDS), 6.0, 70.0)

    found = measure(tmp_path, watching, told=told)
    assert found.interrupted
    assert len(found.records) in (2, 3)  # the third may have ended in the very moment
    rest = measure(tmp_path, Counting())
    assert (rest.interrupted, len(rest.records)) == (False, 4)
    assert rest.done == 4 - len(found.records)


def test_several_at_once(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=20)

    def watching(job: Job, stop: threading.Event) -> Watched:
        both.wait()
        return Watched(dict(FIELDS), 6.0, 70.0)

    assert measure(tmp_path, watching, at_once=2).done == 4


def test_the_teller_hears_begin_and_end(tmp_path: Path) -> None:
    heard: list[tuple[int, int, bool]] = []
    measure(tmp_path, Counting(), told=lambda count, number, job, record: heard.append((count, number, record is None)))
    assert sorted(heard) == sorted((4, number, begins) for number in (1, 2, 3, 4) for begins in (True, False))
