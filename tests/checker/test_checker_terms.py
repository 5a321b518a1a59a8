"""The objective by term, against sums worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.checker import check_plan
from models.plan import Dispatch, Made, Plan, Terms
from models.problem import Commitment, LineRate, Problem, ReadinessPolicy, StabilityPolicy, Stock, Substitute
from tests.builders import (
    a_need,
    a_recipient,
    a_weights_policy,
    an_item,
    an_offer,
    an_order,
    as_replacement,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
)


def terms(problem: Problem, plan: Plan) -> Terms:
    verdict = check_plan(problem, plan)
    assert verdict.violations == ()
    return verdict.terms


def made(*quantities: int) -> tuple[Made, ...]:
    """Missiles made, period by period."""
    return tuple(Made("missile_line", "missile", period, quantity) for period, quantity in enumerate(quantities))


def test_small_plan() -> None:
    """Worked by hand.

    Needs: 2 missile units a week late (8·16 × 10 × 2 = 2,560) and 5 shells a week late (8·4 × 2 × 5 = 320).
    Orders: 4 shells complete a week late (4 × 2 × 4 = 32); 1 missile a week late (8·1.5 × 10 × 1 = 120).
    Readiness: 1 shell missing in periods 0, 5, 6, 7 (a week each) and 8, 9 (two): 4 × 2 × 8 = 64.
    Change: 1 missile frozen (10 × 52 = 520) and 3 shells (2 × 1 × 3 = 6).
    """
    found = terms(small_problem(), small_plan())
    assert found == Terms(needs_delay=2880.0, orders_delay=152.0, readiness_shortfall=64.0, plan_change=526.0)
    assert found.total == 3622.0


def test_each_unit_counts_by_itself() -> None:
    """Two units on time, one two weeks late, one never: start[8] is 6 weeks after the date, and 13 more."""
    problem = bare_problem(orders=(an_order(quantity=4, due_date=day(2)),))
    plan = Plan(
        made=made(2, 0, 0, 0, 1), dispatches=(to_order("O-each", "missile", 2, 0), to_order("O-each", "missile", 1, 4))
    )
    assert terms(problem, plan).orders_delay == 10 * (2 + 6 + 13)


@pytest.mark.parametrize(
    ("quantities", "weeks"),
    [((4, 0), 0), ((3, 1), 4 * 3), ((3, 0), 4 * (6 + 13)), ((0, 0), 4 * (6 + 13))],
)
def test_a_complete_order_counts_with_its_last_unit(quantities: tuple[int, int], weeks: int) -> None:
    """Four units, some in period 1 and some in period 5, for a date in week 2."""
    order = an_order(quantity=4, due_date=day(2), delivery="complete")
    rows = [to_order("O-each", "missile", n, t) for n, t in zip(quantities, (1, 5), strict=True) if n]
    assert (
        terms(bare_problem(orders=(order,)), Plan(made=made(2, 2), dispatches=tuple(rows))).orders_delay == 10 * weeks
    )


def test_part_of_a_week_is_a_week() -> None:
    """Due a day before period 3 begins: a week late in it; due the day it begins: not late."""
    plan = Plan(made=made(1), dispatches=(to_order("O-each", "missile", 1, 3),))
    late = bare_problem(orders=(an_order(quantity=1, due_date=day(3, -1)),))
    early = bare_problem(orders=(an_order(quantity=1, due_date=day(3)),))
    assert terms(late, plan).orders_delay == 10
    assert terms(early, plan).orders_delay == 0


def test_due_before_the_horizon() -> None:
    plan = Plan(made=made(1), dispatches=(to_order("O-each", "missile", 1, 0),))
    assert terms(bare_problem(orders=(an_order(quantity=1, due_date=day(-4, -1)),)), plan).orders_delay == 50


@pytest.mark.parametrize(("due", "weeks"), [((8, 0), 0), ((8, -1), 1 + 13), ((30, 0), 0), ((7, 0), 1 + 13)])
def test_undelivered(due: tuple[int, int], weeks: int) -> None:
    """What is due from the end of the horizon on costs nothing; what is due before costs the weeks after it too."""
    assert terms(bare_problem(orders=(an_order(quantity=1, due_date=day(*due)),)), Plan()).orders_delay == 10 * weeks


def test_long_periods() -> None:
    """Two weeks, then periods of four: what leaves in the second long one leaves in week 6, and the end is week 10."""
    problem = bare_problem(periods=((2, 1), (2, 4)), orders=(an_order(quantity=2, due_date=day(3)),))
    plan = Plan(made=made(1), dispatches=(to_order("O-each", "missile", 1, 3),))
    assert terms(problem, plan).orders_delay == 10 * (3 + 7 + 13)


def test_weight_and_multiplier() -> None:
    """A score of 0.5 in weights of 1 to 16 is 4; the multiplier comes on top."""
    order = an_order(quantity=1, due_date=day(0), weight_multiplier=2.5)
    problem = bare_problem(
        orders=(order,),
        recipients=(a_recipient(defence_pct_gdp=3.5, ukraine_military_pct_gdp=0.0, strategic_role=0.0),),
        weights=a_weights_policy(),
    )
    plan = Plan(made=made(1), dispatches=(to_order("O-each", "missile", 1, 2),))
    assert terms(problem, plan).orders_delay == pytest.approx(4 * 2.5 * 10 * 2)


def test_needs_by_urgency() -> None:
    """Two of three units three weeks late: ukraine 8 × urgency 4 × price 10; the third never: 5 + 13 weeks."""
    problem = bare_problem(needs=(a_need(quantity=3, urgency=3),), weights=a_weights_policy())
    plan = Plan(made=made(2), dispatches=(to_need("N-missile", "missile", 2, (6, 6)),))
    assert terms(problem, plan).needs_delay == 8 * 4 * 10 * (2 * 3 + 5 + 13)


def test_a_substitute_counts_in_units_of_the_need() -> None:
    """Four old missiles are two units of the need, at the price of the need's own item."""
    problem = bare_problem(
        items=(an_item(), an_item("old_missile", unit_price_usd_m=4.0)),
        needs=(a_need(quantity=3, needed_by=day(1)),),
        stocks=(Stock("old_missile", 4),),
        substitutes=(Substitute("missile", "old_missile", 2),),
    )
    plan = Plan(dispatches=(to_need("N-missile", "old_missile", 4, (2, 2)),))
    assert terms(problem, plan).needs_delay == 10 * (2 * 1 + 7 + 13)


def test_an_expired_need_still_counts() -> None:
    problem = bare_problem(needs=(a_need(quantity=1, needed_by=day(1), expires_on=day(2)),))
    assert terms(problem, Plan()).needs_delay == 10 * (7 + 13)


def test_readiness_counts_weeks_of_long_periods() -> None:
    """Stock 1 of a floor of 3: two missing for two weeks, none once two are made, one again when one leaves."""
    problem = bare_problem(
        periods=((2, 1), (2, 4)),
        stocks=(Stock("missile", 1, 3),),
        readiness=ReadinessPolicy(0.5),
        orders=(an_order(quantity=1, due_date=day(10)),),
    )
    plan = Plan(made=(Made("missile_line", "missile", 2, 2),), dispatches=(to_order("O-each", "missile", 1, 3),))
    assert terms(problem, plan).readiness_shortfall == 0.5 * 10 * (2 * 1 + 2 * 1 + 0 * 4 + 1 * 4)


@pytest.mark.parametrize(
    ("week", "frozen_weeks", "cost"),
    [(0, 4, 52.0), (3, 4, 52.0), (4, 4, 1.0), (0, 0, 1.0), (7, 8, 52.0)],
)
def test_frozen_weeks_cost_more(week: int, frozen_weeks: int, cost: float) -> None:
    problem = bare_problem(
        orders=(an_order(quantity=3, due_date=day(20)),),
        commitments=(Commitment("O-each", "missile", day(week), 2),),
        stability=StabilityPolicy(frozen_weeks, 52.0, 1.0),
    )
    assert terms(problem, Plan()).plan_change == 10 * cost * 2
    kept = Plan(made=made(3), dispatches=(to_order("O-each", "missile", 1, week),))
    assert terms(problem, kept).plan_change == 10 * cost * 1
    more = Plan(made=made(3), dispatches=(to_order("O-each", "missile", 3, week),))
    assert terms(problem, more).plan_change == 0


def test_a_period_is_frozen_by_its_first_day() -> None:
    """A four-week period that begins in week 2 is frozen by three frozen weeks and not by two."""
    problem = bare_problem(
        periods=((2, 1), (2, 4)),
        orders=(an_order(quantity=1, due_date=day(20)),),
        commitments=(Commitment("O-each", "missile", day(5), 1),),
        stability=StabilityPolicy(3, 52.0, 1.0),
    )
    assert terms(problem, Plan()).plan_change == 520
    assert terms(replace(problem, stability=StabilityPolicy(2, 52.0, 1.0)), Plan()).plan_change == 10


def test_commitments_of_one_period_add_up() -> None:
    """Rows in one week are one sum; rows before and after the horizon are nothing."""
    rows = (
        Commitment("O-each", "missile", day(5), 1),
        Commitment("O-each", "missile", day(5, 6), 2),
        Commitment("O-each", "missile", day(0, -1), 5),
        Commitment("O-each", "missile", day(8), 5),
    )
    problem = bare_problem(
        orders=(an_order(quantity=3, due_date=day(20)),), commitments=rows, stability=StabilityPolicy(0, 52.0, 1.0)
    )
    plan = Plan(made=made(2), dispatches=(to_order("O-each", "missile", 2, 5),))
    assert terms(problem, plan).plan_change == 10


def offered() -> Problem:
    """A need served by two old missiles or one new, an offer of two old ones accepted, its replacement committed."""
    return bare_problem(
        items=(an_item(), an_item("old_missile", unit_price_usd_m=4.0)),
        stocks=(Stock("old_missile", 2),),
        needs=(a_need(quantity=2, needed_by=day(20)),),
        substitutes=(Substitute("missile", "old_missile", 2),),
        offers=(an_offer(available_on=day(0), quantity=2, replacement_quantity=1, site=None),),
        commitments=(Commitment("V-open", "missile", day(1), 1), Commitment("N-missile", "old_missile", day(2), 2)),
        stability=StabilityPolicy(0, 52.0, 1.0),
    )


def test_plan_change_of_offers_and_needs() -> None:
    """An offer's row is its replacement; a need's is what leaves the pool of that item: no gift keeps it."""
    replaced = as_replacement("V-open", "missile", 1, 1)
    gift = to_need("N-missile", "old_missile", 2, (2, 2), origin="V-open")
    from_pool = to_need("N-missile", "old_missile", 2, (2, 2))
    plan = Plan(made=made(1), dispatches=(replaced, gift), accepted_offers=("V-open",))
    assert terms(offered(), plan).plan_change == 4 * 2
    assert terms(offered(), replace(plan, dispatches=(replaced, from_pool))).plan_change == 0
    later = Dispatch("V-open", "replacement", "pool", "missile", 1, 3, 3)
    assert terms(offered(), replace(plan, dispatches=(later, from_pool))).plan_change == 10


def test_absent_sections_cost_nothing() -> None:
    problem = small_problem(weights=None, readiness=None, stability=None)
    found = terms(problem, small_plan())
    assert found == Terms(needs_delay=10 * 2 + 2 * 5, orders_delay=2 * 4 + 1.5 * 10)


def test_lateness_is_recounted_when_the_line_is_slow() -> None:
    """Half a slot a week: a unit every second week, so four units for week 0 are 1, 3, 5 and 7 weeks late."""
    problem = bare_problem(
        line_rates=(LineRate("missile_line", day(-9), 0.5),), orders=(an_order(quantity=4, due_date=day(0)),)
    )
    rows = tuple(to_order("O-each", "missile", 1, period) for period in (1, 3, 5, 7))
    assert terms(problem, Plan(made=made(0, 1, 0, 1, 0, 1, 0, 1), dispatches=rows)).orders_delay == 10 * 16
    assert not check_plan(problem, Plan(made=made(1), dispatches=rows)).passed
