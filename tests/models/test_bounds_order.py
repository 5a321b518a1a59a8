"""Linear relaxations are ordered as theory says, one field swapped at a time, and none lies above the optimum."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models.build import compile_model
from models.formulation import CHOICES, Formulation
from models.problem import Problem
from tests.models.cases import Case, all_cases
from tests.models.solved import SLOTS, TEXTBOOK, lp_bound, solved
from tests.models.test_agree import slack
from tests.strategies import problems

NO_WEAKER: dict[str, tuple[tuple[str, str], ...]] = {
    "units": (("integer", "continuous"), ("continuous", "integer")),
    "demand": (("per_unit_period", "cumulative"), ("per_unit_period", "classes")),
    "supply": (("cumulative", "balance"), ("balance", "totals"), ("totals", "cumulative")),
    "orders": (("literal", "late_only"), ("late_only", "prework")),
    "needs": (("literal", "useful"),),
    "offers": (("literal", "late"), ("late", "disaggregated")),
    "approval": (
        ("natural", "monotone"),
        ("monotone", "intervals"),
        ("intervals", "monotone"),
        ("intervals", "covers"),
    ),
    "lanes": (("natural", "rounded"), ("binding", "rounded")),
}
"""By field, pairs of choices: the second's relaxation is as tight as the first's or tighter. Circles are equal."""
ELSEWHERE = {"packages", "funding", "stability"}
"""Fields with an order of their own (see the tests of packages and funding), or with one choice."""
FIELDS = tuple(NO_WEAKER)
CHOSEN = [case for case in all_cases() if not case.lexicographic and case.objective is not None][3::8]

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def bounds(problem: Problem, part: str, base: Formulation) -> dict[str, float | None]:
    """The linear relaxation of every ordered choice of the part, the others as in the base."""
    names = sorted({name for pair in NO_WEAKER[part] for name in pair})
    return {name: lp_bound(compile_model(problem, replace(base, **{part: name}))) for name in names}


def assert_ordered(part: str, found: dict[str, float | None]) -> None:
    """None stands for a relaxation without a solution, which is as tight as can be."""
    for weak, strong in NO_WEAKER[part]:
        low, high = found[weak], found[strong]
        if high is not None:
            assert low is not None, f"{weak} has no solution, {strong} has"
            assert high >= low - slack(low), f"{part}: {strong} is weaker than {weak}"


def test_every_choice_has_its_place_in_the_order() -> None:
    assert NO_WEAKER.keys() | ELSEWHERE == CHOICES.keys()
    for part, pairs in NO_WEAKER.items():
        assert {name for pair in pairs for name in pair} <= CHOICES[part].keys()
    for part in ("units", "demand", "supply", "needs", "offers", "approval", "lanes"):
        assert {name for pair in NO_WEAKER[part] for name in pair} == CHOICES[part].keys(), part


@pytest.mark.parametrize("part", FIELDS)
@given(problem=problems())
@settings(drawn, max_examples=15)
def test_order_in_slots(part: str, problem: Problem) -> None:
    assert_ordered(part, bounds(problem, part, SLOTS))


@pytest.mark.parametrize("part", FIELDS)
@given(problem=problems())
@settings(drawn, max_examples=6)
def test_order_in_textbook(part: str, problem: Problem) -> None:
    assert_ordered(part, bounds(problem, part, TEXTBOOK))


@given(problem=problems())
@settings(drawn, max_examples=6)
def test_none_lies_above_the_optimum(problem: Problem) -> None:
    best = solved(problem, SLOTS).value
    if best is not None:
        for part in FIELDS:
            for name, bound in bounds(problem, part, SLOTS).items():
                assert bound is not None, (part, name)
                assert bound <= best + slack(best), (part, name)


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_order_on_conformance_cases(case: Case) -> None:
    problem, best = case.problem, case.objective
    assert best is not None
    for part in FIELDS:
        found = bounds(problem, part, SLOTS)
        assert_ordered(part, found)
        assert all(bound is not None and bound <= best + slack(best) for bound in found.values())
