"""Promises that no plan can hold any more, moved by as little as needed, so that planning can go on.

Only firm dates, and replacements of accepted offers, can make an instance impossible (`optimizer.solving.conflict`).
While the promises of an instance clash, the first of those that a least-cost choice would break is moved to the first
later day on which that choice breaks it no more; where no day of the horizon is late enough, its date is dropped (of a
replacement: the units that the horizon cannot turn out). Each is reported: nothing is relaxed silently.
"""

from __future__ import annotations

import math

from models.calendar import calendar_of
from models.problem import Problem
from optimizer.rolling.records import Broken
from optimizer.rolling.relax import first_after, promised, replaced_by_less, with_promise
from optimizer.rolling.relax import relaxed as held_less
from optimizer.solving.conflict import PROMISES, NotConfirmedError, clashes
from optimizer.solving.outcome import Clash


class CannotRelaxError(RuntimeError):
    """The instance has no plan for another reason than promises that clash; the message says what clashes."""


def relaxed(problem: Problem, found: tuple[Clash, ...], seconds: float = 60.0) -> tuple[Problem, tuple[Broken, ...]]:
    """The instance with promises moved until they can all be kept, and what was moved.

    `found`: what clashes in it, as a solve said. Raises `CannotRelaxError` where no promise can be blamed.
    """
    broken: list[Broken] = []
    moved: set[tuple[str, str]] = set()
    while found:
        paid = [row for row in found if row.rule == "content_within_need"]
        if paid and not broken:
            problem, less = held_less(problem, paid)
            broken += less
            found = _clashes(problem, seconds)
            continue
        clash = next((row for row in found if row.kind == "promise" and row.rule in PROMISES), None)
        if clash is None or (clash.rule, clash.entities[0]) in moved:
            raise CannotRelaxError("; ".join(row.message for row in found))
        problem, one = _moved(problem, clash, seconds)
        broken.append(one)
        moved.add((clash.rule, clash.entities[0]))
        found = _clashes(problem, seconds)
    return problem, tuple(broken)


def _clashes(problem: Problem, seconds: float) -> tuple[Clash, ...]:
    try:
        return clashes(problem, seconds)
    except NotConfirmedError:
        return ()


def _moved(problem: Problem, clash: Clash, seconds: float) -> tuple[Problem, Broken]:
    """The promise at the first later period with which it is not blamed any more, by bisection."""
    calendar, rule, name = calendar_of(problem), clash.rule, clash.entities[0]
    was = promised(problem, rule, name)
    low, high = first_after(calendar, was), calendar.count
    while low < high:
        middle = (low + high) // 2
        trial = with_promise(problem, rule, name, middle)
        if any((row.rule, row.entities[0]) == (rule, name) for row in _clashes(trial, seconds)):
            low = middle + 1
        else:
            high = middle
    changed = with_promise(problem, rule, name, low)
    now = calendar.day(low) if low < calendar.count else None
    units = round(clash.amount)
    if now is None and rule == "replacement_on_time":
        found = _clashes(changed, seconds)
        less = sum(math.ceil(row.amount - 1e-6) for row in found if row.entities == (name,) and row.kind == "promise")
        changed = replaced_by_less(changed, name, less)
    if rule == "firm_date":
        words = f"order {name} was firm for {was}"
    else:
        words = f"the replacement of offer {name} was promised by {was}"
    later = f"it is promised by {now} now" if now is not None else "no date is promised any more"
    return changed, Broken(
        "firm_date" if rule == "firm_date" else "replacement_on_time",
        name,
        units,
        was,
        now,
        f"{words}: {units} units cannot be there by then; {later}",
    )
