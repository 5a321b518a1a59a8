"""What traces say, by hand."""

from __future__ import annotations

import pytest

from optimizer.bench.trace import best_so_far, primal_gap, primal_integral, time_to_first_plan, time_to_gap

TRACE = [(2.0, None, 50.0), (4.0, 200.0, None), (6.0, 100.0, 80.0), (10.0, 100.0, 99.95)]


def test_the_best_of_each_side_is_kept() -> None:
    assert best_so_far([(2.0, 150.0, 10.0), (1.0, 100.0, 20.0)]) == [(1.0, 100.0, 20.0), (2.0, 100.0, 20.0)]


def test_times() -> None:
    assert time_to_first_plan(TRACE) == 4.0
    assert time_to_gap(TRACE, 0.2) == 6.0
    assert time_to_gap(TRACE, 0.001) == 10.0
    assert time_to_gap(TRACE, 0.0001) is None
    assert time_to_first_plan([(1.0, None, 5.0)]) is None


@pytest.mark.parametrize(
    ("plan", "best", "gap"), [(None, 5.0, 1.0), (200.0, 100.0, 0.5), (0.0, 0.0, 0.0), (-1.0, 1.0, 1.0), (5.0, 0.0, 1.0)]
)
def test_primal_gap(plan: float | None, best: float, gap: float) -> None:
    assert primal_gap(plan, best) == gap


def test_primal_integral() -> None:
    """4 s without a plan at 1, 2 s at 0.5, the rest of 20 s at 0."""
    assert primal_integral(TRACE, 100.0, 20.0) == pytest.approx(4 * 1 + 2 * 0.5)


def test_primal_integral_against_a_better_plan_of_another_run() -> None:
    """Against 80: 4 s at 1, 2 s at 0.6, 14 s at 0.2."""
    assert primal_integral(TRACE, 80.0, 20.0) == pytest.approx(4 + 2 * 0.6 + 14 * 0.2)


def test_primal_integral_ends_at_the_horizon() -> None:
    assert primal_integral(TRACE, 100.0, 5.0) == pytest.approx(4 + 0.5)
    assert primal_integral([], 100.0, 5.0) == pytest.approx(5.0)
    assert primal_integral(TRACE, None, 5.0) is None
