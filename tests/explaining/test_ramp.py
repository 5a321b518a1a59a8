"""The ramp a line would need: known values, and that nothing less would do."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import priority_list
from models.plan import Plan
from models.problem import Line, LineItem, LineRate, Problem, Receipt, Stock
from optimizer.explaining.facts import facts_of
from optimizer.explaining.industry import line_shares
from optimizer.explaining.ramp import Ramp, overdue, ramps, wanted
from tests.builders import (
    START,
    a_need,
    an_item,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
)
from tests.strategies import problems

FAST = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def ramp_of(problem: Problem, plan: Plan, line: str = "missile_line") -> Ramp:
    facts = facts_of(problem, plan)
    return ramps(problem, facts, line_shares(problem, facts.supply.slots))[line]


def test_what_is_due_less_what_is_there_by_the_week() -> None:
    """Three slots a week: 12 due by week 1 are 6 more than there are by its end; 18 by week 4 are there in time."""
    orders = (an_order("A", quantity=12, due_date=day(1)), an_order("B", quantity=3, due_date=day(4)))
    found = ramp_of(bare_problem(orders=orders), Plan())
    assert found.rate == pytest.approx(3.0)
    assert found.by == day(2)
    assert found.steps == ((START, pytest.approx(3.0)),)
    assert found.already == 0


def test_stock_above_its_floor_and_what_is_under_way_come_first() -> None:
    orders = (an_order("A", quantity=12, due_date=day(1)),)
    stocks, receipts = (Stock("missile", 5, 2),), (Receipt("missile", day(1), 1),)
    found = ramp_of(bare_problem(orders=orders, stocks=stocks, receipts=receipts), Plan())
    assert found.rate == pytest.approx(1.0)


def test_nothing_is_lacking_where_all_is_there() -> None:
    found = ramp_of(bare_problem(orders=(an_order("A", due_date=day(1)),)), Plan())
    assert (found.rate, found.by) == (0.0, None)


def test_what_was_due_before_counts_by_the_end_of_the_first_quarter() -> None:
    orders = (an_order("A", quantity=52, due_date=day(-1)),)
    found = ramp_of(bare_problem(orders=orders, periods=((26, 1),)), Plan())
    assert found.already == 52
    assert found.rate == pytest.approx(1.0), "52 in 13 weeks are 4 a week, one more than 3"
    assert found.by == day(13)


def test_quarters_take_what_is_still_lacking() -> None:
    """One slot a week: 26 by week 12, 39 by week 25 → 1 more in the first quarter, nothing in the second."""
    orders = (an_order("A", quantity=26, due_date=day(12)), an_order("B", quantity=13, due_date=day(25)))
    rates = (LineRate("missile_line", START, 1.0),)
    found = ramp_of(bare_problem(orders=orders, periods=((26, 1),), line_rates=rates), Plan())
    assert found.steps == ((START, pytest.approx(1.0)), (day(13), 0.0))
    late = ramp_of(bare_problem(orders=orders[1:], periods=((26, 1),), line_rates=rates), Plan())
    assert (late.rate, late.by) == (0.0, None)


def test_an_item_of_two_lines_is_asked_of_both_by_what_they_could_make() -> None:
    problem = bare_problem(
        lines=(Line("missile_line", "one"), Line("other", "two"), Line("idle", "three")),
        line_rates=(LineRate("missile_line", START, 3.0), LineRate("other", START, 2.0)),
        line_items=(LineItem("missile_line", "missile", 1), LineItem("other", "missile", 2)),
        orders=(an_order("A", quantity=12, due_date=day(0)),),
    )
    facts = facts_of(problem, Plan())
    shares = line_shares(problem, facts.supply.slots)
    assert shares == {("missile_line", "missile"): 0.75, ("other", "missile"): 0.25}
    found = ramps(problem, facts, shares)
    assert {line: ramp.rate for line, ramp in found.items()} == {"missile_line": 6.0, "other": 4.0, "idle": 0.0}


def test_where_nothing_is_turned_out_all_lines_share_alike() -> None:
    problem = bare_problem(
        lines=(Line("a", "a"), Line("b", "b")),
        line_rates=(),
        line_items=(LineItem("a", "missile", 1), LineItem("b", "missile", 1)),
    )
    assert set(line_shares(problem, facts_of(problem, Plan()).supply.slots).values()) == {0.5}


def test_needs_are_due_as_early_as_the_way_is_long_and_gifts_ask_for_nothing() -> None:
    problem = small_problem()
    found = {demand.demand: (last, asked) for demand, last, asked in wanted(problem, facts_of(problem, small_plan()))}
    assert found["N-missile"] == (3, 3), "by air in no time; two units come from the offer"
    assert found["V-open"] == (9, 2), "eight weeks after week 2, when the last period begins"


def test_what_is_due_after_the_horizon_is_not_wanted_yet() -> None:
    problem = bare_problem(orders=(an_order("A", due_date=day(8)), an_order("B", due_date=day(7))))
    assert [demand.demand for demand, _, _ in wanted(problem, facts_of(problem, Plan()))] == ["B"]


def test_overdue_is_what_should_have_left_and_has_not() -> None:
    problem = bare_problem(orders=(an_order("A", quantity=3, due_date=day(1)),), needs=(a_need("N", quantity=1),))
    plan = Plan(
        dispatches=(to_order("A", "missile", 2, 0), to_order("A", "missile", 1, 4), to_need("N", "missile", 1, (2, 2)))
    )
    assert overdue(problem, facts_of(problem, plan)) == {"missile": [0, 1, 1, 1, 0, 0, 0, 0]}


@given(problems())
@FAST
def test_with_the_ramp_all_is_there_in_time_and_with_less_it_is_not(problem: Problem) -> None:
    plan = priority_list(problem)
    facts = facts_of(problem, plan)
    calendar, slots = facts.calendar, facts.supply.slots
    shares = line_shares(problem, slots)
    quarter = [calendar.week(t) // 13 for t in range(calendar.count)]
    first = max(t for t in range(calendar.count) if quarter[t] == 0)
    for line, ramp in ramps(problem, facts, shares).items():
        short, extra, most = [], 0.0, 0.0
        steps = [rate for _, rate in ramp.steps]
        for t in range(calendar.count):
            need = sum(
                shares[line, row.item] * row.slots_per_unit * _net(problem, facts, row.item, t, first)
                for row in problem.line_items
                if row.line == line
            )
            there = sum(slots[line][: t + 1])
            end = calendar.week(t + 1)
            extra += calendar.weeks[t] * steps[quarter[t]]
            short.append((need - there) / end)
            most = max(most, need - there - extra)
        assert ramp.rate == pytest.approx(max(0.0, *short))
        assert most <= 1e-9, "the steps bring everything in time"


def _net(problem: Problem, facts: object, item: str, until: int, first: int) -> int:
    """Units that must have been made by the end of a period, by brute force: the most asked at any time up to it."""
    from optimizer.explaining.facts import Facts

    assert isinstance(facts, Facts)
    most = 0
    on_hand = sum(row.on_hand - min(row.on_hand, row.readiness_floor) for row in problem.stocks if row.item == item)
    for t in range(until + 1):
        due = sum(
            asked
            for demand, last, asked in wanted(problem, facts)
            if demand.item == item and (first if last < 0 else last) <= t
        )
        come = sum(
            row.quantity
            for row in problem.receipts
            if row.item == item and facts.calendar.period(row.date) <= t < facts.calendar.count
        )
        most = max(most, due - on_hand - come)
    return most


def test_lines_without_items_need_no_ramp() -> None:
    problem = bare_problem(items=(an_item(),), line_items=())
    assert ramp_of(problem, Plan()).rate == 0.0
