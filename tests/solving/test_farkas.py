"""What held columns need, from a ray: rows by hand, and none where the proof is spoilt."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optimizer.solving.farkas import Necessary, necessary
from optimizer.solving.highs import HotSimplex, Limits
from optimizer.solving.program import Program
from tests.solving.tasks import program

HELD = np.array([0, 1])


def paid(most: float = 4.0) -> Program:
    """Two decisions that cost 5 and 3, paid by a third column of at most 4: y0 · 5 + y1 · 3 = x."""
    return program([0.0, 0.0, 1.0], [(0.0, [5.0, 3.0, -1.0], 0.0)], [1.0, 1.0, most], [True, True, False])


def ray_at(small: Program, point: list[float]) -> np.ndarray | None:
    simplex = HotSimplex(small, Limits(10.0))
    simplex.solve(HELD, np.array([0.0, 0.0]))
    assert simplex.ray() is None
    assert simplex.solve(HELD, np.array(point)) is None
    return simplex.ray()


def test_the_row_by_hand() -> None:
    """No more may be decided than can be paid: 5 y0 + 3 y1 ≤ 4."""
    ray = ray_at(paid(), [1.0, 1.0])
    assert ray is not None
    found = necessary(paid(), HELD, ray, np.array([1.0, 1.0]))
    assert found is not None
    assert found.slope == pytest.approx([-1.0, -0.6])
    assert found.least == pytest.approx(-0.8)
    assert [found.broken(np.array(y)) for y in ([0, 0], [0, 1], [1, 0], [1, 1])] == [False, False, True, True]


def test_either_sign_of_the_ray() -> None:
    ray = ray_at(paid(), [1.0, 1.0])
    assert ray is not None
    one, other = (necessary(paid(), HELD, sign * ray, np.array([1.0, 1.0])) for sign in (1.0, -1.0))
    assert one is not None
    assert other is not None
    assert (one.slope.tolist(), one.least) == (other.slope.tolist(), other.least)


def test_no_row_where_the_ray_proves_nothing() -> None:
    at = np.array([1.0, 1.0])
    assert necessary(paid(), HELD, np.array([0.0]), at) is None, "no multipliers"
    assert necessary(paid(9.0), HELD, np.array([1.0]), at) is None, "there is a solution"
    assert necessary(paid(math.inf), HELD, np.array([1.0]), at) is None, "a column without a bound"


def test_broken_is_told_clearly() -> None:
    need = Necessary(np.array([1.0]), 1.0)
    assert not need.broken(np.array([1.0 - 1e-8]))
    assert need.broken(np.array([0.9]))
