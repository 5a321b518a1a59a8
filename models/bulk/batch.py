"""Kinds of columns, and columns of one kind as a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.bulk.tables import Floats, Ints

EACH, COMPLETE, EACH_KEPT, NEW, FUNDED, DIRECT, GIVEN = range(7)
"""Kinds of columns: a unit of an `each` order; a whole `complete` order; a committed unit of an `each` order; a unit of
a need from a new package, from funded content, without packages, from an offer."""
PROPOSED, PATTERN = 7, 8
"""A unit of a need from a proposed package; a committed `complete` order with its dispatches."""
NEW_KEPT, FUNDED_KEPT, DIRECT_KEPT, PROPOSED_KEPT = 13, 14, 15, 17
"""As those ten below, for committed units."""


@dataclass
class Batch:
    """Columns of one kind: who (order, way, package), when, and a third mark (content, pattern)."""

    kind: int
    who: Ints
    when: Ints
    mark: Ints

    def keys(self) -> Ints:
        """A number for every column that no other column has."""
        return ((self.kind * (1 << 24) + self.who) * (1 << 13) + self.when) * (1 << 13) + self.mark + 1


def kinds(batches: Sequence[Batch]) -> Ints:
    """The kind of every column of these batches."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *(np.full(b.who.size, b.kind) for b in batches)])


def best_of(gain: Floats, most: int, tolerance: float) -> list[tuple[Ints, Ints]]:
    """(row, column) of the `most` least entries of every row that are below −tolerance, one entry a row at a time.

    The columns beside one that is taken are not taken after it: the neighbours of a period say much the same.
    """
    found: list[tuple[Ints, Ints]] = []
    if not gain.size:
        return found
    gain = gain.copy()
    for _ in range(most):
        at = np.argmin(gain, axis=1)
        value = gain[np.arange(len(gain)), at]
        who = np.flatnonzero(value < -tolerance)
        if not len(who):
            break
        found.append((who.astype(np.int64), at[who].astype(np.int64)))
        for near in (-1, 0, 1):
            beside = at[who] + near
            inside = (beside >= 0) & (beside < gain.shape[1])
            gain[who[inside], beside[inside]] = np.inf
    return found
