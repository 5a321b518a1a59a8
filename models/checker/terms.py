"""The objective of a plan, term by term (`problem.md`, "What is minimised"), in weight × million USD × weeks."""

from __future__ import annotations

from collections import Counter
from math import fsum

from models.checker.facts import Facts
from models.checker.ledger import Ledger
from models.checker.rules_demand import completion
from models.plan import POOL, Terms
from models.problem import Need, Order


def terms_of(facts: Facts, ledger: Ledger) -> Terms:
    """All terms; what the ledger could not read counts as not done."""
    return Terms(
        needs_delay=fsum(need_delay(facts, ledger, need) for need in facts.problem.needs),
        orders_delay=fsum(order_delay(facts, ledger, order) for order in facts.problem.orders),
        readiness_shortfall=readiness_shortfall(facts, ledger),
        plan_change=plan_change(facts, ledger),
    )


def need_delay(facts: Facts, ledger: Ledger, need: Need) -> float:
    """One need's part: every unit of the need counts when it arrives, or as undelivered."""
    timeline = facts.timeline
    rows = ledger.to_need.get(need.need, ())
    weeks = sum(row.units * timeline.late(need.needed_by, row.dispatch.arrival) for row in rows)
    undelivered = max(0, need.quantity - sum(row.units for row in rows))
    weeks += undelivered * timeline.late(need.needed_by, timeline.count)
    return facts.urgency_factor[need.urgency] * facts.price(need.item) * weeks


def order_delay(facts: Facts, ledger: Ledger, order: Order) -> float:
    """One order's part: unit by unit, or all of it on the day it is complete."""
    timeline = facts.timeline
    if order.delivery == "complete":
        weeks = order.quantity * timeline.late(order.due_date, completion(facts, ledger, order.order))
    else:
        rows = ledger.to_order.get(order.order, ())
        weeks = sum(row.quantity * timeline.late(order.due_date, row.arrival) for row in rows)
        undelivered = max(0, order.quantity - sum(row.quantity for row in rows))
        weeks += undelivered * timeline.late(order.due_date, timeline.count)
    return facts.weight[order.recipient] * order.weight_multiplier * facts.price(order.item) * weeks


def readiness_shortfall(facts: Facts, ledger: Ledger) -> float:
    """Units missing from the floor, week by week; 0 without a `[readiness]` section."""
    policy = facts.problem.readiness
    if policy is None:
        return 0.0
    missing = []
    for item, floor in facts.readiness_floor.items():
        levels = zip(facts.timeline.weeks, ledger.stock[item], strict=True)
        unit_weeks = sum(weeks * max(0, floor - level) for weeks, level in levels)
        missing.append(policy.weight * facts.price(item) * unit_weeks)
    return fsum(missing)


def plan_change(facts: Facts, ledger: Ledger) -> float:
    """What was committed and is not dispatched then and from the pool; 0 without a `[stability]` section."""
    policy, timeline = facts.problem.stability, facts.timeline
    if policy is None:
        return 0.0
    committed: Counter[tuple[str, str, int]] = Counter()
    for row in facts.problem.commitments:
        if timeline.in_horizon(row.date):
            committed[row.demand, row.item, timeline.period(row.date)] += row.quantity
    dispatched = _dispatched_from_pool(ledger)
    costs = []
    for (demand, item, period), quantity in committed.items():
        frozen = timeline.first_week[period] < policy.frozen_weeks
        cost = policy.frozen_cost_weeks if frozen else policy.change_cost_weeks
        costs.append(facts.price(item) * cost * max(0, quantity - dispatched[demand, item, period]))
    return fsum(costs)


def _dispatched_from_pool(ledger: Ledger) -> Counter[tuple[str, str, int]]:
    """Units of an item that left the pool for a demand (an offer's are its replacement), by period."""
    dispatched: Counter[tuple[str, str, int]] = Counter()
    to_needs = ([row.dispatch for row in rows] for rows in ledger.to_need.values())
    for rows in (*ledger.to_order.values(), *ledger.as_replacement.values(), *to_needs):
        for row in rows:
            if row.origin == POOL:
                dispatched[row.demand, row.item, row.period] += row.quantity
    return dispatched
