"""Hand-worked cases: what packages hold, when they are released, who pays."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from models.baselines import Bundle, first_come_first_served, list_plan, priority_list, ranking_by_date
from models.checker import check_plan
from models.plan import Payment, Plan, Release
from models.problem import Package, PackageContent, PackagesPolicy, Problem, Stock
from tests.builders import (
    a_need,
    a_pledge,
    a_recipient,
    a_weights_policy,
    an_item,
    an_offer,
    an_order,
    bare_problem,
    day,
)


def policy(**changes: Any) -> PackagesPolicy:
    defaults: dict[str, Any] = {
        "target_usd_m": 50.0,
        "tolerance": 0.1,
        "max_new": 3,
        "max_donors": 2,
        "min_contribution_usd_m": 5.0,
        "contract_weeks": 1,
    }
    return PackagesPolicy(**(defaults | changes))


def problem(**changes: Any) -> Problem:
    """Three missiles of 10 million USD a week; two needs of four; a pledge of 50 in week 1 and one of 40 in week 3."""
    defaults: dict[str, Any] = {
        "recipients": (a_recipient("POL"), a_recipient("DEU")),
        "needs": (
            a_need("N1", quantity=4, needed_by=day(1), urgency=3),
            a_need("N2", quantity=4, needed_by=day(2), urgency=1),
        ),
        "pledges": (
            a_pledge("G1", amount_usd_m=50.0, available_on=day(1)),
            a_pledge("G2", amount_usd_m=40.0, available_on=day(3)),
        ),
        "package_policy": policy(),
    }
    return bare_problem(**(defaults | changes))


def legal(problem: Problem, plan: Plan) -> Plan:
    verdict = check_plan(problem, plan)
    assert verdict.passed, verdict.violations
    return plan


def content(plan: Plan) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in plan.contents:
        found[row.package][row.need] = row.quantity
    return dict(found)


def delivered(plan: Plan, need: str) -> int:
    return sum(dispatch.quantity for dispatch in plan.dispatches if dispatch.demand == need)


def test_filled_in_order_and_released_when_the_money_is_there() -> None:
    plan = legal(problem(), first_come_first_served(problem()))
    # 50 million USD hold the first need and one unit of the second; the three left are worth less than 45.
    assert content(plan) == {"new-1": {"N1": 4, "N2": 1}}
    assert plan.releases == (Release("new-1", "new", 1),)
    assert plan.payments == (Payment("new-1", "G1", "air_defence", 50.0),)
    assert {(d.demand, d.period, d.quantity) for d in plan.dispatches} == {("N1", 2, 4), ("N2", 2, 1)}


def test_priority_list_fills_with_the_most_urgent_first() -> None:
    weighed = problem(weights=a_weights_policy())
    plan = legal(weighed, priority_list(weighed))
    assert content(plan) == {"new-1": {"N2": 4, "N1": 1}}


def test_several_donors_join_each_with_the_least_contribution() -> None:
    joined = problem(pledges=(a_pledge("G1", amount_usd_m=48.0), a_pledge("G2", amount_usd_m=40.0)))
    plan = legal(joined, first_come_first_served(joined))
    assert {(row.pledge, row.amount_usd_m) for row in plan.payments} == {("G1", 45.0), ("G2", 5.0)}


def test_largest_pledges_pay_where_too_many_would_have_to() -> None:
    many = problem(
        pledges=(
            *(a_pledge(f"G{k}", amount_usd_m=10.0) for k in range(4)),
            a_pledge("big", amount_usd_m=25.0, available_on=day(2)),
            a_pledge("bigger", amount_usd_m=26.0, available_on=day(3)),
        )
    )
    plan = legal(many, first_come_first_served(many))
    assert {row.pledge for row in plan.payments} == {"big", "bigger"}
    assert plan.releases[0].period == 3


def test_earmarked_money_pays_for_its_category_alone() -> None:
    marked = problem(
        items=(an_item(), an_item("shell", category="ammunition", unit_price_usd_m=5.0)),
        needs=(a_need("N1", quantity=9, needed_by=day(1)), a_need("N2", item="shell", quantity=12)),
        stocks=(Stock("shell", 12),),
        pledges=(a_pledge("G1", amount_usd_m=100.0, earmark="ammunition"),),
    )
    plan = legal(marked, first_come_first_served(marked))
    assert content(plan) == {"new-1": {"N2": 10}}
    assert plan.payments == (Payment("new-1", "G1", "ammunition", 50.0),)


def test_general_money_joins_earmarked_money() -> None:
    joined = problem(
        items=(an_item(), an_item("shell", category="ammunition", unit_price_usd_m=5.0)),
        needs=(a_need("N1", quantity=3, needed_by=day(1)), a_need("N2", item="shell", quantity=12)),
        stocks=(Stock("shell", 12),),
        pledges=(a_pledge("G1", amount_usd_m=15.0, earmark="ammunition"), a_pledge("G2", amount_usd_m=32.0)),
    )
    plan = legal(joined, first_come_first_served(joined))
    assert content(plan) == {"new-1": {"N1": 3, "N2": 3}}
    assert {(row.pledge, row.category, row.amount_usd_m) for row in plan.payments} == {
        ("G1", "ammunition", 15.0),
        ("G2", "air_defence", 30.0),
    }


def test_expired_money_pays_nothing() -> None:
    expired = problem(pledges=(a_pledge("G1", amount_usd_m=30.0, expires_on=day(1)), problem().pledges[1]))
    assert legal(expired, first_come_first_served(expired)).releases == ()


def test_no_more_releases_than_allowed_in_a_period() -> None:
    rich = problem(
        needs=(a_need("N1", quantity=10, needed_by=day(1)),),
        pledges=(a_pledge("G1", amount_usd_m=200.0),),
        package_policy=policy(max_releases_per_period=1),
    )
    plan = legal(rich, first_come_first_served(rich))
    assert [row.period for row in plan.releases] == [0, 1]
    assert delivered(plan, "N1") == 10


def test_no_more_new_packages_than_allowed() -> None:
    rich = problem(
        needs=(a_need("N1", quantity=10, needed_by=day(1)),),
        pledges=(a_pledge("G1", amount_usd_m=200.0),),
        package_policy=policy(max_new=1),
    )
    plan = legal(rich, first_come_first_served(rich))
    assert len(plan.releases) == 1
    assert delivered(plan, "N1") == 5


def test_package_is_withdrawn_where_earlier_orders_take_the_slots() -> None:
    """24 missiles in the horizon, 21 for the order: what is left is worth less than a package."""
    crowded = problem(orders=(an_order(quantity=21),))
    plan = legal(crowded, first_come_first_served(crowded))
    assert plan.releases == ()
    assert delivered(plan, "O-each") == 21
    assert delivered(plan, "N1") == delivered(plan, "N2") == 0


def test_package_shrinks_to_what_can_be_delivered_and_is_filled_up_from_the_next_need() -> None:
    """Old missiles are short by two, so that the package takes two more of the second need."""
    short = problem(
        items=(an_item(), an_item("old_missile")),
        needs=(
            a_need("N1", item="old_missile", quantity=4, needed_by=day(1)),
            a_need("N2", quantity=4, needed_by=day(2)),
        ),
        stocks=(Stock("old_missile", 2),),
    )
    plan = legal(short, first_come_first_served(short))
    assert content(plan) == {"new-1": {"N1": 2, "N2": 3}}


class TestTablePackages:
    def problem(self, **changes: Any) -> Problem:
        defaults: dict[str, Any] = {
            "packages": (Package("paid", "funded", day(-1)), Package("asked", "proposed")),
            "package_contents": (PackageContent("paid", "N1", 2), PackageContent("asked", "N2", 3)),
        }
        return problem(**(defaults | changes))

    def test_funded_content_leaves_after_contract_weeks_and_proposed_after_payment(self) -> None:
        plan = legal(self.problem(), first_come_first_served(self.problem()))
        assert plan.releases == (Release("asked", "proposed", 1),)
        assert {(d.demand, d.period, d.quantity) for d in plan.dispatches} == {("N1", 0, 2), ("N2", 2, 3)}

    def test_proposed_goes_before_new(self) -> None:
        rich = self.problem(
            needs=(a_need("N1", quantity=9, needed_by=day(1)), a_need("N2", quantity=4, needed_by=day(2))),
            pledges=(a_pledge("G1", amount_usd_m=78.0),),
        )
        plan = legal(rich, first_come_first_served(rich))
        assert [row.package for row in plan.releases] == ["asked"]  # 48 are left, of them 5 × 10 cannot be paid
        richer = self.problem(needs=rich.needs, pledges=(a_pledge("G1", amount_usd_m=80.0),))
        plan = legal(richer, first_come_first_served(richer))
        assert [row.package for row in plan.releases] == ["asked", "new-1"]
        assert content(plan) == {"new-1": {"N1": 5}}

    def test_proposed_that_cannot_be_delivered_is_not_released(self) -> None:
        crowded = self.problem(orders=(an_order(quantity=20),))  # 4 are left: 2 paid, 2 of 3 asked
        plan = legal(crowded, first_come_first_served(crowded))
        assert plan.releases == ()
        assert delivered(plan, "N1") == 2

    def test_two_proposed_that_together_exceed_the_need(self) -> None:
        twice = self.problem(
            package_policy=policy(max_new=0),
            packages=(Package("asked", "proposed"), Package("again", "proposed")),
            package_contents=(PackageContent("asked", "N1", 3), PackageContent("again", "N1", 2)),
        )
        plan = legal(twice, first_come_first_served(twice))
        assert [row.package for row in plan.releases] == ["asked"]

    def test_offers_bring_what_packages_do_not_hold(self) -> None:
        given = self.problem(
            offers=(an_offer(item="missile", quantity=9, site=None, replacement_quantity=0, status="accepted"),),
        )
        plan = legal(given, first_come_first_served(given))
        by_origin: dict[tuple[str, str], int] = defaultdict(int)
        for dispatch in plan.dispatches:
            by_origin[dispatch.demand, dispatch.origin] += dispatch.quantity
        assert by_origin == {("N1", "pool"): 2, ("N2", "pool"): 3, ("N1", "V-open"): 2, ("N2", "V-open"): 1}


class TestGivenReleases:
    def test_released_no_sooner_than_asked(self) -> None:
        wanted = [Bundle("mine", "new", {"N1": 2, "N2": 3}, 2)]
        plan = legal(problem(), list_plan(problem(), ranking_by_date(problem()), releases=wanted))
        assert plan.releases == (Release("mine", "new", 2),)
        assert content(plan) == {"mine": {"N1": 2, "N2": 3}}

    def test_released_later_if_the_money_is_not_there_yet(self) -> None:
        wanted = [Bundle("mine", "new", {"N1": 2, "N2": 3}, 0)]
        plan = legal(problem(), list_plan(problem(), ranking_by_date(problem()), releases=wanted))
        assert plan.releases == (Release("mine", "new", 1),)

    @pytest.mark.parametrize("units", [3, 6])
    def test_left_out_if_not_worth_a_package_or_more_than_is_needed(self, units: int) -> None:
        wanted = [Bundle("mine", "new", {"N1": units}, 0)]
        assert legal(problem(), list_plan(problem(), ranking_by_date(problem()), releases=wanted)).releases == ()

    def test_none_at_all(self) -> None:
        assert legal(problem(), list_plan(problem(), [], releases=[])).dispatches == ()


def test_without_the_packages_section_needs_need_no_package() -> None:
    free = problem(package_policy=None)
    plan = legal(free, first_come_first_served(free))
    assert (delivered(plan, "N1"), delivered(plan, "N2"), plan.releases) == (4, 4, ())
