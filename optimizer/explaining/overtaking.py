"""Who passes whom among many: every pair counted, the strongest kept, in memory that grows with the demands alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_BLOCK = 64_000
"""Pairs looked at together: few enough to stay near the processor."""


@dataclass(frozen=True)
class Standing:
    """Demands of items that share a line, as arrays of equal length: mean week of leaving `before` and `now`, the
    window `opens` … `closes`, `slots` asked, and what a slot is `worth` in million USD. `kinds`: the item of each, by
    number; `shares[i, j]`: whether two items share output, None where all of them do.
    """

    before: Floats
    now: Floats
    opens: Floats
    closes: Floats
    slots: Floats
    worth: Floats
    kinds: Ints
    shares: NDArray[np.bool_] | None


@dataclass(frozen=True)
class Overtaken:
    """`pairs`: (passer, passed), the strongest of everyone; `passed`, `passed_by`: how many in all, by demand;
    `gained`, `lost`: million USD × weeks of these, by demand.
    """

    pairs: list[tuple[int, int]]
    passed: Ints
    passed_by: Ints
    gained: Floats
    lost: Floats


def overtaken(standing: Standing, most: int) -> Overtaken:
    """Every pair in which one was behind and is ahead; of everyone the `most` strongest either way are kept.

    The strength of a pair is in million USD × weeks: (weeks behind before + weeks ahead now) × the slots both want, the
    smaller of the two, × what a slot is worth to the one that was passed. Every pair is looked at, so time grows with
    the square of the demands of one line.
    """
    count = len(standing.before)
    order = np.argsort(standing.before, kind="stable")
    ranked = _taken(standing, order)
    passed, passed_by = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    gained, lost = np.zeros(count), np.zeros(count)
    kept: set[tuple[int, int]] = set()
    step = max(1, _BLOCK // max(1, count))
    for begin in range(0, count, step):
        end = min(count, begin + step)
        rows = order[begin:end]
        # who was behind stands further on in the order of before, so each way only a part of it is looked at
        for rows_pass, others in ((True, slice(0, end)), (False, slice(begin, count))):
            true, strength = _pairs(ranked, slice(begin, end), others, rows_pass=rows_pass)
            number, value = (passed, gained) if rows_pass else (passed_by, lost)
            number[rows], value[rows] = np.count_nonzero(true, axis=1), strength.sum(axis=1)
            names = order[others]
            for row, other in _strongest(true, strength, most):
                pair = int(rows[row]), int(names[other])
                kept.add(pair if rows_pass else pair[::-1])
    return Overtaken(sorted(kept), passed, passed_by, gained, lost)


def _taken(standing: Standing, order: Ints) -> Standing:
    """The same demands in another order."""
    return Standing(
        standing.before[order],
        standing.now[order],
        standing.opens[order],
        standing.closes[order],
        standing.slots[order],
        standing.worth[order],
        standing.kinds[order],
        standing.shares,
    )


def _pairs(standing: Standing, rows: slice, others: slice, *, rows_pass: bool) -> tuple[NDArray[np.bool_], Floats]:
    """For every pair of the rows with the others whether the one passes the other, and its strength, 0 if not."""
    behind = standing.before[rows, None] - standing.before[None, others]
    ahead = standing.now[None, others] - standing.now[rows, None]
    true = (behind > 0) & (ahead > 0) if rows_pass else (behind < 0) & (ahead < 0)
    true &= standing.opens[rows, None] < standing.closes[None, others]
    true &= standing.opens[None, others] < standing.closes[rows, None]
    if standing.shares is not None:
        true &= standing.shares[standing.kinds[rows, None], standing.kinds[None, others]]
    strength: Floats = np.abs(behind + ahead)
    strength *= np.minimum(standing.slots[rows, None], standing.slots[None, others])
    strength *= standing.worth[None, others] if rows_pass else standing.worth[rows, None]
    strength *= true
    return true, strength


def _strongest(true: NDArray[np.bool_], strength: Floats, most: int) -> Sequence[tuple[int, int]]:
    """(row, column) of the strongest true entries of every row, at most `most` of each."""
    if strength.shape[1] > most:
        limit = np.partition(strength, strength.shape[1] - most, axis=1)[:, -most]
        at, other = np.nonzero(true & (strength >= limit[:, None]))
        crowded = np.flatnonzero(np.bincount(at, minlength=len(true)) > most)
        if len(crowded):
            keep = np.ones(len(at), dtype=bool)
            for row in crowded:
                mine = np.flatnonzero(at == row)
                order = np.lexsort((other[mine], -strength[row, other[mine]]))
                keep[mine[order[most:]]] = False
            at, other = at[keep], other[keep]
    else:
        at, other = np.nonzero(true)
    return list(zip(at, other, strict=True))
