"""Priority weights worked by hand (problem.md, "Priority weights")."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.priority import need_weight, order_weight, priorities
from models.problem import Problem
from tests.builders import a_need, a_recipient, a_weights_policy, an_order, bare_problem

SHARES = {
    "defence_level": 0.35,
    "defence_trend": 0.10,
    "ukraine_support": 0.30,
    "strategic_role": 0.15,
    "economic_contribution": 0.10,
}
FULL: dict[str, Any] = {
    "defence_pct_gdp": 3.5,
    "defence_pct_gdp_prior": 2.0,
    "ukraine_military_pct_gdp": 1.0,
    "strategic_role": 1.0,
    "economic_contribution": 1.0,
}


def of(**contributions: Any) -> Problem:
    """One recipient with these contributions, weights from 1 to 16, the shares of problem.md."""
    return bare_problem(recipients=(a_recipient(**contributions),), weights=a_weights_policy(shares=SHARES))


@pytest.mark.parametrize(
    ("contributions", "score"),
    [
        (FULL, 1.0),
        (dict.fromkeys(FULL, 0.0), 0.0),
        ({}, 0.5),
        (FULL | {"defence_pct_gdp": 7.0, "ukraine_military_pct_gdp": 3.0}, 1.0),
        (FULL | {"defence_pct_gdp_prior": 5.0}, 0.9),
        (FULL | {"defence_pct_gdp_prior": 2.75}, 0.95),
        (FULL | {"defence_pct_gdp_prior": None}, 0.95),
        (FULL | {"defence_pct_gdp": None}, 1.0 - 0.175 - 0.05),
        (FULL | {"ukraine_military_pct_gdp": 0.25, "strategic_role": 0.4}, 1.0 - 0.30 * 0.75 - 0.15 * 0.6),
        (FULL | {"defence_pct_gdp": 1.75, "defence_pct_gdp_prior": 1.0}, 1.0 - 0.175 - 0.05),
    ],
)
def test_score_and_weight_by_hand(contributions: dict[str, Any], score: float) -> None:
    found = priorities(of(**contributions))["POL"]
    assert found.score == pytest.approx(score)
    assert found.weight == pytest.approx(16**score)


def test_blanks_are_told() -> None:
    found = priorities(of(**(FULL | {"defence_pct_gdp": None, "strategic_role": None})))["POL"]
    assert found.missing == ("defence_level", "defence_trend", "strategic_role")
    assert {name: found.scores[name] for name in found.missing} == dict.fromkeys(found.missing, 0.5)


def test_equal_steps_of_score_multiply_equally() -> None:
    shares = dict.fromkeys(SHARES, 0.0) | {"strategic_role": 1.0}
    problem = bare_problem(
        recipients=tuple(a_recipient(f"AA{k}", strategic_role=k / 4) for k in range(5)),
        weights=a_weights_policy(minimum=2.0, maximum=32.0, shares=shares),
    )
    assert [row.weight for row in priorities(problem).values()] == pytest.approx([2, 4, 8, 16, 32])


def test_orders_and_needs() -> None:
    problem = of(**FULL)
    order = an_order(weight_multiplier=1.5)
    assert order_weight(problem, order, priorities(problem)) == pytest.approx(24.0)
    assert [need_weight(problem, a_need(urgency=k)) for k in range(1, 6)] == [128.0, 64.0, 32.0, 16.0, 8.0]


def test_without_weights_everything_weighs_one() -> None:
    problem = replace(of(**FULL), weights=None)
    by_recipient = priorities(problem)
    assert by_recipient["POL"].weight == 1.0
    assert order_weight(problem, an_order(weight_multiplier=3.0), by_recipient) == 3.0
    assert {need_weight(problem, a_need(urgency=k)) for k in range(1, 6)} == {1.0}
