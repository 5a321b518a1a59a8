"""Paid content that a new plan does not send any more: told unit by unit, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.plan import Dispatch, Plan
from models.problem import Need, Package, PackageContent, Problem, Substitute
from optimizer.rolling.given_up import given_up
from tests.builders import an_item, bare_problem, day

PAID = (Package("P-paid", "funded", day(0)), Package("P-asked", "proposed"))


def a_problem(paid: int = 5, **changes: object) -> Problem:
    """Six missiles are needed: `paid` of them are paid for, one is in a package that somebody may still pay for."""
    problem = bare_problem(
        items=(an_item(), an_item("old_missile")),
        needs=(Need("N", "missile", 6, 1, day(3)),),
        substitutes=(Substitute("missile", "old_missile", 2),),
        packages=PAID,
        package_contents=(PackageContent("P-paid", "N", paid), PackageContent("P-asked", "N", 1)),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def sends(*units: int, item: str = "missile", origin: str = "pool") -> Plan:
    """So many units in period 0, 1, and so on."""
    rows = (Dispatch("N", "need", origin, item, n, t, t) for t, n in enumerate(units) if n)
    return Plan(dispatches=tuple(rows))


def missing(plan: Plan, before: Plan, problem: Problem | None = None, expected: Problem | None = None) -> list[int]:
    now = problem or a_problem()
    return [row.units for row in given_up(now, plan, expected or now, before)]


def test_units_that_leave_no_more_are_told_with_who_paid_and_when_they_were_to_leave() -> None:
    (row,) = given_up(a_problem(), sends(0, 3), a_problem(), sends(2, 0, 3, 1))
    assert (row.rule, row.demand, row.units, row.was, row.now) == ("promise_kept", "N", 2, day(2), None)
    for word in ("2 of missile", "need N", "P-paid", str(day(2))):
        assert word in row.message
    assert "P-asked" not in row.message


@pytest.mark.parametrize(
    ("plan", "before"),
    [
        (sends(5), sends(5)),
        (sends(0, 0, 0, 5), sends(5)),  # later is no less
        (sends(5), sends(5, 1)),  # the sixth was not paid for
        (sends(3), sends(3)),  # the plan before did not send more either
        (sends(6), sends(2)),
    ],
)
def test_what_still_leaves_is_not_told(plan: Plan, before: Plan) -> None:
    assert missing(plan, before) == []


def test_gifts_are_not_what_was_paid_for() -> None:
    assert missing(sends(5, origin="V"), sends(5)) == [5]
    assert missing(sends(5), sends(5, origin="V")) == []


def test_substitutes_count_in_units_of_the_need() -> None:
    assert missing(sends(10, item="old_missile"), sends(5)) == []
    assert missing(sends(8, item="old_missile"), sends(5)) == [1]


def test_what_is_not_paid_for_is_nobodys_promise() -> None:
    asked = a_problem(packages=(Package("P-paid", "proposed"), PAID[1]))
    assert missing(sends(0), sends(5), asked) == []


def test_only_what_was_paid_for_before_and_is_still_counts() -> None:
    """Content that an edit has added or taken away was never planned, or is not asked for any more."""
    assert missing(sends(2), sends(5), a_problem(4)) == [2]
    assert missing(sends(2), sends(5), a_problem(5), a_problem(3)) == [1]
    assert missing(sends(0), sends(5), a_problem(needs=(), package_contents=())) == []
