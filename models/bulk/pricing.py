"""Pricing: given prices of all rows, what every way to serve a demand costs, the best of them, and a proven bound.

A column serves one demand in one period. There are far too many to write down, but with prices on the rows the cost of
all of them is a few sums of arrays, so a linear program over all is solved with the few that matter (column generation;
Dantzig & Wolfe 1960), and any prices give a lower bound on the whole: what the rows' sides are worth, plus the least
that every column can add (Lagrangian bound; Geoffrion 1974).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.bulk.batch import (
    COMPLETE,
    DIRECT,
    DIRECT_KEPT,
    EACH,
    FUNDED,
    FUNDED_KEPT,
    GIVEN,
    NEW,
    NEW_KEPT,
    PATTERN,
    PROPOSED,
    PROPOSED_KEPT,
    Batch,
    best_of,
)
from models.bulk.costs import Costs, Prices
from models.bulk.rows import Rows
from models.bulk.tables import Floats, Ints


@dataclass
class Priced:
    """Pricing's answer: a valid bound, the duals at which it holds, columns that would improve the program by kind."""

    bound: float
    dual: Floats
    batches: list[Batch] = field(default_factory=list)


class Pricing(Costs):
    """Prices all columns of an instance."""

    def __init__(self, rows: Rows) -> None:
        """`rows`: what the columns stand in."""
        super().__init__(rows)
        self._numbers: dict[tuple[int, ...], int] = {}
        self.patterns: list[tuple[int, ...]] = []
        """By mark of a PATTERN: period of completion, then period and units of every dispatch."""

    def mark_of(self, pattern: tuple[int, ...]) -> int:
        """The mark of a pattern, a new one if it has none."""
        if pattern not in self._numbers:
            self._numbers[pattern] = len(self.patterns)
            self.patterns.append(pattern)
        return self._numbers[pattern]

    def price(self, dual: Floats, own: Floats, most: int, tolerance: float) -> Priced:
        """The bound at these duals, and the best new columns.

        Args:
            dual: of all rows. own: the same, or other duals, against whose demand rows a column has to gain.
            most: columns a demand at most. tolerance: gain of a column (per whole demand) that does not count.
        """
        rows = self.rows.layout.rows
        dual = self.legal(dual)
        prices = self.prices(dual)
        found = Priced(-np.inf, dual)
        orders = self.tables.orders
        # orders: their own rows' duals are the best there can be
        cost = self.order_costs(prices)
        plain = np.min(cost, axis=1, initial=np.inf)
        for o in self.patterned:
            cost[o] = np.inf
            plain[o] = self._pattern(int(o), prices, own[rows["ordered_quantity"][o]] - tolerance, most + 4, found)
        best = np.where(orders.firm, plain, np.minimum(0.0, plain))
        best = np.where(np.isfinite(best), best, 0.0)
        kept = self._kept_orders(prices, best)
        dual[rows["ordered_quantity"]] = best
        scale = np.where(orders.complete, 1.0, np.maximum(orders.quantity, 1))
        gain = (cost - own[rows["ordered_quantity"]][:, None]) * scale[:, None]
        self._choose(found, gain, self.order_batches, most=most, tolerance=tolerance)
        found.bound = kept + self._needs(prices, found, dual, own, most=most, tolerance=tolerance)
        found.bound += self.rows_worth(dual)
        return found

    @staticmethod
    def _choose(
        found: Priced, gain: Floats, batches: Callable[[Ints, Ints], list[Batch]], *, most: int, tolerance: float
    ) -> None:
        for who, when in best_of(gain, most, tolerance):
            found.batches += batches(who, when)

    def order_batches(self, who: Ints, when: Ints) -> list[Batch]:
        """Columns of orders without dispatches of the plan before; `who`: orders, `when`: periods."""
        complete = self.tables.orders.complete[who]
        none = np.zeros(len(who), dtype=np.int64) - 1
        return [
            Batch(kind, who[on], when[on], none[on])
            for kind, on in ((EACH, ~complete), (COMPLETE, complete))
            if on.any()
        ]

    def _kept_orders(self, prices: Prices, best: Floats) -> float:
        """What committed units of `each` orders add to the bound; lowers `best`, their own rows' duals, where it pays.

        A unit of an order is served once: its dual is the cost of the dearest unit that it takes.
        """
        total, orders = 0.0, self.tables.orders
        review = self.review_cost(prices)
        of_order: dict[int, list[tuple[float, int]]] = {}
        for o, t, units, kept in self.kept_orders():
            each = kept + prices.pool[orders.item[o], t] - orders.saving[o, t] + review[o, t]
            of_order.setdefault(o, []).append((float(each), units))
        for o, entries in of_order.items():
            worth = {
                dual: (sum(units * min(0.0, each - dual) for each, units in entries), float(orders.quantity[o]) * dual)
                for dual in (float(best[o]), *(each for each, _ in entries if each < best[o]))
            }
            best[o] = max(worth, key=lambda dual: sum(worth[dual]))
            total += worth[float(best[o])][0]
        return total

    def kept_orders(self) -> list[tuple[int, int, int, float]]:
        """(order, period, committed units, cost of a kept unit) of `each` orders."""
        tables, facts = self.tables, self.tables.facts
        found = []
        for (demand, item, t), units in facts.committed.items():
            o = tables.order_index.get(demand)
            if o is None or tables.orders.complete[o] or not self.allowed[o, t]:
                continue
            if tables.item_index[item] == tables.orders.item[o]:
                found.append((o, t, units, -facts.change_cost(item, t)))
        return found

    def _pattern(self, o: int, prices: Prices, own: float, most: int, found: Priced) -> float:
        """A committed complete order: its best dispatches over all periods of completion; the cost of the best."""
        orders, facts = self.tables.orders, self.tables.facts
        pool, q = prices.pool[orders.item[o]], int(orders.quantity[o])
        name, item = orders.names[o], facts.problem.items[orders.item[o]].item
        review = self.review_of(o, prices)
        kept = sorted(
            (pool[t] - facts.change_cost(item, t), t, units)
            for (demand, thing, t), units in facts.committed.items()
            if demand == name and thing == item and self.allowed[o, t]
        )
        offered: list[tuple[float, tuple[int, ...]]] = []
        # one that is never completed has its case approved before its first unit leaves: at every such period
        ends = [(t, 0) for t in np.flatnonzero(self.allowed[o]).tolist()]
        if not orders.firm[o]:
            ends += [(self.T, s) for s in (*(s for _, s, _ in kept), self.T)]
        for t, begin in ends:
            left, cost, parts = q, 0.0, dict[int, int]()
            for each, s, units in kept:
                worth = pool[t] if t < self.T else 0.0
                if begin <= s <= t and each < worth - 1e-12 and left:
                    take = min(left, units)
                    parts[s] = take
                    left -= take
                    cost += take * each
            if t < self.T:
                cost += left * pool[t] - q * orders.saving[o, t] + review[t]
                parts[t] = parts.get(t, 0) + left
            elif parts:
                cost += min(review[begin], review[min(parts)])
            offered.append((float(cost), (t, *(value for pair in sorted(parts.items()) if pair[1] for value in pair))))
        offered.sort(key=lambda pair: pair[0])
        for cost, pattern in offered[:most]:
            if cost < own:
                mark = np.array([self.mark_of(pattern)], dtype=np.int64)
                who, when = np.array([o], dtype=np.int64), np.array([pattern[0]], dtype=np.int64)
                found.batches.append(Batch(PATTERN, who, when, mark))
        return offered[0][0] if offered else np.inf

    def _needs(self, prices: Prices, found: Priced, dual: Floats, own: Floats, *, most: int, tolerance: float) -> float:
        """Columns of needs; sets the duals of their rows. What bounded columns add to the bound."""
        rows, ways = self.rows.layout.rows, self.tables.ways
        cost = self.way_costs(prices)
        count = len(self.units)
        best = np.zeros(count)
        added = 0.0
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
                        self._add_funded(found, k, own_ways, part, limit=limit, most=most)
            # with committed units there may be better duals of a need's own rows than these: the given ones
            duals = np.array([best, np.minimum(best, dual[rows["needed_quantity"]])])
            contents = np.array([content, np.minimum(content, dual[rows["funded_content"]])])
            kept = self._kept_needs(found, cost, money, dual, own, duals=duals, contents=contents, tolerance=tolerance)
            upper = self.rows.layout.sides[1]
            worth = kept + duals * upper[rows["needed_quantity"]]
            of_content = np.array([funded.need for funded in self.rows.funded], dtype=np.int64)
            np.add.at(worth.T, of_content, (contents * upper[rows["funded_content"]]).T)
            given = worth[1] > worth[0]
            dual[rows["needed_quantity"]] = np.where(given, duals[1], duals[0])
            dual[rows["funded_content"]] = np.where(given[of_content], contents[1], contents[0])
            added += float(np.where(given, kept[1], kept[0]).sum())
            scale = np.maximum(self.units[need], 1.0)
            gain = (whole - own[rows["needed_quantity"]][need][:, None]) * scale[:, None]
            self._choose(found, gain, self.way_batches, most=most, tolerance=tolerance)
            added += self._proposed(found, self._with_kept(cost, dual), dual, own, most=most, tolerance=tolerance)
        return added

    def _add_funded(self, found: Priced, k: int, own_ways: Ints, part: Floats, *, limit: float, most: int) -> None:
        period = self.rows.funded[k].period
        flat = part.ravel()
        for at in np.argsort(flat)[:most]:
            if flat[at] >= limit:
                break
            w, t = divmod(int(at), part.shape[1])
            found.batches.append(Batch(FUNDED, own_ways[w : w + 1], np.array([t + period]), np.array([k])))

    def way_batches(self, who: Ints, when: Ints) -> list[Batch]:
        """Columns of needs from new packages (or without any) and from offers; `who`: ways, `when`: periods."""
        ways, found = self.tables.ways, []
        given = ways.offer[who] >= 0
        none = np.zeros(len(who), dtype=np.int64) - 1
        if given.any():
            found.append(Batch(GIVEN, who[given], when[given], none[given]))
        rest = ~given
        if self.packaged:
            rest &= self.need_price[ways.need[who]] <= self.rows.highest
        if rest.any():
            found.append(Batch(NEW if self.packaged else DIRECT, who[rest], when[rest], none[rest]))
        return found

    def _kept_needs(
        self,
        found: Priced,
        cost: Floats,
        money: Floats,
        dual: Floats,
        own: Floats,
        *,
        duals: Floats,
        contents: Floats,
        tolerance: float,
    ) -> Floats:
        """Committed units of needs: new columns, and what they add to the bound, by choice of duals and need.

        No more units than are committed, nor than the need has. `duals`, `contents`: shape (choices, rows), two
        choices of duals for `needed_quantity` and `funded_content`.
        """
        rows, ways, facts = self.rows.layout.rows, self.tables.ways, self.tables.facts
        added = np.zeros((len(duals), len(self.units)))
        starts: dict[int, list[int]] = {}
        for k, funded in enumerate(self.rows.funded):
            starts.setdefault(funded.need, []).append(k)
        proposals: dict[int, list[int]] = {}
        for e, entry in enumerate(self.rows.proposals):
            proposals.setdefault(entry.need, []).append(e)
        for n, item, t in self.rows.kept:
            units = facts.committed[facts.problem.needs[n].need, facts.problem.items[item].item, t]
            need_row = rows["needed_quantity"][n]
            least, most = np.zeros(len(duals)), 0.0
            for w in self.kept_ways(n, item, t):
                ratio = float(ways.ratio[w])
                most = min(float(units), ratio * self.units[n])
                base = float(cost[w, t]) + ratio * self.kept_cost(n, item, t, dual)
                options: list[tuple[int, int, float, Floats, float]] = []
                if not self.packaged:
                    options.append((DIRECT_KEPT, -1, base, duals[:, n], own[need_row]))
                elif self.need_price[n] <= self.rows.highest:
                    paid = base + self.need_price[n] * money[self.category[n], t]
                    options.append((NEW_KEPT, -1, paid, duals[:, n], own[need_row]))
                promise = self.rows.promised[n]
                must = float(dual[promise]) if promise >= 0 else 0.0
                for f in starts.get(n, ()) if self.packaged else ():
                    if self.rows.funded[f].period <= t:
                        content_row = rows["funded_content"][f]
                        options.append((FUNDED_KEPT, f, base - must, contents[:, f], own[content_row]))
                for e in proposals.get(n, ()):
                    content_row = rows["promise_kept"][e, t]
                    options.append((PROPOSED_KEPT, e, base, np.full(len(duals), dual[content_row]), own[content_row]))
                for kind, mark, value, bound_dual, own_dual in options:
                    least = np.minimum(least, (value - bound_dual) / ratio)
                    if (value - own_dual) * self.units[n] < -tolerance:
                        who, when = np.array([w], dtype=np.int64), np.array([t], dtype=np.int64)
                        found.batches.append(Batch(kind, who, when, np.array([mark], dtype=np.int64)))
            added[:, n] += most * least
        return added

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

    def _proposed(
        self, found: Priced, cost: Floats, dual: Floats, own: Floats, *, most: int, tolerance: float
    ) -> float:
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
