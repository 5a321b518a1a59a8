"""What a plan promises that an execution may break, and by how much it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.plan import POOL
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_course import Course
from optimizer.rolling.execute_script import Script, replacement_due

PromiseKind = Literal["firm_date", "replacement_on_time", "promise_kept", "release_date", "expiry", "commitment"]
PROMISES: dict[PromiseKind, str] = {
    "firm_date": "a firm order has all its units by its firm date",
    "replacement_on_time": "a giver has its replacement by the promised date, as long as its offer stands",
    "promise_kept": "what released packages hold for a need leaves the pool in the horizon",
    "release_date": "a package is released in the period of the plan",
    "expiry": "a need that expires gets, before it does, what the plan sends it",
    "commitment": "what the plan before committed for a period, and the plan keeps, leaves in that period",
}
"""The kinds of promises. The first three are rules of `problem.md`, and the only ones that an execution may break."""
RULES: tuple[PromiseKind, ...] = ("firm_date", "replacement_on_time", "promise_kept")


@dataclass(frozen=True, slots=True)
class Promise:
    """`units` promised to `name` (an order, an offer, a need, a package: then 1) by `due`, None: in the horizon.

    `item` and `period` are given for commitments, of which a demand may have several.
    """

    kind: PromiseKind
    name: str
    due: dt.date | None
    units: int
    item: str = ""
    period: int | None = None


def promises_of(script: Script, desk: Desk) -> tuple[Promise, ...]:
    """Everything that the plan promises, kind by kind."""
    return (*_firm(script), *_replacements(script), *_packages(script, desk), *_needs(script), *_commitments(script))


def broken(promises: tuple[Promise, ...], desk: Desk, course: Course) -> np.ndarray:
    """By promise and world, the units that miss it (a release: periods late); 0 where it is kept."""
    judge = _Judge(desk, course)
    rows = [np.maximum(0, judge.missing(promise)) for promise in promises]
    return np.array(rows, dtype=np.int64).reshape(len(promises), course.shortfall.shape[0])


def _firm(script: Script) -> Iterator[Promise]:
    for order in script.problem.orders:
        if order.firm_by is not None:
            yield Promise("firm_date", order.order, order.firm_by, order.quantity)


def _replacements(script: Script) -> Iterator[Promise]:
    accepted = set(script.plan.accepted_offers)
    for offer in script.problem.offers:
        if offer.offer in accepted:
            yield Promise("replacement_on_time", offer.offer, replacement_due(offer), offer.replacement_quantity)


def _packages(script: Script, desk: Desk) -> Iterator[Promise]:
    promised: dict[str, int] = {}
    for package in desk.packages:
        for need, units in desk.contents.get(package.package, {}).items():
            promised[need] = promised.get(need, 0) + units
    for row in script.problem.needs:
        if promised.get(row.need):
            yield Promise("promise_kept", row.need, None, promised[row.need])
    for release in desk.packages:
        due = script.facts.calendar.day(release.period)
        yield Promise("release_date", release.package, due, 1, period=release.period)


def _needs(script: Script) -> Iterator[Promise]:
    planned = _planned_units(script)
    for need in script.problem.needs:
        units = planned[script.index["need", need.need]]
        if need.expires_on is not None and units:
            yield Promise("expiry", need.need, need.expires_on, units)


def _planned_units(script: Script) -> list[int]:
    planned = [0] * len(script.asked)
    for row in script.sendings:
        planned[row.asked] += row.units
    return planned


def _commitments(script: Script) -> Iterator[Promise]:
    leaving: dict[tuple[str, str, int], int] = {}
    for row in script.plan.dispatches:
        if row.origin == POOL:
            key = row.demand, row.item, row.period
            leaving[key] = leaving.get(key, 0) + row.quantity
    for (demand, item, period), units in script.facts.committed.items():
        if units and leaving.get((demand, item, period), 0) >= units:
            due = script.facts.calendar.day(period)
            yield Promise("commitment", demand, due, units, item, period)


class _Judge:
    """Looks up what came of each promise."""

    def __init__(self, desk: Desk, course: Course) -> None:
        self.desk, self.script, self.course = desk, desk.script, course
        self.at_package = {row.package: k for k, row in enumerate(desk.packages)}

    def missing(self, promise: Promise) -> Any:
        """Units (periods) by which each world misses the promise; at most 0 where it keeps it."""
        course, script = self.course, self.script
        if promise.kind == "firm_date":
            return promise.units - course.in_time[script.index["order", promise.name]]
        if promise.kind == "replacement_on_time":
            q = script.index["replacement", promise.name]
            return course.owed[q] - course.in_time[q]
        if promise.kind == "release_date":
            return course.releases[self.at_package[promise.name]] - (promise.period or 0)
        if promise.kind == "promise_kept":
            return self._promised(promise.name) - course.from_pool[script.index["need", promise.name]]
        if promise.kind == "expiry":
            return promise.units - course.delivered[script.index["need", promise.name]]
        withdrawn = course.committed.get((promise.name, promise.item, promise.period or 0))
        units = promise.units if withdrawn is None else np.minimum(promise.units, withdrawn)
        return units - course.kept[promise.name, promise.item, promise.period or 0]

    def _promised(self, need: str) -> np.ndarray:
        """What the packages that are released in each world hold for the need."""
        total = np.zeros(self.course.shortfall.shape[0], dtype=np.int64)
        for package, k in self.at_package.items():
            units = self.desk.contents.get(package, {}).get(need, 0)
            total += units * (self.course.releases[k] < self.script.T)
        return total
