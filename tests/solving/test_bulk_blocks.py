"""Blocks of a settled order book, solved in this process or in others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.matrix import Vector
from optimizer.solving.bulk_part import Part, _serving_less, dived, solve_part
from optimizer.solving.bulk_workers import Workers
from optimizer.solving.highs import Limits
from optimizer.solving.places.where import Where
from tests.solving.tasks import hard_knapsack, program

LONG = Limits(3600.0, 0.0, 1, 0)


def hard_part() -> Part:
    """A block that nobody proves in an hour, with nothing taken to begin with: all is slack."""
    block = hard_knapsack()
    start = np.zeros(len(block.cost))
    start[[-4, -2]] = block.row_lower
    return Part(block, np.arange(len(start)), start)


def after(asked: int) -> Callable[[], bool]:
    """A wish to stop that comes when it was asked for so many times."""
    times = iter(range(1, 10**9))
    return lambda: next(times) > asked


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_ends_blocks_that_are_being_solved(workers: int) -> None:
    """Each would take its hour otherwise; what they have by then is taken, those that wait are left as they were."""
    found: list[Vector | None] = []
    parts = [hard_part() for _ in range(6)]
    with Workers(Where(workers=workers), after(30), lambda: False) as pool:
        messages = pool.solve(parts, LONG, lambda: 3600.0, lambda _part, x: found.append(x))
    assert messages == []
    assert len(found) <= len(parts)
    assert any(x is not None for x in found)
    assert workers > 1 or len(found) < len(parts)


def test_nothing_begins_after_a_stop() -> None:
    found: list[Vector | None] = []
    with Workers(Where(workers=2), lambda: True, lambda: True) as pool:
        pool.solve([hard_part()], LONG, lambda: 3600.0, lambda _part, x: found.append(x))
    assert found == []


def test_a_block_that_cannot_get_better_says_so() -> None:
    block = program([-1.0, -2.0], [(None, [1.0, 1.0], 1.0)], [1.0, 1.0], [True, True])
    best = solve_part(Part(block, np.arange(2), np.zeros(2)), LONG)
    assert best is not None
    assert best.tolist() == [0.0, 1.0]
    assert solve_part(Part(block, np.arange(2), best), LONG) is None


def test_where_a_dive_does_not_end_in_a_solution_less_is_served() -> None:
    """Pieces of 2 and 3 parts from just 7 parts a line: what is made cannot be whole beside all that is served."""
    making = program(
        cost=[-10.0, 0.0, 0.0],
        rows=[(None, [1.0, -1.0, -1.0], 0.0), (None, [0.0, 2.0, 3.0], 7.0)],
        upper=[5.0, 5.0, 5.0],
        whole=[True, True, True],
    )
    part = Part(making, np.arange(3), None, serving=np.array([True, False, False]))
    ended = np.array([3.5, 3.5, 0.0])
    less = _serving_less(part, ended)
    assert less.lower.tolist() == [0.0, 2.0, 0.0]
    assert less.upper.tolist() == [3.0, 5.0, 1.0]
    found = dived(part, LONG)
    assert found is not None
    assert making.value(found) == -30.0


def test_what_lies_within_a_unit_of_a_dive_is_looked_at() -> None:
    """The dive takes the dearer of two whose room is two thirds each; the others are better together."""
    room = program(
        cost=[-5.0, -4.0, -4.0],
        rows=[(None, [3.0, 2.0, 2.0], 4.0)],
        upper=[1.0, 1.0, 1.0],
        whole=[True, True, True],
    )
    found = dived(Part(room, np.arange(3), None), LONG)
    assert found is not None
    assert room.value(found) == -8.0
