"""One run, in the process that calls it: patch, two cases to compare with, solve, judge, and the row that says so."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from models.catalog import FORMULATIONS
from models.plan import Plan
from models.problem import Problem
from optimizer.batch import sweep_row, watchdog
from optimizer.batch.program import program
from optimizer.batch.sources import HERE
from optimizer.batch.sweep_task import ERROR, WRONG_INPUT, Answer, Task
from optimizer.explaining.facts import facts_of
from optimizer.findings import Finding
from optimizer.judging import judged, judged_baselines, with_best_start
from optimizer.pipeline import Run, Stopwatch
from optimizer.reading.instance import Reading
from optimizer.reading.raw import SourceFile
from optimizer.reading.write import write_folder
from optimizer.reporting.manifest import versions
from optimizer.reporting.summary import Baseline
from optimizer.scenarios.apply import patched
from optimizer.scenarios.patch import Patch
from optimizer.solving.here import solve_here
from optimizer.solving.outcome import Outcome

Stop = Callable[[], bool]


class OtherProgramError(RuntimeError):
    """The worker is not the same program as whoever sends the run: its results could not be compared."""


class PlanNotWrittenError(RuntimeError):
    """The plan of a run cannot be written, as on a full disk; the message says where and why. No row speaks of it."""


def run_task(task: Task, stop: Stop | None = None) -> Answer:
    """Makes a run. What goes wrong in it is a row that says so; only a dead process says nothing.

    Raises:
        PlanNotWrittenError: the run is made again once there is room; a row would say that it is done.
        OtherProgramError: this process is another state of the program than the task asks for.
        KeyError: the instance was never sent here.
    """
    if task.program != program():
        raise OtherProgramError(
            f"this worker ({platform.node()}) runs another state of the program or of its libraries "
            f"({program()} instead of {task.program}): install the same one everywhere"
        )
    problem = HERE.problem(task.digest)
    clock = _Clock()
    with watchdog.watched(task.limits) as watch:
        try:
            row, files, folder = _made(task, problem, clock, stop)
        except (MemoryError, PlanNotWrittenError):
            raise
        except Exception as wrong:  # noqa: BLE001 - whatever it is, it belongs into the row
            message = f"{type(wrong).__name__}: {wrong}"
            row, files, folder = {"status": ERROR, "message": message[:2000]}, None, None
    row |= {f"{part}_seconds": seconds for part, seconds in clock.seconds.items()}
    row |= {
        "started": clock.started, "total_seconds": time.perf_counter() - clock.begin,
        "peak_memory_mib": watch.peak_mib, "worker": _name(), "versions": _versions(),
    }  # fmt: skip
    return Answer(row, files, folder)


class _Clock:
    """Seconds by part; parts of one name add up."""

    def __init__(self) -> None:
        self.begin = time.perf_counter()
        self.started = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


Made = tuple[dict[str, Any], dict[str, bytes] | None, str | None]


def _made(task: Task, before: Problem, clock: _Clock, stop: Stop | None) -> Made:
    with clock.part("patch"):
        reading = changed(before, task.patches)
    problem = reading.problem
    if problem is None:
        lines = [finding.line() for finding in reading.findings if finding.severity == "error"]
        return {"status": WRONG_INPUT, "message": "\n".join(lines)[:2000]}, None, None
    with clock.part("baselines"):
        compared, starts = judged_baselines(problem)
    formulation = replace(FORMULATIONS[task.formulation], **dict(task.changes))
    outcome = solve_here(problem, formulation, task.settings, starts=starts, stop=stop)
    if outcome.plan is None and outcome.status in ("interrupted", "no_plan"):
        outcome = with_best_start(problem, outcome, starts, stopped=outcome.status == "interrupted")
    clock.seconds |= {part: outcome.seconds[part] for part in ("build", "solve") if part in outcome.seconds}
    with clock.part("check"):
        verdict = None if outcome.plan is None else judged(problem, outcome.plan, outcome)
        facts = None if outcome.plan is None else facts_of(problem, outcome.plan, explained=False)
        row = sweep_row.found(problem, outcome, verdict, facts)
        row |= {case.name: case.objective for case in compared}
        if facts is not None and task.deliveries:
            row["deliveries"] = sweep_row.deliveries(facts)
    if task.plan_in is None or verdict is None:
        return row, None, None
    with clock.part("write"):
        files, folder = _written(task, reading, outcome, compared, dict(starts))
    return row, files, folder


def changed(problem: Problem, patches: tuple[str, ...]) -> Reading:
    """The instance with the patches of a task; without any, as it is."""
    if not patches:
        return Reading(problem, (), ())
    return patched(problem, [_patch(text) for text in patches])


@cache
def _patch(text: str) -> Patch:
    return Patch.from_dict(json.loads(text))


def _written(
    task: Task, reading: Reading, outcome: Outcome, compared: tuple[Baseline, ...], starts: dict[str, Plan]
) -> tuple[dict[str, bytes] | None, str | None]:
    """The plan's folder as `solve` writes it: in the folder asked for, or as files by their name within it."""
    scratch: Path | None = None
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=task.plan_in or None))
        return _written_to(scratch, task, reading, outcome, (compared, starts))
    except OSError as problem:
        where = task.plan_in or f"the temporary files of {platform.node()}"
        message = f"no plan could be written to {where}: {problem.strerror or problem}"
        raise PlanNotWrittenError(message) from problem
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _written_to(
    scratch: Path, task: Task, reading: Reading, outcome: Outcome, cases: tuple[tuple[Baseline, ...], dict[str, Plan]]
) -> tuple[dict[str, bytes] | None, str | None]:
    from models.checker import check_plan

    problem, plan, (compared, starts) = reading.problem, outcome.plan, cases
    assert problem is not None
    assert plan is not None
    write_folder(problem, scratch / "source")
    copies = {path.name: path.read_bytes() for path in sorted((scratch / "source").iterdir())}
    source_files = tuple(SourceFile(name, hashlib.sha256(text).hexdigest()) for name, text in copies.items())
    findings: tuple[Finding, ...] = reading.findings
    run = Run(
        Path(problem.name), scratch / "plan", problem, Reading(problem, findings, source_files), copies, outcome,
        task.settings, Stopwatch(), compared, starts.get("first_come_first_served"),
        formulation=replace(FORMULATIONS[task.formulation], **dict(task.changes)), valued=False,
    )  # fmt: skip
    made = scratch / "plan"
    made.mkdir()
    run.fill(made, check_plan(problem, plan), facts_of(problem, plan))
    if task.plan_in:
        folder = Path(task.plan_in) / f".made-{task.key}-{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
        return None, str(folder)
    return {p.relative_to(made).as_posix(): p.read_bytes() for p in made.rglob("*") if p.is_file()}, None


def _name() -> str:
    return f"{platform.node()}:{os.getpid()}"


@cache
def _versions() -> str:
    return json.dumps(versions())
