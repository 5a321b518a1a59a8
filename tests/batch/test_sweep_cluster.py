"""Dask: the same results as in this process, also where workers and the scheduler die."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from optimizer.batch.executors.here import Here
from optimizer.batch.executors.interface import ExecutorError
from optimizer.batch.sweep import Progress, Swept, sweep
from optimizer.batch.sweep_run import run_task
from optimizer.batch.sweep_task import Limits, Task
from optimizer.settings import Settings
from tests.batch.driver import Driver, killed, until
from tests.batch.sites import Site
from tests.batch.sweeps import crashing, hungry, results, small_plan, write_sweep

pytest.importorskip("distributed")
from optimizer.batch.executors import cluster
from optimizer.batch.executors.cluster import Cluster
from optimizer.batch.executors.given import Given

SEEDS = "seeds = [0, 13]"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """The sweep of all tests here, made in this process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return sweep(small_plan(folder, more=SEEDS), folder / "out", Here())


def python_below(pid: int) -> list[psutil.Process]:
    """Worker processes: those that nannies have spawned."""
    return [p for p in psutil.Process(pid).children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]


def test_a_local_cluster_whose_worker_is_killed(tmp_path: Path, undisturbed: Swept) -> None:
    killed: list[int] = []

    def told(reached: Progress) -> None:
        if reached.done == 2 and not killed:
            worker = python_below(os.getpid())[0]
            killed.append(worker.pid)
            worker.kill()

    swept = sweep(small_plan(tmp_path, more=SEEDS), tmp_path / "out", Cluster("local", 2, attempts=4), told=told)
    assert killed
    assert results(swept) == results(undisturbed)


def test_a_run_that_kills_every_worker_is_a_row(tmp_path: Path, undisturbed: Swept) -> None:
    """The others have their rows, and plans come back as files from workers that share no folder."""
    plan = small_plan(tmp_path, more=SEEDS + "\nplans = true")
    chosen = (plan.planned[7], plan.planned[0], plan.planned[1])
    plan = type(plan)(plan.source, chosen, plan.sources, plan.parameters)
    swept = sweep(plan, tmp_path / "out", Cluster("local", 1, attempts=2, made_by=crashing))
    assert [row["status"] for row in swept.rows] == ["crashed", "optimal", "optimal"]
    assert "worker processes ended over it" in swept.rows[0]["message"]
    assert results(swept)[1:] == results(undisturbed)[:2]
    assert all((tmp_path / "out" / "plans" / row["key"] / "summary.json").is_file() for row in swept.rows[1:])


def test_a_run_that_takes_too_much_memory_says_so(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, more="seeds = [13]\nmemory_gib = 0.02")
    plan = type(plan)(plan.source, plan.planned[:1], plan.sources, plan.parameters)
    cluster = Cluster("local", 1, made_by=hungry)
    assert [row["status"] for row in sweep(plan, tmp_path / "out", cluster).rows] == ["killed: memory"]


def test_where_nobody_answers(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    with pytest.raises(ExecutorError, match="no scheduler answers at"):
        sweep(plan, tmp_path / "out", Cluster("tcp://127.0.0.1:1", patience=0.5))


def test_a_scheduler_without_workers_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be that they come later, so the sweep waits; who waits shall know for what."""
    import distributed

    monkeypatch.setattr(cluster, "NOBODY", 0.1)
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as empty:
        began = time.monotonic()
        swept = sweep(
            small_plan(tmp_path), tmp_path / "out", Cluster(empty.scheduler_address),
            stop=lambda: time.monotonic() > began + 2.0,
        )  # fmt: skip
    assert swept.interrupted
    assert f"the scheduler at {empty.scheduler_address} has no worker" in caplog.text


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    yield found
    found.kill()


def test_a_scheduler_that_is_killed_and_started_again(tmp_path: Path, undisturbed: Swept, site: Site) -> None:
    """What it knew is lost with it; what the folder holds is not, and the rest is given to the new one."""
    site.start()
    again: list[float] = []

    def told(reached: Progress) -> None:
        if reached.done == 3 and not again:
            site.kill()
            site.start()
            again.append(time.monotonic())

    plan = small_plan(tmp_path, more=SEEDS)
    swept = sweep(plan, tmp_path / "out", Cluster(site.address, patience=120), told=told)
    assert again
    assert swept.done == 14
    assert [row["message"] for row in swept.rows if row["status"] == "error"] == []
    assert results(swept) == results(undisturbed)


@pytest.mark.parametrize("local", [True, False])
def test_kill_9_of_the_driver_and_resume(tmp_path: Path, undisturbed: Swept, site: Site, *, local: bool) -> None:
    """Workers of its own end with it; those of a cluster elsewhere are there for the next one."""
    if not local:
        site.start()
    address = "local" if local else site.address
    file, out = write_sweep(tmp_path / "file", more=SEEDS), tmp_path / "out"
    driver = Driver(file, out, "--cluster", address, *(["--workers", "1"] if local else []))
    records = out / "records"
    try:
        process = driver.start()
        until(lambda: len(list(records.glob("*.parquet"))) >= 2)
        killed(process)
        kept = {path.name: path.stat().st_mtime_ns for path in records.glob("*.parquet")}
        assert 2 <= len(kept) < 14
        again = driver.start()
        _, said = again.communicate(timeout=300)
    finally:
        driver.end()
    assert again.returncode == 0, said
    assert {name: (records / name).stat().st_mtime_ns for name in kept} == kept, "a finished run was made again"
    assert results(out) == results(undisturbed)


class Future:
    """What a cluster gives for a task."""

    def __init__(self, status: str) -> None:
        self.status = status


class Waiting:
    """A cluster of two workers that does nothing."""

    def __init__(self) -> None:
        self.given: list[Task] = []

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        assert n_workers == -1
        return {"workers": {"a": {}, "b": {}}}

    def submit(self, _run: object, task: Task, *_: object, **__: object) -> Future:
        self.given.append(task)
        return Future("pending")


def tasks_of(count: int) -> list[Task]:
    return [Task("d", (), "tight", (), Settings(), "p", Limits(1.0), key=str(number)) for number in range(count)]


@pytest.mark.parametrize(
    ("states", "left", "gets"),
    [
        ((), 9, 4),
        (("pending",), 9, 3),
        (("pending",) * 4, 9, 0),
        (("finished", "pending", "pending"), 9, 2),
        (("error", "pending", "pending", "pending"), 9, 0),
        ((), 5, 3),
        ((), 3, 2),
        (("pending",) * 2, 2, 0),
        (("pending",), 2, 1),
    ],
)
def test_a_worker_has_its_next_run_and_the_last_ones_wait_for_whoever_is_free(
    states: tuple[str, ...], left: int, gets: int
) -> None:
    """What a worker found is fetched while it works on; one whose task failed may be gone."""
    client, tasks = Waiting(), tasks_of(left)
    given = Given(tasks)
    given.running.update({Future(state): tasks[0] for state in states})
    given.give(client, run_task)
    assert client.given == tasks[:gets]
    assert list(given.left) == tasks[gets:]
    assert len(given.running) == len(states) + gets


def test_a_run_that_killed_in_company_is_made_alone_after_the_others() -> None:
    """A worker's death is held against all that it had; by itself there is one run it can be held against."""
    client, tasks = Waiting(), tasks_of(9)
    given = Given(tasks)
    given.give(client, run_task)
    first, *others = given.running
    assert given.again(first)
    for future in others[:2]:
        given.ended(future)
        given.give(client, run_task)
    assert client.given == tasks[:5], "from now on one a worker"
    while len(client.given) < 9:
        given.ended(next(iter(given.running)))
        given.give(client, run_task)
    assert client.given == tasks
    given.ended(next(iter(given.running)))
    given.give(client, run_task)
    (alone,) = (future for future, task in given.running.items() if task is tasks[0])
    assert client.given == [*tasks, tasks[0]]
    assert not given.again(alone), "alone twice: it is the one"
    for future in list(given.running):
        assert not given.over
        given.ended(future)
    assert given.over


def test_what_is_doubtful_waits_until_nothing_is_left_that_was_given_in_company() -> None:
    client, tasks = Waiting(), tasks_of(5)
    given = Given(tasks)
    given.give(client, run_task)
    futures = list(given.running)
    assert client.given == tasks[:3]
    given.again(futures[0])
    given.ended(futures[1])
    given.give(client, run_task)
    given.ended(list(given.running)[-1])
    given.give(client, run_task)
    given.ended(list(given.running)[-1])
    given.give(client, run_task)
    assert client.given == tasks, "one of the first is still with a worker"
    given.ended(futures[2])
    given.give(client, run_task)
    assert client.given == [*tasks, tasks[0]]


def test_a_lost_cluster_gives_back_what_had_not_ended_in_its_order() -> None:
    client, tasks = Waiting(), tasks_of(9)
    given = Given(tasks)
    given.give(client, run_task)
    given.again(next(iter(given.running)))
    assert len(given.back()) == 3
    assert list(given.left) == tasks[1:]
    assert not given.over
