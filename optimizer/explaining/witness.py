"""What shows that a reason is one: an instance without it, and a plan for that in which the demand does better.

`witness` lifts the limits in the instance itself (more slots in the periods where they are wanted, more of a component,
a floor of 0, a lane without a limit, a case that needs no approval, a package paid before the start), takes the plan,
exchanges nothing but the demand's own dispatches, and makes what they take. The checker, which knows nothing of all
this, then says whether the plan is legal and the demand's delay less.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.plan import POOL, Dispatch, Made, Plan
from models.problem import LineRate, Order, Package, PackageContent, Problem
from optimizer.explaining.case import Case
from optimizer.explaining.room import FLOOR, SLOTS, Limit, Units
from optimizer.explaining.serving import APPROVAL, EARLIEST, FUNDING, RELEASE

EXTRA = "lifted: "
"""Begins the name of what a witness adds to an instance."""


def witness(case: Case, lifted: frozenset[Limit]) -> tuple[Problem, Plan]:
    """The instance with the limits lifted, and the plan with the demand served anew."""
    rows = case.served(lifted).rows
    made, more, parts = _produce(case, lifted, rows)
    others = tuple(row for row in case.room.plan.dispatches if (row.kind, row.demand) != (case.subject, case.name))
    approvals = case.room.plan.approvals
    if APPROVAL in lifted and isinstance(case.asked, Order):
        approvals = tuple(row for row in approvals if row.case != case.asked.case)
    plan = replace(case.room.plan, dispatches=(*others, *rows), made=made, approvals=approvals)
    problem = _lift(case, lifted, rows)
    problem = _more_slots(case, problem, more)
    components = tuple(replace(row, on_hand=row.on_hand + parts.get(row.component, 0)) for row in problem.components)
    problem = replace(problem, components=components)
    return _without_money(problem, plan, case) if RELEASE in lifted else (problem, plan)


def _produce(
    case: Case, lifted: frozenset[Limit], rows: Sequence[Dispatch]
) -> tuple[tuple[Made, ...], dict[tuple[str, int], int], dict[str, int]]:
    """What is made with the demand served anew; slots that this takes beyond those there are; components as well."""
    room, extra = case.room, defaultdict[tuple[str, str, int], int](int)
    beyond: dict[tuple[str, int], int] = defaultdict(int)
    for item in case.items:
        wanted = _wanted(case, lifted, rows, item)
        if wanted[-1] <= 0:
            continue
        could = np.minimum(room.extra(item, lifted), wanted[-1])
        for t, units in enumerate(np.diff(could, prepend=0)):
            left = int(units)
            for line, per in room.makers[item]:
                fits = left if SLOTS in lifted else min(left, (room.spare(line, t)) // per)
                if fits > 0:
                    extra[line, item, t] += fits
                    beyond[line, t] += max(0, fits * per - room.spare(line, t))
                    left -= fits
    made = defaultdict[tuple[str, str, int], int](int)
    for row in room.plan.made:
        made[row.line, row.item, row.period] += row.quantity
    for key, units in extra.items():
        made[key] += units
    found = tuple(Made(line, item, t, units) for (line, item, t), units in sorted(made.items()))
    used: dict[str, int] = defaultdict(int)
    for (_, item, _), units in extra.items():
        for part, per in room.recipe.get(item, ()):
            used[part] += units * per
    parts = {part: units for part, units in used.items() if ("component", part) in lifted}
    return found, dict(beyond), parts


def _wanted(case: Case, lifted: frozenset[Limit], rows: Sequence[Dispatch], item: str) -> Units:
    """Units that must be made more by the end of every period, so that the stock stays above its floor."""
    room = case.room
    floor = 0 if FLOOR in lifted else room.supply.hard_floors[item]
    level = np.array(room.supply.stock[item], dtype=np.int64) + np.cumsum(room.own(case.rows, item))
    return np.maximum.accumulate(np.maximum(0, floor - (level - np.cumsum(room.own(rows, item)))))


def _more_slots(case: Case, problem: Problem, more: dict[tuple[str, int], int]) -> Problem:
    """The lines with so many more slots in these periods, as rates from the first day of every period."""
    calendar, lines = case.calendar, {line for (line, _), slots in more.items() if slots > 0}
    if not lines:
        return problem
    rates = [row for row in problem.line_rates if row.line not in lines]
    for line in sorted(lines):
        for t, weeks in enumerate(calendar.weeks):
            slots = case.room.supply.slots[line][t] + more.get((line, t), 0)
            rates.append(LineRate(line, calendar.day(t), slots / weeks))
    return replace(problem, line_rates=tuple(rates))


def _lift(case: Case, lifted: frozenset[Limit], rows: Sequence[Dispatch]) -> Problem:
    """The instance with every lifted limit but slots, components and release dates taken away."""
    problem = case.room.problem
    if FLOOR in lifted:
        stocks = tuple(replace(s, readiness_floor=0) if s.item in case.items else s for s in problem.stocks)
        problem = replace(problem, stocks=stocks)
    free = {name for kind, name in lifted if kind == "lane"}
    if free:
        lanes = tuple(replace(lane, tonnes_per_week=None) if lane.lane in free else lane for lane in problem.lanes)
        problem = replace(problem, lanes=lanes)
    if isinstance(case.asked, Order):
        changed = case.asked
        if EARLIEST in lifted:
            changed = replace(changed, earliest_date=None)
        if APPROVAL in lifted:  # a case that is not listed is approved
            problem = replace(problem, approvals=tuple(r for r in problem.approvals if r.case != changed.case))
        orders = tuple(changed if order.order == changed.order else order for order in problem.orders)
        return replace(problem, orders=orders)
    if FUNDING in lifted and problem.package_policy is not None:
        units = _beyond(case, lifted, rows)
        if units > 0:
            day = case.calendar.start - dt.timedelta(weeks=problem.package_policy.contract_weeks)
            problem = replace(
                problem,
                packages=(*problem.packages, Package(EXTRA + case.name, "funded", day)),
                package_contents=(*problem.package_contents, PackageContent(EXTRA + case.name, case.name, units)),
            )
    return problem


def _beyond(case: Case, lifted: frozenset[Limit], rows: Sequence[Dispatch]) -> int:
    """Units that leave the pool before any package allows it."""
    ahead = np.zeros(case.calendar.count, dtype=np.int64)
    for row in rows:
        if row.origin == POOL:
            ahead[row.period] += row.quantity // case.ratio[row.item]
    ahead = np.cumsum(ahead)
    for first, units, _ in case.serving.contents.get(case.name, ()):
        ahead[0 if RELEASE in lifted else first :] -= units
    return int(ahead.max(initial=0))


def _without_money(problem: Problem, plan: Plan, case: Case) -> tuple[Problem, Plan]:
    """Every released package that holds the need paid and contracted before the start."""
    policy = problem.package_policy
    if policy is None:
        return problem, plan
    early = {package.package for _, _, package in case.serving.contents.get(case.name, ())}
    day = case.calendar.start - dt.timedelta(weeks=policy.contract_weeks)
    table = {row.package for row in problem.packages}
    packages = [
        replace(row, status="funded", release_on=day) if row.package in early else row for row in problem.packages
    ]
    contents = list(problem.package_contents)
    for name in sorted(early - table):
        packages.append(Package(name, "funded", day))
        contents += [PackageContent(name, row.need, row.quantity) for row in plan.contents if row.package == name]
    return (
        replace(problem, packages=tuple(packages), package_contents=tuple(contents)),
        replace(
            plan,
            contents=tuple(row for row in plan.contents if row.package not in early),
            releases=tuple(row for row in plan.releases if row.package not in early),
            payments=tuple(row for row in plan.payments if row.package not in early),
        ),
    )
