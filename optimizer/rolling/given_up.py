"""Content that is paid for and that a new plan does not send any more, though the plan before did.

A package that was released is paid, and `promise_kept` (problem.md) speaks of proposed and new ones only: no rule keeps
a new plan from serving somebody else first, beyond the horizon's end. That may be the better plan; it is never silent.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from models.calendar import calendar_of
from models.plan import POOL, Plan
from models.problem import Problem
from optimizer.rolling.happened import per_unit
from optimizer.rolling.records import Broken


def given_up(problem: Problem, plan: Plan, expected: Problem, before: Plan) -> tuple[Broken, ...]:
    """Units of funded packages that leave within the horizon by the plan before, and by the new one do not.

    Args:
        problem: the rolled instance that `plan` answers.
        plan: the new plan.
        expected: the instance as it would be if all had gone as planned.
        before: what is left of the plan before, for `expected`.

    Need by need, as units of a need are alike: those that are paid for are the first that leave the pool for it.
    """
    paid, packages = _paid(problem)
    was_paid, _ = _paid(expected)
    items = {row.need: row.item for row in problem.needs}
    now, then = _leaving(problem, plan), _leaving(expected, before)
    found = []
    for need in sorted(paid):
        due = _day_of(then[need], min(paid[need], was_paid[need]))
        planned = sum(units for _, units in then[need])
        sent = sum(units for _, units in now[need])
        missing = min(paid[need], was_paid[need], planned) - min(paid[need], sent)
        if missing <= 0:
            continue
        names = ", ".join(packages[need])
        text = (
            f"{missing} of {items[need]} for need {need} that {names} paid for do not leave within the horizon; by the "
            f"plan before they would have left by {due}"
        )
        found.append(Broken("promise_kept", need, missing, due, None, text))
    return tuple(found)


def _paid(problem: Problem) -> tuple[Counter[str], dict[str, list[str]]]:
    """Units in funded packages by need, and which ones."""
    funded = {row.package for row in problem.packages if row.status == "funded"}
    units, packages = Counter[str](), defaultdict[str, list[str]](list)
    for row in problem.package_contents:
        if row.package in funded and row.quantity:
            units[row.need] += row.quantity
            packages[row.need].append(row.package)
    return units, packages


def _leaving(problem: Problem, plan: Plan) -> dict[str, list[tuple[dt.date, int]]]:
    """By need, days on which units leave the pool for it, in units of the need, the earliest first."""
    calendar = calendar_of(problem)
    found = defaultdict[str, list[tuple[dt.date, int]]](list)
    for row in sorted(plan.dispatches, key=lambda row: row.period):
        if row.kind == "need" and row.origin == POOL:
            found[row.demand].append(
                (calendar.day(row.period), row.quantity // per_unit(problem, row.demand, row.item))
            )
    return found


def _day_of(leaving: list[tuple[dt.date, int]], units: int) -> dt.date | None:
    """The day by which so many have left, or the last day on which any do."""
    gone, last = 0, None
    for day, more in leaving:
        gone, last = gone + more, day
        if gone >= units:
            break
    return last
