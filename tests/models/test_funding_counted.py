"""Purses with donors counted: no whole plan is lost, and money that too many pledges hold cannot all be spent."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.build import compile_model
from models.catalog import FORMULATIONS
from models.problem import Problem
from optimizer.solving.methods import METHODS
from tests.builders import START, a_weights_policy
from tests.models.cases import Case, all_cases
from tests.models.package_worlds import packagings, week
from tests.models.solved import SLOTS, lp_bound, solve_built, solved, without_rule

COUNTED = replace(SLOTS, name="slots with donors counted", funding="counted")
GROUPED = replace(SLOTS, name="slots with groups", funding="grouped")
POOLED = replace(SLOTS, name="slots with purses", funding="pooled")
OWN = ("given_by_pledges", "donors_in_all", "paid_in_window")
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def slack(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


def one_large(donors: int = 2, amounts: tuple[float, ...] = (11.0, 2.0, 2.0, 2.0, 2.0, 2.0)) -> Problem:
    """Two units of 10, one to a package: the second package would need more donors than the policy allows."""
    return p.Problem(
        "one large",
        START,
        ((3, 1),),
        4,
        (p.Item("I0", "I0", "air", "each", 10.0),),
        recipients=(p.Recipient("POL", "POL"),),
        stocks=(p.Stock("I0", 9),),
        needs=(p.Need("N0", "I0", 2, 1, START),),
        pledges=tuple(p.Pledge(f"G{k}", "POL", amount, START) for k, amount in enumerate(amounts)),
        package_policy=p.PackagesPolicy(10.0, 0.0, 2, donors, 0.0, 0),
        weights=a_weights_policy(),
    )


def test_a_large_pledge_helps_one_package_only() -> None:
    """21 million, of which 17 from the four donors of two packages: groups let the large one count for all."""
    problem = one_large()
    grouped, exact = solved(problem, GROUPED).value, solved(problem, SLOTS).value
    assert grouped is not None
    assert exact is not None
    counted = compile_model(problem, COUNTED)
    assert solve_built(counted).value == pytest.approx(exact)
    assert lp_bound(counted) > lp_bound(compile_model(problem, GROUPED)) + 0.1 * exact  # type: ignore[operator]


@pytest.mark.parametrize("rule", ["given_by_pledges", "donors_in_all"])
def test_either_row_is_the_reason(rule: str) -> None:
    counted = compile_model(one_large(), COUNTED)
    tight, loose = lp_bound(counted), lp_bound(without_rule(counted, rule))
    assert tight is not None
    assert loose is not None
    assert loose < 0.95 * tight


def test_donors_enough_pay_as_from_purses() -> None:
    problem = one_large(donors=6)
    assert solved(problem, COUNTED).value == pytest.approx(solved(problem, POOLED).value)
    assert "donors_in_all" not in compile_model(problem, COUNTED).matrix.rules


def test_money_that_comes_later_does_not_help_before() -> None:
    """Small pledges now and a large one in week 2, when money for all is there: until then the small ones count."""
    problem = one_large(amounts=(5.0, 4.0, *(2.0,) * 5))
    problem = replace(problem, pledges=(*problem.pledges, p.Pledge("H0", "POL", 20.0, week(2))))
    counted = compile_model(problem, COUNTED)
    matrix = counted.matrix
    early = (matrix.rules == "donors_in_all") & np.array([key[0] != 2 for key in matrix.row_keys])
    assert sorted(key[0] for key, row in zip(matrix.row_keys, early, strict=True) if row) == [0, 1]
    late_only = replace(counted, matrix=replace(matrix, row_upper=np.where(early, np.inf, matrix.row_upper)))
    assert solve_built(counted).value == pytest.approx(solved(problem, SLOTS).value)
    assert lp_bound(late_only) < 0.95 * lp_bound(counted)  # type: ignore[operator]


@given(packagings())
@settings(drawn, max_examples=40)
def test_relaxations_are_ordered(problem: Problem) -> None:
    """In purses ≤ counted ≤ by pledge, whole and as linear relaxations."""
    ways = (POOLED, COUNTED, SLOTS)
    for values in (
        [lp_bound(compile_model(problem, formulation)) for formulation in ways],
        [solved(problem, formulation).value for formulation in ways],
    ):
        known = [v for v in values if v is not None]
        assert len(known) == 3
        assert all(a <= b + slack(b) for a, b in pairwise(known))


@given(packagings())
@settings(drawn, max_examples=40)
def test_without_its_rows_it_is_pooled(problem: Problem) -> None:
    counted = compile_model(problem, COUNTED)
    for rule in OWN:
        if rule in counted.matrix.rules:
            counted = without_rule(counted, rule)
    found, pooled = solve_built(counted).value, solved(problem, POOLED).value
    assert pooled is not None
    assert found == pytest.approx(pooled, abs=slack(pooled))


@pytest.mark.parametrize("case", [c for c in all_cases() if c.objective is not None and not c.lexicographic][::3],
                         ids=lambda c: c.name)  # fmt: skip
def test_no_case_is_cut_off(case: Case) -> None:
    found = solved(case.problem, COUNTED).value
    assert found is not None
    assert case.objective is not None
    assert found <= case.objective + slack(case.objective)


def test_it_leads() -> None:
    guide = METHODS["guided"].guide
    assert guide is not None
    assert guide(FORMULATIONS["tight"]).funding == "counted"
    assert guide(FORMULATIONS["tight"]).exact.funding == "joint"
