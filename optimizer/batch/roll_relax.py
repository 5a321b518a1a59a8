"""Promises that no plan can hold any more, moved by as little as needed, so that planning can go on.

Only firm dates, and replacements of accepted offers, can make an instance impossible (`optimizer.solving.conflict`).
While the promises of an instance clash, the first of those that a least-cost choice would break is moved to the first
later day on which that choice breaks it no more; where no day of the horizon is late enough, its date is dropped (of a
replacement: the units that the horizon cannot turn out). Each is reported: nothing is relaxed silently.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

from models.calendar import Calendar, calendar_of
from models.problem import Problem
from optimizer.reading.column import MAX_WEEKS
from optimizer.rolling.records import Broken
from optimizer.rolling.relax import relaxed as held_less
from optimizer.solving.conflict import NotConfirmedError, clashes
from optimizer.solving.outcome import Clash

PROMISES = ("firm_date", "replacement_on_time")


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
    was = _due(problem, rule, name)
    first = next((t for t in range(calendar.count) if calendar.day(t) > was), calendar.count)
    low, high = first, calendar.count
    while low < high:
        middle = (low + high) // 2
        trial = _with_due(problem, calendar, rule, name, middle)
        if any((row.rule, row.entities[0]) == (rule, name) for row in _clashes(trial, seconds)):
            low = middle + 1
        else:
            high = middle
    changed = _with_due(problem, calendar, rule, name, low)
    now = calendar.day(low) if low < calendar.count else None
    units = round(clash.amount)
    if now is None and rule == "replacement_on_time":
        changed = _without_units(changed, name, _clashes(changed, seconds))
    if rule == "firm_date":
        promised = f"order {name} was firm for {was}"
    else:
        promised = f"the replacement of offer {name} was promised by {was}"
    later = f"it is promised by {now} now" if now is not None else "no date is promised any more"
    return changed, Broken(
        "firm_date" if rule == "firm_date" else "replacement_on_time",
        name,
        units,
        was,
        now,
        f"{promised}: {units} units cannot be there by then; {later}",
    )


def _due(problem: Problem, rule: str, name: str) -> dt.date:
    if rule == "firm_date":
        firm = next(row.firm_by for row in problem.orders if row.order == name)
        return firm or problem.start
    offer = next(row for row in problem.offers if row.offer == name)
    return offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)


def _with_due(problem: Problem, calendar: Calendar, rule: str, name: str, period: int) -> Problem:
    """The promise at the first day of a period; after the last one without a date (of an offer: as late as may be)."""
    never = period >= calendar.count
    if rule == "firm_date":
        firm = None if never else calendar.day(period)
        return replace(
            problem, orders=tuple(replace(row, firm_by=firm) if row.order == name else row for row in problem.orders)
        )
    offers = []
    for row in problem.offers:
        if row.offer == name:
            day = calendar.day(min(period, calendar.count))
            weeks = min(MAX_WEEKS, max(row.replacement_within_weeks, -((row.available_on - day).days // 7)))
            offers.append(replace(row, replacement_within_weeks=weeks))
        else:
            offers.append(row)
    return replace(problem, offers=tuple(offers))


def _without_units(problem: Problem, name: str, found: tuple[Clash, ...]) -> Problem:
    """The offer with a replacement of no more than the whole horizon can turn out."""
    units = sum(math.ceil(row.amount - 1e-6) for row in found if row.entities == (name,) and row.kind == "promise")
    return replace(
        problem,
        offers=tuple(
            replace(row, replacement_quantity=max(0, row.replacement_quantity - units)) if row.offer == name else row
            for row in problem.offers
        ),
    )
