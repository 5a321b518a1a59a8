"""Tangents lie below; the search they lead ends where nothing near is better, after few programs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.tangents import Tangents, TangentSearch
from tests.solving.drawn import random_program

LIMITS = Limits(60.0, 1e-9)
HELD = np.arange(4)


def value(small: Program, point: Vector) -> float:
    """The program with the held columns at a point, solved from scratch."""
    lower, upper = small.lower.copy(), small.upper.copy()
    lower[HELD] = upper[HELD] = point
    mask = np.zeros(small.cost.size, dtype=bool)
    mask[HELD] = True
    answer = run(small.relaxed().fixed(mask, lower), LIMITS)
    return np.inf if answer.objective is None else answer.objective


def searches() -> list[tuple[Program, TangentSearch, list[Vector]]]:
    found = []
    for seed in range(40):
        small = random_program(seed).relaxed()
        if small.cost.size <= HELD.size:
            continue
        low, high = small.lower[HELD], np.minimum(small.upper[HELD], small.lower[HELD] + 2)
        points = [
            np.array(p) for p in itertools.product(*(np.arange(a, b + 1) for a, b in zip(low, high, strict=True)))
        ]
        search = TangentSearch(small, HELD, LIMITS, lambda: False)
        if any(search.try_out(point) for point in points[:3]):
            found.append((small, search, points))
    return found


def test_tangents_lie_below_the_function() -> None:
    checked = 0
    for small, search, points in searches():
        search.look(search.lower, search.upper)  # free columns teach as well
        changes = sparse.csr_array(np.array(points) - search.point)
        for point, below in zip(points, search.tangents.below(search.point, changes), strict=True):
            if np.isposinf(below):
                assert np.isinf(value(small, point))
                continue
            assert value(small, point) >= below - 1e-6 * max(1.0, abs(below))
            checked += np.isfinite(below)
    assert checked > 200


def test_the_search_ends_at_the_best_of_all_points() -> None:
    fewer = 0
    for small, search, points in searches():
        valued = search.valued
        while search.improve(sparse.csr_array(np.array(points) - search.point)) is not None:
            pass
        values = [value(small, point) for point in points]
        assert search.value == pytest.approx(min(values), rel=1e-5, abs=1e-5)
        assert value(small, search.point) == pytest.approx(search.value, rel=1e-7, abs=1e-7)
        fewer += search.valued - valued < len(points) / 2
    assert fewer > 5


def test_what_points_need_tells_those_without_a_solution() -> None:
    """Every point without a solution that is tried leaves a row, which it breaks and no point with a solution does."""
    learned = spared = 0
    for small, search, points in searches():
        hopeless = [point for point in points if np.isinf(value(small, point))]
        for point in hopeless:
            known, told = len(search.tangents.needs), any(need.broken(point) for need in search.tangents.needs)
            if told:
                spared += 1
                continue
            assert not search.try_out(point)
            learned += len(search.tangents.needs) - known
            assert any(need.broken(point) for need in search.tangents.needs)
        for point in points:
            broken = any(need.broken(point) for need in search.tangents.needs)
            assert broken == np.isinf(value(small, point))
    assert learned > 10
    assert spared > 50, "one row tells of many points"


def test_points_that_are_known_to_have_no_solution_are_not_tried() -> None:
    for small, search, points in searches():
        hopeless = np.array([point for point in points if np.isinf(value(small, point))])
        for point in hopeless:
            search.try_out(point)
        valued = search.valued
        if len(hopeless):
            assert search.improve(sparse.csr_array(hopeless - search.point)) is None
            assert search.valued == valued


def test_every_row_valued_is_told() -> None:
    for _, search, points in searches():
        told: list[int] = []
        before = search.valued
        row = search.improve(sparse.csr_array(np.array(points) - search.point), told.append)
        assert len(told) == search.valued - before == len(set(told))
        assert row is None or row == told[-1]


def test_nothing_known_and_nothing_to_try() -> None:
    assert np.all(np.isneginf(Tangents().below(np.zeros(2), sparse.csr_array(np.eye(2)))))
    _, search, _ = searches()[0]
    before = search.valued
    assert search.improve(sparse.csr_array((0, HELD.size))) is None
    assert search.valued == before


def test_the_latest_tangent_alone() -> None:
    tangents = Tangents()
    tangents.add(3.0, np.array([1.0]), np.array([2.0]))
    tangents.add(5.0, np.array([2.0]), np.array([-1.0]))
    steps = sparse.csr_array(np.array([[0.0], [1.0], [4.0]]))
    assert tangents.below(np.array([0.0]), steps).tolist() == [7.0, 6.0, 9.0]
    assert tangents.below(np.array([0.0]), steps, (1, 0)).tolist() == [7.0, 6.0, 3.0]
