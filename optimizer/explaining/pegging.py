"""Every unit that leaves traced back to the slot, receipt, stock or offer it comes from, and to the money behind it.

Units of one item are exchangeable, so the pool is pegged first in, first out: the stock that was there above its hard
floor (what is below never leaves), then receipts and output by period (in one period receipts before output, lines by
name), to whatever leaves, by period, due date and name. A need's units are pegged to its packages in the order in which
these allow dispatches; to pledges each unit belongs in proportion to what they pay for its category of the package.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from models import capacity
from models.calendar import Calendar
from models.plan import POOL, Dispatch, Kind, Plan
from models.problem import Problem
from optimizer.explaining.money import PackageFacts, first_dispatch

Source = Literal["stock", "receipt", "slot", "offer"]


@dataclass(frozen=True, slots=True)
class Peg:
    """`units` of `item` (of the item that leaves, which may be a substitute) from one source to one dispatch.

    `source`, `name`: a slot of the line `name`, the offer `name`, a receipt, or stock from before the horizon.
    `begun`: period in which they reached the pool (−1: stock before the horizon; of an offer: the period it leaves).
    """

    kind: Kind
    demand: str
    item: str
    units: int
    source: Source
    name: str
    begun: int
    leaves: int
    arrives: int
    route: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackagePeg:
    """`units` of a need that leave in period `leaves` under `package`, and who pays for one of them.

    `payers`: (pledge, share of the price of each unit); empty for a funded package, which the instance has paid.
    `released`: first day of the period of its release, or the date of the table for a funded one.
    """

    need: str
    package: str
    status: str
    released: dt.date | None
    units: int
    leaves: int
    payers: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Pegging:
    """All pegs of a plan, by demand and by slot."""

    pegs: tuple[Peg, ...]
    packages: tuple[PackagePeg, ...]

    @cached_property
    def _by_demand(self) -> Mapping[tuple[Kind, str], Sequence[Peg]]:
        found: dict[tuple[Kind, str], list[Peg]] = defaultdict(list)
        for peg in self.pegs:
            found[peg.kind, peg.demand].append(peg)
        return found

    @cached_property
    def _by_need(self) -> Mapping[str, Sequence[PackagePeg]]:
        found: dict[str, list[PackagePeg]] = defaultdict(list)
        for peg in self.packages:
            found[peg.need].append(peg)
        return found

    @cached_property
    def _by_item(self) -> Mapping[str, Sequence[Peg]]:
        found: dict[str, list[Peg]] = defaultdict(list)
        for peg in self.pegs:
            if peg.source != "offer":
                found[peg.item].append(peg)
        return found

    @cached_property
    def _by_line(self) -> Mapping[str, Sequence[Peg]]:
        found: dict[str, list[Peg]] = defaultdict(list)
        for peg in self.pegs:
            if peg.source == "slot":
                found[peg.name].append(peg)
        return found

    @cached_property
    def _made(self) -> Mapping[str, Mapping[str, Sequence[Peg]]]:
        found: dict[str, dict[str, list[Peg]]] = {}
        for peg in self.pegs:
            if peg.source == "slot":
                found.setdefault(peg.name, {}).setdefault(peg.item, []).append(peg)
        return found

    def of(self, kind: Kind, demand: str) -> Sequence[Peg]:
        """Where the units of a demand come from, by when they leave."""
        return self._by_demand.get((kind, demand), ())

    def under(self, need: str) -> Sequence[PackagePeg]:
        """Under which packages the units of a need leave, and who pays."""
        return self._by_need.get(need, ())

    def from_pool(self, item: str) -> Sequence[Peg]:
        """Everything that leaves the pool of an item."""
        return self._by_item.get(item, ())

    def on_line(self, line: str, period: int | None = None) -> Sequence[Peg]:
        """Who uses the slots of a line, of all periods or of one."""
        found = self._by_line.get(line, ())
        return found if period is None else [peg for peg in found if peg.begun == period]

    def made_on(self, line: str) -> Mapping[str, Sequence[Peg]]:
        """Who uses the slots of a line, by the item that is made there."""
        return self._made.get(line, {})


def pegging_of(
    problem: Problem,
    plan: Plan,
    calendar: Calendar,
    due: Mapping[tuple[Kind, str], dt.date],
    packages: Sequence[PackageFacts],
) -> Pegging:
    """Peg a whole plan. `due`: due dates by kind and name (`accounts.due_dates`)."""
    leaving: dict[str, list[Dispatch]] = defaultdict(list)
    for row in plan.dispatches:
        leaving[row.item if row.origin == POOL else ""].append(row)
    sources = _sources(problem, plan, calendar)

    def turn(row: Dispatch) -> tuple[object, ...]:
        return row.period, due[row.kind, row.demand], row.kind, row.demand, row.arrival, row.route

    pegs: list[Peg] = []
    for item in problem.items:
        pegs += _first_in_first_out(sources[item.item], sorted(leaving.get(item.item, ()), key=turn))
    pegs += [
        Peg(r.kind, r.demand, r.item, r.quantity, "offer", r.origin, r.period, r.period, r.arrival, r.route)
        for r in sorted(leaving.get("", ()), key=turn)
    ]
    return Pegging(tuple(pegs), tuple(_under_packages(problem, plan, packages, calendar)))


_In = tuple[int, Source, str, int]
"""Units that reach the pool: (period, source, name, units)."""


def _sources(problem: Problem, plan: Plan, calendar: Calendar) -> dict[str, list[_In]]:
    """Whatever reaches the pool of every item, the first first."""
    order = {"stock": 0, "receipt": 1, "slot": 2}
    held, floors = capacity.on_hand(problem), capacity.hard_floors(problem)
    found: dict[str, list[_In]] = {item: [(-1, "stock", "", held[item] - floors[item])] for item in held}
    for item, units in capacity.receipts(problem, calendar).items():
        found[item] += [(t, "receipt", "", arrived) for t, arrived in enumerate(units) if arrived]
    for made in plan.made:
        found[made.item].append((made.period, "slot", made.line, made.quantity))
    for item, rows in found.items():
        rows.sort(key=lambda row: (row[0], order[row[1]], row[2]))
        # only a plan that breaks `readiness_floor` comes so far
        rows.append((-1, "stock", "", floors[item]))
    return found


def _first_in_first_out(sources: Sequence[_In], takers: Sequence[Dispatch]) -> Iterator[Peg]:
    """Whatever leaves takes what came first; where a plan takes more than there is, the rest has no source."""
    coming = iter(sources)
    period, source, name, left = next(coming, (0, "stock", "", 0))
    for row in takers:
        wanted = row.quantity
        while wanted > 0:
            while left <= 0:
                following = next(coming, None)
                if following is None:
                    return
                period, source, name, left = following
            units = min(wanted, left)
            yield Peg(row.kind, row.demand, row.item, units, source, name, period, row.period, row.arrival, row.route)
            wanted -= units
            left -= units


def _under_packages(
    problem: Problem, plan: Plan, packages: Sequence[PackageFacts], calendar: Calendar
) -> Iterator[PackagePeg]:
    """A need's units from the pool, in the order in which they leave, under its packages in the order of release."""
    if problem.package_policy is None:
        return
    category = {item.item: item.category for item in problem.items}
    of_need = {need.need: category[need.item] for need in problem.needs}
    own = {need.need: need.item for need in problem.needs}
    ratio = {(row.item, row.substitute): row.units_per_unit for row in problem.substitutes}
    held: dict[str, list[tuple[int, PackageFacts, int]]] = defaultdict(list)
    for package in packages:
        if package.period is not None:
            for need, quantity, _ in package.contents:
                held[need].append((first_dispatch(package, problem, calendar), package, quantity))
    sent: dict[str, list[Dispatch]] = defaultdict(list)
    for row in plan.dispatches:
        if row.kind == "need" and row.origin == POOL:
            sent[row.demand].append(row)
    for need, rows in sent.items():
        waiting = sorted(held.get(need, ()), key=lambda entry: (entry[0], entry[1].package))
        at, left = 0, waiting[0][2] if waiting else 0
        for row in sorted(rows, key=lambda row: (row.period, row.arrival, row)):
            units = row.quantity // (1 if row.item == own[need] else ratio.get((own[need], row.item), 1))
            while units > 0 and at < len(waiting):
                taken = min(units, left)
                if taken > 0:
                    package = waiting[at][1]
                    payers = _payers(package, of_need[need])
                    yield PackagePeg(
                        need, package.package, package.status, package.release_date, taken, row.period, payers
                    )
                units, left = units - taken, left - taken
                if left == 0:
                    at += 1
                    left = waiting[at][2] if at < len(waiting) else 0


def _payers(package: PackageFacts, category: str) -> tuple[tuple[str, float], ...]:
    """Who pays for a unit of the category, and what share of it."""
    paid = [(p.pledge, p.amount_usd_m) for p in package.payments if p.category == category and p.amount_usd_m > 0]
    total = sum(amount for _, amount in paid)
    return tuple((pledge, amount / total) for pledge, amount in paid) if total > 0 else ()
