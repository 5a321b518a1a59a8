"""Packages by index in order: the same optimum as any other way, a tighter relaxation than the literal index."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.build import compile_model
from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.problem import Problem
from optimizer.solving.program import program_of
from optimizer.solving.search import start_vector
from tests.models.package_worlds import packagings
from tests.models.solved import SLOTS, lp_bound, solve_built, solved, without_rule
from tests.solving.tasks import bare_search
from tests.strategies import problems

ORDERED = FORMULATIONS["ordered"]
INDEXED = replace(ORDERED, name="as ordered, by literal index", packages="indexed")
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
with_money = problems().filter(lambda problem: problem.package_policy is not None and bool(problem.pledges))


def slack(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


@given(st.one_of(packagings(), problems()))
@settings(drawn, max_examples=25)
def test_it_agrees(problem: Problem) -> None:
    best, found = solved(problem, SLOTS), solved(problem, ORDERED)
    assert (best.value is None) == (found.value is None)
    if best.value is not None:
        assert found.value == pytest.approx(best.value, abs=slack(best.value))
        verdict = check_plan(problem, found.plan)
        assert verdict.violations == ()
        assert verdict.terms.total == pytest.approx(best.value, abs=slack(best.value))


@given(st.one_of(packagings(), with_money))
@settings(drawn, max_examples=25)
def test_its_relaxation_is_tighter_than_that_of_the_literal_index(problem: Problem) -> None:
    best = solved(problem, SLOTS).value
    if best is None:
        return
    literal, tight = (lp_bound(compile_model(problem, formulation)) for formulation in (INDEXED, ORDERED))
    assert literal is not None
    assert tight is not None
    assert literal <= tight + slack(tight)
    assert tight <= best + slack(best)


@pytest.mark.parametrize("rule", ["released_in_order", "dearest_first"])
@given(problem=packagings())
@settings(drawn, max_examples=10)
def test_order_takes_copies_only(rule: str, problem: Problem) -> None:
    built = compile_model(problem, ORDERED)
    if rule not in built.matrix.rules:
        return
    best, free = solve_built(built).value, solve_built(without_rule(built, rule)).value
    assert best is not None
    assert free == pytest.approx(best, abs=slack(best))


@given(packagings())
@settings(drawn, max_examples=15)
def test_a_known_plan_is_a_start(problem: Problem) -> None:
    """Numbered by period and value, every plan of another formulation fits, at no higher cost."""
    best = solved(problem, SLOTS)
    assert best.value is not None
    built = compile_model(problem, ORDERED)
    program = program_of(built.matrix)
    x, mask = start_vector(built, built.start(best.plan))
    completed = bare_search(program).complete(program, mask & program.whole, x)
    assert completed is not None
    assert program.value(completed) == pytest.approx(best.value, abs=slack(best.value))
