"""What lines are used for and owe, and which component binds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import priority_list
from models.plan import Made, Plan
from models.problem import Component, ComponentRate, ItemComponent, LineItem, LineRate, Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.industry import Backlog, Customer, LineFacts, bindings, industry
from tests.builders import START, an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.explaining.patriot import patriot, patriot_plan
from tests.strategies import problems

FAST = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def lines_of(problem: Problem, plan: Plan) -> dict[str, LineFacts]:
    return {row.line: row for row in industry(problem, plan, facts_of(problem, plan))}


def test_the_story_of_germany_and_switzerland_from_the_side_of_the_line() -> None:
    line = lines_of(patriot(), patriot_plan())["L"]
    assert (line.slots, line.used, line.idle, line.rate) == (10, 8, 2, 1.0)
    assert line.customers == (
        Customer("ally", "CHE", 800.0),
        Customer("ally", "DEU", 800.0),
        Customer("replacement", "DEU", 800.0),
        Customer("ukraine", "", 800.0),
    )
    assert (line.value("ally"), line.value("ukraine"), line.value("replacement")) == (1600.0, 800.0, 800.0)
    assert line.value_usd_m == 3200.0
    [owed] = line.backlog
    assert owed == Backlog("L", "PATRIOT", 3, 0, 1.0, 3.0, 3.0), "both of Switzerland's and one of Germany's are late"
    assert line.backlog_weeks == 3.0


def test_what_is_not_sent_is_in_stock() -> None:
    made = (Made("missile_line", "missile", 0, 3),)
    problem = bare_problem(orders=(an_order("A", quantity=1),))
    line = lines_of(problem, Plan(dispatches=(to_order("A", "missile", 1, 1),), made=made))["missile_line"]
    assert (line.value("ally"), line.stock_usd_m, line.value_usd_m) == (10.0, 20.0, 30.0)


def test_backlog_is_late_and_missing_but_not_what_is_due_after_the_horizon() -> None:
    orders = (
        an_order("A", quantity=3, due_date=day(1)),
        an_order("B", quantity=4, due_date=day(2)),
        an_order("C", quantity=9, due_date=day(8)),
    )
    rates = (LineRate("missile_line", START, 0.5),)
    problem = bare_problem(orders=orders, line_rates=rates, line_items=(LineItem("missile_line", "missile", 2),))
    plan = Plan(dispatches=(to_order("A", "missile", 1, 1), to_order("A", "missile", 2, 3)))
    [owed] = lines_of(problem, plan)["missile_line"].backlog
    assert (owed.late, owed.missing, owed.slots, owed.weeks) == (2, 4, 12.0, 24.0)


def test_a_line_that_turns_out_nothing_has_a_backlog_of_no_length() -> None:
    problem = bare_problem(orders=(an_order("A"),), line_rates=())
    line = lines_of(problem, Plan())["missile_line"]
    assert (line.backlog_slots, line.backlog_weeks) == (2.0, None)
    assert lines_of(bare_problem(line_rates=()), Plan())["missile_line"].backlog_weeks == 0.0


@given(problems())
@FAST
def test_the_value_of_output_is_the_price_of_all_that_is_made(problem: Problem) -> None:
    plan = priority_list(problem)
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    found = lines_of(problem, plan)
    for line in problem.lines:
        made = sum(batch.quantity * price[batch.item] for batch in plan.made if batch.line == line.line)
        row = found[line.line]
        assert row.value_usd_m == pytest.approx(made)
        groups = row.value("ukraine") + row.value("ally") + row.value("replacement")
        assert groups + row.stock_usd_m == pytest.approx(made)
        assert row.used <= row.slots
    late = sum(d.late for d in facts_of(problem, plan).demands)
    backlog = [one for row in found.values() for one in row.backlog]
    assert sum(one.late * one.share for one in backlog) <= late + 1e-9


def with_seekers(on_hand: int, rate: float = 0.0) -> Problem:
    """A missile takes two seekers; three missiles are due in week 2."""
    return bare_problem(
        orders=(an_order("A", quantity=3, due_date=day(2)),),
        components=(Component("seeker", on_hand),),
        component_rates=(ComponentRate("seeker", START, rate),),
        item_components=(ItemComponent("missile", "seeker", 2),),
    )


def one_made(problem: Problem) -> Plan:
    del problem
    return Plan(dispatches=(to_order("A", "missile", 1, 0),), made=(Made("missile_line", "missile", 0, 1),))


def test_a_component_binds_while_units_are_overdue_and_nothing_is_left_for_one_more() -> None:
    """Three seekers, one taken twice: one left is none for a missile. Half a seeker a week makes it two in week 1."""
    problem = with_seekers(3)
    [found] = bindings(problem, facts_of(problem, one_made(problem)))
    assert (found.component, found.weeks, found.items, found.waiting) == ("seeker", 6, ("missile",), 2)
    assert found.spans == ((day(2), day(8, -1)),), "from the last departure on time to the end"
    more = with_seekers(3, 0.25)
    [found] = bindings(more, facts_of(more, one_made(more)))
    assert found.spans == ((day(2), day(3, -1)),), "the fourth seeker comes by the end of week 3"


def test_a_component_that_is_there_or_that_nobody_waits_for_does_not_bind() -> None:
    plenty = with_seekers(4)
    assert bindings(plenty, facts_of(plenty, one_made(plenty))) == ()
    problem = with_seekers(6)
    served = Plan(dispatches=(to_order("A", "missile", 3, 2),), made=(Made("missile_line", "missile", 0, 3),))
    assert bindings(problem, facts_of(problem, served)) == ()
    small = small_problem()
    assert bindings(small, facts_of(small, small_plan())) == ()
