"""All formulations agree on instances drawn whole: one optimum, plans the checker passes, bounds that are bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models.build import compile_model
from models.checker import check_plan
from models.formulation import Formulation
from models.problem import TERMS, Problem
from tests.models.solved import SLOTS, TEXTBOOK, Solved, lp_bound, mixtures, solved
from tests.strategies import problems

POOLED = replace(SLOTS, name="slots with one purse", funding="pooled")
MIXTURES = mixtures()

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def slack(value: float) -> float:
    """One part in a million."""
    return 1e-6 * max(1.0, abs(value))


def assert_plan_is_worth_its_optimum(problem: Problem, found: Solved) -> None:
    """The plan breaks no rule, and the checker counts for every term what the solver counted."""
    assert found.value is not None
    verdict = check_plan(problem, found.plan)
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(found.value, abs=slack(found.value))
    for term in TERMS:
        assert getattr(verdict.terms, term) == pytest.approx(found.terms[term], abs=slack(found.value))


def assert_agrees(problem: Problem, formulation: Formulation, value: float | None) -> None:
    """The formulation has that optimum (None: no plan), and a plan to show for it."""
    found = solved(problem, formulation)
    assert (found.value is None) == (value is None), formulation.name
    if value is not None:
        assert found.value == pytest.approx(value, abs=slack(value)), formulation.name
        assert_plan_is_worth_its_optimum(problem, found)


@given(problems())
@settings(drawn, max_examples=80)
def test_textbook_and_slots_agree(problem: Problem) -> None:
    literal = solved(problem, TEXTBOOK)
    assert_agrees(problem, SLOTS, literal.value)
    if literal.value is not None:
        assert_plan_is_worth_its_optimum(problem, literal)


@pytest.mark.parametrize("mixture", MIXTURES, ids=lambda formulation: formulation.name)
@given(problem=problems())
@settings(drawn, max_examples=12)
def test_a_mixture_agrees(mixture: Formulation, problem: Problem) -> None:
    assert_agrees(problem, mixture, solved(problem, TEXTBOOK if mixture.orders == "late_only" else SLOTS).value)


@given(problems())
@settings(drawn, max_examples=50)
def test_linear_relaxations_are_bounds(problem: Problem) -> None:
    built = {formulation.name: compile_model(problem, formulation) for formulation in (TEXTBOOK, SLOTS)}
    best = solved(problem, SLOTS).value
    bounds = {name: lp_bound(model) for name, model in built.items()}
    if best is None:
        return
    for name, bound in bounds.items():
        assert bound is not None, name
        assert bound <= best + slack(best), name


@given(problems().map(lambda problem: replace(problem, package_policy=None)))
@settings(drawn, max_examples=50)
def test_without_packages_slots_is_the_tighter_relaxation(problem: Problem) -> None:
    literal, strong = (lp_bound(compile_model(problem, formulation)) for formulation in (TEXTBOOK, SLOTS))
    if strong is None:
        assert solved(problem, TEXTBOOK).value is None
        return
    assert literal is not None
    assert strong >= literal - slack(literal)


@given(problems())
@settings(drawn, max_examples=60)
def test_one_purse_is_a_relaxation(problem: Problem) -> None:
    exact, pooled = solved(problem, SLOTS).value, solved(problem, POOLED).value
    if exact is not None:
        assert pooled is not None
        assert pooled <= exact + slack(exact)
