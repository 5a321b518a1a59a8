"""`roll`: plans made week after week, each from what the last one committed, while a drawn history unfolds.

    result = roll(instance, out, RollOptions(weeks=52), scenario=file, seed=1)

What a day of planning is: `optimizer.batch.roll_week`; what is measured: `optimizer.rolling.nervousness` and
`optimizer.rolling.promises`; the page: docs/roll.md. A roll that was stopped goes on where it stopped.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from models.calendar import calendar_of
from models.problem import Problem
from optimizer.batch.lock import LockedError, locked
from optimizer.batch.roll_files import write_plan, write_report
from optimizer.batch.roll_records import Horizon, RollOptions, Week
from optimizer.batch.roll_report import Settled, elapsed_of, hindsight, report_of, row_of, settle
from optimizer.batch.roll_store import RollStore
from optimizer.batch.roll_week import NoPlanError, Planner, RollStoppedError
from optimizer.findings import Finding, error, has_errors
from optimizer.interrupts import interruptible
from optimizer.pipeline import DONE, INFEASIBLE, INTERRUPTED, NO_PLAN, WRONG_INPUT
from optimizer.reading.instance import read_instance
from optimizer.reporting import output
from optimizer.rolling.report import RollReport, WeekRow
from optimizer.rolling.unfolding import Unfolding
from optimizer.scenarios.disturbance_file import read_disturbances
from optimizer.scenarios.disturbances import NOTHING
from optimizer.scenarios.draw import draw
from optimizer.solving.outcome import Progress

GOES_ON = "the same command goes on where it stopped"
Told = Callable[[WeekRow, bool], None]
"""Called with every day of planning; the flag says whether it was there already."""


@dataclass(frozen=True)
class RollResult:
    """The end of a roll: exit code, findings, and the report where there is one; `message` says why there is none."""

    code: int
    findings: tuple[Finding, ...] = ()
    report: RollReport | None = None
    folder: Path | None = None
    message: str = ""


def roll(
    instance: Path,
    out: Path,
    options: RollOptions,
    *,
    scenario: Path | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    told: Told | None = None,
) -> RollResult:
    """Roll an instance and write the folder `out`; the same as `burdenshare roll`.

    `scenario` is a disturbance file, None for a history in which nothing happens; `seed` draws the history.

    Raises:
        BrokenPlanError: the checker refuses a plan: a fault of the program.
        OSError: the folder cannot be written.
    """
    reading = read_instance(output.instance_in(instance))
    findings = reading.findings
    drawn = NOTHING
    if scenario is not None:
        disturbances, found = read_disturbances(scenario, reading.problem)
        findings = (*findings, *found)
        if reading.problem is not None and disturbances is not None:
            drawn = draw(reading.problem, disturbances, seed)
    if reading.problem is None or has_errors(findings):
        return RollResult(WRONG_INPUT, findings)
    files = {file.name: file.sha256 for file in reading.files}
    store = RollStore(out, {"instance": files, "history": drawn.as_dict(), "options": options.fingerprint()})
    refused = store.refusal()
    if refused is not None:
        return RollResult(WRONG_INPUT, (refused,))
    try:
        with _alone(out):
            return replace(_run(Unfolding(reading.problem, drawn), store, options, progress, told), findings=findings)
    except LockedError as held:
        message = f"another roll writes there: {held}"
        return RollResult(WRONG_INPUT, (error("target_exists", str(out), message, expected="a folder of its own"),))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One roll a folder at a time; not held to it where psutil is not installed, which looks at processes."""
    if importlib.util.find_spec("psutil") is None:
        yield
        return
    with locked(folder):
        yield


def _run(
    unfolding: Unfolding,
    store: RollStore,
    options: RollOptions,
    progress: Callable[[Progress], None] | None,
    told: Told | None,
) -> RollResult:
    """All days of planning, and what is said of them, written."""
    out = store.folder
    store.begin()
    with interruptible() as stop:
        planner = Planner(unfolding, options, progress, stop)
        try:
            weeks = rolled(planner, store, told)
        except RollStoppedError:
            return RollResult(INTERRUPTED, folder=out, message=GOES_ON)
        except NoPlanError as none:
            code = INFEASIBLE if none.outcome.status == "infeasible" else NO_PLAN
            return RollResult(code, folder=out, message=f"week {none.number}: {none}")
        settled = settle(unfolding, weeks)
        best = hindsight(settled, options, progress, stop) if options.hindsight else None
        if stop():
            return RollResult(INTERRUPTED, folder=out, message=GOES_ON)
    report = report_of(unfolding, weeks, options, settled, best)
    write_report(out, report)
    return RollResult(DONE, (), report, out)


def rolled(planner: Planner, store: RollStore, told: Told | None = None) -> tuple[Week, ...]:
    """All days of planning, those that the store has read from it, the others made and added to it."""
    weeks: list[Week] = []
    known = list(store.weeks())
    original, options = planner.unfolding.original, planner.options
    while not weeks or not _over(original, weeks[-1], options.weeks, options.horizon):
        there = bool(known)
        week = known.pop(0) if known else planner.after(weeks[-1], elapsed_of(weeks)) if weeks else planner.first()
        if not there or (options.keep_plans and not store.has_plan(week)):
            keep = partial(write_plan, week, options.formulation, options.settings)
            store.add(week, keep if options.keep_plans else None)
        weeks.append(week)
        if told is not None:
            told(row_of(week), there)
    return tuple(weeks)


def _over(original: Problem, week: Week, wanted: int, horizon: Horizon) -> bool:
    """Whether no day of planning follows: enough weeks have passed, or the calendar has no further period."""
    calendar = calendar_of(week.problem)
    if calendar.count < (2 if horizon == "fixed" else 1):
        return True
    return (calendar.day(1) - original.start).days >= 7 * wanted


__all__ = ["RollOptions", "RollResult", "Settled", "roll", "rolled"]
