"""Pricing: given prices of all rows, what every way to serve a demand costs, the best of them, and a proven bound.

A column serves one demand in one period. There are far too many to write down, but with prices on the rows the cost of
all of them is a few sums of arrays, so a linear program over all is solved with the few that matter (column generation;
Dantzig & Wolfe 1960), and any prices give a lower bound on the whole: what the rows' sides are worth, plus the least
that every column can add (Lagrangian bound; Geoffrion 1974).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.bulk.rows import Rows
from models.bulk.tables import Flags, Floats, Ints

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


@dataclass
class Priced:
    """Pricing's answer: a valid bound, and columns that would improve the linear program, by kind."""

    bound: float
    batches: list[Batch] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many columns."""
        return sum(batch.who.size for batch in self.batches)


class Pricing:
    """Prices all columns of an instance."""

    def __init__(self, rows: Rows) -> None:
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
        self.packaged = rows.policy is not None
        self.of_need: list[Ints] = [np.zeros(0, dtype=np.int64)] * len(self.units)
        if len(ways.need):
            ends = np.searchsorted(ways.need, np.arange(len(self.units) + 1))
            self.of_need = [np.arange(ends[k], ends[k + 1]) for k in range(len(self.units))]
        self._numbers: dict[tuple[int, ...], int] = {}
        self.patterns: list[tuple[int, ...]] = []
        """By mark of a PATTERN: period of completion, then period and units of every dispatch."""

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

    # --- costs of all columns -----------------------------------------------------------------------------------------

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

    # --- the whole ----------------------------------------------------------------------------------------------------

    def price(self, dual: Floats, own: Floats, most: int, tolerance: float) -> Priced:
        """The bound at these duals, and the best new columns.

        Args:
            dual: of all rows. own: the same, or other duals, against whose demand rows a column has to gain.
            most: columns a demand at most. tolerance: gain of a column (per whole demand) that does not count.
        """
        rows = self.rows.layout.rows
        dual = self.legal(dual)
        prices = self.prices(dual)
        found = Priced(-np.inf)
        orders = self.tables.orders
        # orders: their own rows' duals are the best there can be
        cost = self.order_costs(prices)
        plain = np.min(cost, axis=1, initial=np.inf)
        for o in self.patterned:
            cost[o] = np.inf
            plain[o] = self._pattern(int(o), prices, own[rows["ordered_quantity"][o]] - tolerance, most + 4, found)
        best = np.where(orders.firm, plain, np.minimum(0.0, plain))
        dual[rows["ordered_quantity"]] = np.where(np.isfinite(best), best, 0.0)
        kept = self._kept_orders(prices, dual[rows["ordered_quantity"]])
        scale = np.where(orders.complete, 1.0, np.maximum(orders.quantity, 1))
        gain = (cost - own[rows["ordered_quantity"]][:, None]) * scale[:, None]
        self._choose(found, gain, most, tolerance, lambda who, when: self.order_batches(who, when))
        return self._needs(prices, dual, own, most, tolerance, found, kept)

    def _choose(self, found: Priced, gain: Floats, most: int, tolerance: float, batches) -> None:  # type: ignore[no-untyped-def]
        for who, when in best_of(gain, most, tolerance):
            found.batches += batches(who, when)

    def order_batches(self, who: Ints, when: Ints) -> list[Batch]:
        complete = self.tables.orders.complete[who]
        none = np.zeros(len(who), dtype=np.int64) - 1
        return [
            Batch(kind, who[on], when[on], none[on])
            for kind, on in ((EACH, ~complete), (COMPLETE, complete))
            if on.any()
        ]

    def _kept_orders(self, prices: Prices, own: Floats) -> float:
        """What committed units of `each` orders add to the bound."""
        total = 0.0
        for o, t, units, cost in self.kept_orders():
            row = cost + prices.pool[self.tables.orders.item[o], t] - self.tables.orders.saving[o, t]
            row += self.review_cost(prices)[o, t] if self.tables.orders.effort[o] > 0 else 0.0
            total += units * min(0.0, row - own[o])
        return total

    def kept_orders(self) -> list[tuple[int, int, int, float]]:
        """(order, period, committed units, cost of a kept unit) of `each` orders."""
        tables, facts = self.tables, self.tables.facts
        found = []
        for (demand, item, t), units in facts.committed.items():
            o = tables.order_index.get(demand)
            if o is not None and not tables.orders.complete[o] and self.allowed[o, t]:
                if tables.item_index[item] == tables.orders.item[o]:
                    found.append((o, t, units, -facts.change_cost(item, t)))
        return found

    def _pattern(self, o: int, prices: Prices, own: float, most: int, found: Priced) -> float:
        """A committed complete order: its best dispatches over all periods of completion; the cost of the best."""
        tables, orders, facts = self.tables, self.tables.orders, self.tables.facts
        pool, q = prices.pool[orders.item[o]], int(orders.quantity[o])
        name, item = orders.names[o], facts.problem.items[orders.item[o]].item
        review = self._review_of(o, prices)
        kept = sorted(
            (pool[t] - facts.change_cost(item, t), t, units)
            for (demand, thing, t), units in facts.committed.items()
            if demand == name and thing == item and self.allowed[o, t]
        )
        offered: list[tuple[float, tuple[int, ...]]] = []
        for t in (*np.flatnonzero(self.allowed[o]).tolist(), self.T):
            left, cost, parts = q, 0.0, {}
            last = -1
            for each, s, units in kept:
                worth = pool[t] if t < self.T else 0.0
                if s <= t and each < worth - 1e-12 and left:
                    take = min(left, units)
                    parts[s] = take
                    left -= take
                    cost += take * each
                    last = max(last, s)
            if t < self.T:
                cost += left * pool[t] - q * orders.saving[o, t] + review[t]
                parts[t] = parts.get(t, 0) + left
            elif last >= 0:
                cost += review[last]
            offered.append((float(cost), (t, *(value for pair in sorted(parts.items()) if pair[1] for value in pair))))
        offered.sort(key=lambda pair: pair[0])
        for cost, pattern in offered[:most]:
            if cost < own and pattern not in self._numbers:
                self._numbers[pattern] = len(self.patterns)
                self.patterns.append(pattern)
            if cost < own:
                mark = np.array([self._numbers[pattern]], dtype=np.int64)
                who, when = np.array([o], dtype=np.int64), np.array([pattern[0]], dtype=np.int64)
                found.batches.append(Batch(PATTERN, who, when, mark))
        return offered[0][0]

    def _review_of(self, o: int, prices: Prices) -> Floats:
        orders, found = self.tables.orders, np.zeros(self.T)
        if orders.effort[o] > 0:
            for k, begin in enumerate(self.rows.chains):
                if orders.submitted[o] >= begin:
                    found += orders.effort[o] * prices.review[k][self.by]
        return found

    def _needs(
        self, prices: Prices, dual: Floats, own: Floats, most: int, tolerance: float, found: Priced, kept: float
    ) -> Priced:
        rows, ways = self.rows.layout.rows, self.tables.ways
        cost = self.way_costs(prices)
        count = len(self.units)
        best = np.zeros(count)
        bound_kept = kept
        if count and len(ways.need):
            need = ways.need
            pooled = ways.offer < 0
            money = prices.money
            priced = self.need_price[need]
            mine = self.category[need]
            with np.errstate(invalid="ignore"):
                if self.packaged:
                    too_dear = priced > self.rows.highest
                    paid = cost + np.where(too_dear[:, None], np.inf, priced[:, None] * money[mine])
                    whole = np.where(pooled[:, None], paid, cost)
                else:
                    whole = cost
            least = np.min(whole, axis=1, initial=np.inf)
            np.minimum.at(best, need, least)
            # content that is paid already
            content = np.zeros(len(self.rows.funded))
            for k, funded in enumerate(self.rows.funded):
                own_ways = self.of_need[funded.need]
                own_ways = own_ways[pooled[own_ways]]
                if len(own_ways):
                    # content that has to leave is worth that row's dual as well
                    promise = self.rows.promised[funded.need]
                    must = float(dual[promise]) if promise >= 0 else 0.0
                    part = cost[own_ways][:, funded.period :] - must
                    content[k] = min(0.0, float(part.min(initial=0.0)))
                    limit = own[rows["funded_content"][k]]
                    if content[k] < limit - tolerance / max(1, funded.units):
                        self._add_funded(found, k, own_ways, funded.period, part, limit, most)
            dual[rows["needed_quantity"]] = best
            dual[rows["funded_content"]] = content
            scale = np.maximum(self.units[need], 1.0)
            gain = (whole - own[rows["needed_quantity"]][need][:, None]) * scale[:, None]
            self._choose(found, gain, most, tolerance, lambda who, when: self.way_batches(who, when))
            bound_kept += self._kept_needs(dual, cost, money, found, own, tolerance)
            bound_kept += self._proposed(dual, self._with_kept(cost, dual), found, own, most, tolerance)
        found.bound = self.rows_worth(dual) + bound_kept
        return found

    def _add_funded(
        self, found: Priced, k: int, own_ways: Ints, period: int, part: Floats, limit: float, most: int
    ) -> None:
        flat = part.ravel()
        for at in np.argsort(flat)[:most]:
            if flat[at] >= limit:
                break
            w, t = divmod(int(at), part.shape[1])
            found.batches.append(Batch(FUNDED, own_ways[w : w + 1], np.array([t + period]), np.array([k])))

    def way_batches(self, who: Ints, when: Ints) -> list[Batch]:
        ways, found = self.tables.ways, []
        given = ways.offer[who] >= 0
        none = np.zeros(len(who), dtype=np.int64) - 1
        if given.any():
            found.append(Batch(GIVEN, who[given], when[given], none[given]))
        rest = ~given
        if rest.any():
            found.append(Batch(NEW if self.packaged else DIRECT, who[rest], when[rest], none[rest]))
        return found

    def _kept_needs(
        self, dual: Floats, cost: Floats, money: Floats, found: Priced, own: Floats, tolerance: float
    ) -> float:
        """Committed units of needs: new columns, and what they add to the bound (no more units than are committed)."""
        rows, ways, facts, total = self.rows.layout.rows, self.tables.ways, self.tables.facts, 0.0
        starts: dict[int, list[int]] = {}
        for k, funded in enumerate(self.rows.funded):
            starts.setdefault(funded.need, []).append(k)
        proposals: dict[int, list[int]] = {}
        for k, entry in enumerate(self.rows.proposals):
            proposals.setdefault(entry.need, []).append(k)
        for (n, item, t), k in self.rows.kept.items():
            units = facts.committed[facts.problem.needs[n].need, facts.problem.items[item].item, t]
            least = 0.0
            for w in self.kept_ways(n, item, t):
                ratio = float(ways.ratio[w])
                base = cost[w, t] + ratio * self.kept_cost(n, item, t, dual)
                options: list[tuple[int, int, float, float, float]] = []
                need_row = rows["needed_quantity"][n]
                if self.packaged:
                    c = self.category[n]
                    if self.need_price[n] <= self.rows.highest:
                        paid = base + self.need_price[n] * money[c, t]
                        options.append((NEW_KEPT, -1, paid, dual[need_row], own[need_row]))
                    for f in starts.get(n, ()):
                        if self.rows.funded[f].period <= t:
                            content_row = rows["funded_content"][f]
                            promise = self.rows.promised[n]
                            paid = base - (float(dual[promise]) if promise >= 0 else 0.0)
                            options.append((FUNDED_KEPT, f, paid, dual[content_row], own[content_row]))
                else:
                    options.append((DIRECT_KEPT, -1, base, dual[need_row], own[need_row]))
                for e in proposals.get(n, ()):
                    content_row = rows["promise_kept"][e, t]
                    options.append((PROPOSED_KEPT, e, base, dual[content_row], own[content_row]))
                for kind, mark, value, bound_dual, own_dual in options:
                    least = min(least, (value - bound_dual) / ratio)
                    if (value - own_dual) * self.units[n] < -tolerance:
                        who, when = np.array([w], dtype=np.int64), np.array([t], dtype=np.int64)
                        found.batches.append(Batch(kind, who, when, np.array([mark], dtype=np.int64)))
            total += units * least
        return total

    def _with_kept(self, cost: Floats, dual: Floats) -> Floats:
        """Costs of ways where committed units count as kept if that pays: no more than any way of keeping them."""
        found = cost
        for n, item, t in self.rows.kept:
            kept = self.kept_cost(n, item, t, dual)
            if kept < 0:
                found = cost.copy() if found is cost else found
                for w in self.kept_ways(n, item, t):
                    found[w, t] += self.tables.ways.ratio[w] * kept
        return found

    def kept_ways(self, n: int, item: int, t: int) -> list[int]:
        """Ways from the pool by which the item may leave for the need in the period."""
        ways = self.tables.ways
        return [int(w) for w in self.of_need[n] if ways.item[w] == item and ways.offer[w] < 0 and self.open_way[w, t]]

    def kept_cost(self, n: int, item: int, t: int, dual: Floats) -> float:
        """What a committed unit that is kept costs more than any other unit: less than 0 if it pays."""
        facts = self.tables.facts
        row = self.rows.layout.rows["plan_change"][self.rows.kept[n, item, t]]
        return -facts.change_cost(facts.problem.items[item].item, t) - float(dual[row])

    def _proposed(self, dual: Floats, cost: Floats, found: Priced, own: Floats, most: int, tolerance: float) -> float:
        """Units of proposed content: new columns, and what they add to the bound (no more than the content)."""
        rows, total = self.rows.layout.rows, 0.0
        for k, entry in enumerate(self.rows.proposals):
            mine = self.of_need[entry.need]
            mine = mine[self.tables.ways.offer[mine] < 0]
            if not len(mine):
                continue
            row = rows["promise_kept"][k]
            total += entry.units * min(0.0, float((cost[mine] - dual[row]).min(initial=0.0)))
            gain = (cost[mine] - own[row]) * entry.units
            for who, when in best_of(gain.min(axis=0, keepdims=True), most, tolerance):
                way = mine[np.argmin(gain[:, when], axis=0)]
                found.batches.append(Batch(PROPOSED, way, when, who + k))
        return total

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


def best_of(gain: Floats, most: int, tolerance: float, *, apart: int = 1) -> list[tuple[Ints, Ints]]:
    """(row, column) of the `most` least entries of every row that are below −tolerance, one entry a row at a time.

    `apart`: so many columns beside one that is taken are not taken after it.
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
        # the neighbours of a period say much the same
        for near in range(-apart, apart + 1):
            beside = at[who] + near
            inside = (beside >= 0) & (beside < gain.shape[1])
            gain[who[inside], beside[inside]] = np.inf
    return found
