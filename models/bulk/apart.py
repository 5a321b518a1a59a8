"""The relaxation of an order book taken apart: pieces that meet nowhere but in rows whose prices are given.

Without lanes, components, review, money and packages the rows fall apart into groups of items that share supply. With
prices on those rows a piece has an objective of its own, and what it costs at least, with its columns whole, is a bound
of the whole together with what the priced rows are worth (Lagrangian relaxation; Geoffrion 1974). No prices make it
less than the linear relaxation's bound at them.

A release of a proposed package takes units of its needs. Each entry of its content gets a copy of that decision in its
piece, and the price of being equal is the dual of the need's own row.

A complete order with committed units is here by its completion y_t and the kept units k_st of each period s: 0 ≤ k_st ≤
c_s y_t, Σ_s k_st ≤ q y_t, the rest leaves in t. For every y that is whole this says what its patterns say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from models.bulk.cheap import cheap, whole
from models.bulk.columns import Builder
from models.bulk.layout import Columns
from models.bulk.piece import Piece, worth_of_sides
from models.bulk.pricing import Pricing
from models.bulk.tables import Flags, Floats, Ints

COUPLING = (
    "lane_capacity", "component_supply", "review_capacity", "fully_funded", "free_money", "within_pledge",
    "dispatch_after_release", "package_value_least", "package_value_most", "new_packages", "releases_per_period",
    "released_once", "promise_kept",
)  # fmt: skip
"""Rules whose rows are priced."""


@dataclass(frozen=True)
class Apart:
    """Pieces, those with the fewest columns first, and what everything else is worth at these prices."""

    constant: float
    pieces: tuple[Piece, ...]

    @property
    def bound(self) -> float:
        """What the whole costs at least by these prices alone."""
        return self.constant + sum(piece.least for piece in self.pieces)


def apart(pricing: Pricing, offset: float, dual: Floats, most: float) -> Apart:
    """The whole, taken apart at these prices.

    Args:
        pricing: of an instance as it is (nothing settled).
        offset: the objective if no column is used.
        dual: of all rows; any prices are good for a bound, those of the relaxation for a good one.
        most: reduced cost up to which columns are written down, in the objective's units.
    """
    rows = pricing.rows
    count, standing = rows.layout.count, rows.standing
    dual = pricing.legal(dual)
    batches, builder = cheap(pricing, dual, most), Builder(pricing)
    extra = _Completions(pricing, dual)
    parts = [standing, *(builder.columns(batch) for batch in batches), extra.columns]
    total = count + len(extra.dual)
    A = sparse.csc_array(sparse.hstack([part.matrix(total) for part in parts], format="csc"))
    cost, low, high = (np.concatenate([getattr(part, name) for part in parts]) for name in ("cost", "lower", "upper"))
    decided = np.zeros(standing.count, dtype=bool)
    for name in ("made", "accepted", "replaced"):
        decided[rows.names[name].ravel()] = True
    decided = np.concatenate([decided, whole(pricing, batches), np.ones(extra.columns.count, dtype=bool)])
    sides = (
        np.concatenate([rows.layout.sides[0], np.full(len(extra.dual), -np.inf)]),
        np.concatenate([rows.layout.sides[1], np.zeros(len(extra.dual))]),
    )
    dual = np.concatenate([dual, extra.dual])
    priced = np.zeros(total, dtype=bool)
    for rule in COUPLING:
        priced[rows.layout.rows[rule].ravel()] = True
    released = rows.names["proposed_released"].ravel()
    held = np.setdiff1d(np.arange(A.shape[1]), released)
    needed = np.array([rows.layout.rows["needed_quantity"][entry.need] for entry in rows.proposals], dtype=np.int64)
    units = np.array([float(entry.units) for entry in rows.proposals])
    copies = sparse.csc_array((units, (needed, np.arange(len(units)))), shape=(total, len(units)))
    reduced = cost[released] - A[:, released].T @ dual
    constant = offset + worth_of_sides(dual[priced], sides[0][priced], sides[1][priced])
    constant += float(np.minimum(reduced * low[released], reduced * high[released]).sum())
    cost = np.concatenate([(cost - A.T @ np.where(priced, dual, 0.0))[held], units * dual[needed]])
    low, high = np.concatenate([low[held], np.zeros(len(units))]), np.concatenate([high[held], np.ones(len(units))])
    decided = np.concatenate([decided[held], np.ones(len(units), dtype=bool)])
    A = sparse.csc_array(sparse.hstack([A[:, held], copies], format="csc"))
    reduced = cost - A.T @ np.where(priced, 0.0, dual)
    added = np.where(reduced > 0, reduced * low, reduced * high)
    by_row = sparse.csr_array(A)
    found = []
    for columns, own in _groups(by_row, ~priced):
        least = worth_of_sides(dual[own], sides[0][own], sides[1][own]) + float(added[columns].sum())
        if not len(own):
            constant += least
            continue
        found.append(
            Piece(
                cost[columns], sparse.csr_array(by_row[own][:, columns]), sides[0][own], sides[1][own], low[columns],
                high[columns], decided[columns], least, least + most,
            )
        )  # fmt: skip
    return Apart(constant, tuple(sorted(found, key=lambda piece: len(piece.cost))))


def _groups(A: sparse.csr_array, own: Flags) -> list[tuple[Ints, Ints]]:
    """Columns and rows of the connected parts of a matrix, with its `own` rows only."""
    rows = np.flatnonzero(own)
    inner = sparse.coo_array(A[rows])
    m, n = inner.shape
    graph = sparse.coo_array((np.ones(inner.nnz), (inner.row, inner.col + m)), shape=(m + n, m + n))
    count, label = connected_components(graph, directed=False)
    row_order, column_order = (np.argsort(part, kind="stable") for part in (label[:m], label[m:]))
    ends = np.arange(1, count)
    by_row = np.split(rows[row_order], np.searchsorted(label[:m][row_order], ends))
    by_column = np.split(column_order, np.searchsorted(label[m:][column_order], ends))
    return list(zip(by_column, by_row, strict=True))


class _Completions:
    """Complete orders with committed units: columns y_t and k_st, rows of their own, and duals of these rows.

    The rows say at most 0. A kept unit that gains against one that leaves at the end gives its row that price.
    """

    def __init__(self, pricing: Pricing, dual: Floats) -> None:
        """`dual`: of all other rows."""
        self.pricing, self.pool = pricing, pricing.prices(dual).pool
        self._cost, self._upper, self._dual = list[float](), list[float](), list[float]()
        self._entries: list[tuple[int, int, float]] = []
        for o in pricing.patterned.tolist():
            self._order(o)
        row, column, value = (np.array([entry[k] for entry in self._entries]) for k in range(3))
        self.columns = Columns(
            np.array(self._cost, dtype=float), np.zeros(len(self._cost)), np.array(self._upper, dtype=float),
            row.astype(np.int64), column.astype(np.int64), value.astype(float),
        )  # fmt: skip
        self.dual: Floats = np.array(self._dual, dtype=float)

    def _order(self, o: int) -> None:
        pricing = self.pricing
        orders, facts = pricing.tables.orders, pricing.tables.facts
        name, item = orders.names[o], facts.problem.items[orders.item[o]].item
        kept = sorted(
            (t, units) for (demand, thing, t), units in facts.committed.items()
            if demand == name and thing == item and pricing.allowed[o, t]
        )  # fmt: skip
        for t in np.flatnonzero(pricing.allowed[o]).tolist():
            self._end(o, t, t, [(s, units) for s, units in kept if s <= t])
        # never completed: the case is approved before the first kept unit
        for first, _ in kept if not orders.firm[o] else ():
            self._end(o, pricing.T, first, [(s, units) for s, units in kept if s >= first])

    def _end(self, o: int, t: int, needed: int, kept: list[tuple[int, int]]) -> None:
        """One way to end: completed in t (T: never), approved in time for `needed`."""
        pricing, rows = self.pricing, self.pricing.rows.layout.rows
        orders, facts = pricing.tables.orders, pricing.tables.facts
        q, i, balance = float(orders.quantity[o]), int(orders.item[o]), rows["stock_balance"]
        done = t < pricing.T
        y = self._column(-q * orders.saving[o, t] if done else 0.0, 1.0)
        self._entries.append((int(rows["ordered_quantity"][o]), y, 1.0))
        if done:
            self._entries.append((int(balance[i, t]), y, q))
        if orders.effort[o] > 0:
            for k, begin in enumerate(pricing.rows.chains):
                if orders.submitted[o] >= begin:
                    row = int(rows["review_capacity"][k, pricing.by[needed]])
                    self._entries.append((row, y, float(orders.effort[o])))
        together = self._row(0.0) if kept else -1
        if kept:
            self._entries.append((together, y, -q))
        for s, units in kept:
            saved = facts.change_cost(facts.problem.items[i].item, s)
            gain = self.pool[i, s] - saved - (self.pool[i, t] if done else 0.0)
            k, own = self._column(-saved, float(units)), self._row(min(0.0, gain))
            self._entries += [(own, k, 1.0), (own, y, -float(units)), (together, k, 1.0)]
            if s != t:
                self._entries.append((int(balance[i, s]), k, 1.0))
                if done:
                    self._entries.append((int(balance[i, t]), k, -1.0))

    def _column(self, cost: float, upper: float) -> int:
        self._cost.append(float(cost))
        self._upper.append(upper)
        return len(self._cost) - 1

    def _row(self, dual: float) -> int:
        self._dual.append(float(dual))
        return self.pricing.rows.layout.count + len(self._dual) - 1
