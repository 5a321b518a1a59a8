"""Every way to model `complete` orders is the same problem, and the tighter one has the higher linear bound."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.build import compile_model
from models.checker import check_plan
from models.formulation import CHOICES
from models.problem import Problem
from tests.models.solved import SLOTS, TEXTBOOK, lp_bound, solved
from tests.strategies import problems

WAYS = {name: replace(SLOTS, name=f"slots with orders {name}", orders=name) for name in CHOICES["orders"]}
STRONG = [name for name in WAYS if name not in ("literal", "late_only")]
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
