"""Every row of `actuals` judged against the plan before: one allowed, one forbidden, all findings at once."""

from __future__ import annotations

import pytest

from models.calendar import calendar_of
from models.problem import Actual
from optimizer.findings import Finding
from optimizer.rolling.happened import past_of
from optimizer.rolling.judging import judge
from tests.builders import START, day, small_plan, small_problem


def found(*rows: Actual, to: int = 1) -> list[Finding]:
    problem, plan = small_problem(), small_plan()
    elapsed = next(t for t in range(11) if calendar_of(problem).day(t) == day(to))
    past = past_of(problem, problem, plan, day(to), elapsed)
    return judge(past, rows, lambda k: ("actuals.csv", k + 2))


def row(event: str, entity: str | None, quantity: float, **more: object) -> Actual:
    fields = {"item": None, "origin": None, "package": None, "date": START} | more
    return Actual(event, entity, quantity=quantity, **fields)  # type: ignore[arg-type]


ALLOWED = [
    row("produced", "missile_line", 2.0, item="missile"),
    row("dispatched", "O-each", 1.0),
    row("dispatched", "N-missile", 2.0, item="old_missile"),
    row("arrived", None, 3.0, item="shell"),
    row("paid", "G-any", 10.0, package="P-proposed"),
    row("paid", "G-any", 10.0),
    row("paid", "G-any", 10.04),  # rounded to a tenth of a million
    row("paid", "G-any", 12.0, package="P-proposed"),
    row("approved", "C-review", 0.0),
]
FORBIDDEN = [
    ("actual_outside", "date", row("produced", "missile_line", 2.0, item="missile", date=day(1))),
    ("actual_outside", "date", row("produced", "missile_line", 2.0, item="missile", date=day(-1))),
    ("actual_cannot_be", "quantity", row("dispatched", "O-each", 3.0)),
    ("actual_cannot_be", "quantity", row("dispatched", "N-missile", 3.0, item="old_missile")),
    ("actual_cannot_be", "item", row("dispatched", "O-each", 1.0, item="shell")),
    ("actual_cannot_be", "origin", row("dispatched", "O-each", 1.0, origin="V-open")),
    ("actual_cannot_be", "quantity", row("dispatched", "N-missile", 10.0, item="old_missile", origin="V-open")),
    ("actual_cannot_be", "quantity", row("dispatched", "N-shell", 9.0)),
    ("actual_cannot_be", "quantity", row("paid", "G-third", 11.0, package="P-proposed")),
    ("actual_cannot_be", "quantity", row("paid", "G-any", 10.1)),
    ("actual_cannot_be", "quantity", row("paid", "G-ammo", 1.0)),
    ("unknown_key", "package", row("paid", "G-any", 5.0, package="P-new")),
]


@pytest.mark.parametrize("actual", ALLOWED, ids=lambda actual: f"{actual.event} {actual.entity} {actual.quantity:g}")
def test_what_can_be_is_not_found_fault_with(actual: Actual) -> None:
    assert found(actual) == []


@pytest.mark.parametrize(("code", "column", "actual"), FORBIDDEN, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_named_with_its_place(code: str, column: str, actual: Actual) -> None:
    findings = [finding for finding in found(actual) if finding.severity == "error"]
    assert {(finding.code, finding.column) for finding in findings} == {(code, column)}
    assert all((finding.file, finding.row) == ("actuals.csv", 2) for finding in findings)
    assert all(finding.expected for finding in findings)


def test_all_findings_come_at_once() -> None:
    codes = {finding.code for finding in found(*(actual for _, _, actual in FORBIDDEN))}
    assert codes >= {"actual_outside", "actual_cannot_be", "unknown_key"}


def test_more_than_the_slots_is_a_warning() -> None:
    (finding,) = found(row("produced", "missile_line", 5.0, item="missile"))
    assert (finding.severity, finding.code, finding.row) == ("warning", "more_than_slots", 2)
