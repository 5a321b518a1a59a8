"""Whole units near a relaxation without a solver: what has been reached in sum by each period, rounded.

A demand then leaves no earlier than in the relaxation, so that nothing shared is taken too early. It is seldom good:
the last unit of what the relaxation tears is not served. But it is there at once, and blocks start from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.bulk.batch import COMPLETE, EACH, EACH_KEPT, Batch
from models.bulk.rows import Rows
from models.bulk.tables import Floats, Ints
from models.matrix import Vector
from optimizer.solving.bulk_start import balanced
from optimizer.solving.program import Program

_NEAR = 1e-6
"""Units by which a sum may fall short of a whole number and still count as that."""


def rounded(program: Program, rows: Rows, batches: Sequence[Batch], x: Vector) -> tuple[Vector, ...]:
    """Whole vectors near x, a solution of the relaxation of a settled program: with production late, early, and none.

    Each is balanced, and a start for those blocks in which it breaks no row: late production may come too late where
    several lines make an item, early production may lack components. The last makes and serves nothing.
    """
    begin = rows.standing.count
    made, replaced = (rows.names[name] for name in ("made", "replaced"))
    served = np.where(program.whole, np.floor(x + _NEAR), x)
    kind, who, when = (
        np.concatenate([np.zeros(0, dtype=np.int64), *parts])
        for parts in (
            [np.full(batch.who.size, batch.kind) for batch in batches],
            [batch.who for batch in batches],
            [batch.when for batch in batches],
        )
    )
    ordered = np.flatnonzero(np.isin(kind, (EACH, EACH_KEPT, COMPLETE)))
    served[begin + ordered] = _reached(x[begin + ordered], who[ordered], when[ordered])
    offers, periods = (np.array([row[k] for row in rows.replacing], dtype=np.int64) for k in (0, 1))
    served[replaced] = _reached(x[replaced], offers, periods)
    found = []
    for early in (False, True):
        whole = served.copy()
        total = np.cumsum(x[made], axis=1)
        steps = np.ceil(total - _NEAR) if early else np.floor(total + _NEAR)
        whole[made] = np.clip(np.diff(steps, axis=1, prepend=0.0), program.lower[made], program.upper[made])
        found.append(balanced(program, rows, whole))
    none = np.where(program.whole, np.maximum(0.0, program.lower), x)
    return (*found, balanced(program, rows, none))


def _reached(values: Floats, who: Ints, when: Ints) -> Floats:
    """Values such that each one's sum up to any time is that before, rounded down."""
    order = np.lexsort((when, who))
    total = np.cumsum(values[order])
    first = np.flatnonzero(np.diff(who[order], prepend=-1))
    before = np.repeat(np.concatenate([[0.0], total[first[1:] - 1]])[: len(first)], np.diff([*first, len(order)]))
    steps = np.floor(total - before + _NEAR)
    whole = np.diff(steps, prepend=0.0)
    whole[first] = steps[first]
    found = np.zeros(len(values))
    found[order] = whole
    return found
