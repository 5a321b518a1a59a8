"""What `optimizer.explaining` finds with indices and memory, found the plain way: everything looked at, every time.

The tests compare the two on drawn instances. Nothing here remembers anything from one question to the next.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.problem import Need, Offer, Pledge, Problem
from optimizer.explaining.case import AS_IS, Case
from optimizer.explaining.explanations import serving_of
from optimizer.explaining.holders import MOST
from optimizer.explaining.money import PackageFacts, PledgeFacts
from optimizer.explaining.pegging import Peg
from optimizer.explaining.reasons import Code
from optimizer.explaining.serving import Serving
from optimizer.explaining.till import CENT, RULES, Lifted


def plain_holders(case: Case) -> list[tuple[str, str, str, int, int]]:
    """The strongest competitors of a demand by a look at every peg: kind, demand, item, units, gain."""
    pegging, items = case.room.pegging, set(case.items)
    lines = dict.fromkeys(line for item in case.items for line, _ in case.room.makers[item])
    seen = [peg for item in case.items for peg in pegging.from_pool(item) if peg.leaves < case.ends]
    for line in lines:
        seen += [peg for peg in pegging.on_line(line) if peg.begun < case.ends and peg.item not in items]
    pegs: dict[tuple[str, str, str], list[Peg]] = defaultdict(list)
    for peg in seen:
        if (peg.kind, peg.demand) != (case.subject, case.name):
            pegs[peg.kind, peg.demand, peg.item].append(peg)
    units = {key: sum(peg.units for peg in held) for key, held in pegs.items()}
    found = []
    for key in sorted(pegs, key=lambda key: (key[0] != "replacement", -units[key], key))[:MOST]:
        freed = (case.room.freed_by(pegs[key], own) for own in case.items)
        found.append((*key, units[key], case.as_is - min(case.weeks(AS_IS, one) for one in freed)))
    return sorted(found, key=lambda one: (-one[4], -one[3], one[1]))


def plain_helps(serving: Serving, offer: Offer) -> bool:
    """Whether some need would be served sooner in the plan with the offer accepted, everything derived anew."""
    room = serving.room
    accepting = serving_of(
        room.problem, dataclasses.replace(room.plan, accepted_offers=(*room.plan.accepted_offers, offer.offer))
    )
    return any(
        Case(accepting, need, 0.0).as_is < Case(serving, need, 0.0).as_is
        for need in room.problem.needs
        if any(item == offer.item for item, _ in serving.ratios[need.item])
    )


@dataclass(frozen=True)
class PlainTill:
    """The money of one plan: every pledge, package and period looked at for every question."""

    serving: Serving
    pledges: Sequence[PledgeFacts]

    @property
    def problem(self) -> Problem:
        return self.serving.room.problem

    @property
    def price(self) -> dict[str, float]:
        return {item.item: item.unit_price_usd_m for item in self.problem.items}

    @property
    def category(self) -> dict[str, str]:
        return {item.item: item.category for item in self.problem.items}

    @property
    def left(self) -> dict[str, float]:
        return {facts.pledge.pledge: max(0.0, facts.left_usd_m) for facts in self.pledges}

    @property
    def new(self) -> list[PackageFacts]:
        return [p for p in self.serving.packages if p.status == "new" and p.period is not None]

    def _within(self, pledge: Pledge, period: int) -> bool:
        calendar = self.serving.room.calendar
        last = calendar.count if pledge.expires_on is None else calendar.period(pledge.expires_on)
        return calendar.period(pledge.available_on) <= period <= last

    def usable(self, category: str, period: int, lifted: Lifted, only: str | None) -> list[Pledge]:
        """Pledges with money left that may pay for the category of a package released in the period."""
        any_category, any_date = "pledge_earmarked" in lifted, "pledge_not_available" in lifted
        return [
            pledge
            for pledge in (facts.pledge for facts in self.pledges)
            if self.left[pledge.pledge] > CENT
            and only in (None, pledge.pledge)
            and (any_category or pledge.earmark in (None, category))
            and (any_date or self._within(pledge, period))
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
