"""Columns written down: costs, bounds and entries of what pricing chose (`models.bulk.pricing`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.bulk.batch import (
    COMPLETE,
    DIRECT_KEPT,
    EACH,
    EACH_KEPT,
    FUNDED,
    FUNDED_KEPT,
    GIVEN,
    NEW,
    NEW_KEPT,
    PATTERN,
    PROPOSED,
    PROPOSED_KEPT,
    Batch,
)
from models.bulk.layout import Columns
from models.bulk.pricing import Pricing
from models.bulk.tables import Floats, Ints

_KEPT = (NEW_KEPT, FUNDED_KEPT, DIRECT_KEPT, PROPOSED_KEPT)


class Builder:
    """Writes batches of columns down."""

    def __init__(self, pricing: Pricing) -> None:
        """`pricing`: the columns that its batches name, and the rows they stand in."""
        self.pricing, self.rows, self.tables = pricing, pricing.rows, pricing.tables
        self.T = pricing.T
        self._kept_order = {(o, t): (units, cost) for o, t, units, cost in pricing.kept_orders()}

    def columns(self, batch: Batch) -> Columns:
        """The columns of a batch, in its order."""
        if batch.kind in (EACH, COMPLETE, EACH_KEPT):
            return self._orders(batch)
        if batch.kind == PATTERN:
            return _joined([self._pattern(o, m) for o, m in zip(batch.who, batch.mark, strict=True)])
        return self._ways(batch)

    def _orders(self, batch: Batch) -> Columns:
        orders, rows = self.tables.orders, self.rows.layout.rows
        who, when = batch.who, batch.when
        columns = np.arange(len(who))
        item = orders.item[who]
        quantity = orders.quantity[who].astype(float)
        balance = rows["stock_balance"]
        entries = [(rows["ordered_quantity"][who], columns, np.ones(len(who)))]
        if batch.kind == COMPLETE:
            cost, upper = -quantity * orders.saving[who, when], np.ones(len(who))
            entries.append(self._set_aside(who, when))
        else:
            cost, upper = -orders.saving[who, when], quantity
            entries.append((balance[item, when], columns, np.ones(len(who))))
        if batch.kind == EACH_KEPT:
            kept = [self._kept_order[int(o), int(t)] for o, t in zip(who, when, strict=True)]
            cost = cost + np.array([c for _, c in kept])
            upper = np.array([float(units) for units, _ in kept])
        # a list scheduler may serve a promise too late; no plan of columns can
        upper = np.where(self.pricing.allowed[who, when], upper, 0.0)
        effort = np.where(orders.complete[who], orders.effort[who], orders.effort[who] / np.maximum(quantity, 1))
        for k, begin in enumerate(self.rows.chains):
            on = np.flatnonzero((effort > 0) & (orders.submitted[who] >= begin))
            entries.append((rows["review_capacity"][k, self.pricing.by[when[on]]], on, effort[on]))
        return _columns(cost, upper, entries)

    def _set_aside(self, who: Ints, when: Ints) -> tuple[Ints, Ints, Floats]:
        """Entries in the pools' balances: all that can arrive from its beginning on, and what is left to take then."""
        tables, orders = self.tables, self.tables.orders
        first = tables.begins[who, when]
        length = when - first + 1
        column = np.repeat(np.arange(len(who)), length)
        offset = np.arange(len(column)) - np.repeat(np.cumsum(length) - length, length)
        period = first[column] + offset
        item = orders.item[who][column]
        total = tables.arriving
        before = np.where(period > 0, total[item, np.maximum(period - 1, 0)], 0)
        units = (total[item, period] - before).astype(float)
        start = orders.quantity[who] - total[orders.item[who], when] + total[orders.item[who], first]
        units[offset == 0] = np.where(length == 1, orders.quantity[who], start)
        on = units != 0
        return self.rows.layout.rows["stock_balance"][item, period][on], column[on], units[on]

    def _pattern(self, o: int, mark: int) -> Columns:
        tables, orders, rows = self.tables, self.tables.orders, self.rows.layout.rows
        facts = tables.facts
        completed, *parts = self.pricing.patterns[mark]
        when, units = np.array(parts[::2], dtype=np.int64), np.array(parts[1::2], dtype=float)
        item = facts.problem.items[orders.item[o]].item
        cost = -orders.quantity[o] * orders.saving[o, completed] if completed < self.T else 0.0
        for t, u in zip(when.tolist(), units.tolist(), strict=True):
            committed = facts.committed.get((orders.names[o], item, t), 0)
            if committed:
                cost -= facts.change_cost(item, t) * min(u, committed)
        zero = np.zeros(len(when), dtype=np.int64)
        entries = [
            (rows["ordered_quantity"][[o]], np.zeros(1, dtype=np.int64), np.ones(1)),
            (rows["stock_balance"][orders.item[o], when], zero, units),
        ]
        if orders.effort[o] > 0 and len(when):
            needed = completed if completed < self.T else int(when.min())
            for k, begin in enumerate(self.rows.chains):
                if orders.submitted[o] >= begin:
                    row = rows["review_capacity"][k, self.pricing.by[needed]]
                    entries.append((np.array([row]), np.zeros(1, dtype=np.int64), np.array([orders.effort[o]])))
        return _columns(np.array([cost]), np.ones(1), entries)

    def _ways(self, batch: Batch) -> Columns:
        tables, ways, rows, pricing = self.tables, self.tables.ways, self.rows.layout.rows, self.pricing
        who, when, mark = batch.who, batch.when, batch.mark
        columns = np.arange(len(who))
        need = ways.need[who]
        cost, upper = -ways.saving[who, when], pricing.units[need]
        entries = []
        ratio = ways.ratio[who].astype(float)
        plain = batch.kind - 10 if batch.kind in _KEPT else batch.kind
        if plain == GIVEN:
            entries.append((rows["offer_quantity"][ways.offer[who]], columns, ratio))
        else:
            entries.append((rows["stock_balance"][ways.item[who], when], columns, ratio))
        if plain == FUNDED:
            entries.append((rows["funded_content"][mark], columns, np.ones(len(who))))
            upper = np.array([float(self.rows.funded[k].units) for k in mark])
            promised = self.rows.promised[need]
            entries.append((promised[promised >= 0], columns[promised >= 0], np.ones(int((promised >= 0).sum()))))
        elif plain == PROPOSED:
            entries.append((rows["promise_kept"][mark, when], columns, np.ones(len(who))))
            upper = np.array([float(self.rows.proposals[k].units) for k in mark])
        else:
            entries.append((rows["needed_quantity"][need], columns, np.ones(len(who))))
        if plain == NEW:
            price = pricing.need_price[need]
            entries.append((rows["dispatch_after_release"][pricing.category[need], when], columns, price))
        for route in np.unique(ways.route[who]):
            on = np.flatnonzero(ways.route[who] == route)
            tonnes = pricing.way_tonnes[who[on]]
            for lane, period in tables.passing[route]:
                used = period[when[on]]
                inside = (used < self.T) & (tonnes > 0)
                entries.append((rows["lane_capacity"][lane, used[inside]], on[inside], tonnes[inside]))
        if batch.kind in _KEPT:
            keys = zip(need.tolist(), ways.item[who].tolist(), when.tolist(), strict=True)
            kept = np.array([self.rows.kept[key] for key in keys], dtype=np.int64)
            facts = tables.facts
            saved = np.array([facts.change_cost(facts.problem.items[i].item, int(t))
                              for i, t in zip(ways.item[who], when, strict=True)])  # fmt: skip
            cost = cost - ratio * saved
            entries.append((rows["plan_change"][kept], columns, ratio))
        return _columns(cost, upper, entries)


def _columns(cost: Floats, upper: Floats, entries: Sequence[tuple[Ints, Ints, Floats]]) -> Columns:
    row, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return Columns(cost.astype(float), np.zeros(len(cost)), upper.astype(float), row, column, value)


def _joined(parts: Sequence[Columns]) -> Columns:
    offsets = np.cumsum([0, *(part.count for part in parts)])
    return Columns(
        np.concatenate([p.cost for p in parts]),
        np.concatenate([p.lower for p in parts]),
        np.concatenate([p.upper for p in parts]),
        np.concatenate([p.row for p in parts]),
        np.concatenate([p.column + at for p, at in zip(parts, offsets, strict=False)]),
        np.concatenate([p.value for p in parts]),
    )
