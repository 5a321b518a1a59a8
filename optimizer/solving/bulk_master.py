"""The relaxation of an order book, by column generation: its value, a proven bound, and prices of everything.

First rounds begin from nothing with the dual simplex, as most columns are new; once few are, the primal simplex goes on
from the basis before. A demand gets a few columns a round at first and many later: a bound needs every column that
prices would want, and rounds cost more than columns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from models.bulk.batch import EACH_KEPT, Batch
from models.bulk.columns import Builder
from models.bulk.layout import Columns
from models.bulk.pricing import Pricing
from models.bulk.rows import Rows
from models.matrix import Vector
from optimizer.solving.highs import GrowingSimplex, Limits
from optimizer.solving.program import Program

log = logging.getLogger(__name__)
FIRST_ROUNDS, FEW, MANY = 2, 4, 12
"""Rounds with few new columns a demand, and how many columns a demand gets then and later."""
WARM = 0.03
"""With fewer new columns than this share of all, the simplex goes on from the basis before."""
GRID = 8
"""Every so many periods a demand has a column from the start."""
CLOSE = 1e-5
"""Relative distance of bound and value at which the relaxation counts as solved."""


@dataclass(frozen=True)
class Relaxed:
    """A solved relaxation: its value over all columns so far, a valid bound, the solution and duals of rows."""

    value: float
    bound: float
    x: Vector
    dual: Vector


class Master:
    """The columns written down so far, and the linear program over them."""

    def __init__(self, rows: Rows, offset: float) -> None:
        """`offset`: what the objective is if no column is used: nothing is served, nothing committed is kept."""
        self.rows, self.offset = rows, offset
        self.pricing = Pricing(rows)
        self.builder = Builder(self.pricing)
        self.batches: list[Batch] = []
        self.columns: list[Columns] = []
        self._matrices: list[sparse.csc_array] = []
        self._known: set[int] = set()

    @property
    def count(self) -> int:
        """How many columns were generated."""
        return sum(columns.count for columns in self.columns)

    @property
    def size(self) -> tuple[int, int, int, int]:
        """Rows, columns and nonzeros so far, and whole columns: none."""
        standing = self.rows.standing
        nonzeros = np.count_nonzero(standing.value) + sum(matrix.nnz for matrix in self._matrices)
        return self.rows.layout.count, standing.count + self.count, int(nonzeros), 0

    def add(self, batches: Sequence[Batch]) -> int:
        """Writes columns down that are not there yet; how many."""
        fresh = 0
        for batch in batches:
            keys = batch.keys()
            on = np.array([k for k, key in enumerate(keys.tolist()) if key not in self._known], dtype=np.int64)
            if not len(on):
                continue
            self._known.update(keys[on].tolist())
            new = Batch(batch.kind, batch.who[on], batch.when[on], batch.mark[on])
            columns = self.builder.columns(new)
            self.batches.append(new)
            self.columns.append(columns)
            self._matrices.append(columns.matrix(self.rows.layout.count))
            fresh += columns.count
        return fresh

    def begin(self, grid: int = GRID) -> None:
        """Columns to begin with: every so many periods, the first and last ones, all committed ones."""
        pricing, orders = self.pricing, self.rows.tables.orders
        plain = pricing.plain
        for t in range(0, self.rows.T, grid):
            who = plain[pricing.allowed[plain, t]]
            self.add(pricing.order_batches(who, np.full(len(who), t)))
            ways = np.flatnonzero(pricing.open_way[:, t])
            self.add(pricing.way_batches(ways, np.full(len(ways), t)))
        for edge in (orders.first, orders.last):
            at = np.clip(edge[plain], 0, self.rows.T - 1)
            on = pricing.allowed[plain, at]
            self.add(pricing.order_batches(plain[on], at[on]))
        self.keep()
        zero = np.zeros(self.rows.layout.count)
        self.add(pricing.price(zero, zero, 1, 0.0).batches)

    def keep(self) -> None:
        """Columns of committed units of `each` orders: all of them, as pricing makes none."""
        kept = self.pricing.kept_orders()
        none = np.full(len(kept), -1, dtype=np.int64)
        who, when = (np.array([row[k] for row in kept], dtype=np.int64) for k in (0, 1))
        self.add([Batch(EACH_KEPT, who, when, none)] if kept else [])

    def program(self) -> Program:
        """The linear program over the standing columns and those written down."""
        standing = self.rows.standing
        parts = [standing, *self.columns]
        matrix = sparse.csr_array(
            sparse.hstack([standing.matrix(self.rows.layout.count), *self._matrices], format="csr")
        )
        lower, upper = self.rows.layout.sides
        cost, low, high = (np.concatenate([getattr(p, name) for p in parts]) for name in ("cost", "lower", "upper"))
        return Program(cost, self.offset, matrix, lower, upper, low, high, np.zeros(len(cost), dtype=bool))

    def run(self, limits: Limits, stop: Callable[[], bool], hear: Callable[[Relaxed], None]) -> Relaxed | None:
        """Solves the relaxation; `hear` is told of every round. None if time was over before the first.

        Ends with what it has when `stop` says so: the bound is valid all the same.
        """
        simplex: GrowingSimplex | None = None
        found: Relaxed | None = None
        bound, begin, fresh, number = -np.inf, 0, 0, 0
        while not stop():
            if simplex is not None and fresh < WARM * self.count:
                new = self.columns[begin:]
                matrix = sparse.csc_array(sparse.hstack(self._matrices[begin:], format="csc"))
                cost, low, high = (np.concatenate([getattr(c, n) for c in new]) for n in ("cost", "lower", "upper"))
                simplex.grow(cost, low, high, matrix)
            else:
                simplex = GrowingSimplex(self.program(), limits, stop)
            answer = simplex.solve()
            if answer is None:
                break
            value, x, dual = answer
            tolerance = 1e-6 * abs(value) / max(1, len(self.rows.tables.orders.names))
            priced = self.pricing.price(dual, dual, FEW if number < FIRST_ROUNDS else MANY, tolerance)
            bound = max(bound, priced.bound + self.offset)
            found = Relaxed(value, bound, x, dual)
            begin = len(self.columns)
            fresh = self.add(priced.batches)
            hear(found)
            number += 1
            log.debug("round %d: value %.6g, bound %.6g, %d columns, %d new", number, value, bound, self.count, fresh)
            if not fresh or value - bound <= CLOSE * abs(value):
                break
        return found
