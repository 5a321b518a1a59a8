"""Orders that count when complete, drawn from the pool no later than lines can still make them: `prework`.

Sets: lumped orders o of item i (`complete`, nothing committed), periods s, t. In `late_only` a fraction of such an
order may be completed as soon as a fraction of its units is there, as if every unit counted by itself. But an order
completed in t has, at the end of every earlier period s, all units in the pool that cannot arrive any more:

    need[o,s,t] = max(0, quantity[o] − supply[i,s,t]),   s < t,

where supply[i,s,t] is the most that lines, components and receipts can add to the pool of i in s+1 … t. With
z'[o,t] = is_completed[o,t] − is_completed[o,t−1] this gives, for every item and period,

    prework:  Σ_o Σ_{t>s} need[o,s,t] · z'[o,t] ≤ stock[i,s] − floor[i],   floor = min(readiness_floor, on_hand).

Why it holds: call floor[i] units of the pool the ones that never leave (stock is never below, so there is always
another one to take). The units of o leave together in t; at most supply[i,s,t] of them arrived after s, the others were
there at the end of s. Units of different orders, and those that never leave, are different units. ∎

No row is added. Units count as *set aside* from the period in which they are needed at the latest, so the pool balances
what is free: o takes need[o,s,t] − need[o,s−1,t] units in s < t and the rest in t, and `stock ≥ floor` of what is free
is the row above. A fraction of an order then needs the same fraction of the lines' time in every period before its
completion, as in a time-indexed formulation; on one line with one slot a period that is the start-time formulation of
Dyer & Wolsey (1990) and Sousa & Wolsey (1992), in their monotone variables, with work done ahead allowed.

Where a missing unit of the readiness floor costs something, set-aside units count for the floor, and the model needs
the whole stock: such an item keeps the lump of `late_only`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.blocks.orders import ADDS, lump, monotone_completion, monotone_read, monotone_start
from models.draft import Block, Draft, Term
from models.facts import Facts
from models.problem import Order

Counts = npt.NDArray[np.int64]


def arrivals(facts: Facts, item: str) -> tuple[Counts, Counts, Counts]:
    """For an item, cumulated by the end of each period (index 0: before the horizon): output at most, receipts; and
    for each period the units that components could ever have served by its end (a large number without components)."""
    made, received = [0], [0]
    for t in range(facts.T):
        made.append(made[-1] + sum(facts.slots[line][t] // spu for line, spu in facts.makers[item]))
        received.append(received[-1] + facts.receipts[item][t])
    parts = [(k, units) for k, units in facts.parts.get(item, ()) if units]
    served = [min((facts.component_cumulative[k][t] // u for k, u in parts), default=made[-1]) for t in range(facts.T)]
    return np.array(made), np.array(received), np.array(served)


def set_aside(facts: Facts, order: Order, t: int) -> tuple[int, Counts]:
    """Units of the order set aside period by period if it is completed in t: (first period, units up to and in t)."""
    known = facts.memo.setdefault("arrivals", {})
    if order.item not in known:
        known[order.item] = arrivals(facts, order.item)
    made, received, served = known[order.item]
    supply = np.minimum(made[t + 1] - made[1 : t + 1], served[t]) + received[t + 1] - received[1 : t + 1]
    # supply falls from period to period, so what is needed rises; before `first` nothing is
    first = int(np.searchsorted(-supply, -order.quantity, side="right"))
    need = np.append(order.quantity - supply[first:], order.quantity)
    return first, np.diff(need, prepend=0)


def ahead(draft: Draft, order: Order, window: list[int]) -> dict[int, list[Term]]:
    """Terms by period with which the order draws on what is free in the pool."""
    facts, completed = draft.facts, draft.model.is_completed
    if counts_for_floor(facts, order.item):
        return lump(draft, order, window)
    found: dict[int, list[Term]] = {}
    following: dict[int, int] = {}
    for t in reversed(window):
        first, units = set_aside(facts, order, t)
        mine = dict(enumerate(units.tolist(), start=first))
        for s in mine.keys() | following.keys():
            coefficient = mine.get(s, 0) - following.get(s, 0)
            if coefficient:
                found.setdefault(s, []).append((coefficient, completed[order.order, t]))
        following = mine
    return found


def counts_for_floor(facts: Facts, item: str) -> bool:
    """Whether a unit of the item in the pool may lessen the readiness shortfall."""
    return facts.problem.readiness is not None and facts.readiness_floors[item] > facts.hard_floors[item]


prework = Block(
    "prework",
    "as late_only; units of a complete order are set aside in the last periods in which they can still be made",
    ADDS,
    ("approved_for",),
    lambda draft: monotone_completion(draft, ahead),
    monotone_read,
    monotone_start,
)
