"""Instances with less in them: the mean of worlds, or what a share of them reaches, entity by entity."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.baselines import priority_list
from models.checker import check_plan
from models.problem import Problem
from optimizer.scenarios.derated import PARTS, derated, money_risk
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised
from tests.builders import day, small_problem, with_row
from tests.models.stochastic.worlds import slowed
from tests.scenarios.histories import a_problem, all_kinds

WORLDS = [slowed(small_problem(), factor) for factor in (1.0, 0.8, 0.6, 0.4)]


def rate(problem: Problem) -> float:
    return problem.line_rates[0].slots_per_week


def test_the_mean_and_the_shares() -> None:
    assert rate(derated(small_problem(), WORLDS, None)) == pytest.approx(3.0 * 0.7)
    assert rate(derated(small_problem(), WORLDS, 1.0)) == pytest.approx(3.0 * 0.4)
    assert rate(derated(small_problem(), WORLDS, 0.0)) == 3.0
    assert rate(derated(small_problem(), WORLDS, 0.5)) == pytest.approx(3.0 * 0.7)


def test_nothing_is_lost_where_nothing_happens() -> None:
    problem = small_problem()
    assert derated(problem, [problem, problem], 1.0) == problem
    assert derated(problem, [problem, problem], None) == problem
    assert derated(problem, [], None) == problem


def test_money_comes_later_and_in_part() -> None:
    problem = small_problem()
    worlds = [problem, with_row(problem, "pledges", "G-any", available_on=day(3), amount_usd_m=5.0)]
    pledge = derated(problem, worlds, None).pledges[0]
    assert (pledge.available_on, pledge.amount_usd_m) == (day(2), 10.0), "one week and a half, rounded up"
    worst = derated(problem, worlds, 1.0, ("money",)).pledges[0]
    assert (worst.available_on, worst.amount_usd_m) == (day(3), 5.0)


def test_parts_are_taken_alone() -> None:
    worlds = [with_row(world, "approvals", "C-review", review_weeks=8.0) for world in WORLDS]
    found = derated(small_problem(), worlds, 1.0, ("review",))
    assert found.approvals[0].review_weeks == 8.0
    assert found.line_rates == small_problem().line_rates


def test_an_offer_goes_where_it_is_not_reached() -> None:
    problem = small_problem()
    gone = replace(problem, offers=(), commitments=tuple(row for row in problem.commitments if row.demand != "V-open"))
    worlds = [problem, problem, problem, gone]
    assert derated(problem, worlds, None).offers == problem.offers
    assert derated(problem, worlds, 0.5).offers == problem.offers
    found = derated(problem, worlds, 1.0)
    assert (found.offers, found.commitments) == ((), gone.commitments)


def test_how_likely_a_pledge_fails() -> None:
    problem = small_problem()
    late = with_row(problem, "pledges", "G-any", available_on=day(2))
    less = with_row(problem, "pledges", "G-ammo", amount_usd_m=19.0)
    risk = money_risk(problem, [problem, late, less, problem])
    assert [risk.get(("G-any", t), 0.0) for t in range(4)] == [0.25, 0.25, 0.0, 0.0]
    assert {risk.get(("G-ammo", t)) for t in range(10)} == {0.25}
    assert not any(name == "G-third" for name, _ in risk)


@given(st.integers(0, 50), st.sampled_from([None, 0.75, 0.9]))
def test_less_of_everything_and_nothing_more(seed: int, share: float | None) -> None:
    problem = a_problem()
    worlds = [realised(problem, draw(problem, all_kinds(0.3), seed + k)) for k in range(3)]
    found = derated(problem, worlds, share, PARTS)
    pairs = zip(problem.line_rates, found.line_rates, strict=True)
    assert all(after.slots_per_week <= before.slots_per_week for before, after in pairs)
    pledges = zip(problem.pledges, found.pledges, strict=True)
    assert all(b.amount_usd_m <= a.amount_usd_m and b.available_on >= a.available_on for a, b in pledges)
    assert found.needs == problem.needs, "urgent needs are nobody's plan"
    assert set(found.offers) <= set(problem.offers)
    plan = priority_list(found)
    if check_plan(found, plan).passed:
        rules = {row.rule for row in check_plan(problem, plan).violations}
        assert rules <= {"line_capacity", "component_supply"}, "only what is rounded in a period"
