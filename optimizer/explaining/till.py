"""Whether one unit more of a need could be paid for: what is left of the pledges, and the rules of packages.

All that is paid stays paid. A unit more goes into a new package that the plan releases, paid by those who pay for it
already or by one donor more; or, where nothing else stands against it, into a further package of its own. Every rule
can be lifted (`Rule`), to see which of them stands in the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from models.problem import Need, Pledge, Problem
from optimizer.explaining.money import PackageFacts, PledgeFacts
from optimizer.explaining.reasons import Code
from optimizer.explaining.serving import Serving

RULES: tuple[Code, ...] = (
    "pledge_not_available",
    "pledge_earmarked",
    "below_minimum_contribution",
    "too_many_donors",
    "package_full",
    "package_size",
    "too_many_packages",
    "releases_per_period",
    "pledges_spent",
)
"""What can stand in the way of paying for a unit, in the order in which it is looked at: more money helps always."""
CENT = 1e-6
"""Million USD below which money is nothing: a dollar."""
Lifted = frozenset[Code]


@dataclass(frozen=True)
class Till:
    """The money of one plan."""

    serving: Serving
    pledges: Sequence[PledgeFacts]

    @property
    def problem(self) -> Problem:
        """The instance."""
        return self.serving.room.problem

    @cached_property
    def price(self) -> Mapping[str, float]:
        """Million USD a unit, by item."""
        return {item.item: item.unit_price_usd_m for item in self.problem.items}

    @cached_property
    def category(self) -> Mapping[str, str]:
        """The category of every item."""
        return {item.item: item.category for item in self.problem.items}

    @cached_property
    def left(self) -> Mapping[str, float]:
        """Million USD that no package takes, by pledge."""
        return {facts.pledge.pledge: max(0.0, facts.left_usd_m) for facts in self.pledges}

    @cached_property
    def new(self) -> Sequence[PackageFacts]:
        """New packages that the plan releases: the ones whose content is decided."""
        return [p for p in self.serving.packages if p.status == "new" and p.period is not None]

    @cached_property
    def _windows(self) -> Mapping[str, tuple[int, int]]:
        """First and last period of a release that a pledge may pay for (rule `pledge_dates`)."""
        calendar = self.serving.room.calendar
        return {
            facts.pledge.pledge: (
                calendar.period(facts.pledge.available_on),
                calendar.count if facts.pledge.expires_on is None else calendar.period(facts.pledge.expires_on),
            )
            for facts in self.pledges
        }

    @cached_property
    def _with_money(self) -> Sequence[Pledge]:
        """Pledges with something left: no other can pay for a unit more."""
        return [facts.pledge for facts in self.pledges if self.left[facts.pledge.pledge] > CENT]

    def usable(self, category: str, period: int, lifted: Lifted, only: str | None) -> list[Pledge]:
        """Pledges with money left that may pay for the category of a package released in the period."""
        any_category, any_date = "pledge_earmarked" in lifted, "pledge_not_available" in lifted
        return [
            pledge
            for pledge in self._with_money
            if only in (None, pledge.pledge)
            and (any_category or pledge.earmark in (None, category))
            and (any_date or self._windows[pledge.pledge][0] <= period <= self._windows[pledge.pledge][1])
        ]

    def into_package(self, need: Need, package: PackageFacts, lifted: Lifted, only: str | None = None) -> bool:
        """Whether one unit more of the need can be paid for in the package; `only`: with money of this pledge."""
        policy = self.problem.package_policy
        if policy is None or package.period is None:
            return False
        price, category = self.price[need.item], self.category[need.item]
        room = policy.target_usd_m * (1 + policy.tolerance) - package.value_usd_m
        if "package_full" not in lifted and price > room + CENT:
            return False
        if "pledges_spent" in lifted:
            return True
        paying = {row.pledge for row in package.payments if row.amount_usd_m > CENT}
        usable = self.usable(category, package.period, lifted, only)
        theirs = sum(self.left[pledge.pledge] for pledge in usable if pledge.pledge in paying)
        if theirs + CENT >= price:
            return True
        if "too_many_donors" not in lifted and len(paying) >= policy.max_donors:
            return False
        least = 0.0 if "below_minimum_contribution" in lifted else policy.min_contribution_usd_m
        return any(
            self.left[pledge.pledge] + theirs + CENT >= price and (price + CENT >= least)
            for pledge in usable
            if pledge.pledge not in paying
        )

    def further_package(self, need: Need, lifted: Lifted, only: str | None = None) -> bool:
        """Whether a further package could hold a unit of the need, and be paid."""
        policy = self.problem.package_policy
        if policy is None or ("too_many_packages" not in lifted and len(self.new) >= policy.max_new):
            return False
        category = self.category[need.item]
        worth = self.price[need.item] if "package_size" in lifted else policy.target_usd_m * (1 - policy.tolerance)
        least = 0.0 if "below_minimum_contribution" in lifted else policy.min_contribution_usd_m
        for period in self._open_periods(lifted):
            left = [self.left[pledge.pledge] for pledge in self.usable(category, period, lifted, only)]
            usable = [amount for amount in left if amount + CENT >= least]
            usable.sort(reverse=True)
            donors = len(usable) if "too_many_donors" in lifted else policy.max_donors
            if "pledges_spent" in lifted or (usable and sum(usable[:donors]) + CENT >= max(worth, least)):
                return True
        return False

    def _open_periods(self, lifted: Lifted) -> Iterator[int]:
        """Periods in which one package more may be released."""
        policy = self.problem.package_policy
        limit = None if policy is None else policy.max_releases_per_period
        count: dict[int, int] = defaultdict(int)
        for package in self.serving.packages:
            if package.status != "funded" and package.period is not None:
                count[package.period] += 1
        for period in range(self.serving.room.calendar.count):
            if limit is None or "releases_per_period" in lifted or count[period] < limit:
                yield period

    def payable(self, need: Need, lifted: Lifted, only: str | None = None) -> bool:
        """Whether one unit more of the need could be paid for."""
        return any(self.into_package(need, package, lifted, only) for package in self.new) or self.further_package(
            need, lifted, only
        )

    def obstacles(self, need: Need, only: str | None = None) -> tuple[tuple[Code, ...], ...]:
        """What stands against paying for one unit more: each rule that alone would do, lifted; else one least set.

        Empty where a unit could be paid for as it is, and where nothing at all would help (`payable` tells them apart).
        """
        if self.payable(need, frozenset(), only):
            return ()
        # that money of a pledge is spent says nothing of the pledge that still has some
        rules = [rule for rule in RULES if only is None or rule != "pledges_spent"]
        alone = [rule for rule in rules if self.payable(need, frozenset((rule,)), only)]
        if alone:
            telling = [rule for rule in alone if rule != "pledges_spent"] or alone
            return tuple((rule,) for rule in telling)
        if not self.payable(need, frozenset(rules), only):
            return ()
        kept = list(rules)
        # more money helps nearly always: a set without it says more
        for rule in sorted(rules, key=lambda rule: rule != "pledges_spent"):
            rest = [other for other in kept if other != rule]
            if self.payable(need, frozenset(rest), only):
                kept = rest
        return (tuple(kept),)
