"""A pool of processes: the same results as without one, and what becomes of a sweep when something dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from optimizer.batch import sweep_task
from optimizer.batch.executors import pool
from optimizer.batch.executors.here import Here
from optimizer.batch.executors.pool import Pool
from optimizer.batch.lock import NAME, LockedError
from optimizer.batch.sweep import Progress, Swept, sweep
from optimizer.batch.sweep_task import Limits, within_share
from tests.batch.driver import Driver, killed, until
from tests.batch.sweeps import crashing, dying_once, hungry, results, small_plan, write_sweep

SEEDS = "seeds = [0, 13]"
"""Twice the runs; what misbehaves does so where the seed is 13."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """The sweep of all tests here, made in this process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return sweep(small_plan(folder, more=SEEDS), folder / "out", Here())


def test_a_worker_killed_in_the_middle_costs_nothing(tmp_path: Path, undisturbed: Swept) -> None:
    """Killed from outside, twice; the pool puts another in its place and the run is made once more."""
    killed: list[int] = []

    def told(reached: Progress) -> None:
        if reached.done in (1, 5) and len(killed) < 2:
            workers = [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
            killed.append(workers[0].pid)
            workers[0].kill()

    swept = sweep(small_plan(tmp_path, more=SEEDS), tmp_path / "out", Pool(2, attempts=5), told=told)
    assert len(killed) == 2
    assert results(swept) == results(undisturbed)
    assert swept.done == 14


def test_a_crash_is_a_row_and_the_sweep_goes_on(tmp_path: Path, undisturbed: Swept) -> None:
    plan = small_plan(tmp_path, more=SEEDS)
    swept = sweep(plan, tmp_path / "out", Pool(2, attempts=1, made_by=crashing))
    crashed = [row for row in swept.rows if row["status"] == "crashed"]
    assert len(crashed) == 7
    assert all(row["seed"] == 13 and "SIGSEGV" in row["message"] for row in crashed)
    sound = [row for row in results(undisturbed) if row["seed"] == 0]
    assert [row for row in results(swept) if row["seed"] == 0] == sound
    mended = sweep(plan, tmp_path / "out", Here(), retry_failed=True)
    assert results(mended) == results(undisturbed)


def test_a_run_whose_worker_died_once_is_made_again(
    tmp_path: Path, undisturbed: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWEEP_TEST_MARK", str(tmp_path / "mark"))
    swept = sweep(small_plan(tmp_path, more=SEEDS), tmp_path / "out", Pool(1, made_by=dying_once))
    assert (tmp_path / "mark").exists()
    assert results(swept) == results(undisturbed)
    assert sorted({row["attempts"] for row in swept.rows}) == [1, 2]


@pytest.mark.parametrize(
    ("limit", "status", "said"),
    [("memory_gib = 0.02", "killed: memory", "20 MiB"), ("run_seconds = 0.01", "killed: time", "ended after")],
)
def test_a_run_that_takes_too_much_is_a_row(tmp_path: Path, limit: str, status: str, said: str) -> None:
    plan = small_plan(tmp_path, more=f"seeds = [13]\n{limit}")
    plan = type(plan)(plan.source, plan.planned[:1], plan.sources, plan.parameters)
    swept = sweep(plan, tmp_path / "out", Pool(1, made_by=hungry))
    assert [row["status"] for row in swept.rows] == [status]
    assert said in swept.rows[0]["message"]
    assert swept.rows[0]["attempts"] == 1
    assert swept.rows[0]["objective"] is None


def test_without_a_cap_workers_share_the_memory_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 60 MiB, as far as the pool knows: a worker's share is less than what this run takes."""
    monkeypatch.setattr(pool, "free_and_total", lambda: (0.0, 60.0 * 2**20))
    monkeypatch.setattr(sweep_task, "LEAST_MIB", 0.0)
    plan = small_plan(tmp_path, more="seeds = [13]")
    plan = type(plan)(plan.source, plan.planned[:1], plan.sources, plan.parameters)
    swept = sweep(plan, tmp_path / "out", Pool(2, made_by=hungry))
    assert [(row["status"], row["attempts"]) for row in swept.rows] == [("killed: memory", 1)]
    assert "54 MiB" in swept.rows[0]["message"], "the share of the one worker that one run needs"
    asked = replace(plan.planned[0].task, limits=Limits(1.0, 7.0))
    assert within_share(asked, 60.0, 2) is asked
    monkeypatch.undo()
    free = plan.planned[0].task
    assert [within_share(free, 10_000.0, workers).limits.memory_mib for workers in (1, 8)] == [9_000.0, 2_048.0]


def test_ctrl_c_keeps_what_is_finished(tmp_path: Path, undisturbed: Swept) -> None:
    """The first row comes, the user stops: runs under way are given up, and no worker is left."""
    plan = small_plan(tmp_path, more=SEEDS)

    def told(reached: Progress) -> None:
        if reached.done == 3:
            os.kill(os.getpid(), signal.SIGINT)

    first = sweep(plan, tmp_path / "out", Pool(2), told=told)
    assert first.interrupted
    assert 3 <= first.done < 14
    assert not (tmp_path / "out" / NAME).exists()
    assert not [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
    again = sweep(plan, tmp_path / "out", Here())
    assert (again.known, again.done) == (first.done, 14 - first.done)
    assert results(again) == results(undisturbed)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    found = Driver(write_sweep(tmp_path / "file", more=SEEDS), tmp_path / "out", "--workers", "1")
    yield found
    found.end()


def test_kill_9_of_the_driver_and_resume(tmp_path: Path, undisturbed: Swept, driver: Driver) -> None:
    records = tmp_path / "out" / "records"
    process = driver.start()
    until(lambda: len(list(records.glob("*.parquet"))) >= 2)
    killed(process)
    assert (tmp_path / "out" / NAME).exists(), "nobody could take the lock away"
    kept = {path.name: path.stat().st_mtime_ns for path in records.glob("*.parquet")}
    assert 2 <= len(kept) < 14
    plan = small_plan(tmp_path, more=SEEDS)
    again = sweep(plan, tmp_path / "out", Here())
    assert (again.known, again.done) == (len(kept), 14 - len(kept))
    assert {name: (records / name).stat().st_mtime_ns for name in kept} == kept, "a finished run was made again"
    assert results(again) == results(undisturbed)


def test_a_second_one_is_refused_and_ctrl_c_stops_the_first(tmp_path: Path, undisturbed: Swept, driver: Driver) -> None:
    plan = small_plan(tmp_path, more=SEEDS)
    first = driver.start()
    until(lambda: len(list((tmp_path / "out" / "records").glob("*.parquet"))) >= 1)
    with pytest.raises(LockedError, match=f"process {first.pid} on"):
        sweep(plan, tmp_path / "out", Here())
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=120)
    assert first.returncode == 130, said
    assert "goes on where this one stopped" in said
    third = driver.start()
    out, said = third.communicate(timeout=300)
    assert third.returncode == 0, said
    assert "14 runs" in said
    assert results(tmp_path / "out") == results(undisturbed)
    assert "against base" in out
