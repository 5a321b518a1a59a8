"""Promises that no plan can keep any more, relaxed by as little as needed, each recorded.

A solve that finds no plan says which promises clash (`optimizer.solving.conflict`). What is paid beyond a need is taken
from the packages that were released last. A firm order that cannot be there in time is due all the same, and no longer
firm. A replacement that cannot be in time gets until the end of the next period in which a unit may leave, and so on,
until a plan exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from models.calendar import calendar_of
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
        if clash.kind != "promise":
            continue
        name, units = clash.entities[0], round(clash.amount)
        if clash.rule == "firm_date":
            problem = _not_firm(problem, name, units, broken)
        elif clash.rule == "replacement_on_time":
            problem = _put_off(problem, name, units, broken)
        elif clash.rule == "content_within_need":
            problem = _held_less(problem, name, units, broken)
    return problem, tuple(broken)


def _not_firm(problem: Problem, name: str, units: int, broken: list[Broken]) -> Problem:
    orders = []
    for order in problem.orders:
        if order.order == name and order.firm_by is not None:
            text = f"order {name} cannot be there by {order.firm_by} any more: {units} of its units would be late"
            broken.append(Broken("firm_date", name, units, order.firm_by, None, text))
            orders.append(replace(order, firm_by=None))
        else:
            orders.append(order)
    return replace(problem, orders=tuple(orders))


def _put_off(problem: Problem, name: str, units: int, broken: list[Broken]) -> Problem:
    calendar = calendar_of(problem)
    offers = []
    for offer in problem.offers:
        due = offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)
        last = max((t for t in range(calendar.count) if calendar.late(due, t) == 0), default=-1)
        if offer.offer == name and last + 1 < calendar.count:
            weeks = -((offer.available_on - calendar.day(last + 1)).days // 7)
            now = offer.available_on + dt.timedelta(weeks=min(MAX_WEEKS, weeks))
            text = f"offer {name} cannot be replaced by {due} any more: {units} of its units would be late"
            broken.append(Broken("replacement_on_time", name, units, due, now, text))
            offers.append(replace(offer, replacement_within_weeks=min(MAX_WEEKS, weeks)))
        elif offer.offer == name:
            text = f"offer {name} cannot be replaced in the horizon: {units} of its units are no longer asked for"
            broken.append(Broken("replacement_on_time", name, units, due, None, text))
            offers.append(replace(offer, replacement_quantity=max(0, offer.replacement_quantity - units)))
        else:
            offers.append(offer)
    return replace(problem, offers=tuple(offers))


def _held_less(problem: Problem, name: str, units: int, broken: list[Broken]) -> Problem:
    released = {row.package: row.release_on or dt.date.min for row in problem.packages if row.status == "funded"}
    left, contents = units, list(problem.package_contents)
    for k in sorted(range(len(contents)), key=lambda k: released.get(contents[k].package, dt.date.min), reverse=True):
        row = contents[k]
        if row.need == name and row.package in released and left > 0:
            part = min(left, row.quantity)
            contents[k] = replace(row, quantity=row.quantity - part)
            left -= part
    text = f"packages that are paid hold {units} more of need {name} than is needed: they hold that much less now"
    broken.append(Broken("content_within_need", name, units, None, None, text))
    return replace(problem, package_contents=tuple(contents))
