"""Output drawn forward: the same units for the same demands, earlier, and legal; a buffer where lines slip."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given

from models.baselines import priority_list
from models.checker import check_plan
from models.plan import Made, Plan
from models.problem import Component, ComponentRate, ItemComponent, LineRate, Problem
from optimizer.rolling.ahead import built_ahead
from optimizer.rolling.execute import execute_in
from tests.builders import START, an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.models.stochastic.worlds import slowed
from tests.strategies import problems


def late_makers() -> tuple[Problem, Plan]:
    """Three missiles are made in week 4 and sent then; the line could have made them in week 0."""
    problem = bare_problem(orders=(an_order(quantity=3, due_date=day(4), earliest_date=day(4)),))
    plan = Plan(dispatches=(to_order("O-each", "missile", 3, 4),), made=(Made("missile_line", "missile", 4, 3),))
    return problem, plan


def test_output_is_drawn_into_idle_slots() -> None:
    problem, plan = late_makers()
    ahead = built_ahead(problem, plan)
    assert ahead.made == (Made("missile_line", "missile", 0, 3),)
    assert ahead.dispatches == plan.dispatches
    assert check_plan(problem, ahead).passed


def test_a_line_that_slips_then_is_not_late() -> None:
    problem, plan = late_makers()
    rates = (*problem.line_rates, LineRate("missile_line", day(3), 0.0))
    world = replace(problem, line_rates=rates)
    assert execute_in(problem, plan, world).delay > 0
    assert execute_in(problem, built_ahead(problem, plan), world).delay == 0


def test_not_before_components_are_there() -> None:
    problem, plan = late_makers()
    problem = replace(
        problem,
        components=(Component("seeker", 0),),
        component_rates=(ComponentRate("seeker", START, 1.0),),
        item_components=(ItemComponent("missile", "seeker", 1),),
    )
    ahead = built_ahead(problem, plan)
    assert [(row.period, row.quantity) for row in ahead.made] == [(0, 1), (1, 1), (2, 1)]
    assert check_plan(problem, ahead).passed


def test_a_plan_without_idle_slots_stays() -> None:
    problem = bare_problem(orders=(an_order(quantity=6),))
    made = tuple(Made("missile_line", "missile", t, 3) for t in range(2))
    plan = Plan(dispatches=(to_order("O-each", "missile", 3, 0), to_order("O-each", "missile", 3, 1)), made=made)
    assert built_ahead(problem, plan) == plan


@given(problems())
def test_any_plan_stays_legal_and_as_good(problem: Problem) -> None:
    plan = priority_list(problem)
    before = check_plan(problem, plan)
    ahead = built_ahead(problem, plan)
    after = check_plan(problem, ahead)
    assert after.passed == before.passed
    assert after.terms.total <= before.terms.total + 1e-9
    assert _units(ahead) == _units(plan)


def test_every_feature() -> None:
    problem, plan = small_problem(), small_plan()
    ahead = built_ahead(problem, plan)
    assert check_plan(problem, ahead).passed
    slower = slowed(problem, 0.5)
    assert execute_in(problem, ahead, slower).delay <= execute_in(problem, plan, slower).delay + 1e-9


def _units(plan: Plan) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in plan.made:
        found[row.line, row.item] += row.quantity
    return found
