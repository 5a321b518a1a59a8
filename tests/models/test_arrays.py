"""A draft written into arrays is the one written into Pyomo: the same columns, rows and numbers, in the same order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.arrays import ArrayWriter
from models.build import Built, compile_model
from models.catalog import FORMULATIONS
from models.concrete import PyomoWriter
from models.formulation import Formulation
from models.matrix import Matrix
from models.problem import Problem
from models.writer import Writer
from tests.models.cases import Case, all_cases
from tests.models.solved import SLOTS, TEXTBOOK, mixtures
from tests.strategies import problems

POOLED = replace(SLOTS, name="slots, pooled", funding="pooled")
COUNTED = replace(SLOTS, name="slots, counted", funding="counted")
EVERY = [*FORMULATIONS.values(), POOLED, COUNTED, *mixtures()]
drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def assert_same(one: Matrix, other: Matrix) -> None:
    """Every array equal; sums of coefficients up to rounding."""
    assert one.terms == other.terms
    assert one.column_names == other.column_names
    assert one.row_names == other.row_names
    assert one.column_keys == other.column_keys
    assert one.row_keys == other.row_keys
    assert one.shape == other.shape
    for name in ("row_lower", "row_upper", "lower", "upper", "costs", "constants"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-12, err_msg=name)
    assert np.array_equal(one.whole, other.whole)
    a, b = one.A.copy(), other.A.copy()
    a.sort_indices()
    b.sort_indices()
    assert np.array_equal(a.indptr, b.indptr)
    assert np.array_equal(a.indices, b.indices)
    np.testing.assert_allclose(a.data, b.data, rtol=1e-12, atol=1e-12)


def both(problem: Problem, formulation: Formulation) -> tuple[Built, Built]:
    """The model by arrays and by Pyomo."""
    return (
        compile_model(problem, formulation, writer=ArrayWriter()),
        compile_model(problem, formulation, writer=PyomoWriter()),
    )


@pytest.mark.parametrize("formulation", EVERY, ids=lambda formulation: formulation.name)
def test_every_formulation_is_the_same_in_arrays_and_in_pyomo(formulation: Formulation) -> None:
    for case in all_cases()[::4]:
        arrays, pyomo = both(case.problem, formulation)
        assert_same(arrays.matrix, pyomo.matrix)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_every_case_is_the_same_in_arrays_and_in_pyomo(case: Case) -> None:
    for formulation in (TEXTBOOK, FORMULATIONS["tight"]):
        arrays, pyomo = both(case.problem, formulation)
        assert_same(arrays.matrix, pyomo.matrix)


@given(problems())
@settings(drawn, max_examples=40)
def test_drawn_instances_are_the_same_in_arrays_and_in_pyomo(problem: Problem) -> None:
    for formulation in (TEXTBOOK, FORMULATIONS["tight"], FORMULATIONS["cumulative"]):
        arrays, pyomo = both(problem, formulation)
        assert_same(arrays.matrix, pyomo.matrix)


def written(writer: Writer) -> Matrix:
    """Whole by index, a variable named twice, one that cancels out, one that is not used, and one row of each kind."""
    x = writer.variables("x", {("a", 0): (0.0, None), ("b", 1): (-1.0, 2.5)}, whole={("a", 0)})
    y = writer.variables("y", {2: (0.0, 1.0), 3: (0.0, 1.0), 4: (1.0, 1.0)}, whole=True)
    writer.rule(
        "limits",
        {
            ("from", 0): (1.0, [(2.0, x["a", 0]), (3.0, y[2]), (-0.5, x["a", 0])], None),
            ("up", 2): (None, [(1.0, y[4]), (4.0, x["b", 1])], 7.0),
            ("within", 3): (2.0, [(1.0, y[2]), (0.0, y[3]), (1.0, x["a", 0])], 5.0),
        },
    )
    writer.rule("equal", {0: (2.0, [(1.0, x["a", 0]), (1.0, y[2]), (-1.0, y[2])], 2.0)})
    return writer.compiled({"one": [(1.5, y[4]), (1.0, y[4])], "two": []}, {"one": 3.0, "two": -1.0})[0]


@pytest.mark.parametrize("writer", [ArrayWriter, PyomoWriter])
def test_what_is_written_is_what_stands_in_the_arrays(writer: type[ArrayWriter] | type[PyomoWriter]) -> None:
    matrix = written(writer())
    assert matrix.column_names == ["y[2]", "y[4]", "x[a,0]", "x[b,1]"]
    assert matrix.row_names == ["limits[from,0]", "limits[up,2]", "limits[within,3]", "limits[within,3]", "equal[0]"]
    assert matrix.A.toarray().tolist() == [
        [3, 0, 1.5, 0],
        [0, 1, 0, 4],
        [1, 0, 1, 0],
        [1, 0, 1, 0],
        [0, 0, 1, 0],
    ]
    assert matrix.row_lower.tolist() == [1, -np.inf, -np.inf, 2, 2]
    assert matrix.row_upper.tolist() == [np.inf, 7, 5, np.inf, 2]
    assert matrix.lower.tolist() == [0, 1, 0, -1]
    assert matrix.upper.tolist() == [1, 1, np.inf, 2.5]
    assert matrix.whole.tolist() == [True, True, True, False]
    assert matrix.costs.tolist() == [[0, 2.5, 0, 0], [0, 0, 0, 0]]
    assert matrix.constants.tolist() == [3, -1]
    assert matrix.A.nnz == 9


def test_a_draft_of_nothing_has_no_rows_and_no_columns() -> None:
    matrix, columns = ArrayWriter().compiled({"one": []}, {"one": 0.0})
    assert matrix.shape == (0, 0)
    assert columns == {}
