"""Why no plan exists: each promise and each limit by itself, with the amount by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.problem import (
    Approval,
    ApprovalPolicy,
    Component,
    ComponentRate,
    ItemComponent,
    Order,
    Package,
    PackageContent,
    PackagesPolicy,
    Problem,
    Stock,
)
from optimizer.solving.conflict import NotConfirmedError, clashes, promises_only
from optimizer.solving.outcome import Clash
from tests.builders import START, a_need, a_pledge, an_item, an_offer, an_order, bare_problem, day, small_problem
from tests.solving.tasks import case


def firm(order: str = "O-firm", **changes: Any) -> Order:
    return an_order(order, **({"quantity": 10, "due_date": day(2), "firm_by": day(2)} | changes))


def of(problem: Problem, kind: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """The clashes of a kind: amount by rule and entities. All have words that name what they are about."""
    found: dict[tuple[str, tuple[str, ...]], float] = {}
    for clash in clashes(problem, seconds=20.0):
        assert isinstance(clash, Clash)
        assert clash.amount > 0
        assert clash.unit
        assert all(entity in clash.message for entity in clash.entities)
        if clash.kind == kind:
            found[clash.rule, clash.entities] = round(clash.amount, 5)
    return found


def test_firm_order_beyond_what_is_made() -> None:
    """Nine slots by week 2 for ten units. No limit that may bend would help: output cannot be promised."""
    problem = bare_problem(orders=(firm(),))
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 1}
    assert of(problem, "limit") == {}


def test_firm_orders_in_competition_break_the_cheapest_promise() -> None:
    """Nine slots for eight missiles of 10 and four decoys of 3 million: three decoys are late, 9 million in all."""
    problem = bare_problem(
        items=(an_item(), an_item("decoy", unit_price_usd_m=3.0)),
        orders=(firm(quantity=8), firm("O-decoy", item="decoy", quantity=4)),
    )
    problem = replace(problem, line_items=(*problem.line_items, replace(problem.line_items[0], item="decoy")))
    assert of(problem, "promise") == {("firm_date", ("O-decoy",)): 3}


@pytest.mark.parametrize("delivery", ["each", "complete"])
def test_firm_order_without_any_supply(delivery: str) -> None:
    problem = bare_problem(lines=(), line_rates=(), line_items=(), orders=(firm(quantity=4, delivery=delivery),))
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 4}


def test_replacement_of_an_accepted_offer() -> None:
    """Six slots in weeks 0 and 1 for eight units promised within one week of the first day."""
    offer = an_offer(
        "V-given", item="missile", status="accepted", available_on=START, site=None, replacement_quantity=8,
        replacement_within_weeks=1,
    )  # fmt: skip
    problem = bare_problem(offers=(offer,))
    assert of(problem, "promise") == {("replacement_on_time", ("V-given",)): 2}
    assert of(replace(problem, offers=(replace(offer, replacement_within_weeks=0),)), "promise") == {
        ("replacement_on_time", ("V-given",)): 5
    }


def test_open_offer_is_no_promise() -> None:
    offer = an_offer(
        item="missile", available_on=START, site=None, replacement_quantity=8, replacement_within_weeks=0
    )  # fmt: skip
    with pytest.raises(NotConfirmedError):
        clashes(bare_problem(offers=(offer,)), seconds=20.0)


def seekers(on_hand: int, rate: float) -> Problem:
    return bare_problem(
        orders=(firm(quantity=6),),
        components=(Component("seeker", on_hand),),
        component_rates=(ComponentRate("seeker", START, rate),),
        item_components=(ItemComponent("missile", "seeker", 2),),
    )


def test_component_short() -> None:
    """Six missiles take twelve seekers; 4 + 3 · 2 are there by the end of week 2: two short, one missile late."""
    problem = seekers(4, 2.0)
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 1}
    assert of(problem, "limit") == {("component_supply", ("seeker",)): 2}


def test_component_that_would_not_help_is_not_named() -> None:
    """Ten missiles in nine slots: no number of seekers keeps the promise."""
    problem = seekers(0, 0.0)
    problem = replace(problem, orders=(firm(quantity=10),))
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 10}
    assert of(problem, "limit") == {}


def under_review(**changes: Any) -> Problem:
    return bare_problem(
        orders=(firm(case="C", **({"firm_by": day(3)} | changes)),),
        approvals=(Approval("C", START, 6.0),),
        approval=ApprovalPolicy(1.0, processing_weeks=0, fast_track_pct_gdp=99.0, fast_track_factor=0.5),
    )


def more_review(problem: Problem) -> float:
    """Weeks of review that would do, over all periods; no other limit is named."""
    limits = [clash for clash in clashes(problem, seconds=20.0) if clash.kind == "limit"]
    assert {clash.rule for clash in limits} <= {"review_capacity"}
    return sum(clash.amount for clash in limits)


def test_review_short() -> None:
    """Four weeks of review by week 3 for an effort of six; the case takes all ten units with it."""
    problem = under_review()
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 10}
    assert more_review(problem) == pytest.approx(2)


def test_review_short_for_two_cases() -> None:
    """Efforts of three and of two in four weeks: the smaller promise is broken, one more week would do."""
    problem = under_review(quantity=5)
    problem = replace(
        problem,
        orders=(*problem.orders, firm("O-second", case="D", firm_by=day(3), quantity=2)),
        approvals=(Approval("C", START, 3.0), Approval("D", START, 2.0)),
    )
    assert of(problem, "promise") == {("firm_date", ("O-second",)): 2}
    assert more_review(problem) == pytest.approx(1)


def test_review_that_would_not_help_is_not_named() -> None:
    """Twelve slots by week 3 for thirteen units: with all the review there is, one is missing still."""
    assert more_review(under_review(quantity=13)) == 0


def test_floor_of_the_stock() -> None:
    """Four on hand, two of them the floor, an order of three, nothing made: one unit from below the floor would do."""
    problem = bare_problem(
        lines=(), line_rates=(), line_items=(), stocks=(Stock("missile", 4, 2),), orders=(firm(quantity=3),)
    )
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 1}
    assert of(problem, "limit") == {("readiness_floor", ("missile",)): 1}


def test_stock_that_is_not_there_bends_no_floor() -> None:
    problem = bare_problem(
        lines=(), line_rates=(), line_items=(), stocks=(Stock("missile", 4, 2),), orders=(firm(quantity=5),)
    )
    assert of(problem, "promise") == {("firm_date", ("O-firm",)): 3}
    assert of(problem, "limit") == {}


def paid(quantity: int, status: str = "funded") -> Problem:
    return bare_problem(
        needs=(a_need(), a_need("N-other", quantity=3)),
        packages=(Package("P-paid", "funded", START), Package("P-more", status, START)),  # type: ignore[arg-type]
        package_contents=(
            PackageContent("P-paid", "N-missile", 4),
            PackageContent("P-more", "N-missile", quantity),
            PackageContent("P-more", "N-other", 3),
        ),
        pledges=(a_pledge(),),
        package_policy=PackagesPolicy(20.0, 0.1, 1, 2, 0.0, 0),
    )


def test_content_paid_beyond_the_need() -> None:
    assert of(paid(3), "promise") == {("content_within_need", ("N-missile",)): 2}


@pytest.mark.parametrize("problem", [paid(1), paid(3, "proposed")], ids=["just enough", "proposed only"])
def test_content_within_the_need_is_no_clash(problem: Problem) -> None:
    with pytest.raises(NotConfirmedError):
        clashes(problem, seconds=20.0)


def test_promises_that_can_be_kept_are_an_error_of_the_program() -> None:
    with pytest.raises(NotConfirmedError):
        clashes(small_problem(), seconds=20.0)


def test_only_promises_are_kept() -> None:
    alone = promises_only(case("mixed-109").problem)
    assert (alone.needs, alone.pledges, alone.packages, alone.commitments) == ((), (), (), ())
    assert all(order.firm_by for order in alone.orders)
    assert all(offer.status == "accepted" for offer in alone.offers)
    assert {row.case for row in alone.approvals} <= {order.case for order in alone.orders}


def test_conformance_case_without_a_plan() -> None:
    found = clashes(case("mixed-109").problem, seconds=20.0)
    assert found
    assert {clash.rule for clash in found if clash.kind == "promise"}
