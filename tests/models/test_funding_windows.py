"""What pledges of a window pay for a proposed package: whole plans keep the rows, the relaxation is tighter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.build import compile_model
from models.formulation import Formulation
from models.problem import Problem
from tests.builders import START, a_weights_policy
from tests.models.package_worlds import packagings, week
from tests.models.solved import SLOTS, lp_bound, solve_built, solved, without_rule

GROUPED = replace(SLOTS, name="slots with groups", funding="grouped")
RULE = "paid_in_window"
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
with_proposed = packagings().filter(lambda problem: bool(problem.packages))


def slack(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


def two_windows() -> Problem:
    """A proposed package of 30: 20 million in two pledges until week 1, 40 million in three from week 3 on."""
    early = (p.Pledge("G0", "POL", 15.0, START, week(1)), p.Pledge("G1", "POL", 5.0, START, week(1)))
    late = tuple(p.Pledge(f"H{k}", "POL", amount, week(3)) for k, amount in enumerate((10.0, 15.0, 15.0)))
    return p.Problem(
        "two windows",
        START,
        ((5, 1),),
        4,
        (p.Item("I0", "I0", "air", "each", 10.0),),
        recipients=(p.Recipient("POL", "POL"),),
        stocks=(p.Stock("I0", 9),),
        needs=(p.Need("N0", "I0", 3, 1, START),),
        packages=(p.Package("P0", "proposed"),),
        package_contents=(p.PackageContent("P0", "N0", 3),),
        pledges=(*early, *late),
        package_policy=p.PackagesPolicy(10.0, 0.0, 0, 9, 0.0, 0),
        weights=a_weights_policy(),
    )


def test_the_relaxation_is_tighter() -> None:
    """Half a release early and half late let the late pledges pay for the early half; with the rows they do not."""
    problem = two_windows()
    built = compile_model(problem, SLOTS)
    tight, loose = lp_bound(built), lp_bound(without_rule(built, RULE))
    best = solved(problem, SLOTS).value
    assert tight is not None
    assert loose is not None
    assert best is not None
    assert tight == pytest.approx(best, abs=slack(best))
    assert loose < 0.6 * best


@pytest.mark.parametrize("formulation", [SLOTS, GROUPED], ids=lambda f: f.name)
@given(problem=with_proposed)
@settings(drawn, max_examples=15)
def test_no_whole_solution_is_lost(formulation: Formulation, problem: Problem) -> None:
    built = compile_model(problem, formulation)
    if RULE not in built.matrix.rules:
        return
    with_rows, without = solve_built(built).value, solve_built(without_rule(built, RULE)).value
    assert with_rows is not None
    assert without == pytest.approx(with_rows, abs=slack(with_rows))


@given(with_proposed)
@settings(drawn, max_examples=20)
def test_groups_are_no_tighter_than_pledges(problem: Problem) -> None:
    """What groups know of windows, pledges know too."""
    grouped, joint = (lp_bound(compile_model(problem, formulation)) for formulation in (GROUPED, SLOTS))
    assert grouped is not None
    assert joint is not None
    assert grouped <= joint + slack(joint)
