"""The view of industry: what every line is used for, what it owes, the ramp it would need, which component binds.

Slots, units and weeks as in `problem.md`, "Slots, components, stock"; money in million USD at unit prices.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models import capacity
from models.plan import Kind, Plan
from models.problem import Problem
from optimizer.explaining.drawn import origins
from optimizer.explaining.facts import Facts
from optimizer.explaining.ramp import Ramp, overdue, ramps

Group = Literal["ukraine", "ally", "replacement"]
"""Who output goes to: needs, orders, replacements of gifts."""
_GROUPS: dict[Kind, Group] = {"need": "ukraine", "order": "ally", "replacement": "replacement"}


@dataclass(frozen=True, slots=True)
class Customer:
    """Value of what a line made for one customer: `recipient` "" for Ukraine."""

    group: Group
    recipient: str
    value_usd_m: float


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a line owes of one item: units `late` and `missing`, its `share` of them, the `slots` that takes.

    `late`: delivered after the date; `missing`: due before the end of the horizon and not delivered in it. `share`:
    where several lines make the item, in proportion to how many units each could make in the horizon. `weeks`: the
    slots ÷ the line's mean output a week, None where it turns out nothing.
    """

    line: str
    item: str
    late: int
    missing: int
    share: float
    slots: float
    weeks: float | None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line: `slots` of the horizon, `used`, mean `rate` a week; `backlog` by item; `customers` by value, greatest
    first, and value of output still in `stock_usd_m` at the end; the `ramp` it would need.
    """

    line: str
    slots: int
    used: int
    rate: float
    backlog: tuple[Backlog, ...]
    customers: tuple[Customer, ...]
    stock_usd_m: float
    ramp: Ramp

    @property
    def idle(self) -> int:
        """Slots that are lost."""
        return self.slots - self.used

    @property
    def backlog_slots(self) -> float:
        """Slots of all that is late or missing."""
        return sum(row.slots for row in self.backlog)

    @property
    def backlog_weeks(self) -> float | None:
        """The backlog in weeks of the line's mean output; None where it turns out nothing and owes something."""
        if self.rate > 0:
            return self.backlog_slots / self.rate
        return None if self.backlog_slots > 0 else 0.0

    def value(self, group: Group) -> float:
        """Value of output for a group of customers."""
        return sum(row.value_usd_m for row in self.customers if row.group == group)

    @property
    def value_usd_m(self) -> float:
        """Value of all it made: for customers, and what is still in stock."""
        return sum(row.value_usd_m for row in self.customers) + self.stock_usd_m


def industry(problem: Problem, plan: Plan, facts: Facts) -> tuple[LineFacts, ...]:
    """Every line, in the order of the table."""
    calendar, supply = facts.calendar, facts.supply
    weeks = calendar.week(calendar.count)
    shares = line_shares(problem, supply.slots)
    owed = _owed(facts)
    values, stock = _values(problem, plan, facts)
    ramp = ramps(problem, facts, shares)
    makes: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in problem.line_items:
        makes[row.line].append((row.item, row.slots_per_unit))
    found = []
    for line in problem.lines:
        name, slots = line.line, sum(supply.slots[line.line])
        rate = slots / weeks if weeks else 0.0
        backlog = []
        for item, each in makes[name]:
            late, missing = owed.get(item, (0, 0))
            if late or missing:
                part = shares[name, item]
                took = part * (late + missing) * each
                backlog.append(Backlog(name, item, late, missing, part, took, took / rate if rate > 0 else None))
        customers = sorted(
            (Customer(group, who, value) for (group, who), value in values.get(name, {}).items()),
            key=lambda row: (-row.value_usd_m, row.group, row.recipient),
        )
        used = sum(supply.used[name])
        kept = stock.get(name, 0.0)
        found.append(LineFacts(name, slots, used, rate, tuple(backlog), tuple(customers), kept, ramp[name]))
    return tuple(found)


def line_shares(problem: Problem, slots: Mapping[str, list[int]]) -> dict[tuple[str, str], float]:
    """For (line, item) the line's part of all units of the item that its lines could make alone in the horizon.

    Where none of them turns out anything, all have the same part. The parts of an item add up to 1.
    """
    found: dict[tuple[str, str], float] = {}
    for item, lines in capacity.makers(problem).items():
        could = [sum(slots[line]) / each for line, each in lines]
        total = sum(could)
        for (line, _), units in zip(lines, could, strict=True):
            found[line, item] = units / total if total > 0 else 1 / len(lines)
    return found


def _owed(facts: Facts) -> dict[str, tuple[int, int]]:
    """Units late and missing by item, of every order, need and replacement."""
    found: dict[str, tuple[int, int]] = {}
    never = facts.calendar.count
    for demand in facts.demands:
        late, missing = found.get(demand.item, (0, 0))
        due = facts.calendar.late(demand.due, never) > 0
        found[demand.item] = (late + demand.late, missing + (demand.undelivered if due else 0))
    return found


def _values(
    problem: Problem, plan: Plan, facts: Facts
) -> tuple[dict[str, dict[tuple[Group, str], float]], dict[str, float]]:
    """Value of the output of each line by customer, and of what is kept, in million USD."""
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    who = {(demand.kind, demand.demand): demand.recipient for demand in facts.demands}
    values: dict[str, dict[tuple[Group, str], float]] = defaultdict(lambda: defaultdict(float))
    stock: dict[str, float] = defaultdict(float)
    found = origins(plan, facts)
    for row in found.drawn:
        if row.source == "line":
            values[row.line][_GROUPS[row.key[0]], who[row.key]] += row.units * price[row.item]
    for (line, item), units in found.kept.items():
        stock[line] += units * price[item]
    return values, stock


@dataclass(frozen=True, slots=True)
class Binding:
    """When a component binds: `spans` of days (first, last), `weeks` in all; `items` that wait, most `waiting` units.

    It binds in a period in which nothing is left of all that has come by then for one more unit of an item, and units
    of that item are overdue: their last departure on time has come, and they have not left.
    """

    component: str
    spans: tuple[tuple[dt.date, dt.date], ...]
    weeks: int
    items: tuple[str, ...]
    waiting: int


def bindings(problem: Problem, facts: Facts) -> tuple[Binding, ...]:
    """Every component that binds in some period, in the order of the table."""
    calendar, made = facts.calendar, facts.supply.made
    waits = overdue(problem, facts)
    uses: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in problem.item_components:
        if row.units_per_unit > 0:
            uses[row.component].append((row.item, row.units_per_unit))
    found = []
    for component, supply in capacity.component_cumulative(problem, calendar).items():
        taken, periods, items, most = 0, list[int](), dict[str, None](), 0
        for t in range(calendar.count):
            taken += sum(made[item][t] * each for item, each in uses[component])
            short = [item for item, each in uses[component] if waits[item][t] and supply[t] - taken < each]
            if short:
                periods.append(t)
                items.update(dict.fromkeys(short))
                most = max(most, sum(waits[item][t] for item in short))
        if periods:
            weeks = sum(calendar.weeks[t] for t in periods)
            found.append(Binding(component, _spans(facts, periods), weeks, tuple(items), most))
    return tuple(found)


def _spans(facts: Facts, periods: list[int]) -> tuple[tuple[dt.date, dt.date], ...]:
    """Neighbouring periods joined, each from its first to its last day."""
    calendar, found = facts.calendar, list[tuple[int, int]]()
    for t in periods:
        if found and found[-1][1] == t - 1:
            found[-1] = (found[-1][0], t)
        else:
            found.append((t, t))
    return tuple((calendar.day(a), calendar.day(b + 1) - dt.timedelta(days=1)) for a, b in found)
