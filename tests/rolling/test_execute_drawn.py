"""Whole instances and worlds drawn at random: what every execution keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.calendar import calendar_of
from models.capacity import component_cumulative, receipts, slots
from models.checker import check_plan
from models.plan import POOL, Plan, Terms
from models.problem import Problem
from optimizer.rolling.execute import Execution, execute_in
from optimizer.rolling.execute_promises import RULES
from tests.rolling.worlds import canonical, legal, worlds

FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
Case = tuple[Problem, Plan, Problem]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    problem, plan = draw(legal())
    return problem, plan, draw(worlds(problem))


@given(legal())
@FEW
def test_with_no_slip_the_execution_is_the_plan(case: tuple[Problem, Plan]) -> None:
    problem, plan = case
    found = execute_in(problem, plan, problem)
    assert canonical(found.plan) == canonical(plan)
    assert same(found.terms, check_plan(problem, plan).terms)
    assert found.broken == ()
    assert all(demand.later == 0 for demand in found.demands)


@given(cases())
@FEW
def test_it_is_legal_but_for_the_promises_it_lists(case: Case) -> None:
    problem, plan, world = case
    found = execute_in(problem, plan, world)
    verdict = check_plan(world, found.plan)
    assert {(row.rule, row.index[0]) for row in verdict.violations} == found.broken_rules
    assert {row.rule for row in verdict.violations} <= set(RULES)
    assert same(found.terms, verdict.terms)


@given(cases())
@FEW
def test_what_is_made_and_in_stock_is_sent_or_still_there(case: Case) -> None:
    problem, plan, world = case
    found = execute_in(problem, plan, world)
    calendar = calendar_of(problem)
    there = Counter({row.item: row.on_hand for row in problem.stocks})
    for item, by_period in receipts(world, calendar).items():
        there[item] += sum(by_period)
    made = Counter(there)
    for row in found.plan.made:
        made[row.item] += row.quantity
    for dispatch in found.plan.dispatches:
        if dispatch.origin == POOL:
            made[dispatch.item] -= dispatch.quantity
    floors = {row.item: min(row.on_hand, row.readiness_floor) for row in problem.stocks}
    assert all(made[item] >= floors.get(item, 0) for item in made)
    delivered = {(demand.kind, demand.demand): demand.delivered for demand in found.demands}
    ratio = {(row.item, row.substitute): row.units_per_unit for row in problem.substitutes}
    item_of = {row.need: row.item for row in problem.needs}
    sent: Counter[tuple[str, str]] = Counter()
    for dispatch in found.plan.dispatches:
        per_unit = ratio.get((item_of.get(dispatch.demand, ""), dispatch.item), 1) if dispatch.kind == "need" else 1
        sent[dispatch.kind, dispatch.demand] += dispatch.quantity // per_unit
    assert {key: units for key, units in delivered.items() if units} == {key: n for key, n in sent.items() if n}


@given(cases())
@FEW
def test_nobody_is_served_before_the_plan_has_it_and_nothing_is_made_before(case: Case) -> None:
    problem, plan, world = case
    found = execute_in(problem, plan, world)
    T = calendar_of(problem).count
    for planned, done in ((sent_by(plan, T), sent_by(found.plan, T)), (made_by(plan, T), made_by(found.plan, T))):
        assert all(done[key] <= planned[key] for key in done)
    before = {row.package: row.period for row in plan.releases}
    assert all(row.period >= before[row.package] for row in found.plan.releases)
    approved = {row.case: row.period for row in plan.approvals}
    assert all(row.period >= approved[row.case] for row in found.plan.approvals)


@given(cases())
@FEW
def test_slots_and_components_are_not_left_idle_while_output_is_owed(case: Case) -> None:
    """A line stands still only where the next unit does not fit into what it has, or a component is missing."""
    problem, plan, world = case
    found = execute_in(problem, plan, world)
    calendar = calendar_of(problem)
    room, supply = slots(world, calendar), component_cumulative(world, calendar)
    needed = {(row.line, row.item): row.slots_per_unit for row in problem.line_items}
    parts = [(row.item, row.component, row.units_per_unit) for row in problem.item_components]
    planned, done = made_by(plan, calendar.count), made_by(found.plan, calendar.count)
    for t in range(calendar.count):
        for (line, item), per_unit in needed.items():
            if planned[line, item, t] > done[line, item, t]:
                used = sum(
                    needed[row.line, row.item] * row.quantity
                    for row in found.plan.made
                    if (row.line, row.period) == (line, t)
                )
                spent = {
                    k: sum(
                        n * row.quantity
                        for i, c, n in parts
                        for row in found.plan.made
                        if c == k and row.item == i and row.period <= t
                    )
                    for k in supply
                }
                fits = used + per_unit <= room[line][t]
                has = all(spent[c] + n <= supply[c][t] for i, c, n in parts if i == item)
                assert not (fits and has)


def sent_by(plan: Plan, T: int) -> Counter[tuple[str, str, str, int]]:
    """Units sent by demand, origin, item, up to and including every period."""
    total: Counter[tuple[str, str, str, int]] = Counter()
    for row in plan.dispatches:
        for t in range(row.period, T):
            total[row.demand, row.origin, row.item, t] += row.quantity
    return total


def made_by(plan: Plan, T: int) -> Counter[tuple[str, str, int]]:
    """Units made by line and item, up to and including every period."""
    total: Counter[tuple[str, str, int]] = Counter()
    for row in plan.made:
        for t in range(row.period, T):
            total[row.line, row.item, t] += row.quantity
    return total


def same(one: Terms, other: Terms) -> bool:
    """Whether two sets of terms are equal but for rounding."""
    return all(getattr(one, f.name) == pytest.approx(getattr(other, f.name), rel=1e-9, abs=1e-6) for f in fields(Terms))


@given(cases())
@FEW
def test_an_execution_depends_on_nothing_but_its_arguments(case: Case) -> None:
    first, second = (execute_in(*case) for _ in range(2))
    assert isinstance(first, Execution)
    assert first == second
