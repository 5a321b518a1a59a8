"""When something may leave without loss of generality: periods and moves that no other one dominates.

Holding a unit in the pool is free (a fuller pool breaks no rule and can only reduce the readiness shortfall), so of
the dispatch periods that cost a demand the same only the last one is needed, unless a commitment of the plan before
rewards an earlier one. For goods that travel the same holds on routes without limited lanes.
"""

from __future__ import annotations

from collections import defaultdict

from models.facts import Facts, Move
from models.plan import POOL
from models.problem import Offer, Order


def order_window(facts: Facts, order: Order) -> list[int]:
    """Periods in which the order may leave: from the last one without lateness on, and committed ones before."""
    first, last = facts.earliest(order), facts.latest_firm(order)
    if first > last:
        return []
    begin = min(max(first, facts.last_on_time(order.due_date)), last)
    committed = {t for t in facts.committed_periods.get(order.order, ()) if first <= t <= last}
    end = last
    if order.firm_by is None and facts.never_cost(order) <= 0:
        end = begin - 1  # never late: nothing is gained by serving it
    return sorted(committed | set(range(begin, end + 1)))


def replacement_window(facts: Facts, offer: Offer) -> list[int]:
    """Periods for the replacement: the last one on time, and committed ones."""
    last = facts.replacement_deadline(offer)
    if last < 0:
        return []
    return sorted({last} | {t for t in facts.committed_periods.get(offer.offer, ()) if t <= last})


def useful_moves(facts: Facts) -> list[Move]:
    """The moves that no other one dominates, needs in table order.

    A route dominates another of the same origin if it takes no longer and uses no limited lane that the other does
    not use at the same week; on a route without limited lanes a later departure that saves as much dominates.
    """
    known: list[Move] | None = facts.memo.get("useful_moves")
    if known is not None:
        return known
    kept: list[Move] = []
    facts.memo["useful_moves"] = kept
    for need in facts.problem.needs:
        groups: dict[tuple[str, str], list[Move]] = defaultdict(list)
        for move in facts.moves_of(need):
            if _fits(facts, move):
                groups[move.item, move.origin].append(move)
        committed = facts.committed_periods.get(need.need, set())
        for (_, origin), moves in groups.items():
            routes = {move.route for move in moves}
            use = {
                r: {(a, w) for a, w in zip(r.lanes, r.before, strict=True) if a in facts.lane_tonnes} for r in routes
            }
            ordered = sorted(routes, key=lambda r: (r.weeks, len(use[r]), r.lanes))
            for k, route in enumerate(ordered):
                if any(other.weeks <= route.weeks and use[other] <= use[route] for other in ordered[:k]):
                    continue
                along = [move for move in moves if move.route == route]
                for move, after in zip(along, [*along[1:], None], strict=True):
                    waits = after is not None and not use[route] and after.saving >= move.saving
                    if not waits or (origin == POOL and move.period in committed):
                        kept.append(move)
    return kept


def _fits(facts: Facts, move: Move) -> bool:
    """Whether a single unit is light enough for every lane of the move."""
    tonnes = facts.items[move.item].tonnes * move.ratio
    return all(tonnes <= facts.lane_tonnes[lane][t] + 1e-9 for lane, t in facts.lane_periods(move))


def supply_bound(facts: Facts) -> dict[str, list[int]]:
    """Most units of each item that can have left the pool by the end of each period, whatever else is done."""
    bound = {}
    for item in facts.items:
        have, row = facts.on_hand[item] - facts.hard_floors[item], []
        parts = facts.parts.get(item, [])
        made = 0
        for t in range(facts.T):
            have += facts.receipts[item][t]
            made += sum(facts.slots[line][t] // spu for line, spu in facts.makers[item])
            most = min([made, *(facts.component_cumulative[k][t] // units for k, units in parts if units)])
            row.append(have + most)
        bound[item] = row
    return bound
