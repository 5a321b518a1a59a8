"""Corners in which formulations once differed or a solver erred, each as small as it gets, with the optimum by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.checker import check_plan
from models.formulation import Formulation
from models.problem import (
    Line,
    LineItem,
    LineRate,
    Package,
    PackageContent,
    PackagesPolicy,
    Problem,
    Stock,
    Substitute,
)
from tests.builders import START, a_need, a_pledge, an_item, bare_problem, day
from tests.models.solved import SLOTS, TEXTBOOK, solved

both = pytest.mark.parametrize("formulation", [TEXTBOOK, SLOTS], ids=lambda f: f.name)


def policy(target: float, tolerance: float = 0.0, contract_weeks: int = 0) -> PackagesPolicy:
    return PackagesPolicy(target, tolerance, 1, 2, 0.0, contract_weeks)


def served_early() -> Problem:
    """A new package from week 2 must be worth 30; of what is left to fund, only one radar can still be sent.

    Two missiles are served by the paid package before they expire. Two more may be content all the same: what left for
    the need keeps their promise too.
    """
    return bare_problem(
        periods=((6, 1),),
        items=(an_item(), an_item("radar")),
        lines=(),
        line_rates=(),
        line_items=(),
        stocks=(Stock("missile", 4), Stock("radar", 1)),
        needs=(
            a_need("N-early", quantity=4, needed_by=day(1), expires_on=day(1)),
            a_need("N-late", item="radar", quantity=1, needed_by=day(2)),
        ),
        packages=(Package("P-paid", "funded", START),),
        package_contents=(PackageContent("P-paid", "N-early", 2),),
        pledges=(a_pledge(amount_usd_m=30.0, available_on=day(2)),),
        package_policy=policy(30.0, contract_weeks=1),
    )


@both
def test_content_served_by_a_paid_package_fills_a_new_one(formulation: Formulation) -> None:
    """Two missiles never come, 2 · 10 · (6 − 1 + 13) = 360; the radar leaves in week 3, a week late: 10."""
    found = solved(served_early(), formulation)
    assert found.value == pytest.approx(370.0)
    assert check_plan(served_early(), found.plan).violations == ()
    assert [(row.need, row.quantity) for row in sorted(found.plan.contents)] == [("N-early", 2), ("N-late", 1)]


def free_of_charge(pledged: float) -> Problem:
    """What costs nothing needs a package all the same, and the package one missile to be worth 10."""
    return bare_problem(
        items=(an_item(), an_item("leaflet", unit_price_usd_m=0.0)),
        lines=(),
        line_rates=(),
        line_items=(),
        stocks=(Stock("missile", 1), Stock("leaflet", 3)),
        needs=(
            a_need(quantity=1, needed_by=START),
            a_need("N-leaflet", item="leaflet", quantity=3, needed_by=START),
        ),
        pledges=(a_pledge(amount_usd_m=pledged),),
        package_policy=policy(10.0),
    )


@both
@pytest.mark.parametrize(("pledged", "value"), [(10.0, 0.0), (9.0, 210.0)])
def test_what_costs_nothing_leaves_in_a_released_package_only(
    formulation: Formulation, pledged: float, value: float
) -> None:
    found = solved(free_of_charge(pledged), formulation)
    assert found.value == pytest.approx(value)
    verdict = check_plan(free_of_charge(pledged), found.plan)
    assert verdict.violations == ()
    if not found.plan.releases:
        assert found.plan.dispatches == ()


@both
def test_a_tiny_plan_that_presolve_denies(formulation: Formulation) -> None:
    """One missile by week 5, out of six made before: nothing is late. Presolve of HiGHS 1.15.1 finds no plan."""
    problem = bare_problem(
        periods=((2, 2), (1, 4)),
        items=(an_item(), an_item("old", unit_price_usd_m=0.0)),
        lines=(Line("line", "line"),),
        line_rates=(LineRate("line", START, 3.0),),
        line_items=(LineItem("line", "missile", 1), LineItem("line", "old", 2)),
        needs=(a_need(quantity=1, needed_by=day(5)),),
        substitutes=(Substitute("missile", "old", 2),),
    )
    assert solved(problem, formulation).value == pytest.approx(0.0)
    assert solved(replace(problem, needs=(a_need(quantity=1, needed_by=day(-1)),)), formulation).value == pytest.approx(
        10
    )
