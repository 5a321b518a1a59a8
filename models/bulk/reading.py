"""From columns and their values to what they say: orders of service, dispatches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from models.bulk.batch import COMPLETE, EACH, EACH_KEPT, GIVEN, PATTERN, Batch
from models.bulk.pricing import Pricing
from models.bulk.tables import Floats
from models.plan import POOL, Dispatch, Made, Plan

_DUST = 1e-6


def mean_periods(pricing: Pricing, batches: Sequence[Batch], x: Floats) -> dict[str, float]:
    """Mean period in which each demand is served, by name; `x`: values of the generated columns."""
    tables = pricing.tables
    needs = [need.need for need in tables.facts.problem.needs]
    units: dict[str, float] = defaultdict(float)
    moments: dict[str, float] = defaultdict(float)
    at = 0
    for batch in batches:
        value = x[at : at + batch.who.size]
        at += batch.who.size
        for k in np.flatnonzero(value > _DUST).tolist():
            who = int(batch.who[k])
            ordered = batch.kind in (EACH, COMPLETE, EACH_KEPT, PATTERN)
            name = tables.orders.names[who] if ordered else needs[tables.ways.need[who]]
            units[name] += value[k]
            moments[name] += value[k] * batch.when[k]
    return {name: moments[name] / amount for name, amount in units.items()}


def plan_of(pricing: Pricing, batches: Sequence[Batch], standing: Floats, x: Floats, settled: Plan) -> Plan:
    """The plan that whole values of columns of a settled instance say, with the decisions of `settled`."""
    rows, tables, orders = pricing.rows, pricing.tables, pricing.tables.orders
    problem, calendar = tables.facts.problem, tables.facts.calendar
    sent: Counter[tuple[str, str, str, str, int, int, tuple[str, ...]]] = Counter()
    at = 0
    for batch in batches:
        value = np.round(x[at : at + batch.who.size]).astype(np.int64)
        at += batch.who.size
        for k in np.flatnonzero(value > 0).tolist():
            who, t, units = int(batch.who[k]), int(batch.when[k]), int(value[k])
            if batch.kind in (EACH, EACH_KEPT, COMPLETE, PATTERN):
                name, item = orders.names[who], problem.items[orders.item[who]].item
                for s, amount in _parts(pricing, batch, k):
                    sent[name, "order", POOL, item, s, s, ()] += units * amount
                continue
            ways = tables.ways
            route = tables.routes[ways.route[who]]
            origin = problem.offers[ways.offer[who]].offer if batch.kind == GIVEN else POOL
            item = problem.items[ways.item[who]].item
            arrival = calendar.shift(t, route.weeks)
            need = problem.needs[ways.need[who]].need
            sent[need, "need", origin, item, t, arrival, route.lanes] += units * int(ways.ratio[who])
    for (offer, t, _), value in zip(rows.replacing, standing[rows.names["replaced"]], strict=True):
        if round(value):
            row = problem.offers[offer]
            sent[row.offer, "replacement", POOL, row.replacement_item, t, t, ()] += round(value)
    dispatches = tuple(
        Dispatch(name, kind, origin, item, units, t, arrival, route)  # type: ignore[arg-type]
        for (name, kind, origin, item, t, arrival, route), units in sorted(sent.items())
        if units
    )
    return Plan(
        dispatches, _made(pricing, standing, dispatches), settled.contents, settled.releases, settled.payments,
        settled.accepted_offers, settled.approvals,
    )  # fmt: skip


def _parts(pricing: Pricing, batch: Batch, k: int) -> list[tuple[int, int]]:
    """Period and units of every dispatch that the k-th column of a batch of orders stands for."""
    tables, who, t = pricing.tables, int(batch.who[k]), int(batch.when[k])
    if batch.kind == PATTERN:
        _, *parts = pricing.patterns[int(batch.mark[k])]
        return list(zip(parts[::2], parts[1::2], strict=True))
    if batch.kind != COMPLETE:
        return [(t, 1)]
    first, quantity = int(tables.begins[who, t]), int(tables.orders.quantity[who])
    if first == t:
        return [(t, quantity)]
    # units set aside before the order may leave wait for it in the pool
    total, opens = tables.arriving[tables.orders.item[who]], int(tables.orders.first[who])
    found: Counter[int] = Counter({max(first, opens): quantity - int(total[t] - total[first])})
    for s in range(first + 1, t + 1):
        found[max(s, opens)] += int(total[s] - total[s - 1])
    return [(s, units) for s, units in sorted(found.items()) if units]


def _made(pricing: Pricing, standing: Floats, dispatches: Sequence[Dispatch]) -> tuple[Made, ...]:
    """What lines make: as decided, or, on a line whose output is not decided, no more than leaves or fills a floor."""
    rows, tables = pricing.rows, pricing.tables
    problem, T = tables.facts.problem, tables.T
    line, item, each = tables.making
    found: list[Made] = []
    made = np.round(standing[rows.names["made"]]).astype(np.int64)
    for m, values in zip(rows.free.tolist(), made, strict=True):
        for t in np.flatnonzero(values > 0).tolist():
            found.append(Made(problem.lines[line[m]].line, problem.items[item[m]].item, t, int(values[t])))
    taken = np.zeros((len(problem.items), T), dtype=np.int64)
    for row in dispatches:
        if row.origin == POOL:
            taken[tables.item_index[row.item], row.period] += row.quantity
    hard, wanted = tables.floors
    decided = np.zeros_like(taken)
    np.add.at(decided, item[rows.free], made)
    received = np.array([tables.facts.receipts[i.item] for i in problem.items], dtype=np.int64).reshape(-1, T)
    held = np.array([tables.facts.on_hand[i.item] for i in problem.items], dtype=np.int64)
    level = np.where(tables.short, wanted, hard)
    lacking = np.cumsum(taken - decided - received, axis=1) + (level - held)[:, None]
    most = np.maximum(0, lacking.max(axis=1, initial=0))
    left = most.copy()
    steady = np.flatnonzero(tables.steady)
    output = tables.slots[line[steady]] // each[steady][:, None]
    # period by period, as an item may have several such lines: what is made first is there first
    for t, s in zip(*np.nonzero(output.T > 0), strict=True):
        m, i = steady[s], item[steady[s]]
        units = min(int(output[s, t]), int(left[i]))
        if units:
            found.append(Made(problem.lines[line[m]].line, problem.items[i].item, int(t), units))
            left[i] -= units
    return tuple(sorted(found))
