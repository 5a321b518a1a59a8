"""Releases in an execution: when every package of a plan is paid for, and by whom.

A package is released in the period of the plan, or as soon after it as its money is there. In a period those that the
plan releases then go before those that waited (who is on time is not pushed back), both in the order of the plan. Every
pledge pays what the plan has it pay, as far as it stands and has the money. What is missing is made good by the pledges
that pay for the package already, then by others in the order of the table, within dates, earmarks,
`min_contribution_usd_m` and `max_donors`, and never from money that the plan asks of them for a package before it that
still waits. So what is short is passed on to the packages that come last. A package whose money never comes together
is never released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.plan import Payment, Release
from models.problem import Pledge
from optimizer.rolling.execute_script import Script
from optimizer.rolling.execute_supply import Element, Supply

CENT = 1e-6
"""The checker's tolerance for money and review, absolute and relative to what is above 1."""
_DUST = 1e-9

Shares = dict[tuple[str, str], float]
"""Million USD by (pledge, category)."""


@dataclass
class _Purse:
    """What a pledge has in one world: when it stands, and what is left."""

    pledge: Pledge
    first: float
    last: float
    left: float
    slack: float

    def stands(self, t: int) -> bool:
        """Whether it may pay for a release in the period."""
        return self.first <= t <= self.last


class Treasury:
    """The releases of one script in any world."""

    def __init__(self, script: Script, packages: tuple[Release, ...]) -> None:
        """`packages`: the plan's releases in the order in which they have their turn."""
        self.script, self.packages = script, packages
        policy = script.problem.package_policy
        self.least = 0.0 if policy is None else policy.min_contribution_usd_m
        self.most_payers = 0 if policy is None else policy.max_donors
        self.planned: dict[str, dict[str, dict[str, float]]] = {row.package: {} for row in packages}
        for row in script.plan.payments:
            wanted = self.planned[row.package].setdefault(row.pledge, {})
            wanted[row.category] = wanted.get(row.category, 0.0) + row.amount_usd_m

    def settle(self, supply: Supply) -> tuple[tuple[int, ...], tuple[Payment, ...]]:
        """The period of every release (T = never), and who pays."""
        policy, T = self.script.problem.package_policy, self.script.T
        found, payments = [T] * len(self.packages), list[Payment]()
        if policy is None:
            return tuple(found), ()
        limit = len(self.packages) if policy.max_releases_per_period is None else policy.max_releases_per_period
        purses = self._purses(supply)
        begins = {purse.first for purse in purses.values()}
        hopeless: set[int] = set()  # tried in vain since money last came or went
        for t in range(T):
            if t in begins:
                hopeless.clear()
            released = 0
            on_time = [k for k, row in enumerate(self.packages) if row.period == t]
            waiting = [k for k, row in enumerate(self.packages) if row.period < t and found[k] == T]
            for k in (*on_time, *waiting):
                package = self.packages[k].package
                if released >= limit:
                    break
                if k in hopeless:
                    continue
                waits = [self.packages[j].package for j in range(k) if found[j] == T]
                shares = self._shares(package, t, purses, self._kept_back(waits))
                if shares is None:
                    hopeless.add(k)
                else:
                    hopeless.clear()
                    found[k], released = t, released + 1
                    for (pledge, _), amount in shares.items():
                        purses[pledge].left -= amount
                    payments += [Payment(package, g, c, amount) for (g, c), amount in shares.items() if amount]
        return tuple(found), tuple(payments)

    def _purses(self, supply: Supply) -> dict[str, _Purse]:
        purses, nothing = {}, np.array([np.inf, -np.inf, 0.0])
        for row in self.script.problem.pledges:
            first, last, amount = supply.get(Element("pledge", row.pledge), nothing).tolist()
            purses[row.pledge] = _Purse(row, first, last, amount, CENT * max(1.0, amount))
        return purses

    def _kept_back(self, waiting: Sequence[str]) -> Mapping[str, float]:
        """What the plan asks of each pledge for packages that wait."""
        asked: dict[str, float] = defaultdict(float)
        for package in waiting:
            for pledge, wanted in self.planned[package].items():
                asked[pledge] += sum(wanted.values())
        return asked

    def _shares(self, package: str, t: int, purses: Mapping[str, _Purse], kept: Mapping[str, float]) -> Shares | None:
        """Who pays what for the package in the period; None where it cannot be paid for."""
        missing: dict[str, float] = {}
        found: Shares = {}
        for name, wanted in self.planned[package].items():
            given = self._given(purses[name], t, wanted)
            for category, amount in wanted.items():
                if given[category] > 0:
                    found[name, category] = given[category]
                missing[category] = missing.get(category, 0.0) + amount - given[category]
        short = {category: amount for category, amount in missing.items() if amount > _DUST}
        able = {name: purse for name, purse in purses.items() if purse.stands(t)}
        return found if not short or self._made_good(found, short, able, kept) else None

    def _given(self, purse: _Purse, t: int, wanted: Mapping[str, float]) -> dict[str, float]:
        """What a pledge pays of what the plan has it pay: all, as far as its money goes, or too little to count."""
        total = sum(wanted.values())
        if total <= CENT or (purse.stands(t) and total <= purse.left + purse.slack):
            return dict(wanted)
        left = purse.left if purse.stands(t) and purse.left >= max(self.least, CENT) else 0.0
        given = {}
        for category, amount in wanted.items():
            given[category] = min(amount, left)
            left -= given[category]
        return given

    def _made_good(
        self,
        found: Shares,
        short: dict[str, float],
        able: Mapping[str, _Purse],
        kept: Mapping[str, float],
    ) -> bool:
        """Fill what is short from what the able pledges have left; `found` is added to. Whether nothing is short then.

        `kept`: what of theirs is kept back for others.
        """
        paying: dict[str, float] = {}
        for (pledge, _), amount in found.items():
            paying[pledge] = paying.get(pledge, 0.0) + amount
        for name in (*(name for name in paying if name in able), *(name for name in able if name not in paying)):
            purse, new = able[name], name not in paying
            spare = max(0.0, purse.left - paying.get(name, 0.0) - kept.get(name, 0.0))
            if spare <= CENT:
                continue
            parts: dict[str, float] = {}
            for category, amount in short.items():
                if purse.pledge.earmark in (None, category):
                    parts[category] = min(spare, amount)
                    spare -= parts[category]
            total = sum(parts.values())
            if total <= CENT or (new and (len(paying) >= self.most_payers or total < self.least)):
                continue
            paying[name] = paying.get(name, 0.0) + total
            for category, amount in parts.items():
                found[name, category] = found.get((name, category), 0.0) + amount
                short[category] -= amount
            if all(amount <= _DUST for amount in short.values()):
                return True
        return False
