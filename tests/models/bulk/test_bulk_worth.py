"""What a plan costs by the order book's count is what the checker counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.baselines import first_come_first_served, priority_list
from models.bulk.worth import worth
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan
from tests.builders import small_plan, small_problem
from tests.models.cases import Case, all_cases
from tests.strategies import problems

WEIGHTED = [case for case in all_cases() if not case.lexicographic]
DRAWN = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def assert_counted(problem: p.Problem, plan: Plan) -> None:
    assert worth(Facts(problem), plan) == pytest.approx(check_plan(problem, plan).terms.total, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("case", WEIGHTED, ids=lambda case: case.name)
def test_baselines_of_a_case_cost_what_the_checker_counts(case: Case) -> None:
    problem = case.problem
    assert_counted(problem, first_come_first_served(problem))
    assert_counted(problem, priority_list(problem))


@DRAWN
@given(problems())
def test_baselines_of_a_drawn_instance_cost_what_the_checker_counts(problem: p.Problem) -> None:
    for plan in (first_come_first_served(problem), priority_list(problem), Plan()):
        assert_counted(problem, plan)


def test_a_plan_with_every_feature() -> None:
    assert_counted(small_problem(), small_plan())


def test_every_part_is_counted() -> None:
    """A plan that serves nobody costs more, and less without commitments or readiness."""
    problem = small_problem()
    served, nothing = worth(Facts(problem), small_plan()), worth(Facts(problem), Plan())
    assert served < nothing
    assert worth(Facts(small_problem(commitments=())), Plan()) < nothing
    assert worth(Facts(small_problem(readiness=None)), small_plan()) <= served
    fewer = replace(small_plan(), dispatches=small_plan().dispatches[1:])
    assert worth(Facts(problem), fewer) > served
