"""Diving: what it hands over is a solution of the relaxation, with the columns asked for whole."""

from __future__ import annotations

import numpy as np
import pytest

from models.matrix import Vector
from optimizer.solving import diving
from optimizer.solving.diving import dive
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask
from tests.solving.drawn import random_program
from tests.solving.tasks import case, led, program, task_of

LIMITS = Limits(60.0, 1e-9)
CONTENTS = ["case-004", "case-006", "case-010", "case-016", "case-025", "mixed-101"]
"""Cases whose relaxation has fractional contents."""


def loose(x: Vector, mask: Mask) -> int:
    """How many of the columns are not whole."""
    return int((np.abs(x - np.round(x))[mask] > 1e-6).sum())


def contents(name: str) -> tuple[Mask, Vector]:
    """Columns of contents, and how much a unit of each is worth."""
    matrix, facts = led(name).exact.matrix, led(name).exact.draft.facts
    mask = matrix.kinds == "content"
    price = [facts.price(key[0]) if is_content else 0.0
             for key, is_content in zip(matrix.column_keys, mask, strict=True)]  # fmt: skip
    return mask, np.array(price)


@pytest.mark.parametrize("name", CONTENTS)
def test_contents_become_whole(name: str) -> None:
    small, (mask, weight) = led(name).program, contents(name)
    root = run(small.relaxed(), LIMITS)
    assert root.x is not None
    assert root.objective is not None
    assert loose(root.x, mask) > 0, "nothing to round: the test would say little"
    found = dive(small, mask, weight, LIMITS, lambda: False)
    assert found is not None
    value, x = found
    assert loose(x, mask) == 0
    assert small.relaxed().violation(x) <= 1e-6
    assert value == pytest.approx(small.value(x))
    assert value >= root.objective * (1 - 1e-9)


@pytest.mark.parametrize("name", ["case-001", "case-005", "case-014", "case-025", "case-027", "mixed-107", "mixed-111"])
def test_every_whole_column(name: str) -> None:
    """All columns whole is a plan: then it is not better than the optimum."""
    small, optimum = led(name).program, case(name).objective
    assert optimum is not None
    found = dive(small, small.whole, np.ones(len(small.cost)), LIMITS, lambda: False)
    assert found is not None
    assert loose(found[1], small.whole) == 0
    assert small.violation(found[1]) <= 1e-6
    assert found[0] >= optimum * (1 - 1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_with_columns_held(seed: int) -> None:
    """Held columns stay where they are; few of the others end loose, and never without a solution of the relaxation."""
    full = random_program(seed)
    at = run(full, LIMITS).x
    assert at is not None
    held = np.arange(14) % 4 == 0
    small = full.fixed(held, at)
    found = dive(small, ~held, np.arange(14.0), LIMITS, lambda: False)
    assert found is not None
    value, x = found
    assert np.array_equal(x[held], np.round(at[held]))
    assert small.relaxed().violation(x) <= 1e-6
    assert value == pytest.approx(small.value(x))
    root, best = run(small.relaxed(), LIMITS).objective, run(small, LIMITS).objective
    assert root is not None
    assert best is not None
    assert value >= root - 1e-6
    if loose(x, ~held) == 0:
        assert value >= best - 1e-6
    start = run(small.relaxed(), Limits(60.0, options=(("solver", "simplex"),))).x
    assert start is not None
    assert loose(x, ~held) <= loose(start, ~held)


def test_programs_without_equations_end_whole() -> None:
    """Where rounding down is always allowed no dive is stuck."""
    for seed in range(8):
        random = np.random.default_rng(seed)
        rows = [(None, [float(v) for v in random.integers(0, 9, 12)], 40.0) for _ in range(8)]
        cost = [-float(v) for v in random.integers(1, 9, 12)]
        small = program(cost, [*rows], [5.0] * 12, [True] * 12)
        root = run(small.relaxed(), LIMITS).x
        assert root is not None
        assert loose(root, small.whole) > 0
        found = dive(small, small.whole, np.ones(12), LIMITS, lambda: False)
        assert found is not None
        assert small.violation(found[1]) <= 1e-6


def test_the_weightiest_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """No loose column that is left is weightier than one that is rounded with it still loose."""
    seen: list[tuple[float, float]] = []
    rounded = diving._Dive._rounded

    def noted(self: diving._Dive, values: Vector, batch: np.ndarray) -> tuple[Vector, Vector]:
        _, high = bounds = rounded(self, values, batch)
        at = values_of[-1]
        free = np.flatnonzero((self.lower < self.upper) & (np.abs(at - np.round(at)) > diving.FRACTIONAL))
        free = np.setdiff1d(free, batch)
        if free.size:
            seen.append((float(self.weight[batch].min()), float(self.weight[free].max())))
        assert high is not None
        return bounds

    values_of: list[Vector] = []
    step = diving._Dive._step

    def stepping(self: diving._Dive, before: float, at: Vector, left: np.ndarray) -> tuple[float, Vector] | None:
        values_of.append(at)
        return step(self, before, at, left)

    monkeypatch.setattr(diving._Dive, "_rounded", noted)
    monkeypatch.setattr(diving._Dive, "_step", stepping)
    small, random = led("case-001").program, np.random.default_rng(0)
    dive(small, small.whole, random.random(len(small.cost)), LIMITS, lambda: False)
    assert len(seen) > 1
    assert all(least >= most for least, most in seen)


def test_the_other_way_where_the_nearest_cannot_be() -> None:
    """2a ≥ 1.2 with a whole: 0.6 rounds to 1. 10a ≤ 6 and a wanted: 0.6 cannot be 1, so it is 0."""
    up = dive(program([1.0], [(1.2, [2.0], None)], [1], [True]), np.array([True]), np.ones(1), LIMITS, lambda: False)
    down = dive(
        program([-1.0], [(None, [10.0], 6.0)], [1], [True]), np.array([True]), np.ones(1), LIMITS, lambda: False
    )
    assert up is not None
    assert down is not None
    assert (up[0], up[1].tolist()) == (1.0, [1.0])
    assert (down[0], down[1].tolist()) == (0.0, [0.0])


def test_stuck_keeps_the_last_solution() -> None:
    """a = 0.5 whatever happens: neither way is there a solution, and the relaxation's own is what is left."""
    found = dive(program([1.0], [(1.0, [2.0], 1.0)], [1], [True]), np.array([True]), np.ones(1), LIMITS, lambda: False)
    assert found is not None
    assert found[0] == pytest.approx(0.5)
    assert found[1] == pytest.approx([0.5])


def test_no_more_programs_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one program to solve, the relaxation's solution is the answer."""
    monkeypatch.setattr(diving, "MOST", 1)
    mask, weight = contents("case-010")
    found = dive(led("case-010").program, mask, weight, LIMITS, lambda: False)
    assert found is not None
    assert found[0] == pytest.approx(run(led("case-010").program.relaxed(), LIMITS).objective)
    assert loose(found[1], mask) > 0


def test_time_over_has_no_solution_to_round() -> None:
    mask, weight = contents("case-010")
    assert (
        dive(led("case-010").program, mask, weight, Limits(60.0, options=(("presolve", "off"),)), lambda: True) is None
    )


def test_infeasible_has_no_solution_to_round() -> None:
    small = task_of(case("mixed-109").problem).program
    assert run(small.relaxed(), LIMITS).end == "infeasible"
    assert dive(small, small.whole, np.ones(len(small.cost)), LIMITS, lambda: False) is None
