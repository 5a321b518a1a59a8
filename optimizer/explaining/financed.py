"""What money delivers: units of needs back to the packages they left under, and to the donors who paid for these.

The rule has two steps. Units that leave the pool for a need, in the order in which they leave, belong to the packages
that hold the need in the order of their release (`dispatch_after_release` makes that possible). Within a package the
money for a category is one purse: a donor's part of every unit of that category is its part of the money paid for it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.plan import POOL
from models.problem import Problem
from optimizer.explaining.facts import Facts
from optimizer.explaining.money import PackageFacts

BEFORE = ""
"""The donor of what was paid before this plan: the instance does not say who did."""


@dataclass(frozen=True, slots=True)
class Financed:
    """`units` of the need that leave in `period` under the package; "" = under none, where none is asked for."""

    package: str
    need: str
    units: int
    period: int
    arrival: int


@dataclass(frozen=True, slots=True)
class Bought:
    """A donor's part of a need in a package: `content`, `delivered`, `on_time` in units of the need, as fractions.

    `value_usd_m`: of what is delivered; `first`, `last`: days of arrival.
    """

    donor: str
    package: str
    need: str
    content: float
    delivered: float
    on_time: float
    value_usd_m: float
    first: dt.date | None
    last: dt.date | None


def financed(problem: Problem, facts: Facts) -> tuple[Financed, ...]:
    """Every unit that leaves the pool for a need, with its package; sums over a need are what leaves for it."""
    held = _held(problem, facts)
    found = []
    for demand in facts.needs:
        queue = list(reversed(held.get(demand.demand, ())))
        for row, units in zip(demand.sent, demand.sent_units, strict=True):
            if row.origin != POOL:
                continue
            left = units
            while left > 0 and queue:
                name, content = queue.pop()
                taken = min(left, content)
                left -= taken
                if taken:
                    found.append(Financed(name, demand.demand, taken, row.period, row.arrival))
                if content > taken:
                    queue.append((name, content - taken))
            if left > 0:
                found.append(Financed("", demand.demand, left, row.period, row.arrival))
    return tuple(found)


def ready_period(problem: Problem, facts: Facts, package: PackageFacts) -> int:
    """The first period in which units may leave under a package; T if never."""
    policy = problem.package_policy
    if policy is None or package.period is None or package.release_date is None:
        return facts.calendar.count
    return facts.calendar.period(package.release_date + dt.timedelta(weeks=policy.contract_weeks))


def _held(problem: Problem, facts: Facts) -> dict[str, list[tuple[str, int]]]:
    """For every need (package, units) in the order of release, packages released together in the order of the plan."""
    ranked = sorted(
        (ready_period(problem, facts, package), at, package)
        for at, package in enumerate(facts.packages)
        if package.period is not None and package.release_date is not None
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for _, _, package in ranked:
        for need, quantity, _ in package.contents:
            found[need].append((package.package, quantity))
    return found


def bought(problem: Problem, facts: Facts) -> tuple[Bought, ...]:
    """What every donor's money buys, package by package and need by need; `BEFORE` for what was paid before.

    Over all donors the parts of a package add up to its contents, and to what leaves under it.
    """
    due = {demand.demand: demand for demand in facts.needs}
    sort = {item.item: item.category for item in problem.items}
    owner = {pledge.pledge: pledge.donor for pledge in problem.pledges}
    left: dict[tuple[str, str], list[Financed]] = defaultdict(list)
    for row in financed(problem, facts):
        left[row.package, row.need].append(row)
    return tuple(
        Bought(
            donor,
            package.package,
            need,
            share * quantity,
            share * sum(row.units for row in rows),
            share * sum(row.units for row in rows if facts.calendar.late(due[need].due, row.arrival) == 0),
            share * sum(row.units for row in rows) * due[need].price,
            min((facts.calendar.day(row.arrival) for row in rows), default=None),
            max((facts.calendar.day(row.arrival) for row in rows), default=None),
        )
        for package in facts.packages
        if package.period is not None
        for need, quantity, _ in package.contents
        for rows in [left.get((package.package, need), [])]
        for donor, share in _parts(package, sort[due[need].item], owner)
    )


def _parts(package: PackageFacts, category: str, donor: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Each donor's part of the money for a category in the package."""
    paid: dict[str, float] = defaultdict(float)
    for row in package.payments:
        if row.category == category:
            paid[donor[row.pledge]] += row.amount_usd_m
    total = sum(paid.values())
    if total <= 0:
        yield BEFORE, 1.0
        return
    for name, amount in paid.items():
        yield name, amount / total
