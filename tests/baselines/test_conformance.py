"""Both baselines on every conformance case: legal plans, none better than the proven optimum."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Terms
from models.problem import Problem
from optimizer.reading.instance import read_instance

FOLDER = Path(__file__).parents[1] / "conformance"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/expected.json"))
ACCURACY = 1e-5


def stage_values(problem: Problem, terms: Terms) -> list[float]:
    """What is compared, most important first."""
    if problem.objective.mode == "weighted":
        return [terms.total]
    return [getattr(terms, stage) for stage in problem.objective.stages]


def better(found: list[float], proven: list[float]) -> bool:
    """Whether the first stage that differs is lower than proven possible."""
    for value, optimum in zip(found, proven, strict=True):
        if abs(value - optimum) > ACCURACY * max(1.0, abs(optimum)):
            return value < optimum
    return False


def test_all_cases_are_there() -> None:
    assert len(CASES) == 48


@pytest.mark.parametrize("baseline", [first_come_first_served, priority_list])
@pytest.mark.parametrize("case", CASES)
def test_baseline_is_legal_and_no_better_than_the_optimum(case: str, baseline: object) -> None:
    assert callable(baseline)
    problem = read_instance(FOLDER / case).problem
    assert problem is not None
    expected = json.loads((FOLDER / case / "expected.json").read_text())
    verdict = check_plan(problem, baseline(problem))
    if expected["status"] == "infeasible":
        # No plan at all keeps these promises; the greedy one breaks nothing else.
        assert {violation.rule for violation in verdict.violations} == {"firm_date"}
        return
    assert verdict.passed, verdict.violations
    proven = [expected["objective"]]
    if problem.objective.mode == "lexicographic":
        proven = [expected["terms"][stage] for stage in problem.objective.stages]
    assert not better(stage_values(problem, verdict.terms), proven)
