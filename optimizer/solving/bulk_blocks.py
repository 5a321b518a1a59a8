"""Blocks of a settled order book: groups of items that share supply, each solved whole by itself.

With packages, approvals and offers settled, items meet only at lanes and components. Each block gets of these what a
solution of all (the plan in hand, or a relaxation) uses there and its share of what that leaves over, so that the
blocks' solutions are one plan together, whatever the order and the place in which they are solved (`bulk_workers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from models.bulk.rows import Rows
from models.bulk.tables import Ints
from models.matrix import Vector
from optimizer.solving.bulk_part import Part
from optimizer.solving.program import Mask, Program

SHARED = ("lane_capacity", "component_supply")
"""Rules at which blocks meet."""


@dataclass(frozen=True)
class Block:
    """Columns and rows of one block, numbered as in the whole program; `shared`: its rows that others have too."""

    columns: Ints
    rows: Ints
    shared: Ints


def blocks_of(program: Program, rows: Rows) -> list[Block]:
    """The connected parts of a settled program without the shared rows, the largest first.

    Columns that stand in shared rows only (what is left of components), or are fixed, belong to no block.
    """
    shared = np.zeros(program.A.shape[0], dtype=bool)
    for rule in SHARED:
        shared[rows.layout.rows[rule].ravel()] = True
    free = np.flatnonzero(program.lower < program.upper)
    loose = sparse.diags_array((program.lower < program.upper).astype(float))
    inner = sparse.csr_array(program.A[np.flatnonzero(~shared)] @ loose).tocoo()
    inner.eliminate_zeros()
    number_of = np.flatnonzero(~shared)
    count = program.A.shape[0]
    n = count + program.A.shape[1]
    graph = sparse.coo_array((np.ones(inner.nnz), (number_of[inner.row], count + inner.col)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    by_column = program.A.tocsc()
    order = free[np.argsort(label[count + free], kind="stable")]
    ends = np.flatnonzero(np.diff(label[count + order])) + 1
    found = []
    for columns in np.split(order, ends):
        touched = np.unique(by_column[:, columns].indices)
        own = touched[~shared[touched]]
        if len(own):
            found.append(Block(np.sort(columns), own.astype(np.int64), touched[shared[touched]].astype(np.int64)))
    return sorted(found, key=lambda block: (-len(block.columns), int(block.columns[0])))


class Dealer:
    """Deals shared capacity out to blocks."""

    def __init__(self, program: Program, rows: Rows) -> None:
        """`program`: of the settled order book with these rows."""
        self.program, self.rows = program, rows
        self._by_column = program.A.tocsc()
        self._component = rows.layout.rows["component_supply"]
        self._kind = {int(row): k for k in range(len(self._component)) for row in self._component[k]}
        self._is_lane = np.zeros(program.A.shape[0], dtype=bool)
        self._is_lane[rows.layout.rows["lane_capacity"].ravel()] = True
        held = program.lower >= program.upper
        self._shift = program.A @ np.where(held, program.lower, 0.0)

    def use(self, block: Block, x: Vector) -> Vector:
        """What a block takes of every row in x."""
        found: Vector = self._by_column[:, block.columns] @ x[block.columns]
        return found

    def parts(
        self, blocks: Sequence[Block], x: Vector, wanted: Sequence[Vector], near: Program, torn: int = 0
    ) -> Iterator[Part]:
        """Blocks as programs at x: each may take of shared rows what it takes in x, and some more.

        What x leaves over goes to those of the blocks that want more than they take, in proportion to that. Whatever
        they decide, with what others do in x it is one solution.

        Args:
            blocks: those to deal to.
            x: of all columns, within all shared capacity.
            wanted: what each of the blocks would take of every row.
            near: the program with tighter bounds, for a first look.
            torn: in so many of the blocks, the first ones, x solves the relaxation only: they do not start from it.
        """
        program, component, left = self.program, self._component, self.rows.names["component_left"]
        used = program.A @ x
        now = [self.use(block, x) for block in blocks]
        more = [np.maximum(0.0, w - u) for w, u in zip(wanted, now, strict=True)]
        total = np.maximum(np.sum(more, axis=0) if more else np.zeros(len(used)), 1e-9)
        taken = [np.cumsum(u[component], axis=1) for u in now]
        wished = [np.maximum(0.0, np.cumsum(w[component], axis=1) - u) for w, u in zip(wanted, taken, strict=True)]
        all_wished = np.maximum(sum(wished, np.zeros(component.shape)), 1e-9)
        spare = np.maximum(0.0, x[left]) if left.size else np.zeros(component.shape)
        for n, block in enumerate(blocks):
            low, high = program.row_lower - self._shift, program.row_upper - self._shift
            lanes = block.shared[self._is_lane[block.shared]]
            free = np.maximum(0.0, program.row_upper[lanes] - used[lanes])
            high[lanes] = now[n][lanes] + free * more[n][lanes] / total[lanes]
            kinds = sorted({self._kind[row] for row in block.shared[~self._is_lane[block.shared]].tolist()})
            room = np.zeros((len(kinds), component.shape[1]))
            for k, kind in enumerate(kinds):
                room[k] = taken[n][kind] + spare[kind] * wished[n][kind] / all_wished[kind]
                low[component[kind]] = high[component[kind]] = np.diff(room[k], prepend=0.0)
            own = component[kinds].ravel()
            columns = np.concatenate([block.columns, left[kinds].ravel()]).astype(np.int64)
            rows = np.unique(np.concatenate([block.rows, block.shared, own]).astype(np.int64))
            upper = np.where(np.isin(columns, left), np.inf, program.upper[columns])
            small = Program(
                program.cost[columns], 0.0, sparse.csr_array(self._by_column[:, columns][rows]), low[rows],
                high[rows], program.lower[columns], upper, program.whole[columns],
            )  # fmt: skip

            begin = np.concatenate([x[block.columns], *(room[k] - taken[n][kind] for k, kind in enumerate(kinds))])
            free = np.full(len(columns) - len(block.columns), np.inf)
            bounds = (
                np.concatenate([near.lower[block.columns], np.zeros(len(free))]),
                np.concatenate([near.upper[block.columns], free]),
            )
            serving = np.append(block.columns >= self.rows.standing.count, np.zeros(len(free), dtype=bool))
            yield Part(
                small, block.columns, None if n < torn else begin, bounds, float(len(block.columns)), serving=serving
            )  # fmt: skip


def wholeness(program: Program, rows: Rows) -> Mask:
    """Columns that are whole in a settled program: all but stock, shortfalls and balances."""
    loose = np.zeros(len(program.cost), dtype=bool)
    for name in ("stock", "shortfall", "component_left", "reviewed", "promise_broken", "credit", "content_value",
                 "free_paid", "released", "promised"):  # fmt: skip
        loose[rows.names[name].ravel()] = True
    for name, columns in rows.names.items():
        if name.startswith("pays "):
            loose[columns.ravel()] = True
    return ~loose
