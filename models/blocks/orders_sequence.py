"""Lines that only put complete orders in sequence: where a plan is no more than an order of orders.

A line is such a *sequence* if

- every item it makes is made on it alone, all take the same slots a unit, and none takes a component;
- the pool of such an item holds nothing above its floor, nothing is received, and no unit in it lessens a shortfall;
- nothing but orders asks for these items (no need, not by substitution either, no replacement of an offer), and these
  count when complete, have no committed dispatches, wait for no approval or earliest date, and have no firm date.

Then the line turns out `capacity[t]` units in t (slots over slots per unit, rounded down), and completion periods t_o
can be kept if and only if, for every t, the orders completed by t together have no more units than were turned out by
t: necessary, since their units are made by then; sufficient, since making the units order after order, sorted by t_o,
completes each by its t_o. So some plan of least cost makes the orders one after the other without a break, and with
work[o] = quantity and C_o the units turned out when o is completed, cost is Σ_o cost[o](C_o), nondecreasing in C_o:
the single-machine problem 1||Σ f_j(C_j), whatever the rates are. An order beyond the horizon's output is never
completed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.blocks.orders import is_lumped
from models.facts import Facts
from models.plan import POOL, Dispatch, Made, Plan


@dataclass(frozen=True)
class Sequence:
    """Orders of one line that are made one after the other.

    `work[j]`: units of order j; `cost[j, c]`: weighted delay if it is completed by the c-th unit of the line;
    `period[c]`: the period of the c-th unit, T beyond the horizon. c runs from 0 to Σ work.
    """

    line: str
    orders: tuple[str, ...]
    work: npt.NDArray[np.int64]
    cost: npt.NDArray[np.float64]
    period: npt.NDArray[np.int64]

    def plan(self, facts: Facts, sequence: npt.NDArray[np.int64]) -> Plan:
        """Output and dispatches of the sequence; orders that cannot be completed are left out."""
        made: list[Made] = []
        sent: list[Dispatch] = []
        end = 0
        for j in sequence.tolist():
            begin, end = end, end + int(self.work[j])
            t = int(self.period[end])
            if t >= facts.T:
                continue
            order = facts.orders[self.orders[j]]
            periods, units = np.unique(self.period[begin + 1 : end + 1], return_counts=True)
            made += [
                Made(self.line, order.item, int(s), int(u)) for s, u in zip(periods, units, strict=True) if s < facts.T
            ]
            sent.append(Dispatch(order.order, "order", POOL, order.item, order.quantity, t, t))
        return Plan(dispatches=tuple(sent), made=tuple(made))


def sequences(facts: Facts) -> list[Sequence]:
    """The lines of a problem that only put complete orders in sequence."""
    found = []
    items: dict[str, dict[str, int]] = {line.line: {} for line in facts.problem.lines}
    for row in facts.problem.line_items:
        items[row.line][row.item] = row.slots_per_unit
    wanted = _wanted_otherwise(facts)
    for line, made in items.items():
        orders = [o.order for o in facts.problem.orders if o.item in made]
        plain = len(set(made.values())) == 1 and all(_is_plain(facts, item) and item not in wanted for item in made)
        if orders and plain and all(_is_free(facts, o) for o in orders):
            found.append(_sequence(facts, line, tuple(orders), next(iter(made.values()))))
    return found


def covers(facts: Facts, found: list[Sequence]) -> bool:
    """Whether the sequences decide everything that costs anything: nothing but their orders is in the problem."""
    problem = facts.problem
    held = {o for sequence in found for o in sequence.orders}
    others = problem.needs or problem.offers or problem.commitments or problem.packages
    floors = any(facts.readiness_floors[i] > facts.on_hand[i] for i in facts.items) and problem.readiness is not None
    return not others and not floors and held == set(facts.orders)


def _wanted_otherwise(facts: Facts) -> set[str]:
    """Items that a need or an offer's replacement may take from the pool."""
    needed = {item for need in facts.problem.needs for item, _ in facts.variants(need)}
    return needed | {offer.replacement_item for offer in facts.problem.offers}


def _is_plain(facts: Facts, item: str) -> bool:
    alone = len(facts.makers[item]) == 1 and not facts.parts.get(item)
    empty = facts.on_hand[item] == facts.hard_floors[item] and not any(facts.receipts[item])
    short = facts.problem.readiness is not None and facts.readiness_floors[item] > facts.hard_floors[item]
    return alone and empty and not short


def _is_free(facts: Facts, name: str) -> bool:
    order = facts.orders[name]
    waits = order.case in facts.reviewed_cases or facts.earliest(order) > 0
    return is_lumped(facts, order) and not waits and order.firm_by is None and order.quantity > 0


def _sequence(facts: Facts, line: str, orders: tuple[str, ...], slots_per_unit: int) -> Sequence:
    capacity = np.array([count // slots_per_unit for count in facts.slots[line]], dtype=np.int64)
    rows = [facts.orders[o] for o in orders]
    work = np.array([row.quantity for row in rows], dtype=np.int64)
    period = np.searchsorted(np.cumsum(capacity), np.arange(int(work.sum()) + 1), side="left")
    late = np.array([[facts.calendar.late(row.due_date, t) for t in range(facts.T + 1)] for row in rows], dtype=float)
    weight = np.array([facts.order_weight[row.order] * row.quantity for row in rows])
    return Sequence(line, orders, work, (weight[:, None] * late)[:, period], period)
