"""`sweep`: makes every run of a sweep that is not there yet, keeps each row the moment it comes, and says what came.

Nothing is lost and nothing is double: a row is written whole under the hash of its run before the next one is taken,
and what has a row is never run again. So a sweep may be stopped at any moment, by Ctrl-C, `kill -9` or a full disk,
and the same call goes on where it stopped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optimizer.batch.executors.interface import Executor
from optimizer.batch.lock import NAME as LOCK
from optimizer.batch.lock import LockedError, locked
from optimizer.batch.sweep_file import read_sweep
from optimizer.batch.sweep_plan import MOST_RUNS, Planned, SweepPlan, plan_sweep
from optimizer.batch.sweep_row import FOUND, MEASURED
from optimizer.batch.sweep_run import PlanNotWrittenError
from optimizer.batch.sweep_store import Row, Store
from optimizer.batch.sweep_task import FAILURES, Ended, Task
from optimizer.findings import Finding, error, has_errors
from optimizer.interrupts import interruptible
from optimizer.reporting.manifest import PROGRAM

MARK, SOURCE, INSTANCES = "sweep.json", "sweep.toml", "instances"
"""What shows that a folder is ours; the sweep file as it was; where generated instances are."""


@dataclass(frozen=True)
class Progress:
    """How far a sweep is: runs that are there, of how many, how many of them failed, and the row that came last."""

    done: int
    wanted: int
    failed: int
    last: Row | None


@dataclass(frozen=True)
class Swept:
    """The end of a sweep.

    Attributes:
        name: of the sweep.
        rows: one a planned run that has its result, in the order of the plan.
        wanted: how many runs there are; those that are the same under two names count twice.
        done: how many were made now.
        known: how many were there before.
        interrupted: the user stopped it.
        parameters: polars types of the parameters, by name.
        executor: where the runs were made.
    """

    name: str
    about: str
    rows: tuple[Row, ...]
    wanted: int
    done: int
    known: int
    interrupted: bool
    parameters: Mapping[str, str]
    executor: str

    @property
    def failed(self) -> tuple[Row, ...]:
        """Rows of runs that ended by force, by a dead worker, by an error or by a patch that cannot be."""
        return tuple(row for row in self.rows if row["status"] in FAILURES)


Told = Callable[[Progress], None]


def planned_sweep(
    file: Path, out: Path, *, most_runs: int = MOST_RUNS, plans: bool = False
) -> tuple[SweepPlan | None, tuple[Finding, ...]]:
    """The runs of a sweep file, or every finding why there are none. Generated instances go below `out`."""
    source, findings = read_sweep(file)
    refused = refusal(out)
    if refused is not None:
        findings = (*findings, refused)
    if source is None or has_errors(findings):
        return None, findings
    try:
        plan, more = plan_sweep(source, out / INSTANCES, most_runs=most_runs, plans=plans)
    except OSError as problem:
        return None, (*findings, _cannot_write(out, problem))
    return plan, (*findings, *more)


def refusal(out: Path) -> Finding | None:
    """Why nothing can go to the folder; None if all is well."""
    try:
        if out.exists() and not out.is_dir():
            return error("target_exists", str(out), "this is not a folder", expected="a new folder")
        if out.is_dir() and not is_sweep(out) and any(not _is_begun(path.name) for path in out.iterdir()):
            message = "the folder is not empty and holds no sweep, so nothing is written into it"
            return error("target_exists", str(out), message, expected="a new folder, or that of a sweep")
    except OSError as problem:
        return _cannot_write(out, problem)
    return None


def _is_begun(name: str) -> bool:
    """Whether a sweep that had only begun when it was killed may have left this."""
    return name in (INSTANCES, LOCK) or name.startswith((f".{LOCK}.", f".{MARK}."))


def is_sweep(folder: Path) -> bool:
    """Whether a folder holds a sweep."""
    try:
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("program") == PROGRAM


class CannotWriteError(Exception):
    """The results cannot be written; `finding` says why. What was written before stays, and the sweep can go on."""

    def __init__(self, finding: Finding) -> None:
        """The finding is shown to the user as it is."""
        super().__init__(finding.line())
        self.finding = finding


def _cannot_write(out: Path, problem: OSError) -> Finding:
    return error("cannot_write", str(out), f"nothing could be written there: {problem.strerror or problem}")


def sweep(
    plan: SweepPlan,
    out: Path,
    executor: Executor,
    *,
    retry_failed: bool = False,
    told: Told | None = None,
    also: Callable[[Path, Swept], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Swept:
    """Makes the runs of a plan that `out` does not hold yet.

    Args:
        plan: from `planned_sweep`.
        out: folder of the results.
        executor: where runs are made; results do not depend on it.
        retry_failed: runs whose row is a failure are made again.
        told: hears of every row.
        also: what is to be written beside the results while the folder is held, as `sweep_page.write_pages`.
        stop: polled; once true, runs under way are given up. Without it, Ctrl-C does the same.

    Raises:
        LockedError: another sweep writes there.
        CannotWriteError: the results cannot be written, as on a full disk; what was written before stays.
        ExecutorError, OtherProgramError: no worker can be had, or one is another state of the program.
    """
    store = Store(out)
    try:
        with locked(out), interruptible() as asked:
            if (refused := refusal(out)) is not None:
                raise CannotWriteError(refused)
            _mark(plan, out)
            store.prepare()
            swept = _Sweeping(plan, store, executor, told, stop or asked).run(retry_failed=retry_failed)
            if also is not None:
                also(out, swept)
            return swept
    except OSError as problem:
        raise CannotWriteError(_cannot_write(out, problem)) from problem
    except PlanNotWrittenError as problem:
        raise CannotWriteError(error("cannot_write", str(out), str(problem))) from problem


def _mark(plan: SweepPlan, out: Path) -> None:
    """Says what the folder holds, that first of all; each file written whole."""
    content = {"program": PROGRAM, "sweep": plan.name, "file": plan.source.path.name}
    for name, text in ((MARK, json.dumps(content, indent=1) + "\n"), (SOURCE, plan.source.text)):
        part = out / f".{name}.part"
        try:
            part.write_text(text, encoding="utf-8", newline="\n")
            os.replace(part, out / name)
        finally:
            part.unlink(missing_ok=True)


class _Sweeping:
    """One call of `sweep`."""

    def __init__(
        self, plan: SweepPlan, store: Store, executor: Executor, told: Told | None, stop: Callable[[], bool]
    ) -> None:
        self.plan, self.store, self.executor, self.told, self.stop = plan, store, executor, told, stop
        self.tasks = plan.tasks()
        self.rows: dict[str, Row] = {}

    def run(self, *, retry_failed: bool) -> Swept:
        self.rows = self._known(retry_failed=retry_failed)
        known = len(self.rows)
        left = [self._task(task) for key, task in self.tasks.items() if key not in self.rows]
        self._tell(None)
        if left and not self.stop():
            needed = {task.digest for task in left}
            sources = {digest: content for digest, content in self.plan.sources.items() if digest in needed}
            ends = self.executor.run(left, sources, self.stop)
            try:
                for ended in ends:
                    self._keep(ended)
            finally:
                close = getattr(ends, "close", None)
                if close is not None:
                    close()
        rows = tuple(self._labelled(self.plan.planned))
        self.store.write_results(rows, self.plan.parameters)
        content = self.plan.source.content
        return Swept(
            content.name, content.about, rows, len(self.plan.planned), len(self.rows) - known, known,
            self.stop() and len(self.rows) < len(self.tasks), self.plan.parameters, self.executor.name,
        )  # fmt: skip

    def _known(self, *, retry_failed: bool) -> dict[str, Row]:
        """Rows that are there, with their plan where one is asked for."""
        return {
            key: row
            for key, row in self.store.rows(self.tasks).items()
            if not (retry_failed and row["status"] in FAILURES) and self._plan_is_there(key, row)
        }

    def _plan_is_there(self, key: str, row: Row) -> bool:
        return self.tasks[key].plan_in is None or row["checker"] is None or self.store.has_plan(key)

    def _task(self, task: Task) -> Task:
        """The task as the executor's workers need it: with the folder for plans where they see it."""
        if task.plan_in is None or not self.executor.shares_files:
            return task
        self.store.plans.mkdir(parents=True, exist_ok=True)
        return replace(task, plan_in=str(self.store.plans.resolve()))

    def _keep(self, ended: Ended) -> None:
        """Writes a row; first the plan that it speaks of, so that no row is without its plan."""
        task, answer = ended.task, ended.answer
        if answer is not None and (answer.files is not None or answer.folder is not None):
            self.store.add_plan(task.key, answer.files, answer.folder)
        row = {
            **dict.fromkeys((*FOUND, *MEASURED)), **known_columns(task), "attempts": ended.attempts,
            **(answer.row if answer is not None else {"status": ended.cause, "message": ended.message}),
        }  # fmt: skip
        self.store.add(task.key, row)
        self.rows[task.key] = row
        self._tell(row)

    def _tell(self, row: Row | None) -> None:
        if self.told is not None:
            failed = sum(known["status"] in FAILURES for known in self.rows.values())
            self.told(Progress(len(self.rows), len(self.tasks), failed, row))

    def _labelled(self, planned: Sequence[Planned]) -> Iterable[Row]:
        """A row for every planned run that is there, with the sweep's words for it."""
        for one in planned:
            row = self.rows.get(one.task.key)
            if row is not None:
                yield {
                    "number": one.number, "instance": one.instance, "scenario": one.scenario, "base": one.base,
                    **{name: _typed(value, self.plan.parameters[name]) for name, value in one.parameters},
                    **row, "key": one.task.key, "label": one.label,
                }  # fmt: skip


def known_columns(task: Task) -> dict[str, Any]:
    """What a row tells of a run whatever comes of it."""
    settings = task.settings
    way = " ".join([task.formulation, *(f"{part}={choice}" for part, choice in task.changes)])
    return {
        "digest": task.digest, "formulation": way, "gap_limit": settings.gap, "seconds_limit": settings.seconds,
        "work_limit": settings.work, "threads": settings.threads, "seed": settings.seed, "program": task.program,
    }  # fmt: skip


def _typed(value: Any, kind: str) -> Any:
    """A parameter as its column holds it."""
    if kind == "String":
        return str(value)
    return float(value) if kind == "Float64" else value


__all__ = [
    "CannotWriteError", "LockedError", "Progress", "Swept", "is_sweep", "planned_sweep", "refusal", "sweep",
]  # fmt: skip
