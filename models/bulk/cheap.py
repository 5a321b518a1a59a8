"""Every column that costs no more than so much at given prices, where column generation asks only for the best.

Whoever leaves the others out knows what that is worth: a solution that uses a whole unit of one of them costs more than
that above the bound at these prices.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.bulk.batch import (
    DIRECT_KEPT,
    EACH_KEPT,
    FUNDED,
    FUNDED_KEPT,
    NEW,
    NEW_KEPT,
    PROPOSED,
    PROPOSED_KEPT,
    Batch,
    kinds,
)
from models.bulk.pricing import Pricing
from models.bulk.tables import Flags, Floats, Ints


def cheap(pricing: Pricing, dual: Floats, most: float) -> list[Batch]:
    """Columns whose reduced cost (per unit; of a complete order, whole) is at most `most`.

    Those for committed units are here at any price, and so is every column that may be used in parts of a unit
    (`torn`). Complete orders with committed units are not here: `models.bulk.apart` writes them down otherwise.

    Args:
        dual: of all rows, with legal signs (`Costs.legal`), in the objective's units.
        most: in the objective's units, at least 0.
    """
    rows, prices = pricing.rows.layout.rows, pricing.prices(dual)
    cost = pricing.order_costs(prices) - dual[rows["ordered_quantity"]][:, None]
    who, when = _at(cost[pricing.plain] <= most)
    found = [*pricing.order_batches(pricing.plain[who], when), *_kept(pricing)]
    way, ways, also = pricing.way_costs(prices), pricing.tables.ways, torn(pricing)
    pooled = ways.offer < 0
    if len(ways.need):
        whole = way - dual[rows["needed_quantity"]][ways.need][:, None]
        if pricing.packaged:
            priced = pricing.need_price[ways.need]
            paid = priced[:, None] * prices.money[pricing.category[ways.need]]
            paid[priced > pricing.rows.highest] = np.inf
            whole = np.where(pooled[:, None], whole + paid, whole)
        found += pricing.way_batches(*_at(np.isfinite(whole) & ((whole <= most) | also)))
    for k, funded in enumerate(pricing.rows.funded if pricing.packaged else ()):
        own = pricing.of_need[funded.need]
        own = own[pooled[own]]
        part = way[own] - dual[rows["funded_content"][k]]
        on = np.isfinite(part) & ((part <= most) | also[own])
        on[:, : funded.period] = False
        found += _of_content(FUNDED, own, on, k)
    for k, entry in enumerate(pricing.rows.proposals):
        own = pricing.of_need[entry.need]
        own = own[pooled[own]]
        part = way[own] - dual[rows["promise_kept"][k]][None, :]
        found += _of_content(PROPOSED, own, np.isfinite(part) & ((part <= most) | also[own]), k)
    return found


def torn(pricing: Pricing) -> Flags:
    """Shape (ways, periods): where a plan of whole units may use columns in parts of a unit.

    Committed units of a substitute are kept by the piece: 5 of them are two and a half units of the need where each
    takes two, and the rest of the third unit is another column.
    """
    ways = pricing.tables.ways
    found = np.zeros(pricing.open_way.shape, dtype=bool)
    for n, item, t in pricing.rows.kept:
        for w in pricing.kept_ways(n, item, t):
            found[w, t] = ways.ratio[w] > 1
    return found


def whole(pricing: Pricing, batches: list[Batch]) -> Flags:
    """Of columns of orders and ways, in the order of the batches: whether they are whole in every plan."""
    kind = kinds(batches)
    if not len(kind):
        return np.zeros(0, dtype=bool)
    who, when = (np.concatenate([getattr(b, name) for b in batches]) for name in ("who", "when"))
    found = np.ones(len(kind), dtype=bool)
    on = np.flatnonzero(kind >= NEW)  # of ways: patterns are not here
    found[on] = ~torn(pricing)[who[on], when[on]]
    return found


def _at(on: Flags) -> tuple[Ints, Ints]:
    who, when = np.nonzero(on)
    return who.astype(np.int64), when.astype(np.int64)


def _of_content(kind: int, ways: Ints, on: Flags, mark: int) -> list[Batch]:
    who, when = _at(on)
    return [Batch(kind, ways[who], when, np.full(len(who), mark, dtype=np.int64))] if len(who) else []


def _kept(pricing: Pricing) -> Iterator[Batch]:
    """All columns of committed units."""
    for o, t, _, _ in pricing.kept_orders():
        yield _one(EACH_KEPT, o, t, -1)
    rows = pricing.rows
    for n, item, t in rows.kept:
        for w in pricing.kept_ways(n, item, t):
            if not pricing.packaged:
                yield _one(DIRECT_KEPT, w, t, -1)
            elif pricing.need_price[n] <= rows.highest:
                yield _one(NEW_KEPT, w, t, -1)
            for k, funded in enumerate(rows.funded if pricing.packaged else ()):
                if funded.need == n and funded.period <= t:
                    yield _one(FUNDED_KEPT, w, t, k)
            for k, entry in enumerate(rows.proposals):
                if entry.need == n:
                    yield _one(PROPOSED_KEPT, w, t, k)


def _one(kind: int, who: int, when: int, mark: int) -> Batch:
    return Batch(kind, *(np.array([value], dtype=np.int64) for value in (who, when, mark)))
