"""Packages, what is in them and who pays (`problem.md`, "Packages and funding"). Money in million USD."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from models.calendar import Calendar
from models.plan import Payment, Plan
from models.problem import Pledge, Problem


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """One package: released on `release_date` (None = not released), worth `value_usd_m`.

    `contents`: (need, units, million USD) in the order of the tables or the plan; `payments` sorted by pledge.
    `period`: of the release, T if it is not released in the horizon; None = not at all.
    """

    package: str
    status: Literal["funded", "proposed", "new"]
    release_date: dt.date | None
    period: int | None
    value_usd_m: float
    contents: tuple[tuple[str, int, float], ...]
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class PledgeFacts:
    """A pledge and what the plan spends of it."""

    pledge: Pledge
    paid_usd_m: float

    @property
    def left_usd_m(self) -> float:
        """What is not spent."""
        return self.pledge.amount_usd_m - self.paid_usd_m


def first_dispatch(package: PackageFacts, problem: Problem, calendar: Calendar) -> int:
    """The period from which units of the package may leave the pool (rule `dispatch_after_release`); T if never."""
    policy = problem.package_policy
    if policy is None or package.period is None or package.release_date is None:
        return calendar.count
    return calendar.period(package.release_date + dt.timedelta(weeks=policy.contract_weeks))


def packages_of(problem: Problem, plan: Plan, calendar: Calendar) -> tuple[PackageFacts, ...]:
    """Every package: those of the table in its order, then the new ones by name."""
    if problem.package_policy is None:
        return ()
    units: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in problem.package_contents:
        units[row.package].append((row.need, row.quantity))
    for content in sorted(plan.contents):
        units[content.package].append((content.need, content.quantity))
    paid: dict[str, list[Payment]] = defaultdict(list)
    for payment in sorted(plan.payments):
        paid[payment.package].append(payment)
    released = {release.package: release.period for release in plan.releases}
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    need_price = {need.need: price[need.item] for need in problem.needs}

    def one(
        name: str, status: Literal["funded", "proposed", "new"], date: dt.date | None, period: int | None
    ) -> PackageFacts:
        contents = tuple((need, quantity, quantity * need_price[need]) for need, quantity in units[name])
        value = sum(worth for _, _, worth in contents)
        return PackageFacts(name, status, date, period, value, contents, tuple(paid[name]))

    found = []
    for package in problem.packages:
        period = released.get(package.package)
        if package.status == "funded" and package.release_on is not None:
            found.append(one(package.package, "funded", package.release_on, calendar.period(package.release_on)))
        else:
            date = None if period is None else calendar.day(period)
            found.append(one(package.package, package.status, date, period))
    for release in sorted(plan.releases):
        if release.status == "new":
            found.append(one(release.package, "new", calendar.day(release.period), release.period))
    return tuple(found)


def pledges_of(problem: Problem, plan: Plan) -> tuple[PledgeFacts, ...]:
    """Every pledge in the order of the table, with what is paid from it."""
    paid: dict[str, float] = defaultdict(float)
    for payment in sorted(plan.payments):
        paid[payment.pledge] += payment.amount_usd_m
    return tuple(PledgeFacts(pledge, paid[pledge.pledge]) for pledge in problem.pledges)
