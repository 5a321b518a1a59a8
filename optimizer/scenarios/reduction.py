"""Few scenarios for many: fast forward selection (Heitsch & Römisch 2003).

Of scenarios ξ[1] … ξ[n] with probabilities p, those are chosen one by one that bring the Kantorovich distance between
all of them and the chosen ones down most,

    D(J) = Σ_{i not in J} p[i] · min_{j in J} |ξ[i] − ξ[j]|,

and each one that is not chosen gives its probability to the chosen one that is nearest (optimal redistribution). The
norm is L1 over `features`: what a scenario takes from planners, in million USD.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.facts import Facts
from models.problem import Problem

Numbers = npt.NDArray[np.float64]
_EQUAL = 1e-12
"""Relative difference of distances that are equal."""


def features(problem: Problem) -> dict[tuple[str, str, int], float]:
    """What an instance offers and asks, in million USD by kind, name and period, running totals over periods.

    Output of a line at the price of its dearest item a slot; components at that of the dearest item they go into;
    money of pledges that has come; offers at their price; needs at price × quantity; review at the orders' value.
    """
    facts = Facts(problem)
    price = {i: row.unit_price_usd_m for i, row in facts.items.items()}
    found: dict[tuple[str, str, int], float] = {}
    worth: dict[str, float] = defaultdict(float)
    for made in problem.line_items:
        worth[made.line] = max(worth[made.line], price[made.item] / made.slots_per_unit)
    for line, slots in facts.slots.items():
        for t, total in enumerate(np.cumsum(slots).tolist()):
            found["line", line, t] = worth[line] * total
    part_worth: dict[str, float] = defaultdict(float)
    for part in problem.item_components:
        units = max(1, part.units_per_unit)
        part_worth[part.component] = max(part_worth[part.component], price[part.item] / units)
    for part_name, row in facts.component_cumulative.items():
        for t, total in enumerate(row):
            found["component", part_name, t] = part_worth[part_name] * total
    for pledge in problem.pledges:
        for t in range(facts.calendar.period(pledge.available_on), facts.T):
            found["pledge", pledge.pledge, t] = pledge.amount_usd_m
    for offer in problem.offers:
        found["offer", offer.offer, 0] = price[offer.item] * offer.quantity
    for need in problem.needs:
        found["need", need.need, 0] = price[need.item] * need.quantity
    value: dict[str, float] = defaultdict(float)
    for order in problem.orders:
        value[order.case] += price[order.item] * order.quantity
    for case, effort in facts.review_effort.items():
        found["review", case, 0] = value[case] * effort
    return found


def distances(problems: Sequence[Problem]) -> Numbers:
    """|ξ[i] − ξ[j]| between instances, (n, n)."""
    rows = [features(problem) for problem in problems]
    keys = sorted({key for row in rows for key in row})
    x = np.array([[row.get(key, 0.0) for key in keys] for row in rows]).reshape(len(rows), len(keys))
    x = x[:, np.ptp(x, axis=0) > 0] if rows else x
    return np.array([np.abs(x - row).sum(axis=1) for row in x]).reshape(len(rows), len(rows))


def forward_selection(
    distance: Numbers, probabilities: Sequence[float], count: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The chosen scenarios, in the order in which they were chosen, with their new probabilities.

    Args:
        distance: (n, n), symmetric.
        probabilities: of all, summing to any total, which is kept.
        count: how many to keep; all of them if there are no more.
    """
    p, n = np.asarray(probabilities, dtype=float), len(probabilities)
    chosen: list[int] = []
    nearest = np.full(n, np.inf)
    for _ in range(min(count, n)):
        left = [i for i in range(n) if i not in chosen]
        totals = [float((p[left] * np.minimum(nearest[left], distance[left, u])).sum()) for u in left]
        # of equals the first, whatever the last digits that a processor adds up: the same scenarios on every machine
        near = min(totals) + _EQUAL * max(map(abs, totals))
        best = next(u for u, total in zip(left, totals, strict=True) if total <= near)
        chosen.append(best)
        nearest = np.minimum(nearest, distance[:, best])
    shares = dict.fromkeys(chosen, 0.0)
    for i in range(n):
        owner = i if i in shares else min(chosen, key=lambda j: (distance[i, j], j))
        shares[owner] += float(p[i])
    return tuple(chosen), tuple(shares[j] for j in chosen)
