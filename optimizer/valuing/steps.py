"""Step functions of lines and components with units added in single periods, so that all other periods stay."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from models.calendar import Calendar
from models.capacity import Step
from models.problem import ComponentRate, LineRate, Problem


def raised(steps: list[Step], calendar: Calendar, more: Mapping[int, int]) -> list[Step]:
    """The step function with `more[t]` units added evenly over period t; days and units a week."""
    begins = sorted(steps)
    days = {begin for begin, _ in begins}
    days |= {calendar.day(t) for t in more} | {calendar.day(t + 1) for t in more}

    def before(day: dt.date) -> float:
        return next((rate for begin, rate in reversed(begins) if begin <= day), 0.0)

    found = []
    for day in sorted(days):
        t = calendar.period(day)
        inside = t < calendar.count and day >= calendar.start and t in more
        added = more[t] / calendar.weeks[t] if inside else 0.0
        found.append((day, before(day) + added))
    return found


def with_slots(problem: Problem, calendar: Calendar, more: Mapping[tuple[str, int], int]) -> Problem:
    """The instance with more slots by line and period."""
    rates: dict[str, list[Step]] = defaultdict(list)
    for row in problem.line_rates:
        rates[row.line].append((row.from_date, row.slots_per_week))
    added = _by_name(more)
    kept = tuple(row for row in problem.line_rates if row.line not in added)
    new = tuple(LineRate(line, day, rate) for line in added for day, rate in raised(rates[line], calendar, added[line]))
    return replace(problem, line_rates=(*kept, *new))


def with_components(problem: Problem, calendar: Calendar, more: Mapping[tuple[str, int], int]) -> Problem:
    """The instance with more units by component and period."""
    rates: dict[str, list[Step]] = defaultdict(list)
    for row in problem.component_rates:
        rates[row.component].append((row.from_date, row.units_per_week))
    added = _by_name(more)
    kept = tuple(row for row in problem.component_rates if row.component not in added)
    new = tuple(
        ComponentRate(name, day, rate) for name in added for day, rate in raised(rates[name], calendar, added[name])
    )
    return replace(problem, component_rates=(*kept, *new))


def _by_name(more: Mapping[tuple[str, int], int]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for (name, t), amount in more.items():
        if amount:
            found[name][t] = amount
    return found
