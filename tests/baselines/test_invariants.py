"""Whole instances drawn at random: whatever the order of service, the plan breaks no rule but a promise."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.baselines import first_come_first_served, list_plan, priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import (
    Approval,
    Lane,
    LineRate,
    Need,
    Offer,
    Order,
    Package,
    PackageContent,
    Pledge,
    Problem,
    Receipt,
    Stock,
)
from tests.builders import START, an_item, small_problem, with_policy

ITEMS = ("missile", "old_missile", "radar", "shell")
PROMISES = {"firm_date", "replacement_on_time"}
"""What a greedy order of service may miss; that it is found where there is a way is tested by hand."""

days = st.integers(-20, 90).map(lambda count: START + dt.timedelta(days=count))
maybe_days = st.none() | days
item = st.sampled_from(ITEMS)
units = st.integers(1, 8)


@st.composite
def orders(draw: st.DrawFn, name: str) -> Order:
    case = draw(st.sampled_from(("C-review", "C-later", f"case of {name}")))
    return Order(
        name,
        case,
        "POL",
        draw(item),
        draw(units),
        draw(days),
        draw(days),
        draw(maybe_days),
        draw(st.sampled_from(("each", "complete"))),
        draw(st.none() | st.none() | days),
    )


@st.composite
def offers(draw: st.DrawFn, name: str) -> Offer:
    status = draw(st.sampled_from(("open", "accepted")))
    within = draw(st.integers(0, 12))
    return Offer(
        name, "DEU", draw(item), draw(units), draw(days), "depot", draw(item), draw(st.integers(0, 4)), within, status
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """The small instance with every table that matters drawn anew."""
    needs = [
        Need(f"N{k}", draw(item), draw(units), draw(st.integers(1, 5)), draw(days), draw(maybe_days))
        for k in range(draw(st.integers(1, 4)))
    ]
    left = {need.need: need.quantity for need in needs}
    content = []
    for package in ("P-funded", "P-proposed", "P-other"):
        for need in needs:
            if quantity := draw(st.integers(0, left[need.need] // 2)):
                left[need.need] -= quantity
                content.append(PackageContent(package, need.need, quantity))
    limit = st.none() | st.sampled_from((0.5, 2.0, 6.0))
    changes: dict[str, Any] = {
        "items": (
            an_item(),
            an_item("old_missile", unit_price_usd_m=4.0),
            an_item("radar", unit_price_usd_m=20.0, tonnes=draw(st.sampled_from((0.0, 1.0, 3.0)))),
            an_item("shell", category="ammunition", unit_price_usd_m=2.0, tonnes=1.0),
        ),
        "orders": tuple(draw(orders(f"O{k}")) for k in range(draw(st.integers(0, 5)))),
        "approvals": tuple(Approval(case, draw(days), draw(st.integers(0, 9))) for case in ("C-review", "C-later")),
        "needs": tuple(needs),
        "offers": tuple(draw(offers(f"V{k}")) for k in range(draw(st.integers(0, 2)))),
        "packages": (
            Package("P-funded", "funded", draw(days)),
            Package("P-proposed", "proposed"),
            Package("P-other", "proposed"),
        ),
        "package_contents": tuple(content),
        "pledges": tuple(
            Pledge(
                f"G{k}",
                "DEU",
                draw(st.integers(5, 90)),
                draw(days),
                draw(maybe_days),
                draw(st.sampled_from((None, "ammunition", "air_defence"))),
            )
            for k in range(draw(st.integers(0, 4)))
        ),
        "line_rates": tuple(
            LineRate(line, START, draw(st.sampled_from((0.0, 0.75, 2.5, 4.0))))
            for line in ("missile_line", "shell_line")
        ),
        "stocks": tuple(Stock(name, draw(st.integers(0, 8)), draw(st.integers(0, 8))) for name in ITEMS),
        "receipts": (Receipt(draw(item), START + dt.timedelta(days=draw(st.integers(0, 90))), draw(units)),),
        "lanes": (
            Lane("air", "plant", "dest", 0, draw(limit)),
            Lane("sea", "plant", "port", 1, draw(limit)),
            Lane("road", "port", "dest", 0, draw(limit)),
            Lane("rail", "depot", "dest", 1, draw(limit)),
        ),
        "commitments": (),
    }
    problem = with_policy(
        small_problem(**changes),
        "package_policy",
        target_usd_m=draw(st.sampled_from((20.0, 40.0))),
        max_new=draw(st.integers(0, 3)),
        min_contribution_usd_m=draw(st.sampled_from((0.0, 5.0))),
        max_releases_per_period=draw(st.sampled_from((None, 1))),
    )
    return problem if draw(st.integers(0, 5)) else replace(problem, package_policy=None)


def broken(problem: Problem, plan: Plan) -> set[str]:
    return {violation.rule for violation in check_plan(problem, plan).violations}


@given(problems())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_baselines_break_nothing_but_promises(problem: Problem) -> None:
    for plan in (first_come_first_served(problem), priority_list(problem)):
        assert broken(problem, plan) <= PROMISES
        assert set(plan.accepted_offers) == {offer.offer for offer in problem.offers if offer.status == "accepted"}


@given(problems(), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_ranking_breaks_nothing_but_promises(problem: Problem, random: Any, waiting: bool) -> None:
    ranking = [row.order for row in problem.orders] + [row.need for row in problem.needs]
    random.shuffle(ranking)
    every_offer = [offer.offer for offer in problem.offers]
    plan = list_plan(problem, ranking, accepted=every_offer, just_in_time=waiting)
    assert broken(problem, plan) <= PROMISES
    assert plan == list_plan(problem, ranking, accepted=every_offer, just_in_time=waiting)


@given(problems())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_without_promises_nothing_is_broken(problem: Problem) -> None:
    free = replace(
        problem,
        orders=tuple(replace(order, firm_by=None) for order in problem.orders),
        offers=tuple(replace(offer, status="open") for offer in problem.offers),
    )
    every_offer = [offer.offer for offer in free.offers]
    for plan in (priority_list(free), list_plan(free, [], accepted=every_offer)):
        assert broken(free, plan) == set()
