"""Slots, components, receipts and floors by period (`problem.md`, "Slots, components, stock")."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from models.calendar import Calendar
from models.problem import Problem

Step = tuple[dt.date, float]
"""From this day on, this many a week."""


def cumulative_rate(steps: Iterable[Step], calendar: Calendar) -> list[float]:
    """Units turned out from `start[0]` to `start[t]`, for t = 0 … T, by a step function of units a week."""
    rows = sorted(steps)
    total = [0.0] * (calendar.count + 1)
    for index, (begin, rate) in enumerate(rows):
        until = rows[index + 1][0] if index + 1 < len(rows) else None
        first = max(0, (begin - calendar.start).days)
        for t in range(calendar.count + 1):
            end = 7 * calendar.week(t)
            if until is not None:
                end = min(end, (until - calendar.start).days)
            if end > first:
                total[t] += rate * (end - first) / 7
    return total


def _floor(value: float) -> int:
    return math.floor(value + 1e-9)


def slots(problem: Problem, calendar: Calendar) -> dict[str, list[int]]:
    """`slots[l][t]`, whole slots of line l in period t; a slot not used in its period is lost."""
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in problem.line_rates:
        steps[row.line].append((row.from_date, row.slots_per_week))
    found = {}
    for line in problem.lines:
        total = cumulative_rate(steps[line.line], calendar)
        found[line.line] = [_floor(total[t + 1]) - _floor(total[t]) for t in range(calendar.count)]
    return found


def component_cumulative(problem: Problem, calendar: Calendar) -> dict[str, list[int]]:
    """`component_cum[k][t]`: units of component k that have been there by the end of period t."""
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in problem.component_rates:
        steps[row.component].append((row.from_date, row.units_per_week))
    found = {}
    for component in problem.components:
        total = cumulative_rate(steps[component.component], calendar)
        found[component.component] = [component.on_hand + _floor(total[t + 1]) for t in range(calendar.count)]
    return found


def receipts(problem: Problem, calendar: Calendar) -> dict[str, list[int]]:
    """`receipts[i][t]`, units of item i that reach the pool in period t; those after the horizon are ignored."""
    found: dict[str, list[int]] = {item.item: [0] * calendar.count for item in problem.items}
    for row in problem.receipts:
        t = calendar.period(row.date)
        if t < calendar.count:
            found[row.item][t] += row.quantity
    return found


def on_hand(problem: Problem) -> dict[str, int]:
    """Units of every item in the pool before the horizon."""
    held = {item.item: 0 for item in problem.items}
    for row in problem.stocks:
        held[row.item] += row.on_hand
    return held


def readiness_floors(problem: Problem) -> dict[str, int]:
    """The level every item's stock should keep; 0 where none is given."""
    floors = {item.item: 0 for item in problem.items}
    for row in problem.stocks:
        floors[row.item] = row.readiness_floor
    return floors


def hard_floors(problem: Problem) -> dict[str, int]:
    """The level stock may never go below: min(readiness_floor, on_hand)."""
    held = on_hand(problem)
    return {item: min(floor, held[item]) for item, floor in readiness_floors(problem).items()}


def lane_tonnes(problem: Problem, calendar: Calendar) -> dict[str, list[float]]:
    """`tonnes_per_week · weeks[t]` of every lane that has a limit."""
    return {
        lane.lane: [lane.tonnes_per_week * weeks for weeks in calendar.weeks]
        for lane in problem.lanes
        if lane.tonnes_per_week is not None
    }


def review_capacity(problem: Problem, calendar: Calendar) -> list[float]:
    """Weeks of review effort that the reviewers can give in every period."""
    if problem.approval is None:
        return [math.inf] * calendar.count
    return [problem.approval.review_weeks_per_week * weeks for weeks in calendar.weeks]


def makers(problem: Problem) -> Mapping[str, list[tuple[str, int]]]:
    """For every item the lines that make it, with slots per unit."""
    found: dict[str, list[tuple[str, int]]] = {item.item: [] for item in problem.items}
    for row in problem.line_items:
        found[row.item].append((row.line, row.slots_per_unit))
    return found


def review_effort(problem: Problem) -> dict[str, float]:
    """Weeks of review each listed case takes: `review_weeks`, less on the fast track. Empty without `[approval]`."""
    policy = problem.approval
    if policy is None:
        return {}
    defence = {recipient.recipient: recipient.defence_pct_gdp for recipient in problem.recipients}
    owner = {order.case: order.recipient for order in problem.orders}
    effort = {}
    for row in problem.approvals:
        level = defence.get(owner.get(row.case, ""))
        fast = level is not None and level >= policy.fast_track_pct_gdp
        effort[row.case] = row.review_weeks * (policy.fast_track_factor if fast else 1.0)
    return effort
