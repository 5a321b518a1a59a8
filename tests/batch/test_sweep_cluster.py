"""Dask: the same results as in this process, also where workers and the scheduler die."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from optimizer.batch.executors.here import Here
from optimizer.batch.executors.interface import ExecutorError
from optimizer.batch.sweep import Progress, Swept, sweep
from optimizer.batch.sweep_task import Limits, Task
from optimizer.settings import Settings
from tests.batch.sites import Site
from tests.batch.sweeps import crashing, hungry, results, small_plan

pytest.importorskip("distributed")
from optimizer.batch.executors.cluster import Cluster

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


@pytest.mark.parametrize(
    ("states", "given"),
    [((), 2), (("pending",), 1), (("pending", "pending"), 0), (("finished", "pending"), 1), (("error", "pending"), 0)],
)
def test_one_task_a_worker_and_a_worker_that_is_done_has_none(states: tuple[str, ...], given: int) -> None:
    """What a worker found is fetched while it works on; one whose task failed may be gone."""
    client, cluster = Waiting(), Cluster("tcp://nobody:1")
    tasks = [Task("d", (), "tight", (), Settings(), "p", Limits(1.0), key=str(number)) for number in range(5)]
    left = deque(tasks)
    running: dict[Any, Task] = {Future(state): tasks[0] for state in states}
    cluster._give(client, left, running)
    assert client.given == tasks[:given]
    assert list(left) == tasks[given:]
    assert len(running) == len(states) + given
