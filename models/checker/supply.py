"""Slots of a line and supply of a component, from their rates (`problem.md`, "Slots, components, stock").

Rates are added up as decimals, exactly as the tables write them: 0.1 a week for ten weeks is one unit, whatever binary
floating point makes of it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from models.checker.timeline import Timeline
from models.problem import Problem

SLACK = Decimal("7e-9")
"""The 1e-9 that `problem.md` adds before rounding down, in sevenths."""

Step = tuple[dt.date, float]


def slots_by_line(problem: Problem, timeline: Timeline) -> dict[str, tuple[int, ...]]:
    """Slots of every line in every period: whole output up to its end less whole output up to its beginning."""
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in problem.line_rates:
        steps[row.line].append((row.from_date, row.slots_per_week))
    slots = {}
    for line in problem.lines:
        whole = _whole_output(steps[line.line], timeline)
        slots[line.line] = tuple(after - before for before, after in pairwise(whole))
    return slots


def supply_by_component(problem: Problem, timeline: Timeline) -> dict[str, tuple[int, ...]]:
    """Units of every component on hand or arrived up to the end of every period."""
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in problem.component_rates:
        steps[row.component].append((row.from_date, row.units_per_week))
    supply = {}
    for component in problem.components:
        whole = _whole_output(steps[component.component], timeline)
        supply[component.component] = tuple(component.on_hand + units for units in whole[1:])
    return supply


def _whole_output(steps: Iterable[Step], timeline: Timeline) -> list[int]:
    """Whole units turned out from the first day of the horizon to each period's first day, and to the end."""
    days = sorted(((date - timeline.first_day).days, Decimal(str(rate))) for date, rate in steps)
    return [int((sevenths + SLACK) // 7) for sevenths in _rate_days(days, timeline.first_days)]


def _rate_days(steps: Sequence[tuple[int, Decimal]], marks: Iterable[int]) -> list[Decimal]:
    """Rate times days from day 0 to each mark (ascending), for a step function that is 0 before its first step."""
    total, rate, day, upcoming = Decimal(0), Decimal(0), 0, 0
    sums = []
    for mark in marks:
        while upcoming < len(steps) and steps[upcoming][0] < mark:
            change = max(0, steps[upcoming][0])
            total += rate * (change - day)
            day, rate = change, steps[upcoming][1]
            upcoming += 1
        total += rate * (mark - day)
        day = mark
        sums.append(total)
    return sums
