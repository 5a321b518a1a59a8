"""Two plans side by side for everybody but a single demand: recipients, items, donors, lines, offers, cases, floors.

Delay in the objective's units, money in million USD. Recipients and items are sums over demands, so that their delays
add up to the terms of needs and orders; floors add up to the term of readiness.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from models.calendar import Calendar
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.moved import DemandChange

UKRAINE = ""
"""The recipient of needs, as `DemandFacts` has it."""


@dataclass
class _Sums:
    demands: int = 0
    asked: int = 0
    delivered: int = 0
    on_time: int = 0
    completed: int = 0
    delay: float = 0.0
    lateness: float = 0.0
    value: float = 0.0

    def add(self, demand: DemandFacts) -> None:
        self.demands += 1
        self.asked += demand.quantity
        self.delivered += demand.delivered
        self.on_time += demand.on_time
        self.completed += demand.completed is not None
        self.delay += demand.delay
        self.value += demand.price * demand.quantity
        self.lateness += demand.price * demand.quantity * demand.weeks_late


@dataclass(frozen=True, slots=True)
class Group:
    """All demands of one recipient, or for one item, in one plan.

    `asked`, `delivered`, `on_time`: units; `completed`: demands with all their units; `weeks_late`: mean by value;
    `weight`: of a recipient, None where it has none of its own (needs, items).
    """

    demands: int
    asked: int
    delivered: int
    on_time: int
    completed: int
    delay: float
    weeks_late: float
    weight: float | None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A recipient (code) or item in both plans; `earlier`, `later` unit-weeks; `moved` demands."""

    name: str
    old: Group
    new: Group
    earlier: float
    later: float
    moved: int

    @property
    def delay(self) -> float:
        """How much more delay it bears."""
        return self.new.delay - self.old.delay


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of both plans under a name: `parts` say more (units, words), each as (name, old, new)."""

    name: str
    old: float
    new: float
    parts: tuple[tuple[str, float, float], ...] = ()

    @property
    def difference(self) -> float:
        """New − old."""
        return self.new - self.old

    @property
    def differs(self) -> bool:
        """Whether anything about it differs."""
        return any(abs(a - b) > 1e-9 * max(1.0, abs(a)) for _, a, b in (("", self.old, self.new), *self.parts))


@dataclass(frozen=True, slots=True)
class Switch:
    """A decision that has a day or an answer in each plan: an offer, a case, a package.

    `old`, `new`: the day, or for an offer whether it is accepted; None: it is not in that instance, "never" is False.
    """

    name: str
    old: dt.date | bool | None
    new: dt.date | bool | None


def groups(
    demands: Iterable[DemandChange], of: Callable[[DemandFacts], str], weights: tuple[dict[str, float], ...] = ({}, {})
) -> tuple[GroupChange, ...]:
    """Sums over demands by what `of` says; a demand that changed its recipient counts where it is in each plan."""
    found: dict[str, _Pairing] = {}
    for change in demands:
        for side, facts in enumerate((change.old, change.new)):
            if facts is not None:
                found.setdefault(of(facts), _Pairing()).sums[side].add(facts)
        at = found[of(change.facts)]
        at.earlier += change.earlier
        at.later += change.later
        at.moved += change.moved
    rows = []
    for name, pairing in found.items():
        old, new = (_group(sums, by.get(name)) for sums, by in zip(pairing.sums, weights, strict=True))
        rows.append(GroupChange(name, old, new, pairing.earlier, pairing.later, pairing.moved))
    return tuple(rows)


@dataclass
class _Pairing:
    sums: tuple[_Sums, _Sums] = field(default_factory=lambda: (_Sums(), _Sums()))
    earlier: float = 0.0
    later: float = 0.0
    moved: int = 0


def _group(sums: _Sums, weight: float | None) -> Group:
    mean = sums.lateness / sums.value if sums.value else 0.0
    return Group(sums.demands, sums.asked, sums.delivered, sums.on_time, sums.completed, sums.delay, mean, weight)


def donors(old: Facts, new: Facts) -> tuple[Pair, ...]:
    """What each donor pays, with what it pledged and into how many packages it pays."""
    before, after = _paid(old), _paid(new)
    rows = []
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, (0.0, 0.0, 0)), after.get(name, (0.0, 0.0, 0))
        rows.append(
            Pair(name, one[0], other[0], (("pledged", one[1], other[1]), ("packages", float(one[2]), float(other[2]))))
        )
    return tuple(rows)


def _paid(facts: Facts) -> dict[str, tuple[float, float, int]]:
    donor = {row.pledge.pledge: row.pledge.donor for row in facts.pledges}
    into: dict[str, set[str]] = {}
    for package in facts.packages:
        for payment in package.payments:
            if payment.pledge in donor:
                into.setdefault(donor[payment.pledge], set()).add(package.package)
    found: dict[str, tuple[float, float, int]] = {}
    for row in facts.pledges:
        name = row.pledge.donor
        paid, pledged, _ = found.get(name, (0.0, 0.0, 0))
        found[name] = (paid + row.paid_usd_m, pledged + row.pledge.amount_usd_m, len(into.get(name, ())))
    return found


def packages(old: Facts, new: Facts) -> tuple[Switch, ...]:
    """The day on which every package is released; of new packages the name says nothing but which it is."""
    before, after = ({row.package: row.release_date or False for row in facts.packages} for facts in (old, new))
    return switches(before, after)


def offers(old: tuple[Problem, Plan], new: tuple[Problem, Plan]) -> tuple[Switch, ...]:
    """Whether every offer is accepted."""
    before, after = (
        {row.offer: row.offer in plan.accepted_offers for row in problem.offers} for problem, plan in (old, new)
    )
    return switches(before, after)


def cases(old: tuple[Problem, Plan, Calendar], new: tuple[Problem, Plan, Calendar]) -> tuple[Switch, ...]:
    """The day on which every listed case is approved; None where it is not under review in that instance."""
    return switches(*(approval_days(*side) for side in (old, new)))


def approval_days(problem: Problem, plan: Plan, calendar: Calendar) -> dict[str, dt.date | bool]:
    """By case under review: the day of approval, False if never. Empty where there is no review."""
    if problem.approval is None:
        return {}
    days: dict[str, dt.date | bool] = {row.case: False for row in problem.approvals}
    days.update({row.case: calendar.day(row.period) for row in plan.approvals if row.case in days})
    return days


def switches(before: Mapping[str, dt.date | bool], after: Mapping[str, dt.date | bool]) -> tuple[Switch, ...]:
    """Every name of either side."""
    return tuple(Switch(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after]))


def lines(old: tuple[Plan, Facts], new: tuple[Plan, Facts]) -> tuple[Pair, ...]:
    """Slots used by every line, its slots, and the units it makes, in the time that both plans cover.

    A period counts by its first day.
    """
    calendars = [facts.calendar for _, facts in (old, new)]
    begin = max(calendar.start for calendar in calendars)
    end = min(calendar.day(calendar.count) for calendar in calendars)
    before, after = (_loads(*side, begin, end) for side in (old, new))
    rows, none = [], (0.0, 0.0, 0.0)
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, none), after.get(name, none)
        rows.append(Pair(name, one[0], other[0], (("slots", one[1], other[1]), ("units", one[2], other[2]))))
    return tuple(rows)


def _loads(plan: Plan, facts: Facts, begin: dt.date, end: dt.date) -> dict[str, tuple[float, float, float]]:
    """By line: slots used, slots, units made."""
    calendar, supply = facts.calendar, facts.supply
    inside = [t for t in range(calendar.count) if begin <= calendar.day(t) < end]
    units = dict.fromkeys(supply.slots, 0)
    for row in plan.made:
        if inside and inside[0] <= row.period <= inside[-1]:
            units[row.line] += row.quantity
    return {
        line: (
            float(sum(supply.used[line][t] for t in inside)),
            float(sum(slots[t] for t in inside)),
            float(units[line]),
        )
        for line, slots in supply.slots.items()
    }


def floors(old: tuple[Problem, Facts], new: tuple[Problem, Facts]) -> tuple[Pair, ...]:
    """What stock below its floor costs by item, and its unit-weeks; the costs add up to the term of readiness."""
    before, after = (_shortfalls(*side) for side in (old, new))
    none = (0.0, 0.0)
    return tuple(
        Pair(
            name,
            before.get(name, none)[0],
            after.get(name, none)[0],
            (("unit_weeks", before.get(name, none)[1], after.get(name, none)[1]),),
        )
        for name in dict.fromkeys(chain(before, after))
    )


def _shortfalls(problem: Problem, facts: Facts) -> dict[str, tuple[float, float]]:
    if problem.readiness is None:
        return {}
    found = {}
    for item in problem.items:
        floor = facts.supply.floors[item.item]
        levels = zip(facts.calendar.weeks, facts.supply.stock[item.item], strict=True)
        missing = float(sum(weeks * max(0, floor - level) for weeks, level in levels))
        found[item.item] = (problem.readiness.weight * item.unit_price_usd_m * missing, missing)
    return found
