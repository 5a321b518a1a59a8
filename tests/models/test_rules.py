"""Every rule decides: the optimum worked by hand is reached, and is lower as soon as the rule's rows are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.build import Built, compile_model
from models.checker import RULES, check_plan
from models.formulation import Formulation
from tests.models.rule_cases import RULE_CASES, RuleCase
from tests.models.solved import SLOTS, TEXTBOOK, solve_built, solved, without_rule

BY_STRUCTURE = {("slots", "pledge_dates")}
"""Rules a formulation keeps by having no variable for what they forbid."""

both = pytest.mark.parametrize("formulation", [TEXTBOOK, SLOTS], ids=lambda f: f.name)
cases = pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: case.label)


def mutated(built: Built, rule: str) -> Built:
    """The model without the rule: its rows, and the bound on stock that says the same as one of them."""
    left = without_rule(built, rule)
    if rule == "readiness_floor":
        lower = np.where(left.matrix.kinds == "stock", 0.0, left.matrix.lower)
        left = replace(left, matrix=replace(left.matrix, lower=lower))
    return left


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in RULE_CASES} == {*RULES, "plan_change"} - {"well_formed"}


@both
@cases
def test_rule_decides(case: RuleCase, formulation: Formulation) -> None:
    found = solved(case.binding, formulation)
    assert found.value == pytest.approx(case.value, abs=1e-6)
    verdict = check_plan(case.binding, found.plan)
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(case.value, abs=1e-6)


@both
@cases
def test_rule_leaves_room(case: RuleCase, formulation: Formulation) -> None:
    found = solved(case.roomy, formulation)
    assert found.value == pytest.approx(case.roomy_value, abs=1e-6)
    assert check_plan(case.roomy, found.plan).violations == ()


@both
@cases
def test_optimum_is_lower_without_the_rule(case: RuleCase, formulation: Formulation) -> None:
    built = compile_model(case.binding, formulation)
    if (formulation.name, case.rule) in BY_STRUCTURE:
        assert case.rule not in built.matrix.rules
        return
    left = solve_built(mutated(built, case.rule))
    assert left.value is not None
    assert left.value < case.value - 1
