"""Units whole everywhere, or only where the structure does not make them so: one switch, one optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.build import compile_model
from models.catalog import FORMULATIONS
from models.formulation import Formulation
from models.matrix import IN_UNITS
from models.problem import Problem
from optimizer.solving.highs import run
from optimizer.solving.program import program_of
from optimizer.solving.search import start_vector
from tests.builders import bare_problem, small_plan, small_problem
from tests.models.solved import LIMITS, SLOTS, TEXTBOOK, solved
from tests.models.test_agree import assert_agrees
from tests.strategies import problems

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SWAPPED = [
    replace(TEXTBOOK, name="textbook, continuous", units="continuous"),
    replace(SLOTS, name="slots, integer", units="integer"),
]
bases = pytest.mark.parametrize("base", [TEXTBOOK, SLOTS, FORMULATIONS["cumulative"]], ids=lambda f: f.name)


@bases
def test_integer_declares_every_unit_whole(base: Formulation) -> None:
    matrix = compile_model(small_problem(), replace(base, units="integer")).matrix
    counted = np.isin(matrix.kinds, list(IN_UNITS))
    assert counted.any()
    assert matrix.whole[counted].all()
    assert not np.isin(matrix.kinds[matrix.whole], ["stock", "pays", "shortfall", "component_left", "reviewed"]).any()


@bases
def test_the_switch_changes_nothing_but_the_declaration(base: Formulation) -> None:
    one, other = (compile_model(small_problem(), replace(base, units=u)).matrix for u in ("integer", "continuous"))
    assert (one.A != other.A).nnz == 0
    assert one.column_keys == other.column_keys
    for name in ("costs", "row_lower", "row_upper", "lower", "upper"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (one.whole >= other.whole).all()
    assert one.whole.sum() > other.whole.sum()


def test_a_network_needs_no_declaration() -> None:
    """One slot a unit, no component, no substitute, no limited lane: only the binaries are declared."""
    matrix = compile_model(bare_problem(), SLOTS).matrix
    assert not matrix.whole.any()


@pytest.mark.parametrize("formulation", SWAPPED, ids=lambda f: f.name)
@given(problem=problems())
@settings(drawn, max_examples=20)
def test_either_way_agrees(formulation: Formulation, problem: Problem) -> None:
    assert_agrees(problem, formulation, solved(problem, SLOTS if formulation.orders == "literal" else TEXTBOOK).value)


@bases
def test_a_plan_is_a_start_with_all_units_whole(base: Formulation) -> None:
    """What the start says of whole columns can be completed, at the plan's own objective or better."""
    built = compile_model(small_problem(), replace(base, units="integer"))
    x, mask = start_vector(built, built.start(small_plan()))
    program = program_of(built.matrix)
    assert mask.sum() >= program.whole.sum() / 2
    answer = run(program.fixed(mask & program.whole, x), LIMITS)
    assert answer.x is not None
