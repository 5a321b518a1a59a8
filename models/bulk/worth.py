"""What a plan costs, from its dispatches alone (`problem.md`, "What is minimised")."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from models.facts import Facts
from models.plan import POOL, Plan


def worth(facts: Facts, plan: Plan) -> float:
    """The weighted objective of a legal plan."""
    calendar, problem = facts.calendar, facts.problem
    never, total = facts.T, 0.0
    arrived: dict[str, Counter[int]] = defaultdict(Counter)
    ratio = {(row.item, row.substitute): row.units_per_unit for row in problem.substitutes}
    taken: Counter[tuple[str, int]] = Counter()
    sent: Counter[tuple[str, str, int]] = Counter()
    for row in plan.dispatches:
        if row.origin == POOL:
            taken[row.item, row.period] += row.quantity
            sent[row.demand, row.item, row.period] += row.quantity
        if row.kind == "need":
            own = facts.needs[row.demand].item
            arrived[row.demand][row.arrival] += row.quantity // (1 if row.item == own else ratio[own, row.item])
        elif row.kind == "order":
            arrived[row.demand][row.arrival] += row.quantity
    for need in problem.needs:
        there = arrived[need.need]
        late = sum(calendar.late(need.needed_by, t) * units for t, units in there.items())
        late += calendar.late(need.needed_by, never) * (need.quantity - there.total())
        total += facts.need_weight[need.need] * late
    for order in problem.orders:
        there = arrived[order.order]
        if order.delivery == "complete":
            done = max(there, default=0) if there.total() >= order.quantity else never
            late = order.quantity * calendar.late(order.due_date, done)
        else:
            late = sum(calendar.late(order.due_date, t) * units for t, units in there.items())
            late += calendar.late(order.due_date, never) * (order.quantity - there.total())
        total += facts.order_weight[order.order] * late
    total += _shortfall(facts, plan, taken)
    for (demand, item, t), units in facts.committed.items():
        total += facts.change_cost(item, t) * max(0, units - sent[demand, item, t])
    return total


def _shortfall(facts: Facts, plan: Plan, taken: Counter[tuple[str, int]]) -> float:
    policy, total = facts.problem.readiness, 0.0
    if policy is None:
        return total
    made: Counter[tuple[str, int]] = Counter()
    for row in plan.made:
        made[row.item, row.period] += row.quantity
    weeks = np.array(facts.calendar.weeks, dtype=float)
    for name, item in facts.items.items():
        floor = facts.readiness_floors[name]
        if floor > facts.hard_floors[name]:
            moved = [facts.receipts[name][t] + made[name, t] - taken[name, t] for t in range(facts.T)]
            lacking = np.maximum(0, floor - facts.on_hand[name] - np.cumsum(moved))
            total += policy.weight * item.unit_price_usd_m * float(lacking @ weeks)
    return total
