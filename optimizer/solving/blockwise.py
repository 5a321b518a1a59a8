"""A bound block by block: prices on the rows that couple, then every block by itself, with its decisions whole.

Without the coupling rows the program falls apart. With the prices y of its linear relaxation on them, block b costs
d = c_b − A_b·y; L_b, a lower bound of min d·x over the block with whole decisions, is at least its share of the
relaxation's value. So Σ_b L_b and the coupling rows' own share bound the program (Lagrangian relaxation, Geoffrion,
1974), and d·x ≥ L_b is a valid row for it, by which branch and bound starts from that bound.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program

log = logging.getLogger(__name__)
Indices = npt.NDArray[np.int64]
WORTH_IT = 1e-8
"""Relative to the objective: what a block must add for a row."""


@dataclass(frozen=True)
class Block:
    """Columns and rows that have nothing to do with others but for coupling rows."""

    columns: Indices
    rows: Indices


def blocks(program: Program, coupling: Mask) -> list[Block]:
    """Connected components of the program without the coupling rows, those with the fewest columns first."""
    kept = np.flatnonzero(~coupling)
    part = sparse.coo_array(program.A[kept])
    m, n = part.shape
    graph = sparse.coo_array((np.ones(part.nnz), (part.row, part.col + m)), shape=(m + n, m + n))
    _, label = connected_components(graph, directed=False)
    found = []
    for c in np.unique(label[m:]):
        columns, rows = np.flatnonzero(label[m:] == c), kept[np.flatnonzero(label[:m] == c)]
        if rows.size:
            found.append(Block(columns, rows))
    return sorted(found, key=lambda block: block.columns.size)


class Blockwise:
    """Bounds of the blocks of a program. `decisions`: columns that are whole within a block, if the program says so."""

    def __init__(
        self, program: Program, coupling: Mask, decisions: Mask, limits: Limits, stop: Callable[[], bool]
    ) -> None:
        """`coupling`: rows without which the program falls apart; `stop` is polled."""
        self.program, self.coupling, self.limits, self.stop = program, coupling, limits, stop
        self.whole = program.whole & decisions

    def run(self, seconds: float, heard: Callable[[float], None]) -> Program:
        """The program with a row for every block that raises the bound; `heard` is told of every bound."""
        until = time.monotonic() + seconds
        root = run(self.program.relaxed(), replace(self.limits, seconds=seconds), stop=self.stop)
        if root.end != "optimal" or root.x is None or root.duals is None or root.bound is None:
            return self.program  # prices of a program that was not solved to its end prove nothing
        heard(root.bound)
        bound, rows, least = root.bound, list[sparse.csr_array](), list[float]()
        candidates = [b for b in blocks(self.program, self.coupling) if self.whole[b.columns].any()]
        for number, block in enumerate(candidates):
            left = until - time.monotonic()
            if left <= 0 or self.stop():
                break
            price, value = self._bound(block, root.duals, left / max(1.0, (len(candidates) - number) / 3))
            gain = value - float(price @ root.x[block.columns])
            if gain > WORTH_IT * max(1.0, abs(root.bound)):
                bound += gain
                heard(bound)
                scale = float(np.max(np.abs(price)))
                where = (np.zeros(block.columns.size, dtype=np.int64), block.columns)
                rows.append(sparse.csr_array((price / scale, where), shape=(1, self.program.A.shape[1])))
                least.append(value / scale)
        log.debug("blocks: %d, bound %.0f from %.0f", len(candidates), bound, root.bound)
        if not rows:
            return self.program
        return self.program.with_rows(
            sparse.csr_array(sparse.vstack(rows)), np.array(least), np.full(len(rows), np.inf)
        )

    def _bound(self, block: Block, duals: Vector, seconds: float) -> tuple[Vector, float]:
        """Reduced cost of the block's columns and a lower bound of their least value; −∞ if none was found."""
        p, columns = self.program, block.columns
        outside = np.where(self.coupling, duals, 0.0)
        price = p.cost[columns] - (p.A.T @ outside)[columns]
        price[np.abs(price) < 1e-9 * max(1.0, float(np.max(np.abs(price), initial=0.0)))] = 0.0
        part = Program(
            price, 0.0, sparse.csr_array(p.A[block.rows][:, columns]), p.row_lower[block.rows], p.row_upper[block.rows],
            p.lower[columns], p.upper[columns], self.whole[columns],
        )  # fmt: skip
        answer = run(part, replace(self.limits, seconds=seconds, gap=1e-6), stop=self.stop)
        return price, -np.inf if answer.bound is None else answer.bound
