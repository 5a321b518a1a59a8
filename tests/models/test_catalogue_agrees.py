"""The catalogue agrees with the literal reading on instances drawn whole: one optimum, and plans the checker passes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from models.catalog import FORMULATIONS
from models.formulation import Formulation
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving import child
from tests.models.solved import TEXTBOOK, solve_built, solved, without_rule
from tests.models.test_agree import assert_agrees, slack
from tests.solving.tasks import run_here
from tests.strategies import problems

OTHERS = [formulation for formulation in FORMULATIONS.values() if formulation != TEXTBOOK]
RELAXATIONS = [formulation for formulation in OTHERS if formulation.exact != formulation]
DECIDING = {"stock_balance", "dispatch_after_release", "plan_change"}
"""Rules that every entry has as rows, and that often decide."""

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def of(formulations: list[Formulation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("formulation", formulations, ids=lambda formulation: formulation.name)


def test_some_entries_are_relaxations() -> None:
    assert {formulation.name for formulation in RELAXATIONS} == {"unindexed", "separated"}


@of(OTHERS)
@given(problem=problems())
@settings(drawn, max_examples=25)
def test_an_entry_has_the_optimum_of_the_literal_reading(formulation: Formulation, problem: Problem) -> None:
    """Of a relaxation: the exact formulation that it relaxes."""
    assert_agrees(problem, formulation.exact, solved(problem, TEXTBOOK).value)


@of(RELAXATIONS)
@given(problem=problems())
@settings(drawn, max_examples=12)
def test_a_relaxation_is_a_bound_and_its_method_finds_the_optimum(formulation: Formulation, problem: Problem) -> None:
    best, below = solved(problem, TEXTBOOK).value, solved(problem, formulation).value
    outcome = run_here(child.Job(problem, formulation, Settings(seconds=30.0, gap=1e-7, threads=1)))
    assert outcome.objective == (None if best is None else pytest.approx(best, abs=slack(best)))
    if best is not None:
        assert below is not None
        assert below <= best + slack(best)


@of([TEXTBOOK, *OTHERS])
def test_draws_tell_that_a_rule_was_left_out(formulation: Formulation) -> None:
    """A mutation of an entry, one rule at a time, has another optimum in some draw."""
    left = set(DECIDING)

    @given(problem=problems())
    @settings(drawn, max_examples=80, phases=[Phase.generate])
    def look(problem: Problem) -> None:
        found = solved(problem, formulation.exact) if left else None
        if found is None or found.value is None:
            return
        for rule in sorted(left & set(found.built.matrix.rules)):
            value = solve_built(without_rule(found.built, rule)).value
            if value != pytest.approx(found.value, abs=slack(found.value)):
                left.discard(rule)

    look()
    assert not left
