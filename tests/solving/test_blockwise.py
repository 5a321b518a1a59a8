"""A bound block by block: above the relaxation's, never above the optimum, and its rows cut no solution off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.solving.blockwise import Blockwise, blocks
from optimizer.solving.guided import CHOICES, COUPLING
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.settling import RELEASES
from tests.solving.tasks import case, led, program

LIMITS = Limits(60.0, 1e-9)
RAISED = [
    "case-003",
    "case-022",
    "case-023",
    "case-027",
    "case-030",
    "mixed-102",
    "mixed-106",
    "mixed-111",
    "mixed-112",
]
"""Cases with a block whose decisions, made whole, cost more."""
LEVEL = ["case-001", "case-009", "case-020", "mixed-104"]


def parts(name: str) -> tuple[Program, Mask, Mask]:
    """The guide's program, its coupling rows and its decisions, as method guided has them."""
    task = led(name)
    assert task.guide is not None
    assert task.guide_program is not None
    matrix = task.guide.matrix
    return task.guide_program, np.isin(matrix.rules, COUPLING), np.isin(matrix.kinds, CHOICES)


def raised(name: str, **options: float) -> tuple[Program, Program, list[float]]:
    """The program, the program with the rows of the blocks, and the bounds heard."""
    found, coupling, decisions = parts(name)
    heard: list[float] = []
    seconds = options.pop("seconds", 60.0)
    return found, Blockwise(found, coupling, decisions, LIMITS, lambda: False).run(seconds, heard.append), heard


@pytest.mark.parametrize("name", RAISED + LEVEL)
def test_bound_lies_between_the_relaxation_and_the_optimum(name: str) -> None:
    small, _, heard = raised(name)
    root, optimum = run(small.relaxed(), LIMITS).objective, case(name).objective
    assert root is not None
    assert optimum is not None
    assert heard == sorted(heard)
    assert heard[0] == pytest.approx(root, rel=1e-7)
    assert heard[-1] <= optimum * (1 + 1e-6)
    assert (heard[-1] > root * (1 + 1e-6)) == (name in RAISED)


@pytest.mark.parametrize("name", RAISED)
def test_rows_hold_for_the_best_solution_and_give_the_bound(name: str) -> None:
    """The guide's optimum keeps every row added; the relaxation with them is worth at least what was heard."""
    small, more, heard = raised(name)
    added = more.A.shape[0] - small.A.shape[0]
    assert added > 0
    assert (more.A[:-added] != small.A).nnz == 0
    best = run(small, LIMITS)
    assert best.x is not None
    scale = np.maximum(1.0, np.abs(more.row_lower[-added:]))
    assert ((more.row_lower[-added:] - more.A[-added:] @ best.x) / scale).max() <= 1e-6
    tightened = run(more.relaxed(), LIMITS).objective
    assert tightened is not None
    assert tightened >= heard[-1] * (1 - 1e-6)
    assert run(more, LIMITS).objective == pytest.approx(best.objective, rel=1e-6)


@pytest.mark.parametrize("name", RAISED + LEVEL)
def test_blocks_share_no_column_and_no_row(name: str) -> None:
    small, coupling, _ = parts(name)
    found = blocks(small, coupling)
    assert len(found) > 1
    columns, rows = (np.concatenate([getattr(b, part) for b in found]) for part in ("columns", "rows"))
    assert columns.size == np.unique(columns).size
    assert sorted(rows) == np.flatnonzero(~coupling & (np.diff(small.A.indptr) > 0)).tolist()
    for block in found:
        touched = np.unique(small.A[block.rows].indices)
        assert set(touched) == set(block.columns)
    bare = np.setdiff1d(np.arange(small.A.shape[1]), columns)
    assert abs(small.A[np.flatnonzero(~coupling)][:, bare]).sum() == 0, "a column in no block is in no row of one"
    sizes = [block.columns.size for block in found]
    assert sizes == sorted(sizes)


def two_knapsacks() -> tuple[Program, Mask]:
    """max 5a + 4b + 5c + 4d; 2a + 2b ≤ 3 and 2c + 2d ≤ 3 are blocks, a + c ≤ 1 couples; all whole, 0 to 1.

    Relaxed: a + c = 1, b + d = 2 at most 3 − 1 → 5 + 8 = 13, and whole 9: (a, d) or (b, c).
    """
    rows: list[tuple[float | None, list[float], float | None]] = [
        (None, [2, 2, 0, 0], 3), (None, [0, 0, 2, 2], 3), (None, [1, 0, 1, 0], 1),
    ]  # fmt: skip
    return program([-5.0, -4.0, -5.0, -4.0], rows, [1.0] * 4, [True] * 4), np.array([False, False, True])


def test_two_knapsacks_by_hand() -> None:
    """With any price y ≥ 0 of the coupling row a block is worth max(5 − y, 4); two blocks and y: 9 at the least."""
    small, coupling = two_knapsacks()
    heard: list[float] = []
    every = np.ones(4, dtype=bool)
    more = Blockwise(small, coupling, every, LIMITS, lambda: False).run(10.0, heard.append)
    assert heard[0] == pytest.approx(-13.0)
    assert -13.0 < heard[-1] <= -9.0 + 1e-6
    assert run(more, LIMITS).objective == pytest.approx(-9.0)
    none = Blockwise(small, coupling, ~every, LIMITS, lambda: False).run(10.0, heard.append)
    assert none is small, "no decision, no row"


def test_no_time_or_no_solution_leaves_the_program_as_it_is() -> None:
    found, coupling, decisions = parts("case-030")
    heard: list[float] = []
    assert Blockwise(found, coupling, decisions, LIMITS, lambda: False).run(0.0, heard.append) is found
    assert heard == []
    broken = replace(found, row_lower=found.row_lower.copy(), row_upper=found.row_upper.copy())
    row = int(np.flatnonzero(np.isfinite(found.row_upper))[0])
    broken.row_lower[row], broken.row_upper[row] = 1e9, 1e9
    assert Blockwise(broken, coupling, decisions, LIMITS, lambda: False).run(10.0, heard.append) is broken
    assert heard == []


def priced_at_the_best(name: str) -> tuple[Program, Program, Mask, np.ndarray, float]:
    """The program, the same with rows as prices, its releases, its best solution, and the value of that."""
    small, more, _ = raised(name)
    task = led(name)
    assert task.guide is not None
    _, coupling, decisions = parts(name)
    held = np.isin(task.guide.matrix.kinds, RELEASES)
    best = run(small, LIMITS)
    assert best.x is not None
    assert best.objective is not None
    found = Blockwise(small, coupling, decisions, LIMITS, lambda: False).priced(more, held, best.x, 30.0)
    assert found is not None
    return more, found[0], held, best.x, best.objective


@pytest.mark.parametrize("name", RAISED)
def test_prices_bound_like_the_rows_where_they_were_made(name: str) -> None:
    """With releases held, as much as the rows; with releases whole, never above the optimum; no row is left."""
    more, priced, held, x, optimum = priced_at_the_best(name)
    rows, prices = (run(p.fixed(held, x).relaxed(), LIMITS).objective for p in (more, priced))
    assert rows is not None
    assert prices == pytest.approx(rows, rel=1e-6)
    assert priced.A.shape[0] < more.A.shape[0]
    whole = run(priced.relaxed(held), LIMITS)
    assert whole.bound is not None
    assert whole.bound <= optimum * (1 + 1e-6)


@pytest.mark.parametrize("name", RAISED)
def test_rows_of_another_point_hold_as_well(name: str) -> None:
    more, _, held, x, optimum = priced_at_the_best(name)
    small, coupling, decisions = parts(name)
    again = Blockwise(small, coupling, decisions, LIMITS, lambda: False).again(more, held, x, 30.0)
    assert again.A.shape[0] >= more.A.shape[0]
    assert again.violation(x) <= 1e-5
    bound = run(again.relaxed(held), LIMITS).bound
    assert bound is not None
    assert bound <= optimum * (1 + 1e-6)


def test_a_price_too_high_would_be_seen() -> None:
    """A constant larger by itself lies above the optimum somewhere: the tests above bite."""
    above = 0
    for name in RAISED:
        _, priced, held, _, optimum = priced_at_the_best(name)
        plain, _, _ = parts(name)
        wrong = replace(priced, offset=priced.offset + abs(priced.offset - plain.offset))
        bound = run(wrong.relaxed(held), LIMITS).bound
        above += bound is not None and bound > optimum * (1 + 1e-6)
    assert above > 0


def test_without_rows_there_are_no_prices() -> None:
    small, coupling, decisions = parts("case-030")
    none = np.zeros(small.cost.size, dtype=bool)
    assert Blockwise(small, coupling, decisions, LIMITS, lambda: False).priced(small, none, none * 0.0, 30.0) is None
