"""What is still to be funded so that the most urgent needs can come in time, and what to ask of which donor.

Money in million USD. Value is counted at the price of the need's own item, as packages are.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from models.calendar import Calendar
from models.plan import POOL
from models.problem import Problem
from models.routes import routes_by_origin
from optimizer.explaining.facts import Facts
from optimizer.explaining.financed import ready_period
from optimizer.explaining.turns import last_on_time

AskKey = Literal["gdp", "support", "paid", "equal"]
KEYS: dict[AskKey, str] = {
    "gdp": "in proportion to GDP",
    "support": "in proportion to military support of Ukraine so far: its share of GDP × GDP",
    "paid": "in proportion to what is paid in this plan",
    "equal": "the same of every donor",
}
"""The keys by which a gap may be shared out."""
STEP = 0.1
"""Asks are whole multiples of this many million USD, and so is their sum: the gap, rounded up."""
URGENT = (1, 2)
"""The urgencies that must be funded in time unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class NeedGap:
    """What one need lacks, in units of the need.

    `unfunded`: in no funded or released package, and not sent from an offer; `held_back`: in a package that donors pay
    in this plan and that is released too late for the need's date. `money_by`: the last day on which a release still
    brings units in time, None if no day of the horizon does.
    """

    need: str
    item: str
    category: str
    urgency: int
    needed_by: dt.date
    price: float
    unfunded: int
    held_back: int
    money_by: dt.date | None

    @property
    def missing_usd_m(self) -> float:
        """Money that is missing and would be in time by `money_by`."""
        return 0.0 if self.money_by is None else self.unfunded * self.price

    @property
    def sooner_usd_m(self) -> float:
        """Money that is there, and would be needed by `money_by`."""
        return 0.0 if self.money_by is None else self.held_back * self.price

    @property
    def too_late_usd_m(self) -> float:
        """Money that is missing for what cannot be in time any more, whatever is paid."""
        return self.unfunded * self.price if self.money_by is None else 0.0


@dataclass(frozen=True)
class Gap:
    """The needs that lack money, in the order of the table."""

    needs: tuple[NeedGap, ...]
    urgencies: tuple[int, ...]

    @property
    def missing_usd_m(self) -> float:
        """Money that is missing for what could still be in time."""
        return sum(row.missing_usd_m for row in self.needs)

    @property
    def sooner_usd_m(self) -> float:
        """Money that comes too late for what could still be in time."""
        return sum(row.sooner_usd_m for row in self.needs)

    @property
    def total_usd_m(self) -> float:
        """The gap: money to be there in time, missing or to be brought forward. What is too late is said apart."""
        return self.missing_usd_m + self.sooner_usd_m

    @property
    def too_late_usd_m(self) -> float:
        """Money that is missing for what cannot be in time any more."""
        return sum(row.too_late_usd_m for row in self.needs)

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories with a gap, in the order of the needs."""
        return tuple(dict.fromkeys(row.category for row in self.needs))


def gap(problem: Problem, facts: Facts, urgencies: Collection[int] = URGENT) -> Gap:
    """What the needs of these urgencies lack; nothing where the instance has no packages: then needs need no money."""
    policy, chosen = problem.package_policy, tuple(sorted(urgencies))
    if policy is None:
        return Gap((), chosen)
    calendar = facts.calendar
    category = {item.item: item.category for item in problem.items}
    quickest = min((route.weeks for route in routes_by_origin(problem)[POOL]), default=None)
    held: dict[str, list[tuple[int, int, bool]]] = {need.need: [] for need in problem.needs}
    for package in facts.packages:
        if package.period is not None:
            begin, paid_here = ready_period(problem, facts, package), package.status != "funded"
            for need, quantity, _ in package.contents:
                held[need].append((begin, quantity, paid_here))
    found = []
    for row, demand in zip(problem.needs, facts.needs, strict=True):
        if row.urgency not in chosen:
            continue
        gifts = sum(n for s, n in zip(demand.sent, demand.sent_units, strict=True) if s.origin != POOL)
        last = -1 if quickest is None else last_on_time(calendar, row.needed_by, quickest)
        unfunded = max(0, row.quantity - gifts - sum(quantity for _, quantity, _ in held[row.need]))
        late = sum(quantity for begin, quantity, here in held[row.need] if here and begin > last)
        if unfunded or late:
            by = _money_by(calendar, last, policy.contract_weeks)
            parts = (row.need, row.item, category[row.item], row.urgency, row.needed_by, demand.price)
            found.append(NeedGap(*parts, unfunded, late, by))
    return Gap(tuple(row for row in found if row.unfunded or row.money_by is not None), chosen)


def _money_by(calendar: Calendar, last: int, contract_weeks: int) -> dt.date | None:
    """The last day of release from which units may leave by period `last`: needed_by − route − contract, in periods."""
    periods = (t for t in range(last, -1, -1) if calendar.shift(t, contract_weeks) <= last)
    found = next(periods, None)
    return None if found is None else calendar.day(found)


def basis(problem: Problem, facts: Facts, key: AskKey) -> dict[str, float | None]:
    """What a key measures of every donor with a pledge; None where a figure it needs is blank: then it is not asked."""
    paid: dict[str, float] = {}
    for row in facts.pledges:
        paid[row.pledge.donor] = paid.get(row.pledge.donor, 0.0) + row.paid_usd_m
    found: dict[str, float | None] = {}
    for recipient in problem.recipients:
        name, gdp, support = recipient.recipient, recipient.gdp_usd_bn, recipient.ukraine_military_pct_gdp
        if name not in paid:
            continue
        if key == "gdp":
            found[name] = gdp
        elif key == "support":
            found[name] = None if gdp is None or support is None else gdp * support / 100
        else:
            found[name] = paid[name] if key == "paid" else 1.0
    return found


def asks(amount: float, measured: Mapping[str, float | None], step: float = STEP) -> dict[str, float]:
    """`amount` shared out in proportion to what is `measured`, in whole multiples of `step`.

    The asks add up to the amount, rounded up to a step: each gets the steps its share holds, and those left over go to
    the largest remainders. Nobody is asked where the key measures nothing of anybody. Raises `ValueError` for a step
    that is not above 0.
    """
    if step <= 0:
        raise ValueError("the step must be above 0")
    known = {name: value for name, value in measured.items() if value is not None and value > 0}
    total = sum(known.values())
    if total <= 0 or amount <= 0:
        return dict.fromkeys(known, 0.0)
    steps = math.ceil(amount / step - 1e-9)
    exact = {name: steps * value / total for name, value in known.items()}
    whole = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    left = steps - sum(whole.values())
    for name in sorted(known, key=lambda one: (whole[one] - exact[one], one))[:left]:
        whole[name] += 1
    return {name: round(count * step, 9) for name, count in whole.items()}
