"""Every reason of the closed list, each on an instance in which it is the plain truth."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from models.plan import ApprovedCase, Made, Plan, Release
from models.problem import (
    Approval,
    ApprovalPolicy,
    Lane,
    Package,
    PackageContent,
    PackagesPolicy,
    Problem,
    Site,
    Stock,
)
from models.problem import DeliveryPolicy as Delivery
from optimizer.explaining.facts import facts_of
from optimizer.explaining.reasons import REASONS
from tests.builders import a_need, an_item, an_order, bare_problem, day, to_need, to_order

ALL_MADE = tuple(Made("missile_line", "missile", t, 3) for t in range(8))
REVIEW = ApprovalPolicy(3.0, processing_weeks=2, fast_track_pct_gdp=3.5, fast_track_factor=0.5)
POLICY = PackagesPolicy(50.0, 0.1, 2, 4, 5.0, contract_weeks=2)
ROAD = {
    "sites": (Site("plant", "plant"), Site("dest", "dest")),
    "lanes": (Lane("road", "plant", "dest", 2, 1.0),),
    "delivery": Delivery("plant", "dest", 2, 3),
}


def asks(**changes: object) -> Problem:
    return bare_problem(orders=(an_order("D", **changes),))


def needs(need: dict[str, object] | None = None, **changes: object) -> Problem:
    return bare_problem(needs=(a_need("D", **(need or {})),), **changes)


def all_taken() -> tuple[Problem, Plan]:
    problem = bare_problem(orders=(an_order("D"), an_order("E", quantity=24)))
    return problem, Plan(made=ALL_MADE, dispatches=(to_order("E", "missile", 24, 7),))


def released(period: int, quantity: int) -> tuple[Problem, Plan]:
    problem = needs(
        package_policy=POLICY,
        packages=(Package("P", "proposed"),),
        package_contents=(PackageContent("P", "D", quantity),),
    )
    return problem, Plan(releases=(Release("P", "proposed", period),))


def full_road() -> tuple[Problem, Plan]:
    problem = needs({"quantity": 9}, **ROAD, items=(an_item(tonnes=1.0),), stocks=(Stock("missile", 20),))
    return problem, Plan(dispatches=tuple(to_need("D", "missile", 1, (t, t + 2), ("road",)) for t in range(6)))


def half_of_a_whole() -> tuple[Problem, Plan]:
    problem = bare_problem(orders=(an_order("D", quantity=10, delivery="complete"), an_order("E", quantity=20)))
    return problem, Plan(made=ALL_MADE, dispatches=(to_order("E", "missile", 20, 7),))


UNDER_REVIEW = {"approvals": (Approval("C", day(0), 2.0),), "approval": REVIEW}
SITUATIONS: list[tuple[str, Callable[[], tuple[Problem, Plan]]]] = [
    ("due_after_horizon", lambda: (asks(due_date=day(9)), Plan())),
    ("due_after_horizon", lambda: (needs({"needed_by": day(8)}), Plan())),
    ("not_approved", lambda: (dataclasses.replace(asks(case="C"), **UNDER_REVIEW), Plan())),
    (
        "approved_too_late",
        lambda: (dataclasses.replace(asks(case="C"), **UNDER_REVIEW), Plan(approvals=(ApprovedCase("C", 6),))),
    ),
    ("starts_after_horizon", lambda: (asks(earliest_date=day(9)), Plan())),
    ("no_route", lambda: (needs(**(ROAD | {"lanes": (Lane("road", "plant", "dest", 9),)})), Plan())),
    ("expired", lambda: (needs({"expires_on": day(1)}, **ROAD), Plan())),
    (
        "expired",
        lambda: (
            needs({"expires_on": day(0, 6)}),
            Plan(made=ALL_MADE[:1], dispatches=(to_order("D", "missile", 3, 0),)),
        ),
    ),
    ("no_capacity_in_horizon", all_taken),
    ("no_capacity_in_horizon", half_of_a_whole),
    ("no_capacity_in_horizon", lambda: (needs(lines=(), line_rates=(), line_items=()), Plan())),
    ("package_not_funded", lambda: (needs(package_policy=POLICY), Plan())),
    ("package_not_funded", lambda: released(0, 1)),
    ("released_too_late", lambda: released(7, 5)),
    ("no_lane_capacity", full_road),
    ("not_worth_more", lambda: (asks(), Plan())),
    ("not_worth_more", lambda: released(0, 5)),
]


@pytest.mark.parametrize(("reason", "situation"), SITUATIONS)
def test_the_reason_is_the_plain_truth(reason: str, situation: Callable[[], tuple[Problem, Plan]]) -> None:
    rows = [row for row in facts_of(*situation()).demands if row.demand == "D"]
    assert [row.reason for row in rows] == [reason]


def test_every_reason_has_a_situation() -> None:
    assert {reason for reason, _ in SITUATIONS} == set(REASONS)


def test_what_is_delivered_needs_no_reason() -> None:
    plan = Plan(made=ALL_MADE[:1], dispatches=(to_order("D", "missile", 2, 0),))
    assert facts_of(asks(), plan).orders[0].reason is None
