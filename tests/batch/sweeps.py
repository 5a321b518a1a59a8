"""Small sweeps for the tests, and workers that misbehave on purpose."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from optimizer.batch.sweep import Swept, planned_sweep
from optimizer.batch.sweep_plan import SweepPlan
from optimizer.batch.sweep_row import FOUND, KNOWN, LABELS
from optimizer.batch.sweep_run import run_task
from optimizer.batch.sweep_task import Answer, Task

ROOT = Path(__file__).parents[2]
TOY = ROOT / "instances" / "toy"
SMALL = """
name = "small"
instances = ["{toy}"]
settings = [{{ seconds = 60, gap = 0.0 }}]
{more}
[grid]
late = [0, 4, 8]
money = [0.5, 1.0]
[[changes]]
shift = "pledges.*.available_on"
by = "$late"
[[changes]]
scale = "pledges.*.amount_usd_m"
by = "$money"
"""
DETERMINISTIC = [*LABELS, "late", "money", *KNOWN, *FOUND]
"""All that must be the same wherever and however often a sweep was made."""


def write_sweep(folder: Path, text: str = SMALL, more: str = "", name: str = "sweep.toml") -> Path:
    """A sweep file with `{toy}` put in."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text.format(toy=TOY.as_posix(), more=more), encoding="utf-8")
    return path


def small_plan(folder: Path, more: str = "", **options: Any) -> SweepPlan:
    """Seven runs of the toy, six of them different."""
    plan, findings = planned_sweep(write_sweep(folder / "file", more=more), folder / "out", **options)
    assert plan is not None, [finding.line() for finding in findings]
    return plan


def results(swept: Swept | Path) -> list[dict[str, Any]]:
    """The deterministic columns of every row."""
    import polars

    rows = swept.rows if isinstance(swept, Swept) else polars.read_parquet(swept / "results.parquet").to_dicts()
    return [{name: row.get(name) for name in DETERMINISTIC} for row in rows]


def crashing(task: Task) -> Answer:
    """A worker that dies of one run, every time."""
    if task.settings.seed == 13:
        os.kill(os.getpid(), signal.SIGSEGV)
    return run_task(task)


def dying_once(task: Task) -> Answer:
    """A worker that dies of one run the first time it is made: the folder of the mark stands in the environment."""
    mark = Path(os.environ["SWEEP_TEST_MARK"])
    if task.settings.seed == 13 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_task(task)


def cramped(task: Task) -> Answer:
    """A worker for which no file grows beyond some thousand bytes in one run, by a limit of the system."""
    if task.settings.seed != 13:
        return run_task(task)
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        return run_task(task)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def hungry(task: Task) -> Answer:
    """A worker that takes memory and time beyond bounds in one run."""
    if task.settings.seed == 13:
        from optimizer.batch import watchdog

        with watchdog.watched(task.limits):
            held = [bytearray(os.urandom(2**20)) for _ in range(64)] if task.limits.memory_mib else []
            time.sleep(60 if not held else 5)
    return run_task(task)
