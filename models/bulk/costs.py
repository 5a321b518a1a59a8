"""What every column costs at given prices of the rows, in sums of whole arrays (`models.bulk.pricing`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.bulk.rows import Rows
from models.bulk.tables import Flags, Floats, Ints


@dataclass
class Prices:
    """What the rows' duals make dear: per unit of an item, per unit sent by a route, per unit of review, of money."""

    dual: Floats
    pool: Floats
    """(I, T): a unit taken from the pool."""
    way: Floats
    """(routes, T): a tonne sent by the route."""
    review: Floats
    """(chains, T): a week of review needed by then."""
    money: Floats
    """(categories, T): a million USD of new content that leaves then."""


class Costs:
    """Costs of all columns of an instance."""

    def __init__(self, rows: Rows) -> None:
        """`rows`: what the columns stand in."""
        self.rows, self.tables, self.T = rows, rows.tables, rows.T
        tables, orders = self.tables, self.tables.orders
        T = self.T
        periods = np.arange(T)[None, :]
        self.allowed: Flags = (periods >= orders.first[:, None]) & (periods <= orders.last[:, None])
        by = tables.approved_by
        waiting = orders.effort > 0
        self.allowed &= ~(waiting[:, None] & (by[None, :] < orders.submitted[:, None]))
        self.plain = np.flatnonzero(~(orders.complete & tables.committed_orders))
        self.patterned = np.flatnonzero(orders.complete & tables.committed_orders)
        self.by = np.maximum(by, 0)
        ways = tables.ways
        self.open_way: Flags = np.isfinite(ways.saving)
        self.way_tonnes = ways.ratio * tables.tonnes[ways.item]
        self.category = rows.category[np.array([tables.item_index[n.item] for n in tables.facts.problem.needs],
                                               dtype=np.int64)]  # fmt: skip
        self.need_price = tables.price[np.array([tables.item_index[n.item] for n in tables.facts.problem.needs],
                                                dtype=np.int64)]  # fmt: skip
        self.units = np.array([n.quantity for n in tables.facts.problem.needs], dtype=float)
        last = np.where(self.open_way, np.arange(T)[None, :], -1).max(axis=1, initial=-1)
        self.last_open: Ints = np.full(len(self.units), -1, dtype=np.int64)
        """By need, the last period in which a unit may leave the pool for it."""
        np.maximum.at(self.last_open, ways.need[ways.offer < 0], last[ways.offer < 0])
        self.packaged = rows.policy is not None
        self.of_need: list[Ints] = [np.zeros(0, dtype=np.int64)] * len(self.units)
        if len(ways.need):
            ends = np.searchsorted(ways.need, np.arange(len(self.units) + 1))
            self.of_need = [np.arange(ends[k], ends[k + 1]) for k in range(len(self.units))]

    def prices(self, dual: Floats) -> Prices:
        """From duals of rows."""
        found, rows, tables, T = dual, self.rows.layout.rows, self.tables, self.T
        pool = -found[rows["stock_balance"]]
        lane = -found[rows["lane_capacity"]]
        lane = np.concatenate([lane, np.zeros((lane.shape[0], 1))], axis=1)
        way = np.zeros((len(tables.routes), T))
        for route, passing in enumerate(tables.passing):
            for a, when in passing:
                way[route] += lane[a, when]
        return Prices(dual, pool, way, -found[rows["review_capacity"]], -found[rows["dispatch_after_release"]])

    def order_costs(self, prices: Prices) -> Floats:
        """(O, T): reduced cost of a unit, or of a whole complete order, without its own row; inf where not allowed."""
        tables, orders, T = self.tables, self.tables.orders, self.T
        pool = prices.pool
        cost = pool[orders.item] - orders.saving
        whole = np.flatnonzero(orders.complete)
        q = orders.quantity[whole].astype(float)
        cost[whole] *= q[:, None]
        total = tables.arriving.astype(float)
        drop = pool - np.concatenate([pool[:, 1:], pool[:, -1:]], axis=1)
        sums = np.concatenate([np.zeros((pool.shape[0], 1)), np.cumsum(total * drop, axis=1)], axis=1)
        items, first = orders.item[whole], tables.begins[whole]
        rest = q[:, None] - total[items]
        at = np.take_along_axis(pool[items], first, axis=1)
        periods = np.arange(T)[None, :]
        spread = np.take_along_axis(sums[items], np.broadcast_to(periods, first.shape), axis=1)
        ahead = rest * (at - pool[items]) + spread - np.take_along_axis(sums[items], first, axis=1)
        cost[whole] += np.where(first < periods, ahead, 0.0)
        cost += self.review_cost(prices)
        return np.where(self.allowed, cost, np.inf)

    def review_cost(self, prices: Prices) -> Floats:
        """(O, T) per unit or whole complete order: what its share of its case's review costs."""
        orders, found = self.tables.orders, np.zeros((len(self.tables.orders.names), self.T))
        each = np.where(orders.complete, orders.effort, orders.effort / np.maximum(orders.quantity, 1))
        for k, begin in enumerate(self.rows.chains):
            mine = np.flatnonzero((orders.effort > 0) & (orders.submitted >= begin))
            found[mine] += each[mine][:, None] * prices.review[k][self.by][None, :]
        return found

    def way_costs(self, prices: Prices) -> Floats:
        """(W, T): reduced cost of a unit of need by each way, without its need's rows and its money; inf: not there."""
        ways = self.tables.ways
        pool = np.where((ways.offer < 0)[:, None], prices.pool[ways.item], 0.0)
        given = -prices.dual[self.rows.layout.rows["offer_quantity"]]
        fixed = np.where(ways.offer >= 0, given[np.maximum(ways.offer, 0)] if given.size else 0.0, 0.0)
        cost = ways.ratio[:, None] * (pool + fixed[:, None]) + self.way_tonnes[:, None] * prices.way[ways.route]
        return np.where(self.open_way, cost - np.where(self.open_way, ways.saving, 0.0), np.inf)

    def review_of(self, o: int, prices: Prices) -> Floats:
        """(T,): the same for one order, whole, by period in which it leaves."""
        orders, found = self.tables.orders, np.zeros(self.T)
        if orders.effort[o] > 0:
            for k, begin in enumerate(self.rows.chains):
                if orders.submitted[o] >= begin:
                    found += orders.effort[o] * prices.review[k][self.by]
        return found

    def legal(self, dual: Floats) -> Floats:
        """The duals with the signs that they may have: of a row without a lower side at most 0, and so on."""
        lower, upper = self.rows.layout.sides
        dual = np.where(np.isinf(lower), np.minimum(dual, 0.0), dual)
        return np.where(np.isinf(upper), np.maximum(dual, 0.0), dual)

    def rows_worth(self, dual: Floats) -> float:
        """What the rows' sides are worth at legal duals, and the least that the standing columns can add."""
        lower, upper = self.rows.layout.sides
        side = np.where(dual > 0, np.where(np.isinf(lower), 0.0, lower), np.where(np.isinf(upper), 0.0, upper))
        standing = self.rows.standing
        reduced = standing.cost - np.bincount(
            standing.column, weights=standing.value * dual[standing.row], minlength=standing.count
        )
        at = np.where(reduced > 0, standing.lower, standing.upper)
        return float(dual @ side + reduced @ at)
