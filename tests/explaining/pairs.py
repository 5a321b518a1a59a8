"""Pairs of plans to compare: sides made in code, and variants of instances for hypothesis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.causes import Cause
from optimizer.explaining.comparing import Comparison, Side, compare
from optimizer.explaining.facts import facts_of
from tests.strategies import problems


def side(problem: Problem, plan: Plan | None = None, *, name: str = "plan", bound: float | None = None) -> Side:
    """A judged plan; that of the priority list where none is given."""
    plan = priority_list(problem) if plan is None else plan
    verdict = check_plan(problem, plan)
    rules = tuple(dict.fromkeys(violation.rule for violation in verdict.violations))
    return Side(name, problem, plan, facts_of(problem, plan), verdict.terms, rules, bound)


def compared(old: tuple[Problem, Plan], new: tuple[Problem, Plan]) -> Comparison:
    """Two plans side by side."""
    return compare(side(*old, name="old"), side(*new, name="new"))


def causes_of(comparison: Comparison, demand: str) -> tuple[Cause, ...]:
    """All named causes of the demand, the leading one first."""
    found = [key for key in comparison.causes if key[1] == demand]
    assert len(found) == 1, f"{demand} did not move"
    return comparison.causes[found[0]]


def _first(table: str, change: Callable[[object], object]) -> Callable[[Problem], Problem]:
    def changed(problem: Problem) -> Problem:
        rows = getattr(problem, table)
        return replace(problem, **{table: (change(rows[0]), *rows[1:])}) if rows else problem

    return changed


def _without(table: str) -> Callable[[Problem], Problem]:
    return lambda problem: replace(problem, **{table: getattr(problem, table)[1:]})


def a_week_later(problem: Problem) -> Problem:
    """The same rows, planned from a week later on; receipts of the week that has gone are in the stock."""
    start = problem.start + dt.timedelta(weeks=1)
    return replace(problem, start=start, receipts=tuple(row for row in problem.receipts if row.date >= start))


WAYS: tuple[Callable[[Problem], Problem], ...] = (
    lambda problem: problem,
    _first("line_rates", lambda row: replace(row, slots_per_week=2 * row.slots_per_week + 1)),
    _first("orders", lambda row: replace(row, quantity=row.quantity + 2)),
    _first("orders", lambda row: replace(row, due_date=row.due_date - dt.timedelta(weeks=2))),
    _first("recipients", lambda row: replace(row, defence_pct_gdp=0.0)),
    _without("orders"),
    _first("needs", lambda row: replace(row, urgency=6 - row.urgency)),
    _first("pledges", lambda row: replace(row, amount_usd_m=row.amount_usd_m * 3)),
    lambda problem: replace(problem, periods=((3, 1),), lanes=(), delivery=None),
    lambda problem: replace(problem, package_policy=None, packages=(), package_contents=(), pledges=()),
    a_week_later,
)
"""Ways in which an instance may change."""


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Side, Side]:
    """Two plans of two states of one instance."""
    problem = draw(problems())
    changed = problem
    for way in draw(st.lists(st.sampled_from(WAYS), min_size=1, max_size=2)):
        changed = way(changed)
    planner = draw(st.sampled_from((priority_list, first_come_first_served)))
    return side(problem, name="old"), side(changed, planner(changed), name="new")
