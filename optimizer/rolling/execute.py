"""A plan executed in the world as it turns out, by a stated rule of recourse (`docs/stress.md`).

    execution = execute(problem, plan, drawn)

The executed plan is a legal plan of the realised instance but for the promises that `Execution.broken` lists, all of
them of the rules `firm_date`, `replacement_on_time` and `promise_kept`. With nothing drawn it is the plan itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from models.plan import POOL, ApprovedCase, Dispatch, Kind, Made, Plan, Release, Terms
from models.problem import Problem
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_course import Course, course_of
from optimizer.rolling.execute_promises import RULES, Promise, broken, promises_of
from optimizer.rolling.execute_script import Script, script_of
from optimizer.rolling.execute_supply import supply_of
from optimizer.scenarios.disturbances import Drawn
from optimizer.scenarios.realised import realised


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one demand. Quantities in units of the demand.

    `weeks_late`: the mean over its units, as the objective counts them; `later`: the mean of weeks by which its units
    arrive later than in the plan (units matched in order of arrival; what never arrives counts as
    `after_horizon_weeks` after the end); `delay`: weight × million USD × weeks late, 0 for a replacement.
    """

    demand: str
    kind: Kind
    quantity: int
    delivered: int
    weeks_late: float
    later: float
    delay: float


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that is not kept, and how many units miss it (a release: periods late)."""

    promise: Promise
    missing: int


@dataclass(frozen=True, slots=True)
class Execution:
    """One plan in one world: the instance as it turned out, the plan as it was executed, and what that is worth.

    `terms` are those of the executed plan in the realised instance, as the checker counts them.
    """

    problem: Problem
    plan: Plan
    terms: Terms
    demands: tuple[Outcome, ...]
    broken: tuple[Broken, ...]

    @property
    def delay(self) -> float:
        """Weighted delay of needs and orders, in weight × million USD × weeks."""
        return self.terms.needs_delay + self.terms.orders_delay

    @property
    def broken_rules(self) -> frozenset[tuple[str, str]]:
        """(rule, what it is about) of every promise whose breaking breaks a rule of `problem.md`."""
        return frozenset((row.promise.kind, row.promise.name) for row in self.broken if row.promise.kind in RULES)


def execute(problem: Problem, plan: Plan, drawn: Drawn) -> Execution:
    """The plan executed under one draw.

    `plan` must be a legal plan of `problem`. Raises `ValueError` where the draw changes something that an execution
    does not know how to bear (`execute_supply.supply_of`).
    """
    return execute_in(problem, plan, realised(problem, drawn))


def execute_in(problem: Problem, plan: Plan, world: Problem) -> Execution:
    """The plan executed in the instance as it turned out."""
    script = script_of(problem, plan)
    desk = Desk(script)
    course = course_of(desk, [supply_of(script, world)])
    promises = promises_of(script, desk)
    missing = broken(promises, desk, course)[:, 0]
    return Execution(
        problem=world,
        plan=executed_plan(desk, course, 0, world),
        terms=terms_of(script, course)[0],
        demands=tuple(outcomes(script, course, 0)),
        broken=tuple(Broken(row, int(units)) for row, units in zip(promises, missing, strict=True) if units > 0),
    )


def delays(script: Script, course: Course) -> np.ndarray:
    """By demand and world: weight × million USD × weeks late, as the objective counts it."""
    cost = np.array([row.cost for row in script.asked])
    return np.asarray(cost[:, None] * course.late_weeks)


def terms_of(script: Script, course: Course) -> list[Terms]:
    """The terms of the objective in every world."""
    found = delays(script, course)
    kinds = [row.kind for row in script.asked]
    needs = [q for q, kind in enumerate(kinds) if kind == "need"]
    orders = [q for q, kind in enumerate(kinds) if kind == "order"]
    return [
        Terms(
            needs_delay=fsum([*found[needs, w], course.unplanned[w]]),
            orders_delay=fsum(found[orders, w]),
            readiness_shortfall=float(course.shortfall[w]),
            plan_change=float(course.change[w]),
        )
        for w in range(course.shortfall.shape[0])
    ]


def planned_arrival(script: Script) -> np.ndarray:
    """By demand, weeks to arrival of all its units together in the plan itself, those that never arrive included."""
    weeks = script.weeks_to()
    left = [row.quantity for row in script.asked]
    total = np.zeros(len(script.asked))
    last = [0] * len(script.asked)
    for row in script.sendings:
        arrival = row.ways[0].arrivals[row.period]
        total[row.asked] += row.units * weeks[arrival]
        left[row.asked] -= row.units
        last[row.asked] = max(last[row.asked], arrival)
    for q, asked in enumerate(script.asked):
        if asked.complete:
            total[q] = asked.quantity * weeks[last[q] if left[q] <= 0 else script.T]
        else:
            total[q] += left[q] * weeks[script.T]
    return total


def later_weeks(script: Script, course: Course) -> np.ndarray:
    """By demand and world: mean weeks by which its units arrive later than in the plan (earlier: below 0)."""
    units = np.array([max(1, row.quantity) for row in script.asked])
    planned = planned_arrival(script)[:, None] * (course.owed > 0)
    return np.asarray((course.arrival_weeks - planned) / units[:, None])


def outcomes(script: Script, course: Course, world: int) -> Sequence[Outcome]:
    """What came of every demand in one world."""
    delay, later = delays(script, course), later_weeks(script, course)
    return [
        Outcome(
            demand=row.demand,
            kind=row.kind,
            quantity=int(course.owed[q, world]),
            delivered=int(course.delivered[q, world]),
            weeks_late=float(course.late_weeks[q, world] / max(1, row.quantity)),
            later=float(later[q, world]),
            delay=float(delay[q, world]),
        )
        for q, row in enumerate(script.asked)
    ]


def executed_plan(desk: Desk, course: Course, column: int, world: Problem) -> Plan:
    """The plan as it was executed in one of the worlds, whose instance is `world`."""
    script, T = desk.script, desk.script.T
    plan = script.plan
    releases = zip(desk.packages, (int(t) for t in course.releases[:, column]), strict=True)
    released = {row.package: t for row, t in releases if t < T}
    there = {row.offer for row in world.offers}
    accepted = [name for name in plan.accepted_offers if name in there]
    approvals = zip(desk.cases, (int(t) for t in course.approvals[:, column]), strict=True)
    return Plan(
        dispatches=_dispatches(script, course, column),
        made=_made(script, course, column),
        contents=tuple(row for row in plan.contents if row.package in released),
        releases=tuple(
            Release(row.package, row.status, released[row.package]) for row in plan.releases if row.package in released
        ),
        payments=course.payments[column],
        accepted_offers=tuple(accepted),
        approvals=tuple(ApprovedCase(row.case, t) for row, t in approvals if t < T),
    )


def _made(script: Script, course: Course, column: int) -> tuple[Made, ...]:
    found: Counter[tuple[str, str, int]] = Counter()
    for k, t, units in course.made:
        row = script.makings[k]
        found[script.lines[row.line], script.items[row.item], t] += int(units[column])
    return tuple(Made(line, item, t, units) for (line, item, t), units in sorted(found.items()) if units)


def _dispatches(script: Script, course: Course, column: int) -> tuple[Dispatch, ...]:
    found: Counter[Dispatch] = Counter()
    for k, way, t, units in course.sent:
        row = script.sendings[k]
        asked, used = script.asked[row.asked], row.ways[way]
        origin = POOL if row.offer < 0 else script.offers[row.offer]
        key = Dispatch(asked.demand, asked.kind, origin, script.items[row.item], 0, t, used.arrivals[t], used.route)
        found[key] += int(units[column]) * row.per_unit
    return tuple(
        Dispatch(row.demand, row.kind, row.origin, row.item, units, row.period, row.arrival, row.route)
        for row, units in sorted(found.items())
        if units
    )
