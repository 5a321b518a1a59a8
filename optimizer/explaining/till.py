"""Whether one unit more of a need could be paid for: what is left of the pledges, and the rules of packages.

All that is paid stays paid. A unit more goes into a new package that the plan releases, paid by those who pay for it
already or by one donor more; or, where nothing else stands against it, into a further package of its own. Every rule
can be lifted (`Rule`), to see which of them stands in the way.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

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


@dataclass(frozen=True, slots=True)
class Ask:
    """Which pledges are asked: for a `category` (None: of any), at a release or at `any_date`, or one `only`."""

    category: str | None
    any_date: bool
    only: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What is left for one new package, in million USD.

    `room`: what may be added to it; `theirs`: of those that pay for it already; `most`: of the richest other, −inf if
    there is none; `open`: whether it may have a donor more.
    """

    room: float
    theirs: float
    most: float
    open: bool


@dataclass(frozen=True, slots=True)
class Purse:
    """Million USD left in pledges, the most first, and how much the first 0, 1, 2 … have together."""

    amounts: Sequence[float]
    sums: Sequence[float]


def purse_of(amounts: Iterable[float]) -> Purse:
    """A purse of these amounts."""
    found = sorted(amounts, reverse=True)
    return Purse(found, [0.0, *accumulate(found)])


@dataclass(frozen=True)
class Till:
    """The money of one plan. What is asked again and again, for every need and pledge, is remembered."""

    serving: Serving
    pledges: Sequence[PledgeFacts]
    _packages: dict[Ask, Sequence[Offered]] = field(default_factory=dict)
    _left_at: dict[tuple[Ask, bool], Sequence[Purse]] = field(default_factory=dict)
    _found: dict[tuple[float, str, str | None], tuple[tuple[Code, ...], ...]] = field(default_factory=dict)

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
    def _with_money(self) -> Mapping[str, Pledge]:
        """Pledges with something left: no other can pay for a unit more."""
        return {facts.pledge.pledge: facts.pledge for facts in self.pledges if self.left[facts.pledge.pledge] > CENT}

    def usable(self, ask: Ask, period: int | None) -> list[Pledge]:
        """Pledges with money left that may pay for the category of a package released in the period (None: any)."""
        if ask.only is None:
            some: Iterable[Pledge] = self._with_money.values()
        else:
            some = [self._with_money[ask.only]] if ask.only in self._with_money else ()
        return [
            pledge
            for pledge in some
            if (ask.category is None or pledge.earmark in (None, ask.category))
            and (period is None or self._windows[pledge.pledge][0] <= period <= self._windows[pledge.pledge][1])
        ]

    def into_package(self, need: Need, lifted: Lifted, only: str | None = None) -> bool:
        """Whether one unit more of the need can be paid for in a new package; `only`: with money of this pledge."""
        policy = self.problem.package_policy
        if policy is None:
            return False
        price = self.price[need.item]
        least = 0.0 if "below_minimum_contribution" in lifted else policy.min_contribution_usd_m
        for offered in self._offered(self._ask(need, lifted, only)):
            if "package_full" not in lifted and price > offered.room + CENT:
                continue
            if "pledges_spent" in lifted or offered.theirs + CENT >= price:
                return True
            if "too_many_donors" not in lifted and not offered.open:
                continue
            if offered.most + offered.theirs + CENT >= price and price + CENT >= least:
                return True
        return False

    def _ask(self, need: Need, lifted: Lifted, only: str | None) -> Ask:
        category = None if "pledge_earmarked" in lifted else self.category[need.item]
        return Ask(category, "pledge_not_available" in lifted, only)

    def _offered(self, ask: Ask) -> Sequence[Offered]:
        """What every new package could still be paid with. Of packages for which one pledge could do the same, the
        one with the most room."""
        if ask not in self._packages:
            found = [self._of_package(package, paying, ask) for package, paying in self._paying]
            if ask.only is not None:
                best: dict[tuple[bool, float, float], Offered] = {}
                for one in found:
                    key = (one.open, one.theirs, one.most)
                    if key not in best or one.room > best[key].room:
                        best[key] = one
                found = list(best.values())
            self._packages[ask] = found
        return self._packages[ask]

    def _of_package(self, package: PackageFacts, paying: set[str], ask: Ask) -> Offered:
        policy, theirs, most = self.problem.package_policy, 0.0, -math.inf
        if policy is None:
            return Offered(-math.inf, 0.0, -math.inf, open=False)
        for pledge in self.usable(ask, None if ask.any_date else package.period):
            left = self.left[pledge.pledge]
            if pledge.pledge in paying:
                theirs += left
            else:
                most = max(most, left)
        room = policy.target_usd_m * (1 + policy.tolerance) - package.value_usd_m
        return Offered(room, theirs, most, open=len(paying) < policy.max_donors)

    @cached_property
    def _paying(self) -> Sequence[tuple[PackageFacts, set[str]]]:
        """New packages and the pledges that pay for them."""
        return [(one, {row.pledge for row in one.payments if row.amount_usd_m > CENT}) for one in self.new]

    def further_package(self, need: Need, lifted: Lifted, only: str | None = None) -> bool:
        """Whether a further package could hold a unit of the need, and be paid."""
        policy = self.problem.package_policy
        if policy is None or ("too_many_packages" not in lifted and len(self.new) >= policy.max_new):
            return False
        crowded = "releases_per_period" in lifted
        if "pledges_spent" in lifted:
            return bool(self._open_periods(crowded=crowded))
        worth = self.price[need.item] if "package_size" in lifted else policy.target_usd_m * (1 - policy.tolerance)
        least = 0.0 if "below_minimum_contribution" in lifted else policy.min_contribution_usd_m
        donors = None if "too_many_donors" in lifted else policy.max_donors
        most = self._most(self._ask(need, lifted, only), crowded, least, donors)
        return most is not None and most + CENT >= max(worth, least)

    def _most(self, ask: Ask, crowded: bool, least: float, donors: int | None) -> float | None:
        """Million USD that so many donors, each with at least its contribution, could pay together for one package."""
        found: float | None = None
        for purse in self._purses(ask, crowded):
            # amounts fall, so those that reach the least contribution come first
            count = bisect_left(purse.amounts, True, key=lambda amount: amount + CENT < least)
            count = count if donors is None else min(count, donors)
            if purse.amounts and purse.amounts[0] + CENT >= least:
                found = purse.sums[count] if found is None else max(found, purse.sums[count])
        return found

    def _purses(self, ask: Ask, crowded: bool) -> Sequence[Purse]:
        """What pledges have left together at a release, for each set of them that meet at one."""
        key = (ask, crowded)
        if key not in self._left_at:
            periods = self._open_periods(crowded=crowded)
            if ask.only is not None:
                # one pledge: is there a release in its window?
                first, last = self._windows.get(ask.only, (1, 0))
                begin = bisect_left(periods, first)
                reached = ask.any_date or (begin < len(periods) and periods[begin] <= last)
                met = [self.usable(ask, None)] if periods and reached else []
            elif ask.any_date:
                met = [self.usable(ask, None)] if periods else []
            else:
                met = [self.usable(ask, period) for period in periods]
            sets = {frozenset(pledge.pledge for pledge in pledges) for pledges in met}
            self._left_at[key] = [purse_of(self.left[pledge] for pledge in pledges) for pledges in sets]
        return self._left_at[key]

    def _open_periods(self, *, crowded: bool) -> Sequence[int]:
        """Periods in which one package more may be released; `crowded`: or in which too many are."""
        return self._every_period if crowded else self._free_periods

    @cached_property
    def _every_period(self) -> Sequence[int]:
        return range(self.serving.room.calendar.count)

    @cached_property
    def _free_periods(self) -> Sequence[int]:
        policy = self.problem.package_policy
        limit = None if policy is None else policy.max_releases_per_period
        count: dict[int, int] = defaultdict(int)
        for package in self.serving.packages:
            if package.status != "funded" and package.period is not None:
                count[package.period] += 1
        return [period for period in self._every_period if limit is None or count[period] < limit]

    def payable(self, need: Need, lifted: Lifted, only: str | None = None) -> bool:
        """Whether one unit more of the need could be paid for."""
        return self.into_package(need, lifted, only) or self.further_package(need, lifted, only)

    def obstacles(self, need: Need, only: str | None = None) -> tuple[tuple[Code, ...], ...]:
        """What stands against paying for one unit more: each rule that alone would do, lifted; else one least set.

        Empty where a unit could be paid for as it is, and where nothing at all would help (`payable` tells them apart).
        The same for all needs of one price and category.
        """
        key = (self.price[need.item], self.category[need.item], only)
        if key not in self._found:
            self._found[key] = self._obstacles(need, only)
        return self._found[key]

    def _obstacles(self, need: Need, only: str | None) -> tuple[tuple[Code, ...], ...]:
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
