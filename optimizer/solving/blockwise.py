"""A bound block by block: prices on the rows that couple, then every block by itself, with its decisions whole.

Without the coupling rows the program falls apart. With the prices y of its linear relaxation on them, block b costs
d = c_b − A_b·y; L_b, a lower bound of min d·x over the block with whole decisions, is at least its share of the
relaxation's value. So Σ_b L_b and the coupling rows' own share bound the program (Lagrangian relaxation, Geoffrion,
1974), and d·x ≥ L_b is a valid row for it, by which branch and bound starts from that bound.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from models.matrix import Vector
from optimizer.solving.clock import now
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
        until = now() + seconds
        root = run(self.program.relaxed(), replace(self.limits, seconds=seconds), stop=self.stop)
        if root.end != "optimal" or root.x is None or root.duals is None or root.bound is None:
            return self.program  # prices of a program that was not solved to its end prove nothing
        heard(root.bound)
        bound = root.bound

        def gained(gain: float) -> None:
            nonlocal bound
            bound += gain
            heard(bound)

        found = self._with_rows(self.program, root.duals, root.x, until, gained)
        log.debug("blocks: bound %.0f from %.0f", bound, root.bound)
        return found

    def again(self, program: Program, held: Mask, x: Vector, seconds: float) -> Program:
        """The program with more rows: those of the blocks at the prices where the held columns are as in x."""
        until = now() + seconds
        there = run(self.program.fixed(held, x).relaxed(), replace(self.limits, seconds=seconds), stop=self.stop)
        if there.end != "optimal" or there.x is None or there.duals is None:
            return program
        return self._with_rows(program, there.duals, there.x, until, lambda _: None)

    def _with_rows(
        self, program: Program, duals: Vector, x: Vector, until: float, gained: Callable[[float], None]
    ) -> Program:
        """The program with a row for every block that is worth more than at x, at these prices of the coupling rows."""
        rows, least = list[sparse.csr_array](), list[float]()
        candidates = [b for b in blocks(self.program, self.coupling) if self.whole[b.columns].any()]
        for number, block in enumerate(candidates):
            left = until - now()
            if left <= 0 or self.stop():
                break
            price, value = self._bound(block, duals, left / max(1.0, (len(candidates) - number) / 3))
            gain = value - float(price @ x[block.columns])
            if gain > WORTH_IT * max(1.0, abs(self.program.value(x))):
                gained(gain)
                scale = float(np.max(np.abs(price)))
                where = (np.zeros(block.columns.size, dtype=np.int64), block.columns)
                rows.append(sparse.csr_array((price / scale, where), shape=(1, self.program.A.shape[1])))
                least.append(value / scale)
        if not rows:
            return program
        return program.with_rows(sparse.csr_array(sparse.vstack(rows)), np.array(least), np.full(len(rows), np.inf))

    def priced(self, program: Program, held: Mask, x: Vector, seconds: float) -> tuple[Program, Vector] | None:
        """The program with its blocks' rows as prices, the best where the held columns are as in x; its solution there.

        For any prices μ ≥ 0, cost c − Σ μ_b d_b and constant Σ μ_b L_b bound the program from below. A row in the
        direction of the cost makes a face of solutions on which a simplex hardly moves; a price does not. None if there
        are no such rows, or no solution was found in time.
        """
        rows = self.program.A.shape[0]
        if program.A.shape[0] == rows:
            return None
        limits = replace(self.limits, seconds=seconds, options=(*self.limits.options, ("solver", "simplex")))
        there = run(program.fixed(held, x).relaxed(), limits, stop=self.stop)
        if there.end != "optimal" or there.duals is None:
            return None
        prices = np.maximum(there.duals[rows:], 0.0)
        cost = self.program.cost - sparse.csr_array(program.A[rows:]).T @ prices
        cost[np.abs(cost) < 1e-9 * max(1.0, float(np.abs(cost).max()))] = 0.0
        offset = self.program.offset + float(prices @ program.row_lower[rows:])
        found = replace(self.program, cost=cost, offset=offset)
        there = run(found.fixed(held, x).relaxed(), limits, stop=self.stop)
        return None if there.x is None else (found, there.x)

    def _bound(self, block: Block, duals: Vector, seconds: float) -> tuple[Vector, float]:
        """Reduced cost of the block's columns and a lower bound of their least value; −∞ if none was found."""
        p, columns = self.program, block.columns
        outside = np.where(self.coupling, duals, 0.0)
        price = p.cost[columns] - (p.A.T @ outside)[columns]
        price[np.abs(price) < 1e-9 * max(1.0, float(np.max(np.abs(price), initial=0.0)))] = 0.0
        part = replace(p.part(block.rows, columns), cost=price, whole=self.whole[columns])
        answer = run(part, replace(self.limits, seconds=seconds, gap=1e-6), stop=self.stop)
        return price, -np.inf if answer.bound is None else answer.bound
