"""Every right of the closed list, in a case in which it is the plain truth, and a change by which it is not."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from models.priority import priorities
from optimizer.explaining.rights import MULTIPLIER, RIGHT_TITLES, RIGHTS, Right, Side, contribution, right_of
from tests.builders import a_recipient, a_weights_policy, bare_problem


def a_side(**changes: Any) -> Side:
    """An order of two missiles, weight 1, due in week 2, on time before and now, that leaves in week 2."""
    defaults: dict[str, Any] = {
        "kind": "order",
        "demand": "D",
        "recipient": "POL",
        "item": "missile",
        "weight": 1.0,
        "price": 10.0,
        "slots_each": 1,
        "slots": 2,
        "before": 2.0,
        "now": 2.0,
        "last": 2.0,
        "opens": 0.0,
        "closes": 8.0,
        "on_time": 2.0,
        "weeks_late": 0.0,
        "delay": 0.0,
        "missing": 0,
        "bundled": False,
        "kept": False,
        "weeks_late_before": 0.0,
        "delay_before": 0.0,
    }
    return Side(**(defaults | changes))


PASSER = a_side(demand="A", before=6.0, now=1.0, last=1.0)
PASSED = a_side(demand="B", before=1.0, now=6.0, last=6.0, weeks_late=4.0, delay=80.0)
"""A passed B, and B is four weeks late by it; A is not heavier, and was never late."""
HEAVIER = replace(PASSER, weight=2.0)
SPARED = replace(PASSER, delay_before=90.0)

CASES: dict[Right, tuple[Side, Side, dict[str, Any], dict[str, Any]]] = {
    "no_loss": (HEAVIER, replace(PASSED, weeks_late=0.0), {}, {"weeks_late": 1.0}),
    "not_yet_wanted": (HEAVIER, replace(PASSED, opens=2.0), {"last": 2.0}, {}),
    "awaiting_approval": (HEAVIER, replace(PASSED, ready=2.0), {"last": 2.0}, {}),
    "awaiting_package": (HEAVIER, replace(PASSED, kind="need", ready=math.inf), {}, {"ready": 1.0}),
    "replacement_promise": (replace(PASSER, kind="replacement", weight=0.0, promised=5.0), PASSED, {}, {"now": 5.0}),
    "firm_date": (replace(PASSER, promised=5.0), PASSED, {"promised": 6.0}, {}),
    "urgency": (replace(HEAVIER, kind="need"), PASSED, {"weight": 1.0}, {}),
    "weight": (HEAVIER, PASSED, {"on_time": 6.0}, {}),
    "slot_worth": (replace(PASSER, price=20.0), PASSED, {"slots_each": 2}, {}),
    "package_promise": (replace(PASSER, kind="need", bundled=True), replace(PASSED, missing=1), {}, {"missing": 0}),
    "commitment": (replace(PASSER, kept=True), PASSED, {"kept": False}, {}),
    "less_delay": (SPARED, PASSED, {"delay_before": 80.0}, {}),
    "whole_order": (replace(PASSER, slots=1), replace(PASSED, complete=True), {"slots": 2}, {}),
    "unexplained": (PASSER, PASSED, {"weight": 1.1}, {}),
}
"""By right: passer, passed, and what to change in either so that it is no longer the answer."""


def test_every_right_is_tried_and_has_words() -> None:
    assert list(CASES) == list(RIGHTS) == list(RIGHT_TITLES)


@pytest.mark.parametrize("right", RIGHTS)
def test_right(right: Right) -> None:
    passer, passed, of_passer, of_passed = CASES[right]
    assert right_of(passer, passed) == right
    assert right_of(replace(passer, **of_passer), replace(passed, **of_passed)) != right


def test_what_was_late_before_lost_nothing_if_it_is_no_later() -> None:
    assert right_of(HEAVIER, replace(PASSED, weeks_late_before=4.0)) == "no_loss"


def test_without_facts_of_the_case_only_what_is_on_time_lost_nothing() -> None:
    unknown = {"weeks_late_before": None, "delay_before": None}
    assert right_of(replace(PASSER, **unknown), replace(PASSED, **unknown)) == "unexplained"
    assert right_of(replace(PASSER, **unknown), replace(PASSED, **unknown, weeks_late=0.0)) == "no_loss"


def test_a_promise_goes_before_weight() -> None:
    assert right_of(replace(HEAVIER, promised=5.0), PASSED) == "firm_date"


def test_weight_is_that_of_a_slot() -> None:
    """Twice the weight on twice the slots is worth as much."""
    assert right_of(replace(HEAVIER, slots_each=2), PASSED) == "unexplained"


POLICY = a_weights_policy()
"""Factors of 4 for defence spending, 2 for support of Ukraine, 2 for the role."""


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ({"defence_pct_gdp": 3.5}, {"defence_pct_gdp": 0.0}, "defence_level"),
        ({"defence_pct_gdp": 3.5, "strategic_role": 1.0}, {"defence_pct_gdp": 2.8}, "strategic_role"),
        (
            {"ukraine_military_pct_gdp": 1.0},
            {"ukraine_military_pct_gdp": 0.0, "strategic_role": 1.0},
            "ukraine_support",
        ),
    ],
)
def test_the_contribution_is_the_score_behind_most_of_the_difference(
    first: dict[str, float], second: dict[str, float], named: str
) -> None:
    nothing = {"defence_pct_gdp": 0.0, "ukraine_military_pct_gdp": 0.0, "strategic_role": 0.0}
    ones = (a_recipient("POL", **(nothing | first)), a_recipient("CHE", **(nothing | second)))
    weights = priorities(bare_problem(recipients=ones, weights=POLICY))
    found = contribution(PASSER, replace(PASSED, recipient="CHE"), weights, POLICY)
    assert found == named


def test_the_multiplier_of_an_order_can_be_what_weighs_more() -> None:
    weights = priorities(bare_problem(weights=POLICY))
    assert contribution(replace(PASSER, multiplier=1.5), PASSED, weights, POLICY) == MULTIPLIER
    assert contribution(PASSER, PASSED, weights, POLICY) == ""


def test_against_a_need_it_is_what_lifts_the_order_most() -> None:
    ones = (a_recipient("POL", defence_pct_gdp=3.5, ukraine_military_pct_gdp=1.0, strategic_role=0.0),)
    weights = priorities(bare_problem(recipients=ones, weights=POLICY))
    assert contribution(PASSER, replace(PASSED, kind="need", recipient=""), weights, POLICY) == "defence_level"


def test_without_a_policy_nothing_is_behind_a_weight() -> None:
    assert contribution(HEAVIER, PASSED, priorities(bare_problem()), None) == ""
