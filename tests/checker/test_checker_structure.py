"""`well_formed`: what cannot be read as a plan is named, measured, and left out of everything else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from models.checker import check_plan
from models.plan import ApprovedCase, Content, Dispatch, Made, Payment, Plan, Release
from models.problem import Problem
from tests.builders import (
    SEA_ROAD,
    as_replacement,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
    with_dispatch,
    with_policy,
    with_records,
    with_row,
)

SMALL = small_problem()
MISSILE = ("air",)

FAULTS: list[tuple[str, dict[str, Any], float, str]] = [
    ("made by an unknown line", {"made": Made("forge", "missile", 0, 1)}, 1, "no line 'forge'"),
    ("made of an unknown item", {"made": Made("shell_line", "sword", 0, 1)}, 1, "no item 'sword'"),
    ("made where it cannot be", {"made": Made("shell_line", "missile", 0, 1)}, 1, "shell_line does not make missile"),
    ("made less than nothing", {"made": Made("shell_line", "shell", 0, -2)}, 2, "-2 is negative"),
    ("made in halves", {"made": Made("shell_line", "shell", 0, 0.5)}, 1, "0.5 is not a whole number"),  # type: ignore[arg-type]
    ("made after the horizon", {"made": Made("shell_line", "shell", 11, 1)}, 2, "period 11 is outside the horizon"),
    ("made at no time", {"made": Made("shell_line", "shell", 0.5, 1)}, 1, "0.5 is not a whole number"),  # type: ignore[arg-type]
    ("made before the horizon", {"made": Made("shell_line", "shell", -1, 1)}, 1, "period -1 is outside the horizon"),
    ("an unknown order", {"dispatches": to_order("O-none", "missile", 1, 0)}, 1, "no order 'O-none'"),
    ("an unknown need", {"dispatches": to_need("N-none", "missile", 1, (0, 0), MISSILE)}, 1, "no need 'N-none'"),
    ("an unknown offer replaced", {"dispatches": as_replacement("V-none", "missile", 1, 0)}, 1, "no offer 'V-none'"),
    ("an unknown item sent", {"dispatches": to_order("O-each", "sword", 1, 0)}, 1, "no item 'sword'"),
    (
        "an unknown kind",
        {"dispatches": Dispatch("O-each", "loan", "pool", "missile", 1, 0, 0)},  # type: ignore[arg-type]
        1,
        "not for 'loan'",
    ),
    ("less than nothing sent", {"dispatches": to_order("O-each", "missile", -3, 0)}, 3, "-3 is negative"),
    ("sent after the horizon", {"dispatches": to_order("O-each", "missile", 1, 10)}, 1, "period 10 is outside"),
    ("not the order's item", {"dispatches": to_order("O-each", "radar", 1, 0)}, 1, "O-each is for missile, not radar"),
    (
        "before the earliest date",
        {"dispatches": to_order("O-firm", "missile", 1, 0)},
        1,
        "earliest possible is 2026-01-12",
    ),
    (
        "an order from an offer",
        {"dispatches": Dispatch("O-each", "order", "V-open", "missile", 1, 3, 3)},
        1,
        "leaves the pool, not 'V-open'",
    ),
    (
        "an order by lane",
        {"dispatches": Dispatch("O-each", "order", "pool", "missile", 1, 3, 3, ("air",))},
        1,
        "there is no route",
    ),
    (
        "an order that arrives later",
        {"dispatches": Dispatch("O-each", "order", "pool", "missile", 1, 3, 5)},
        2,
        "arrives in period 3, not 5",
    ),
    (
        "not the replacement item",
        {"dispatches": as_replacement("V-open", "shell", 1, 3)},
        1,
        "replaced by missile, not shell",
    ),
    ("no substitute", {"dispatches": to_need("N-missile", "radar", 1, (2, 2), MISSILE)}, 1, "radar is no substitute"),
    (
        "half a unit of the need",
        {"dispatches": to_need("N-missile", "old_missile", 3, (2, 2), MISSILE)},
        1,
        "takes 2 of old_missile, so 3 leave a rest",
    ),
    (
        "from an unknown offer",
        {"dispatches": to_need("N-missile", "missile", 1, (2, 2), MISSILE, origin="V-none")},
        1,
        "no offer 'V-none'",
    ),
    (
        "not what the offer gives",
        {"dispatches": to_need("N-missile", "missile", 1, (3, 4), ("rail",), origin="V-open")},
        1,
        "V-open gives old_missile, not missile",
    ),
    (
        "before the offer is there",
        {"dispatches": to_need("N-missile", "old_missile", 2, (1, 2), ("rail",), origin="V-open")},
        1,
        "earliest possible is 2026-01-19",
    ),
    (
        "a route from elsewhere",
        {"dispatches": to_need("N-missile", "missile", 1, (2, 3), ("rail",))},
        1,
        "rail is not one of the allowed routes from pool",
    ),
    ("no route where there are lanes", {"dispatches": to_need("N-missile", "missile", 1, (2, 2))}, 1, "no lane at all"),
    (
        "an arrival the route cannot have",
        {"dispatches": to_need("N-missile", "missile", 1, (2, 2), SEA_ROAD)},
        1,
        "arrives in period 3, not 2",
    ),
    (
        "an arrival that is no period",
        {"dispatches": to_need("N-missile", "missile", 1, (2, None), MISSILE)},  # type: ignore[arg-type]
        1,
        "None is not a period",
    ),
    ("an unknown case", {"approvals": ApprovedCase("C-none", 1)}, 1, "'C-none'"),
    ("a case approved twice", {"approvals": ApprovedCase("C-review", 4)}, 1, "says so twice"),
    ("approved after the horizon", {"approvals": ApprovedCase("C-review", 10)}, 1, "outside the horizon"),
    ("an unknown proposed package", {"releases": Release("P-none", "proposed", 0)}, 1, "no package 'P-none'"),
    ("a funded package released", {"releases": Release("P-funded", "proposed", 2)}, 1, "P-funded is funded"),
    ("a new name that is taken", {"releases": Release("P-proposed", "new", 2)}, 1, "cannot be called P-proposed"),
    (
        "an unknown status",
        {"releases": Release("P-new", "paid", 2)},  # type: ignore[arg-type]
        1,
        "not 'paid'",
    ),
    ("released after the horizon", {"releases": Release("P-new", "new", 10)}, 1, "outside the horizon"),
    ("content that is fixed", {"contents": Content("P-proposed", "N-shell", 1)}, 1, "its content is fixed"),
    ("content of no need", {"contents": Content("P-new", "N-none", 1)}, 1, "no need 'N-none'"),
    ("less than no content", {"contents": Content("P-new", "N-shell", -1)}, 1, "-1 is negative"),
    ("an unknown pledge", {"payments": Payment("P-new", "G-none", "ammunition", 5.0)}, 1, "no pledge 'G-none'"),
    ("an unknown category", {"payments": Payment("P-new", "G-any", "food", 5.0)}, 1, "no category 'food'"),
    ("a payment back", {"payments": Payment("P-new", "G-any", "ammunition", -2.5)}, 2.5, "-2.5 is negative"),
    ("no amount", {"payments": Payment("P-new", "G-any", "ammunition", math.nan)}, 1, "not a number"),
    ("an endless amount", {"payments": Payment("P-new", "G-any", "ammunition", math.inf)}, 1, "not a number"),
    ("an unknown offer accepted", {"accepted_offers": "V-none"}, 1, "no offer 'V-none'"),
]


@pytest.mark.parametrize(("added", "amount", "words"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_fault(added: dict[str, Any], amount: float, words: str) -> None:
    """One unreadable record beside an allowed plan: one violation, and the objective is that of the rest."""
    ((table, record),) = added.items()
    verdict = check_plan(SMALL, with_records(small_plan(), **{table: [record]}))
    (found,) = verdict.violations
    assert found.rule == "well_formed"
    assert found.amount == pytest.approx(amount)
    assert words in found.message
    assert verdict.terms == check_plan(SMALL, small_plan()).terms


def only_fault(problem: Problem, plan: Plan) -> tuple[tuple[str, ...], float, str]:
    (found,) = [row for row in check_plan(problem, plan).violations if row.rule == "well_formed"]
    return found.index, found.amount, found.message


def test_arrival_after_the_horizon() -> None:
    plan = with_records(small_plan(), dispatches=[to_need("N-shell", "shell", 1, (9, 10), SEA_ROAD)])
    problem = with_row(SMALL, "lanes", "sea", weeks=2)
    slow = replace(plan, dispatches=plan.dispatches[-1:])
    index, amount, message = only_fault(problem, slow)
    assert (index, amount) == (("dispatch", "N-shell", "pool", "shell", "9"), 1.0)
    assert "after 2 weeks on the way it would arrive after the horizon" in message


@pytest.mark.parametrize(("expires_on", "days"), [(day(1), 0), (day(1, -1), 1), (day(0, 3), 4)])
def test_arrival_after_expiry(expires_on: Any, days: int) -> None:
    """A need takes what arrives on the day it expires, and nothing later."""
    plan = Plan(dispatches=(to_need("N-missile", "missile", 1, (1, 1)),), made=(Made("missile_line", "missile", 0, 1),))
    problem = with_row(
        replace(SMALL, lanes=(), package_policy=None, commitments=()), "needs", "N-missile", expires_on=expires_on
    )
    faults = [row for row in check_plan(problem, plan).violations if row.rule == "well_formed"]
    assert [row.amount for row in faults] == ([days] if days else [])


def test_too_many_new_packages() -> None:
    releases = [Release("P-new-2", "new", 3), Release("P-new-3", "new", 4)]
    index, amount, message = only_fault(SMALL, with_records(small_plan(), releases=releases))
    assert (index, amount) == (("packages",), 2.0)
    assert "3 new packages, 1 are allowed: P-new, P-new-2, P-new-3" in message
    allowed = with_policy(SMALL, "package_policy", max_new=3)
    rules = {row.rule for row in check_plan(allowed, with_records(small_plan(), releases=releases)).violations}
    assert rules == {"package_value"}


def test_an_offer_the_instance_accepted_is_accepted() -> None:
    """The plan must name it; unnamed, it counts as accepted all the same."""
    problem = with_row(SMALL, "offers", "V-open", status="accepted")
    assert check_plan(problem, small_plan()).passed
    index, amount, message = only_fault(problem, small_plan(accepted_offers=()))
    assert (index, amount) == (("offer", "V-open"), 1.0)
    assert "accepted it already" in message
    unreplaced = with_dispatch(small_plan(), "V-open", 2, quantity=0)
    rules = [row.rule for row in check_plan(problem, replace(unreplaced, accepted_offers=())).violations]
    assert rules == ["well_formed", "replacement_on_time"]


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ({"releases": [Release("P-new", "new", 0)]}, "nothing can be released"),
        ({"contents": [Content("P-new", "N-shell", 1)]}, "packages hold nothing"),
        ({"payments": [Payment("P-new", "G-any", "ammunition", 1.0)]}, "nothing is paid"),
    ],
)
def test_no_packages_without_their_section(added: dict[str, Any], words: str) -> None:
    problem = small_problem(package_policy=None)
    plan = small_plan(contents=(), releases=(), payments=())
    assert check_plan(problem, plan).passed
    _, amount, message = only_fault(problem, with_records(plan, **added))
    assert amount == 1.0
    assert words in message


def test_nothing_is_a_plan() -> None:
    assert check_plan(bare_problem(), Plan()).passed
    assert check_plan(small_problem(), Plan()).violations[0].rule == "firm_date"
