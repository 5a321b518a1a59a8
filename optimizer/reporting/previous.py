"""The plan before: its folder read back, judged, and rolled on to the new first day."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.calendar import calendar_of
from models.checker import check_plan
from models.plan import Plan, Terms
from models.problem import Problem
from optimizer.findings import Finding, error, has_errors, warning
from optimizer.reading.folder import SETTINGS_FILE
from optimizer.reading.instance import Reading, read_instance
from optimizer.reading.plan import read_plan
from optimizer.reading.raw import SourceFile
from optimizer.reading.workbook import sheet_file
from optimizer.reading.write import write_folder
from optimizer.reporting import output
from optimizer.reporting.again import summary_of
from optimizer.reporting.strangers import strangers
from optimizer.rolling.adopt import adopt
from optimizer.rolling.advance import advance
from optimizer.rolling.bounds import Loosened, loosened
from optimizer.rolling.calendars import elapsed_periods
from optimizer.rolling.happened import Past, past_of
from optimizer.rolling.judging import judge
from optimizer.rolling.records import Advanced


@dataclass(frozen=True)
class Previous:
    """The plan before: legal, `terms` the checker's; `bound` None where none was proven. `files`: what was read."""

    name: str
    problem: Problem
    plan: Plan
    terms: Terms
    bound: float | None
    gap: float | None
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class Rolled:
    """An instance rolled on from a plan before.

    `reading`: of the rolled instance's own files, whose bytes are `copies`; `source`: the files of the instance given;
    `expected`: the plan before rolled on with nothing changed and all done as planned; `rolled`: whether quantities
    were rolled on; `loosened`: what stands against carrying the bound over; `problem` is that of `reading`.
    """

    previous: Previous
    reading: Reading
    copies: dict[str, bytes]
    source: tuple[SourceFile, ...]
    advanced: Advanced
    expected: Advanced
    rolled: bool
    loosened: tuple[Loosened, ...]

    @property
    def problem(self) -> Problem:
        """The rolled instance."""
        return self.advanced.problem

    @property
    def unchanged(self) -> bool:
        """Whether instance and time went as the plan before had it."""
        return replace(self.advanced.problem, name=self.expected.problem.name) == self.expected.problem


def read_previous(folder: Path) -> tuple[Previous | None, tuple[Finding, ...]]:
    """The plan in a folder, if it is one to plan on from; else why not."""
    if not output.holds_plan(folder):
        message = "The folder holds no plan." if folder.is_dir() else "There is no such folder."
        return None, (error("no_previous_plan", str(folder), message, expected="what `solve` wrote"),)
    reading = read_instance(output.instance_in(folder / output.INSTANCE))
    if reading.problem is None:
        return None, _placed(folder / output.INSTANCE, reading.findings)
    plan, findings = read_plan(folder, reading.problem)
    if plan is None:
        return None, _placed(folder, findings)
    verdict = check_plan(reading.problem, plan)
    if not verdict.passed:
        rules = ", ".join(dict.fromkeys(violation.rule for violation in verdict.violations))
        message = f"The plan breaks rules of its own instance: {rules}."
        return None, (error("no_previous_plan", str(folder), message, expected="a plan that the checker passes"),)
    summary = summary_of(folder)
    bound = None if isinstance(summary, Finding) else summary.bound
    gap = None if isinstance(summary, Finding) else summary.gap
    files = tuple(
        SourceFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in sorted(folder.glob("*.csv"))
    )
    copies = tuple(SourceFile(f"{output.INSTANCE}/{file.name}", file.sha256) for file in reading.files)
    name = folder.resolve().name
    return Previous(name, reading.problem, plan, verdict.terms, bound, gap, (*copies, *files)), ()


def _placed(folder: Path, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(row, file=str(folder / row.file)) for row in findings if row.severity == "error")


def roll_on(instance: Path, folder: Path) -> tuple[Rolled | None, tuple[Finding, ...]]:
    """The instance rolled on from the plan in the folder; None where a finding is an error.

    `instance` states quantities as of the first day of the plan before, or by `as_of` as of its own. Its `start` is
    the new first day where it is later, else the second period's of the plan before.
    """
    previous, findings = read_previous(folder)
    if previous is None:
        reading = read_instance(instance)
        wrong = tuple(row for row in reading.findings if row.severity == "error" and row.code != "wrong_as_of")
        return None, (*findings, *wrong)
    base = previous.problem
    reading = read_instance(instance, since=base.start)
    problem = reading.problem
    if problem is None:
        return None, reading.findings
    found = _stranger(problem, base, folder, instance) or _start(problem, base, instance)
    if found is not None:
        return None, (found,)
    to = problem.start if problem.start > base.start else calendar_of(base).day(1)
    elapsed = elapsed_periods(calendar_of(base), to)
    assert elapsed is not None
    past = past_of(problem, base, previous.plan, to, elapsed)
    gone = tuple(_gone(past, instance))
    if gone:
        return None, gone
    standing = problem.as_of == to
    findings = tuple(_judged(past, problem, reading, instance, standing))
    if has_errors(findings):
        return None, findings
    expected = advance(base, previous.plan, to=to)
    if standing:
        advanced = adopt(problem, previous.plan, base, expected)
    else:
        try:
            advanced = advance(problem, previous.plan, problem.actuals, to, base)
        except ValueError as wrong:
            place = _place(instance, "instance")
            return None, (*findings, error("not_a_period_start", place, f"{wrong}.", column="periods"))
    written, copies = _written(advanced.problem)
    if written.problem is None:
        return None, (*findings, *written.findings)
    notes = [warning("promise_broken", _place(instance, "instance"), f"{row.message}.") for row in advanced.broken]
    notes += [
        Finding("note", "rolled_on", _place(instance, "instance"), message=f"{row.message}.") for row in advanced.notes
    ]
    written = replace(written, findings=(*findings, *notes, *written.findings))
    why = loosened(base, previous.plan, expected)
    return Rolled(previous, written, copies, reading.files, advanced, expected, not standing, why), written.findings


def _stranger(problem: Problem, base: Problem, folder: Path, instance: Path) -> Finding | None:
    """Why the folder's plan cannot be of this instance: another name, and no demand in common."""
    if not strangers(base, problem):
        return None
    message = (
        f"The plan in {folder} is of another instance, {base.name!r}, which has no order and no need in common with "
        f"{problem.name!r}."
    )
    place = _place(instance, "instance")
    return error("no_previous_plan", place, message, column="name", value=problem.name, expected="its own plan before")


def _gone(past: Past, instance: Path) -> Iterator[Finding]:
    """Items that moved in the elapsed time and that the instance does not have any more: their stock is unknown."""
    known = {row.item for row in past.problem.items}
    moved = {row.item for row in past.plan.made if past.over(row.period)}
    moved |= {row.item for row in past.plan.dispatches if past.over(row.period)}
    for item in sorted(moved - known):
        message = (
            f"The plan before made or sent {item} in the elapsed time, and the instance has no such item any more."
        )
        place = _place(instance, "items")
        yield error("unknown_key", place, message, column="item", value=item, expected=f"the row of {item}, as it was")


def rolled_from(rolled: Rolled) -> dict[str, Any]:
    """What the manifest says of it: names and hashes of the instance given and of the plan before."""
    return {
        "previous": rolled.previous.name,
        "since": rolled.previous.problem.start.isoformat(),
        "plan": {file.name: file.sha256 for file in rolled.previous.files},
        "instance": {file.name: file.sha256 for file in rolled.source},
    }


def _place(instance: Path, table: str) -> str:
    if instance.is_dir():
        return SETTINGS_FILE if table == "instance" else f"{table}.csv"
    return sheet_file(instance, table)


def _start(problem: Problem, base: Problem, instance: Path) -> Finding | None:
    """Why the instance cannot be planned on from a plan that begins on the day `base` does."""
    place, calendar = _place(instance, "instance"), calendar_of(base)
    if problem.start < base.start:
        return error(
            "not_a_period_start",
            place,
            f"The instance starts before the plan before, which starts on {base.start}.",
            column="start",
            value=problem.start.isoformat(),
            expected=f"{base.start}, or the first day of a later period",
            hint=f"Maybe the copy of the instance in that plan's folder, {output.INSTANCE}, edited",
        )
    if problem.start > base.start and elapsed_periods(calendar, problem.start) is None:
        days = [calendar.day(t) for t in range(1, calendar.count + 1)]
        before = max((day for day in days if day < problem.start), default=None)
        after = min((day for day in days if day > problem.start), default=None)
        near = " or ".join(str(day) for day in (before, after) if day is not None)
        return error(
            "not_a_period_start",
            place,
            "The new first day begins no period of the plan before.",
            column="start",
            value=problem.start.isoformat(),
            expected="the first day of a period of the plan before",
            hint=f"Maybe {near}" if near else "",
        )
    return None


def _judged(past: Past, problem: Problem, reading: Reading, instance: Path, standing: bool) -> list[Finding]:
    if not problem.actuals:
        return []
    file, rows = _place(instance, "actuals"), reading.rows.get("actuals", ())
    if standing:
        message = "The quantities stand on the first day already: what happened is in them, and the table is ignored."
        return [Finding("note", "actuals_ignored", file, message=message)]
    return judge(past, problem.actuals, lambda k: (file, rows[k] if k < len(rows) else None))


def _written(problem: Problem) -> tuple[Reading, dict[str, bytes]]:
    """The instance as its files, read back from them: what stands in the plan's folder is what was solved."""
    with tempfile.TemporaryDirectory(prefix="burdenshare-") as place:
        folder = Path(place) / "rolled"
        write_folder(problem, folder)
        reading = read_instance(folder)
        return reading, {file.name: (folder / file.name).read_bytes() for file in reading.files}
