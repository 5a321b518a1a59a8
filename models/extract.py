"""Solved values -> Plan: the only place where values are rounded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields

from models.build import Built
from models.facts import Facts
from models.matrix import Vector
from models.plan import Made, Plan


def extract(built: Built, x: Vector) -> Plan:
    """The plan behind the solved values of a built model; output nobody uses is trimmed.

    Args:
        built: the model that was solved.
        x: values by column; whole units to within 1e-6 (see `Matrix.in_units`).
    """
    pieces = built.pieces(x)
    rows = {f.name: tuple(sorted(pieces.get(f.name, []))) for f in fields(Plan)}
    return built.draft.to_answer(trim(built.draft.facts, Plan(**rows)))


def trim(facts: Facts, plan: Plan) -> Plan:
    """The plan without output that neither leaves the pool nor raises it to its readiness floor.

    A formulation may let a line run for nothing, since a fuller pool harms nobody; a plan should not ask for it. Late
    output goes first. What is trimmed changes no dispatch, no rule and no term.
    """
    T = facts.T
    taken: dict[str, list[int]] = defaultdict(lambda: [0] * T)
    for d in plan.dispatches:
        if d.origin == "pool":
            taken[d.item][d.period] += d.quantity
    made: dict[str, list[list[Made]]] = defaultdict(lambda: [[] for _ in range(T)])
    for row in plan.made:
        made[row.item][row.period].append(row)
    kept: list[Made] = []
    for item, by_period in made.items():
        keep = facts.readiness_floors[item] if facts.problem.readiness else facts.hard_floors[item]
        level, stock = facts.on_hand[item], []
        for t in range(T):
            level += facts.receipts[item][t] + sum(row.quantity for row in by_period[t]) - taken[item][t]
            stock.append(level)
        for t in reversed(range(T)):
            spare = max(0, min(stock[t:]) - keep)
            for row in by_period[t]:
                less = min(row.quantity, spare)
                spare -= less
                stock[t:] = [level - less for level in stock[t:]]
                if row.quantity > less:
                    kept.append(Made(row.line, item, t, row.quantity - less))
    return Plan(
        plan.dispatches,
        tuple(sorted(kept)),
        plan.contents,
        plan.releases,
        plan.payments,
        plan.accepted_offers,
        plan.approvals,
    )
