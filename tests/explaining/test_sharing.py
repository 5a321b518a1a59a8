"""Who carries what, against its wealth."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import priority_list
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.financed import financed
from optimizer.explaining.sharing import Sharing, sharing
from tests.builders import bare_problem, small_plan, small_problem, with_row
from tests.strategies import problems

FAST = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def wealthy(**changes: object) -> Problem:
    """DEU has 3,000 billion USD, POL 1,000, of JPN nothing is known."""
    problem = small_problem(**changes)
    for name, gdp in (("DEU", 3000.0), ("POL", 1000.0)):
        problem = with_row(problem, "recipients", name, gdp_usd_bn=gdp)
    return problem


def shares(problem: Problem, plan: Plan) -> Sharing:
    return sharing(problem, facts_of(problem, plan))


def test_shares_of_what_is_paid_stand_against_shares_of_wealth() -> None:
    found = {row.donor: row for row in shares(wealthy(), small_plan()).donors}
    assert list(found) == ["POL", "DEU", "JPN"], "who pays most, then who pledged most"
    german = found["DEU"]
    assert (german.pledged_usd_m, german.paid_usd_m, german.left_usd_m) == (15.0, 15.0, 0.0)
    assert (german.share_of_paid, german.share_of_gdp) == (0.5, 0.75)
    assert german.ratio == pytest.approx(2 / 3)
    assert german.given_usd_m == 16.0, "four old missiles of its offer"
    assert german.delivered_usd_m == 15.0, "one missile, and a quarter of ten shells"
    assert german.on_time_usd_m == 12.5
    assert found["POL"].left_usd_m == 5.0


def test_a_blank_gdp_is_said_and_not_guessed() -> None:
    found = shares(wealthy(), small_plan())
    assert found.without_gdp == ("JPN",)
    [japan] = [row for row in found.donors if row.donor == "JPN"]
    assert (japan.gdp_usd_bn, japan.share_of_gdp, japan.ratio) == (None, None, None)


def test_why_money_is_left_is_the_callers_to_say() -> None:
    problem, plan = wealthy(), small_plan()
    found = sharing(problem, facts_of(problem, plan), {"G-ammo": "earmarked"})
    assert {row.donor: row.unspent for row in found.donors} == {
        "DEU": (),
        "POL": (("G-ammo", 5.0, "earmarked"),),
        "JPN": (("G-third", 10.0, ""),),
    }


def test_nobody_pays_where_there_is_no_money() -> None:
    assert shares(bare_problem(), Plan()).donors == ()
    found = shares(wealthy(), small_plan(payments=(), releases=(), contents=()))
    assert {row.share_of_paid for row in found.donors} == {None}
    assert {row.ratio for row in found.donors} == {None}


@given(problems())
@FAST
def test_money_and_value_add_up(problem: Problem) -> None:
    plan = priority_list(problem)
    facts = facts_of(problem, plan)
    found = sharing(problem, facts)
    assert sum(row.paid_usd_m for row in found.donors) == pytest.approx(sum(p.amount_usd_m for p in plan.payments))
    price = {need.demand: need.price for need in facts.needs}
    worth = sum(row.units * price[row.need] for row in financed(problem, facts) if row.package)
    brought = sum(row.delivered_usd_m for row in found.donors) + sum(row.value_usd_m for row in found.before)
    assert brought == pytest.approx(worth)
