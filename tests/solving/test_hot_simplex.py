"""The simplex that starts from its last basis: the answers of runs from scratch, however the bounds change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.solving.highs import HotSimplex, Limits, run
from optimizer.solving.program import Program
from tests.solving.drawn import random_program
from tests.solving.tasks import led

LIMITS = Limits(20.0, 1e-9)
ROUNDS = 40


def between(small: Program, columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Program:
    """The linear program with other bounds on some columns."""
    low, high = small.lower.copy(), small.upper.copy()
    low[columns], high[columns] = lower, upper
    return replace(small.relaxed(), lower=low, upper=high)


def bounds(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns held at a value, or between two, about half each."""
    low = random.integers(0, 4, count).astype(float)
    return low, low + random.integers(0, 3, count) * (random.random(count) < 0.5)


@pytest.mark.parametrize("seed", range(6))
def test_every_answer_is_that_of_a_run_from_scratch(seed: int) -> None:
    random, small = np.random.default_rng(seed), random_program(seed)
    columns = random.permutation(14)[:5]
    simplex, ends = HotSimplex(small, LIMITS), set[str]()
    for _ in range(ROUNDS):
        lower, upper = bounds(random, 5)
        expected = run(between(small, columns, lower, upper), LIMITS)
        found = simplex.solve(columns, lower, upper)
        ends.add(expected.end)
        assert (found is None) == (expected.end == "infeasible")
        if found is not None:
            value, x = found
            assert value == pytest.approx(expected.objective, rel=1e-7, abs=1e-6)
            assert value == pytest.approx(small.value(x))
            assert between(small, columns, lower, upper).violation(x) <= 1e-6
    assert ends == {"optimal", "infeasible"}, "one end was not met: the test would say little"


@pytest.mark.parametrize("offset", [0.0, 500.0, -1e6])
def test_cutoff_hides_only_what_is_not_below_it(offset: float) -> None:
    """None exactly if the value reaches the cutoff, whatever was cut off before; the offset counts."""
    random, small = np.random.default_rng(5), random_program(2, offset=offset)
    columns = np.arange(4)
    simplex, hidden = HotSimplex(small, LIMITS), 0
    solved = 0
    while solved < ROUNDS:
        lower, upper = bounds(random, 4)
        value = run(between(small, columns, lower, upper), LIMITS).objective
        if value is None:
            assert simplex.solve(columns, lower, upper) is None
            continue
        solved += 1
        cutoff = value + float(random.choice([-20.0, -1.0, -0.01, 0.01, 1.0, 20.0]))
        found = simplex.solve(columns, lower, upper, cutoff=cutoff)
        hidden += found is None
        assert (found is None) == (value >= cutoff)
        if found is not None:
            assert found[0] == pytest.approx(value, rel=1e-7, abs=1e-6)
    assert 0 < hidden < ROUNDS


def test_cutoff_in_a_real_relaxation() -> None:
    """Where the simplex itself looks at the cutoff: columns are taken out one by one, from the basis of the optimum."""
    small = led("case-023").guide_program
    assert small is not None
    every = np.arange(len(small.cost))
    simplex, hidden = HotSimplex(small, LIMITS), 0
    root = simplex.solve(every, small.lower, small.upper)
    assert root is not None
    used = np.flatnonzero((root[1] > 0.5) & (small.lower == 0))[:16]
    for j in used:
        column = np.array([j])
        value = run(between(small, column, np.zeros(1), np.zeros(1)), LIMITS).objective
        for cutoff in () if value is None else (value - 1.0, value + 1.0):
            found = simplex.solve(column, np.zeros(1), cutoff=cutoff)
            hidden += found is None
            assert (found is None) == (cutoff < (value or 0.0))
        assert simplex.solve(column, small.lower[column], small.upper[column]) is not None
    assert hidden > 3


def test_back_to_a_kept_basis() -> None:
    small, columns = random_program(2), np.arange(14)
    simplex = HotSimplex(small, LIMITS)
    first = simplex.solve(columns, small.lower, small.upper)
    assert first is not None
    basis = simplex.keep()
    assert simplex.solve(columns[:4], np.full(4, 9.0)) is None  # above the bounds of the rows
    simplex.back(basis)
    again = simplex.solve(columns, small.lower, small.upper)
    assert again is not None
    assert again[0] == pytest.approx(first[0])


def test_stopped_gives_nothing() -> None:
    task = led("case-023")
    assert task.guide_program is not None
    columns = np.arange(3)
    lower, upper = task.guide_program.lower[:3], task.guide_program.upper[:3]
    assert HotSimplex(task.guide_program, LIMITS, stop=lambda: False).solve(columns, lower, upper) is not None
    limits = replace(LIMITS, options=(("presolve", "off"),))
    assert HotSimplex(task.guide_program, limits, stop=lambda: True).solve(columns, lower, upper) is None


def test_the_program_is_left_as_it_was() -> None:
    small = random_program(1)
    before = small.lower.copy(), small.upper.copy(), small.whole.copy()
    HotSimplex(small, LIMITS).solve(np.arange(14), np.ones(14))
    assert all(np.array_equal(a, b) for a, b in zip(before, (small.lower, small.upper, small.whole), strict=True))
