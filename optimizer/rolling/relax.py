"""Promises that no plan can keep any more, relaxed by as little as needed, each recorded.

A solve that finds no plan says which promises clash (`optimizer.solving.conflict`). What is paid beyond a need is taken
from the packages that were released last. A firm order that cannot be there in time is due all the same, and no longer
firm. A replacement that cannot be in time gets until the end of the next period in which a unit may leave, and so on,
until a plan exists. `optimizer.batch.roll_relax` moves promises further, by the same arithmetic, with a solver at hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from models.calendar import Calendar, calendar_of
from models.problem import Problem
from optimizer.reading.column import MAX_WEEKS
from optimizer.rolling.records import Broken


class Clashing(Protocol):
    """What a clash says: `optimizer.solving.outcome.Clash` is one."""

    @property
    def kind(self) -> str:
        """ "promise" or "limit"."""

    @property
    def rule(self) -> str:
        """Rule of `problem.md`."""

    @property
    def entities(self) -> tuple[str, ...]:
        """The order, offer or need."""

    @property
    def amount(self) -> float:
        """Units that are short."""


def relaxed(problem: Problem, clashes: Iterable[Clashing]) -> tuple[Problem, tuple[Broken, ...]]:
    """The instance with the promises that clash relaxed once; nothing broken where no clash is of a promise.

    May take several calls: a replacement is put off by one period at a time.
    """
    broken: list[Broken] = []
    for clash in clashes:
        step = _STEPS.get(clash.rule) if clash.kind == "promise" else None
        if step is not None:
            problem, one = step(problem, clash.entities[0], round(clash.amount))
            broken.append(one)
    return problem, tuple(broken)


def _not_firm(problem: Problem, name: str, units: int) -> tuple[Problem, Broken]:
    was = promised(problem, "firm_date", name)
    text = f"order {name} cannot be there by {was} any more: {units} of its units would be late"
    never = calendar_of(problem).count
    return with_promise(problem, "firm_date", name, never), Broken("firm_date", name, units, was, None, text)


def _put_off(problem: Problem, name: str, units: int) -> tuple[Problem, Broken]:
    calendar, due = calendar_of(problem), promised(problem, "replacement_on_time", name)
    later = first_after(calendar, due)
    if later < calendar.count:
        problem = with_promise(problem, "replacement_on_time", name, later)
        now = promised(problem, "replacement_on_time", name)
        text = f"offer {name} cannot be replaced by {due} any more: {units} of its units would be late"
        return problem, Broken("replacement_on_time", name, units, due, now, text)
    text = f"offer {name} cannot be replaced in the horizon: {units} of its units are no longer asked for"
    return replaced_by_less(problem, name, units), Broken("replacement_on_time", name, units, due, None, text)


def _held_less(problem: Problem, name: str, units: int) -> tuple[Problem, Broken]:
    released = {row.package: row.release_on or dt.date.min for row in problem.packages if row.status == "funded"}
    left, contents = units, list(problem.package_contents)
    for k in sorted(range(len(contents)), key=lambda k: released.get(contents[k].package, dt.date.min), reverse=True):
        row = contents[k]
        if row.need == name and row.package in released and left > 0:
            part = min(left, row.quantity)
            contents[k] = replace(row, quantity=row.quantity - part)
            left -= part
    text = f"packages that are paid hold {units} more of need {name} than is needed: they hold that much less now"
    broken = Broken("content_within_need", name, units, None, None, text)
    return replace(problem, package_contents=tuple(contents)), broken


_STEPS = {"firm_date": _not_firm, "replacement_on_time": _put_off, "content_within_need": _held_less}


def promised(problem: Problem, rule: str, name: str) -> dt.date:
    """The day by which a firm order (`firm_date`) is to be there, or an offer (`replacement_on_time`) replaced."""
    if rule == "firm_date":
        firm = next(row.firm_by for row in problem.orders if row.order == name)
        return firm or problem.start
    offer = next(row for row in problem.offers if row.offer == name)
    return offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)


def first_after(calendar: Calendar, day: dt.date) -> int:
    """The first period that begins after a day; the number of periods where none does."""
    return next((t for t in range(calendar.count) if calendar.day(t) > day), calendar.count)


def with_promise(problem: Problem, rule: str, name: str, period: int) -> Problem:
    """The promise at the first day of a period; after the last one without a date (of an offer: as late as may be)."""
    calendar = calendar_of(problem)
    if rule == "firm_date":
        firm = None if period >= calendar.count else calendar.day(period)
        orders = (replace(row, firm_by=firm) if row.order == name else row for row in problem.orders)
        return replace(problem, orders=tuple(orders))
    offers = []
    for row in problem.offers:
        if row.offer == name:
            day = calendar.day(min(period, calendar.count))
            weeks = min(MAX_WEEKS, max(row.replacement_within_weeks, -((row.available_on - day).days // 7)))
            offers.append(replace(row, replacement_within_weeks=weeks))
        else:
            offers.append(row)
    return replace(problem, offers=tuple(offers))


def replaced_by_less(problem: Problem, name: str, units: int) -> Problem:
    """The offer with so many units less to replace it; none at the least."""
    offers = (
        replace(row, replacement_quantity=max(0, row.replacement_quantity - units)) if row.offer == name else row
        for row in problem.offers
    )
    return replace(problem, offers=tuple(offers))
