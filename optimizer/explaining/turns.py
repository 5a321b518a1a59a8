"""When demands leave the pool, in the plan and in a case it is compared with, and when they may leave at all.

Weeks are counted from the first day of the plan's horizon and may be fractions, as they are means over units. Units
that come from an offer ask nothing of the pool, so they stand in no queue.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from models.calendar import Calendar
from models.plan import POOL, Kind
from models.problem import Problem
from models.routes import routes_by_origin
from optimizer.explaining.facts import DemandFacts, Facts

Key = tuple[Kind, str]
"""A demand: its kind and its name."""
_DIGITS = 6
"""Means are rounded so that equal ones are equal."""


@dataclass(frozen=True, slots=True)
class Window:
    """Weeks in which a demand may leave the pool: from `opens` up to, not including, `closes`.

    `on_time`: the week of the last departure that is not late; −1 if every one is.
    """

    opens: float
    closes: float
    on_time: float


def from_pool(demand: DemandFacts) -> tuple[int, int]:
    """Units of the demand that leave the pool in the plan, and units asked of it (those of offers set aside)."""
    sent = offered = 0
    for row, units in zip(demand.sent, demand.sent_units, strict=True):
        if row.origin == POOL:
            sent += units
        else:
            offered += units
    return sent, max(0, demand.quantity - offered)


def leaving(facts: Facts, start: dt.date, cap: float) -> dict[Key, float]:
    """Mean week in which the units asked of the pool leave it; a missing unit, or one after `cap`, leaves at `cap`.

    `start`: the day from which weeks are counted, which need not be that of the plan looked at. A demand that asks
    nothing of the pool is left out.
    """
    calendar, found = facts.calendar, {}
    offset = (calendar.start - start).days / 7
    for demand in facts.demands:
        sent, asked = from_pool(demand)
        if asked <= 0:
            continue
        weeks = sum(
            units * min(cap, offset + calendar.week(row.period))
            for row, units in zip(demand.sent, demand.sent_units, strict=True)
            if row.origin == POOL
        )
        found[demand.kind, demand.demand] = round((weeks + max(0, asked - sent) * cap) / max(asked, sent), _DIGITS)
    return found


def committed(problem: Problem, facts: Facts) -> tuple[dict[Key, float], float]:
    """The same means for the plan before, of which only `commitments` is known, and the week up to which it is known.

    That week is the end of the last period with a commitment; what is not committed leaves then at the earliest, and
    counts so. Rows outside the horizon, and units beyond what is asked, are ignored.
    """
    calendar = facts.calendar
    per_unit = {(row.item, row.substitute): row.units_per_unit for row in problem.substitutes}
    rows: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for row in problem.commitments:
        period = calendar.period(row.date)
        if row.date >= calendar.start and period < calendar.count:
            rows[row.demand].append((period, row.item, row.quantity))
    last = max((period for found in rows.values() for period, _, _ in found), default=-1)
    cap = float(calendar.week(last + 1))
    weeks: dict[Key, float] = {}
    for demand in facts.demands:
        _, asked = from_pool(demand)
        if asked <= 0:
            continue
        left, total = asked, 0.0
        for period, item, quantity in sorted(rows.get(demand.demand, ())):
            each = per_unit.get((demand.item, item), 1) if demand.kind == "need" and item != demand.item else 1
            units = min(left, quantity // each)
            total += units * calendar.week(period)
            left -= units
        weeks[demand.kind, demand.demand] = round((total + left * cap) / asked, _DIGITS)
    return weeks, cap


def windows(problem: Problem, facts: Facts) -> dict[Key, Window]:
    """When every demand may leave the pool, and until when it is on time.

    An order from its `earliest_date` to its firm date or the end of the horizon; a need up to the last departure that
    arrives in the horizon and before it expires; a replacement up to its promised date. What is due after the horizon
    and gets nothing in the plan has no window: it asks for nothing yet. Approval and money are not looked at here:
    they are not a wish but a permission.
    """
    calendar, found = facts.calendar, dict[Key, Window]()
    by_name = {(demand.kind, demand.demand): demand for demand in facts.demands}
    quickest = min((route.weeks for route in routes_by_origin(problem)[POOL]), default=None)
    for order in problem.orders:
        opens = 0 if order.earliest_date is None else calendar.period(order.earliest_date)
        last = calendar.count - 1 if order.firm_by is None else last_on_time(calendar, order.firm_by)
        on_time = last_on_time(calendar, order.due_date)
        found["order", order.order] = _window(calendar, opens, last, on_time)
    for need in problem.needs:
        limit = -1 if quickest is None else _last_departure(calendar, quickest, need.expires_on)
        on_time = -1 if quickest is None else last_on_time(calendar, need.needed_by, quickest)
        found["need", need.need] = _window(calendar, 0, limit, min(limit, on_time))
    for demand in facts.replacements:
        last = last_on_time(calendar, demand.due)
        found["replacement", demand.demand] = _window(calendar, 0, last, last)
    for key, demand in by_name.items():
        if calendar.late(demand.due, calendar.count) == 0 and not demand.sent:
            found[key] = Window(0.0, 0.0, found[key].on_time)
    return found


def last_on_time(calendar: Calendar, due: dt.date, weeks: int = 0) -> int:
    """The last period in which what leaves, `weeks` under way, arrives with no lateness; −1 if there is none."""
    last = -1 if due < calendar.start else min(calendar.count - 1, calendar.period(due))
    while last >= 0 and not _arrives(calendar, last, weeks, due):
        last -= 1
    return last


def _last_departure(calendar: Calendar, weeks: int, expires_on: dt.date | None) -> int:
    last = calendar.count - 1
    while last >= 0:
        arrival = calendar.shift(last, weeks)
        if arrival < calendar.count and (expires_on is None or calendar.day(arrival) <= expires_on):
            break
        last -= 1
    return last


def _arrives(calendar: Calendar, period: int, weeks: int, due: dt.date) -> bool:
    arrival = calendar.shift(period, weeks)
    return arrival < calendar.count and calendar.late(due, arrival) == 0


def _window(calendar: Calendar, first: int, last: int, on_time: int) -> Window:
    opens, closes = float(calendar.week(first)), float(calendar.week(last + 1)) if last >= 0 else 0.0
    return Window(opens, closes, float(calendar.week(on_time)) if on_time >= 0 else -1.0)
