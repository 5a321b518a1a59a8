"""Who uses the slots of a line in a period, and who wanted them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from models.plan import Kind
from models.problem import Problem
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.pegging import Peg


@dataclass(frozen=True, slots=True)
class Wanting:
    """A demand that would have come sooner with a slot: `units` of it were not there yet when the period ended."""

    kind: Kind
    demand: str
    recipient: str
    item: str
    units: int
    weight: float
    weeks_late: float


@dataclass(frozen=True, slots=True)
class SlotUse:
    """One line in one period: `users` the units made and where they go; `unused` made units that nobody takes.

    `slots`, `used`: slots; `wanting`: the heaviest first.
    """

    line: str
    period: int
    slots: int
    used: int
    users: tuple[Peg, ...]
    unused: tuple[tuple[str, int], ...]
    wanting: tuple[Wanting, ...]


def slot_use(problem: Problem, facts: Facts, made: Sequence[tuple[str, int]], line: str, period: int) -> SlotUse:
    """Who uses a line in a period; `made`: (item, units) that the plan makes there."""
    users = tuple(facts.pegging.on_line(line, period))
    taken: dict[str, int] = defaultdict(int)
    for peg in users:
        taken[peg.item] += peg.units
    unused = tuple((item, units - taken[item]) for item, units in sorted(made) if units > taken[item])
    items = {row.item for row in problem.line_items if row.line == line}
    served = {(peg.kind, peg.demand) for peg in users}
    wanting = [
        _wanting(demand, facts, period)
        for demand in (*facts.orders, *facts.needs)
        if _wants(demand, facts, line, items) and (demand.kind, demand.demand) not in served
    ]
    found = sorted((one for one in wanting if one.units > 0), key=lambda one: (-one.weight, one.demand))
    slots, used = facts.supply.slots[line][period], facts.supply.used[line][period]
    return SlotUse(line, period, slots, used, users, unused, tuple(found))


def _wants(demand: DemandFacts, facts: Facts, line: str, items: set[str]) -> bool:
    """Whether the demand has said that it lacks a slot of the line."""
    said = facts.explanations.get((demand.kind, demand.demand))
    if said is None:
        return False
    return any(reason.code == "no_slot" and ("line", line) in reason.entities for reason in said.reasons) or (
        demand.item in items and any(reason.code == "component_short" for reason in said.reasons)
    )


def _wanting(demand: DemandFacts, facts: Facts, period: int) -> Wanting:
    there = sum(units for row, units in zip(demand.sent, demand.sent_units, strict=True) if row.period <= period)
    late = facts.calendar.late(demand.due, period) > 0 or demand.weeks_late > 0
    units = demand.quantity - there if late else 0
    return Wanting(demand.kind, demand.demand, demand.recipient, demand.item, units, demand.weight, demand.weeks_late)
