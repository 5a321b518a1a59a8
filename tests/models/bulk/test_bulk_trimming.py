"""Plans whose packages hold a little less: still legal, and paid to the cent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.bulk.trimming import trimmed
from models.checker import check_plan
from models.facts import Facts
from tests.builders import bare_problem, small_plan, small_problem, with_policy

LOOSE = with_policy(small_problem(), "package_policy", tolerance=0.3)


def test_what_is_left_is_neither_held_nor_paid() -> None:
    plan = small_plan()
    gone = 3
    less = replace(
        plan,
        dispatches=tuple(
            replace(row, quantity=row.quantity - gone) if (row.demand, row.period) == ("N-shell", 5) else row
            for row in plan.dispatches
        ),
    )
    assert {row.rule for row in check_plan(LOOSE, less).violations} == {"promise_kept"}
    found = trimmed(Facts(LOOSE), less, {"N-shell": gone})
    assert found is not None
    assert check_plan(LOOSE, found).violations == ()
    price = Facts(LOOSE).price("N-shell")
    assert sum(row.amount_usd_m for row in found.payments) == pytest.approx(
        sum(row.amount_usd_m for row in plan.payments) - gone * price
    )
    assert sum(row.quantity for row in found.contents) == sum(row.quantity for row in plan.contents) - gone


def test_a_package_never_gets_too_small() -> None:
    """Without tolerance there is nothing to take away; nor is there more than the package holds."""
    tight = with_policy(small_problem(), "package_policy", tolerance=0.0)
    assert trimmed(Facts(tight), small_plan(), {"N-shell": 1}) is None
    assert trimmed(Facts(LOOSE), small_plan(), {"N-shell": 11}) is None


def test_a_pledge_pays_the_least_contribution_or_nothing() -> None:
    plan = small_plan()
    least = max(row.amount_usd_m for row in plan.payments if row.package == "P-new")
    strict = with_policy(LOOSE, "package_policy", min_contribution_usd_m=least)
    found = trimmed(Facts(strict), plan, {"N-shell": 1})
    assert found is None or all(row.amount_usd_m >= least for row in found.payments if row.package == "P-new")


def test_nothing_left_changes_nothing() -> None:
    plan = small_plan()
    assert trimmed(Facts(LOOSE), plan, {}) == replace(
        plan, contents=tuple(sorted(plan.contents)), payments=tuple(sorted(plan.payments))
    )
    assert trimmed(Facts(bare_problem()), plan, {}) == plan
    assert trimmed(Facts(bare_problem()), plan, {"N-shell": 1}) is None
