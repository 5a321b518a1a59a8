"""Every way to model `complete` orders is the same problem, and the tighter one has the higher linear bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.blocks.orders_dominance import chains
from models.blocks.orders_prework import set_aside
from models.build import compile_model
from models.checker import check_plan
from models.facts import Facts
from models.formulation import CHOICES
from models.plan import POOL, Dispatch, Plan
from models.problem import Problem
from tests.builders import an_order, bare_problem, day
from tests.models.cases import Case, all_cases
from tests.models.solved import SLOTS, TEXTBOOK, lp_bound, solved
from tests.strategies import problems

WAYS = {name: replace(SLOTS, name=f"slots with orders {name}", orders=name) for name in CHOICES["orders"]}
STRONG = [name for name in WAYS if name not in ("literal", "late_only")]
CASES = [
    case
    for case in all_cases()
    if not case.lexicographic and any(order.delivery == "complete" for order in case.problem.orders)
]
drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def slack(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


@st.composite
def complete_problems(draw: st.DrawFn) -> Problem:
    """Drawn instances whose orders count when complete: more units each, and often nothing else to make."""
    problem = draw(problems())
    more = draw(st.sampled_from((1, 2, 3)))
    orders = tuple(
        replace(o, delivery="complete", quantity=o.quantity * (1 if o.firm_by else more)) for o in problem.orders
    )
    if orders and draw(st.booleans()):
        orders = tuple(replace(o, item=orders[0].item, earliest_date=None) for o in orders)
    problem = replace(problem, orders=orders)
    if draw(st.booleans()):
        problem = replace(problem, commitments=())
    if draw(st.booleans()):
        problem = replace(problem, readiness=None)
    return problem


@pytest.mark.parametrize("way", STRONG)
@given(problem=complete_problems())
@settings(drawn, max_examples=80)
def test_the_same_optimum(way: str, problem: Problem) -> None:
    literal, found = solved(problem, TEXTBOOK), solved(problem, WAYS[way])
    assert (found.value is None) == (literal.value is None)
    if found.value is not None:
        assert found.value == pytest.approx(literal.value, abs=slack(found.value))
        verdict = check_plan(problem, found.plan)
        assert verdict.violations == ()
        assert verdict.terms.total == pytest.approx(found.value, abs=slack(found.value))


@pytest.mark.parametrize("way", STRONG)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_conformance(case: Case, way: str) -> None:
    found = solved(case.problem, WAYS[way])
    assert (found.value is None) == (case.objective is None)
    if case.objective is not None:
        assert found.value == pytest.approx(case.objective, abs=slack(case.objective))
        assert check_plan(case.problem, found.plan).violations == ()


@pytest.mark.parametrize("way", STRONG)
@given(problem=complete_problems())
@settings(drawn, max_examples=60)
def test_the_tighter_relaxation(way: str, problem: Problem) -> None:
    weak, strong = (lp_bound(compile_model(problem, WAYS[name])) for name in ("late_only", way))
    best = solved(problem, SLOTS).value
    if strong is None or best is None:
        assert best is None
        return
    assert weak is not None
    assert weak - slack(weak) <= strong <= best + slack(best)


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, "A"),
        ({"quantity": 2}, None),
        ({"quantity": 2, "weight_multiplier": 0.5}, "B"),
        ({"due_date": day(3)}, "B"),
        ({"weight_multiplier": 0.5}, "B"),
        ({"weight_multiplier": 0.5, "due_date": day(1)}, None),
        ({"quantity": 2, "due_date": day(1)}, None),
        ({"earliest_date": day(3)}, "B"),
        ({"firm_by": day(9)}, "A"),
        ({"delivery": "each"}, None),
    ],
)
def test_which_of_two_orders_goes_before(changes: dict[str, Any], first: str | None) -> None:
    """Order A with these changes beside an order B without."""
    plain = {"quantity": 1, "due_date": day(2), "delivery": "complete"}
    orders = (an_order("A", **(plain | changes)), an_order("B", **plain))
    found = chains(Facts(bare_problem(orders=orders)))
    assert [(a.order, b.order) for a, b in found] == ({None: [], "A": [("A", "B")], "B": [("B", "A")]}[first])


def test_pairs_that_follow_from_others_are_left_out() -> None:
    orders = tuple(
        an_order(name, quantity=1, due_date=day(week), delivery="complete")
        for name, week in (("A", 3), ("B", 1), ("C", 2))
    )
    pairs = [(a.order, b.order) for a, b in chains(Facts(bare_problem(orders=orders)))]
    assert sorted(pairs) == [("B", "C"), ("C", "A")]


def test_a_start_out_of_turn_is_exchanged() -> None:
    orders = tuple(an_order(name, quantity=1, due_date=day(0), delivery="complete") for name in ("A", "B"))
    problem = bare_problem(orders=orders)
    built = compile_model(problem, WAYS["prework_in_turn"])
    plan = Plan(dispatches=tuple(Dispatch(o, "order", POOL, "missile", 1, t, t) for o, t in (("A", 2), ("B", 1))))
    names = built.matrix.column_names
    start = {names[column]: value for column, value in built.start(plan).items()}
    assert (start["is_completed[A,1]"], start["is_completed[B,1]"]) == (1.0, 0.0)
    assert (start["is_completed[A,2]"], start["is_completed[B,2]"]) == (1.0, 1.0)


def test_an_order_needs_the_line_before_its_completion() -> None:
    """Units are set aside no faster than the line turns them out, the last ones in the week of completion."""
    problem = bare_problem(orders=(an_order("A", quantity=3, due_date=day(2), delivery="complete"),))
    first, units = set_aside(Facts(problem), problem.orders[0], 4)
    slots = Facts(problem).slots[problem.lines[0].line]
    assert units.sum() == 3
    assert (units <= np.array(slots[first:5])).all()
    assert first + len(units) == 5
