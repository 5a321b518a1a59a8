"""A program and the cuts of it: what each keeps, what each leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program, program_of
from tests.solving.drawn import programs
from tests.solving.tasks import case, program, task_of

LIMITS = Limits(20.0, 1e-9)


def mixed() -> Program:
    """max 3a + 2b + c with 2a + b ≤ 7, a + c ≤ 4.5, b ≥ 1; a and b whole. By hand: a 3, b 1, c 1.5 -> 9 + 2 + 1.5."""
    return program(
        [-3.0, -2.0, -1.0],
        [(None, [2, 1, 0], 7), (None, [1, 0, 1], 4.5), (1, [0, 1, 0], None)],
        [10, 1, 2],
        [True, True, False],
        offset=20.0,
    )


def test_value_has_the_offset() -> None:
    assert mixed().value(np.array([3.0, 1.0, 1.5])) == pytest.approx(20 - 12.5)


def test_optimum_by_hand() -> None:
    answer = run(mixed(), LIMITS)
    assert answer.objective == pytest.approx(7.5)
    assert answer.x == pytest.approx([3.0, 1.0, 1.5])


@pytest.mark.parametrize(
    ("x", "amount"),
    [
        ([3.0, 1.0, 1.5], 0.0),
        ([3.0, 0.0, 1.5], 1.0),  # the row b ≥ 1, 1 short of a left side of 0
        ([4.0, 1.0, 0.5], 2 / 9),  # 2a + b = 9, 2 above 7, relative to 9
        ([2.5, 1.0, 1.5], 0.5),  # a is not whole
        ([3.0, 1.0, -0.25], 0.25),  # below its bound
        ([0.0, 1.0, 2.5], 0.5),  # above its bound
    ],
)
def test_violation_is_the_worst_of_rows_bounds_and_wholeness(x: list[float], amount: float) -> None:
    assert mixed().violation(np.array(x)) == pytest.approx(amount)


def test_violation_where_a_row_has_no_sides() -> None:
    free = program([1.0], [(None, [1.0], None)], [5.0], [False])
    assert free.violation(np.array([5.0])) == 0.0


def test_fixed_holds_rounds_and_stays_within_bounds() -> None:
    small = mixed()
    fixed = small.fixed(np.array([True, True, False]), np.array([2.9999, 7.0, 0.5]))
    assert fixed.lower.tolist() == [3.0, 1.0, 0.0]
    assert fixed.upper.tolist() == [3.0, 1.0, 2.0]
    assert small.lower.tolist() == [0.0, 0.0, 0.0], "the program itself is left as it was"
    continuous = small.fixed(np.array([False, False, True]), np.array([0.0, 0.0, 0.7]))
    assert (continuous.lower[2], continuous.upper[2]) == (0.7, 0.7)


def test_relaxed_keeps_only_what_is_whole_and_asked_for() -> None:
    small = mixed()
    assert not small.relaxed().whole.any()
    assert small.relaxed(np.array([True, False, True])).whole.tolist() == [True, False, False]


@settings(max_examples=20, deadline=None)
@given(programs())
def test_relaxed_is_a_lower_bound(drawn: tuple[Program, np.ndarray, np.ndarray]) -> None:
    whole, mask, _ = drawn
    best = run(whole, LIMITS).objective
    bound, partly = run(whole.relaxed(), LIMITS).objective, run(whole.relaxed(mask), LIMITS).objective
    assert best is not None
    assert bound is not None
    assert partly is not None
    assert bound <= partly + 1e-6 <= best + 2e-6


@settings(max_examples=30, deadline=None)
@given(programs())
def test_compressed_has_the_optimum_of_fixed(drawn: tuple[Program, np.ndarray, np.ndarray]) -> None:
    whole, mask, x = drawn
    fixed = whole.fixed(mask, x)
    assert fixed.violation(x) == 0.0
    small, free = fixed.compressed()
    assert not mask[free].any()
    assert small.A.shape[1] == len(free)
    assert (np.diff(small.A.tocsr().indptr) > 0).all(), "no row is kept without columns"
    expected, found = run(fixed, LIMITS), run(small, LIMITS)
    assert found.end == "optimal" == expected.end
    assert found.x is not None
    assert found.objective == pytest.approx(expected.objective, abs=1e-6)
    back = fixed.lower.copy()
    back[free] = found.x
    assert fixed.violation(back) <= 1e-6
    assert whole.value(back) == pytest.approx(found.objective, abs=1e-6)


def test_compressed_of_a_real_model_with_its_choices_fixed() -> None:
    task = task_of(case("case-002").problem)
    best = run(task.program, LIMITS).x
    assert best is not None
    mask = task.program.whole & np.isin(
        task.exact.matrix.kinds, ("is_released", "takes_part", "content", "is_approved")
    )
    small, free = task.program.fixed(mask, best).compressed()
    assert 0 < len(free) <= len(best) - mask.sum()
    assert run(small, LIMITS).objective == pytest.approx(task.program.value(best), rel=1e-7)


def test_compressed_is_infeasible_where_the_fixed_columns_are() -> None:
    """a + b ≤ 1 with both held at 1: no row of it has a free column, and still there is no solution."""
    small = program([1.0, 1.0, 1.0], [(None, [1, 1, 0], 1), (1, [0, 0, 1], None)], [1, 1, 2], [True, True, False])
    held = small.fixed(np.array([True, True, False]), np.ones(3))
    assert run(held, LIMITS).end == "infeasible"
    assert run(held.compressed()[0], LIMITS).end == "infeasible"


def test_with_row_cuts_off() -> None:
    small = mixed()
    cut = small.with_row(np.array([1.0, 0.0, 0.0]), 2.0)
    assert cut.A.shape == (4, 3)
    assert cut.violation(np.array([3.0, 1.0, 1.5])) == pytest.approx(1 / 3)
    assert run(cut, LIMITS).objective == pytest.approx(20 - 6 - 2 - 2)
    assert small.A.shape == (3, 3)


def test_program_of_weighs_the_terms() -> None:
    built = task_of(case("case-021").problem).exact
    everything, needs = program_of(built.matrix), program_of(built.matrix, {"needs_delay": 1.0})
    x = np.ones(built.matrix.shape[1])
    terms = built.matrix.values(x)
    assert everything.value(x) == pytest.approx(sum(terms.values()))
    assert needs.value(x) == pytest.approx(terms["needs_delay"])
    assert replace(everything, cost=needs.cost, offset=needs.offset).value(x) == needs.value(x)
