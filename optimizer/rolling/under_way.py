"""Goods under way: what they still use of lanes with a limit, which no table of a rolled instance can say.

A plan made later may count on that room. When it is carried out, what does not fit waits or takes another way, by the
rule of executions (`optimizer.rolling.execute`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from models.calendar import calendar_of
from models.plan import Dispatch, Plan
from models.problem import Problem
from optimizer.rolling.execute import executed_plan
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_course import course_of
from optimizer.rolling.execute_script import script_of
from optimizer.rolling.execute_supply import Element, supply_of
from optimizer.rolling.history import Elapsed

Loads = Mapping[tuple[str, dt.date], float]
"""Tonnes on a lane, by lane and by the first day of their use."""
_GRAM = 1e-6


def loads_of(problem: Problem, elapsed: Iterable[Elapsed]) -> Loads:
    """What was sent uses of lanes with a limit, then and later."""
    limited = {row.lane for row in problem.lanes if row.tonnes_per_week is not None}
    weeks = {row.lane: row.weeks for row in problem.lanes}
    tonnes = {row.item: row.tonnes for row in problem.items}
    found = Counter[tuple[str, dt.date]]()
    for part in elapsed:
        for row in part.plan.dispatches:
            day = part.begin
            for lane in row.route:
                if lane in limited:
                    found[lane, day] += row.quantity * tonnes[row.item]  # type: ignore[assignment]
                day += dt.timedelta(weeks=weeks[lane])
    return found


def overloads(problem: Problem, dispatches: Iterable[Dispatch], loads: Loads) -> bool:
    """Whether dispatches in the calendar of `problem` find a lane too full, with what is under way on it."""
    calendar = calendar_of(problem)
    limit = {row.lane: row.tonnes_per_week for row in problem.lanes}
    weeks = {row.lane: row.weeks for row in problem.lanes}
    tonnes = {row.item: row.tonnes for row in problem.items}
    used = Counter[tuple[str, int]]()
    for row in dispatches:
        before = 0
        for lane in row.route:
            used[lane, calendar.shift(row.period, before)] += row.quantity * tonnes[row.item]  # type: ignore[assignment]
            before += weeks[lane]
    there = _by_period(problem, loads)
    for (lane, t), load in used.items():
        most = limit[lane]
        if most is not None and t < calendar.count and there.get((lane, t), 0.0) > 0:
            room = most * calendar.weeks[t]
            if load + there[lane, t] > room + _GRAM * max(1.0, room):
                return True
    return False


def carried_out(problem: Problem, plan: Plan, world: Problem, loads: Loads) -> Plan:
    """The plan as it is carried out in the instance as it turned out, with what is under way on the lanes."""
    script = script_of(problem, plan)
    desk = Desk(script)
    supply = dict(supply_of(script, world))
    for (lane, t), load in _by_period(problem, loads).items():
        element = Element("lane", lane)
        if element in supply:
            room = np.array(supply[element], dtype=float)
            room[t] = max(0.0, room[t] - load)
            supply[element] = room
    return executed_plan(desk, course_of(desk, [supply]), 0, world)


def _by_period(problem: Problem, loads: Loads) -> dict[tuple[str, int], float]:
    """Tonnes by lane and period of the instance; what was used before its first day is over."""
    calendar = calendar_of(problem)
    found: dict[tuple[str, int], float] = {}
    for (lane, day), load in loads.items():
        if problem.start <= day < calendar.day(calendar.count):
            key = lane, calendar.period(day)
            found[key] = found.get(key, 0.0) + load
    return found
