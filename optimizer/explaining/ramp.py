"""The ramp a line would need: exact arithmetic on what is due by a day and what is there by then.

All else is taken as allowed: approved, paid for, with parts and transport, all units of an item one at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models import capacity
from models.plan import POOL
from models.problem import Problem
from models.routes import routes_by_origin
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.turns import from_pool, last_on_time

QUARTER = 13
"""Weeks of a quarter; a period belongs to the quarter in which it begins."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Slots a week above the line's plan, from the first day on, that would bring all demands of its items in time.

    `rate`: max over t of (slots due by t − slots there by t) ÷ weeks up to the end of t; `by`: the end of that t, None
    where nothing is lacking. `steps`: (first day of a quarter, slots a week more in it), each quarter only what is
    still lacking then. `already`: slots of demands whose last departure on time is past when the plan begins: nothing
    brings them in time, and they count as due by the end of the first quarter.
    """

    rate: float
    by: dt.date | None
    steps: tuple[tuple[dt.date, float], ...]
    already: float


def wanted(problem: Problem, facts: Facts) -> Iterator[tuple[DemandFacts, int, int]]:
    """(demand, last period in which it leaves the pool on time or −1, units asked of the pool), if due in the horizon.

    Needs take their quickest route; without any route they want nothing.
    """
    calendar = facts.calendar
    quickest = min((route.weeks for route in routes_by_origin(problem)[POOL]), default=None)
    for demand in facts.demands:
        under_way = quickest if demand.kind == "need" else 0
        _, asked = from_pool(demand)
        if asked <= 0 or under_way is None or calendar.late(demand.due, calendar.count) == 0:
            continue
        yield demand, last_on_time(calendar, demand.due, under_way), asked


def overdue(problem: Problem, facts: Facts) -> dict[str, list[int]]:
    """`overdue[i][t]`: units of item i whose last departure on time is t or before, and that have not left by then."""
    count = facts.calendar.count
    found = {item.item: [0] * count for item in problem.items}
    for demand, last, asked in wanted(problem, facts):
        gone = [0] * count
        for row, units in zip(demand.sent, demand.sent_units, strict=True):
            if row.origin == POOL:
                gone[row.period] += units
        left = asked
        for t in range(count):
            left -= gone[t]
            if t >= last:
                found[demand.item][t] += max(0, left)
    return found


def ramps(problem: Problem, facts: Facts, shares: Mapping[tuple[str, str], float]) -> dict[str, Ramp]:
    """The ramp of every line; an item of several lines is asked of each by its share."""
    calendar, count = facts.calendar, facts.calendar.count
    quarters = [calendar.week(t) // QUARTER for t in range(count)]
    first = max((t for t in range(count) if quarters[t] == 0), default=0)
    lacking, already = _lacking(problem, facts, first)
    due = {line.line: [0.0] * count for line in problem.lines}
    past = {line.line: 0.0 for line in problem.lines}
    for row in problem.line_items:
        part = shares[row.line, row.item] * row.slots_per_unit
        past[row.line] += part * already[row.item]
        for t, units in enumerate(lacking[row.item]):
            due[row.line][t] += part * units
    found = {}
    for line, slots in facts.supply.slots.items():
        there, short = 0, list[float]()
        for t in range(count):
            there += slots[t]
            short.append(due[line][t] - there)
        found[line] = _ramp(facts, quarters, short, past[line])
    return found


def _lacking(problem: Problem, facts: Facts, first: int) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Units of every item that must have been made by the end of each period; and those late before the plan begins."""
    calendar = facts.calendar
    due = {item.item: [0] * calendar.count for item in problem.items}
    already = dict.fromkeys(due, 0)
    for demand, last, asked in wanted(problem, facts):
        if last < 0:
            already[demand.item] += asked
        due[demand.item][last if last >= 0 else first] += asked
    held, floors = capacity.on_hand(problem), capacity.hard_floors(problem)
    received = capacity.receipts(problem, calendar)
    found = {}
    for item, units in due.items():
        owed, there, most, levels = 0, held[item] - floors[item], 0, list[int]()
        for t in range(calendar.count):
            owed += units[t]
            there += received[item][t]
            most = max(most, owed - there)
            levels.append(most)
        found[item] = levels
    return found, already


def _ramp(facts: Facts, quarters: list[int], short: list[float], already: float) -> Ramp:
    calendar = facts.calendar
    ends = [calendar.week(t + 1) for t in range(calendar.count)]
    rates = [max(0.0, lack) / end for lack, end in zip(short, ends, strict=True)]
    rate = max(rates, default=0.0)
    by = None if rate <= 1e-9 else calendar.day(rates.index(rate) + 1)
    steps, extra = list[tuple[dt.date, float]](), 0.0
    for quarter in sorted(set(quarters)):
        mine = [t for t, number in enumerate(quarters) if number == quarter]
        begin = calendar.week(mine[0])
        step = max(0.0, *((short[t] - extra) / (ends[t] - begin) for t in mine))
        extra += step * (ends[mine[-1]] - begin)
        steps.append((calendar.day(mine[0]), step))
    return Ramp(rate if by else 0.0, by, tuple(steps), already)
