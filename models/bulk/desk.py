"""The desk at which packages are filled and paid, one period after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from models.bulk.pricing import Pricing
from models.bulk.rows import Rows
from models.bulk.tables import Floats
from models.listing.funding import Purse, Share, Treasury, split, thrifty

_DUST = 1e-6
STEP, STEPS = 0.01, 20
"""A package that nobody can pay for is made smaller by this share of the target, so many times at most."""
TRIES = 4
"""How often packages of a period are made smaller until somebody pays for them."""


@dataclass(frozen=True)
class Unit:
    """A unit of a need that waits for a package: `release` is that in which it is due."""

    need: int
    release: int


@dataclass
class Queue:
    """Units that wait for a package, by category, in the order in which they are due, and leave.

    `goal`, `worth`: million USD by category that the relaxation has released so far, and that packages hold so far.
    """

    units: dict[int, list[Unit]]
    goal: Floats
    worth: Floats

    def due(self, release: int) -> list[int]:
        """Needs of the units that are due by the release."""
        return [unit.need for units in self.units.values() for unit in units if unit.release <= release]


def dealt(units: Sequence[int], count: int, price: Floats) -> list[Counter[int]]:
    """Units dealt to so many packages, the dearest first, each to the one that is worth least."""
    found = [Counter[int]() for _ in range(count)]
    worth = [0.0] * count
    for need in sorted(units if count else (), key=lambda n: (-price[n], n)):
        k = min(range(count), key=worth.__getitem__)
        found[k][need] += 1
        worth[k] += float(price[need])
    return found


Made = tuple[dict[str, int], tuple[Share, ...]]
"""Content of a package, and who pays for it."""


@dataclass(frozen=True)
class Paid:
    """What came of a package: who pays for it, or what nobody pays, million USD by category."""

    shares: tuple[Share, ...]
    missing: Mapping[str, float]


class Teller(Protocol):
    """Finds donors for packages."""

    def pay(
        self, release: int, purses: Sequence[Purse], values: Sequence[Mapping[str, float]], later: Floats
    ) -> list[Paid]:
        """What comes of the packages of a release, worth so much by category; `later`: what is to come, by release."""
        ...


class Course:
    """What the relaxation has every pledge pay, so that money that it wants for later is left for later."""

    def __init__(self, rows: Rows, standing: Floats) -> None:
        """`standing`: the standing columns of the relaxation."""
        self._of = {name: k for k, purse in enumerate(rows.purses) for name in purse.pledges}
        self._paid = np.zeros(len(rows.purses))
        self._until = np.zeros((len(rows.purses), len(rows.releases)))
        for k, inside in enumerate(rows.paying):
            self._until[k, inside] = standing[rows.names[f"pays {k}"]]
        self._until = np.cumsum(self._until, axis=1)

    def planned(self, release: int, purses: Sequence[Purse], least: float) -> list[Purse]:
        """The purses with no more in them than the relaxation has had them pay by the release."""
        left = self._until[:, release] - self._paid
        found = []
        for purse in purses:
            k = self._of.get(purse.pledge, -1)
            amount = min(purse.left, float(left[k])) if k >= 0 else 0.0
            if amount >= max(least, _DUST):
                left[k] -= amount
                found.append(replace(purse, left=amount))
        return found

    def pay(self, shares: Sequence[Share]) -> None:
        """Notes what was paid."""
        for name, _, amount in shares:
            if name in self._of:
                self._paid[self._of[name]] += amount


class Desk:
    """Fills packages and has them paid, one after the other."""

    def __init__(
        self, pricing: Pricing, treasury: Treasury, course: Course, teller: Teller | None, later: Floats
    ) -> None:
        """`course` is followed without a teller; `later`: million USD by category and release of packages to come."""
        self.pricing, self.treasury, self.course = pricing, treasury, course
        self.teller, self.later = teller, later
        self.release = 0
        """Number of the release at hand."""

    def shared(self, queue: Queue, release: int, period: int, *, count: int, low: float, high: float) -> list[Made]:
        """So many packages of all that is due by the release, about equal in worth: those that can be paid.

        What they hold is taken out of the queue; the rest stays.
        """
        due = queue.due(release) if count else []
        count = min(count, int((sum(float(self.pricing.need_price[n]) for n in due) + _DUST) / max(low, _DUST)))
        found: list[Made] = []
        packages = [content for content in dealt(due, count, self.pricing.need_price) if content]
        if self.teller is not None:
            together = self._together(packages, low=low, high=high)
            for content, _ in together:
                self._take(queue, content)
            return [(self._named(content), shares) for content, shares in together]
        for content in packages:
            if not low - _DUST <= self._worth(content) <= high + _DUST:
                continue
            held = self._named(content)
            shares = self.paid(held, period)
            if shares is not None:
                self._take(queue, content)
                found.append((held, shares))
        return found

    def _together(
        self, packages: list[Counter[int]], *, low: float, high: float
    ) -> list[tuple[Counter[int], tuple[Share, ...]]]:
        """Packages of one period that the teller finds donors for, smaller ones where money is short."""
        assert self.teller is not None
        for _ in range(TRIES):
            packages = [content for content in packages if low - _DUST <= self._worth(content) <= high + _DUST]
            if not packages:
                break
            values = [self._by_category(self._named(content)) for content in packages]
            paid = self.teller.pay(self.release, self.treasury.left(), values, self.later)
            if not any(one.missing for one in paid):
                for one in paid:
                    self.treasury.pay(one.shares)
                return [(content, one.shares) for content, one in zip(packages, paid, strict=True)]
            packages = [self._smaller(content, one.missing) for content, one in zip(packages, paid, strict=True)]
        return []

    def _worth(self, content: Mapping[int, int]) -> float:
        return sum(float(self.pricing.need_price[n]) * units for n, units in content.items())

    def _smaller(self, content: Counter[int], missing: Mapping[str, float]) -> Counter[int]:
        """The content without units worth what is missing, in each category those that overshoot it least."""
        found, price = content.copy(), self.pricing.need_price
        names = self.pricing.rows.categories
        for category, amount in missing.items():
            lack = amount
            while lack > _DUST:
                mine = [n for n, units in found.items() if units and names[self.pricing.category[n]] == category]
                if not mine:
                    break
                enough = [n for n in mine if price[n] >= lack - _DUST]
                out = min(enough, key=lambda n: price[n]) if enough else max(mine, key=lambda n: price[n])
                found[out] -= 1
                lack -= float(price[out])
        return +found

    def _by_category(self, content: Mapping[str, int]) -> dict[str, float]:
        facts = self.pricing.rows.facts
        value: dict[str, float] = defaultdict(float)
        for need, units in content.items():
            if units:
                value[facts.category(need)] += facts.price(need) * units
        return value

    def _named(self, content: Mapping[int, int]) -> dict[str, int]:
        needs = self.pricing.rows.facts.problem.needs
        return {needs[n].need: units for n, units in sorted(content.items())}

    def filled(self, queue: Queue, leaves: int, period: int, budget: float, low: float) -> Made | None:
        """Content worth the budget or less, and who pays for it in the period; taken out of queue and pledges."""
        policy = self.pricing.rows.policy
        assert policy is not None
        if self.teller is not None:
            together = self._together([self._chosen(queue, leaves, budget)], low=low, high=budget)
            for content, _ in together:
                self._take(queue, content)
            return next(((self._named(content), paid) for content, paid in together), None)
        for step in range(STEPS):
            content = self._chosen(queue, leaves, budget - step * STEP * policy.target_usd_m)
            if self._worth(content) < low - _DUST:
                return None
            held = self._named(content)
            shares = self.paid(held, period)
            if shares is not None:
                self._take(queue, content)
                return held, shares
        return None

    def paid(self, content: Mapping[str, int], period: int) -> tuple[Share, ...] | None:
        """Who pays for the content in the period; nobody, if no way is found."""
        policy = self.pricing.rows.policy
        assert policy is not None
        value = self._by_category(content)
        if self.teller is not None:
            (one,) = self.teller.pay(self.release, self.treasury.left(), [value], self.later)
            if one.missing:
                return None
            self.treasury.pay(one.shares)
            return one.shares
        purses = self.treasury.open_in(period)
        planned = self.course.planned(self.release, purses, policy.min_contribution_usd_m)
        shares = thrifty(value, planned, policy) or thrifty(value, purses, policy) or split(value, purses, policy)
        if shares is not None:
            self.treasury.pay(shares)
            self.course.pay(shares)
        return shares

    def _chosen(self, queue: Queue, leaves: int, budget: float) -> Counter[int]:
        """Units that are released next: worth as much of the budget as fits."""
        pricing = self.pricing
        lag = queue.goal - queue.worth
        at = dict.fromkeys(queue.units, 0)
        found: Counter[int] = Counter()
        while at:
            category = max(at, key=lambda c: float(lag[c]))
            units, k = queue.units[category], at[category]
            while k < len(units) and not (
                pricing.need_price[units[k].need] <= budget + _DUST and pricing.last_open[units[k].need] >= leaves
            ):
                k += 1
            if k == len(units):
                del at[category]
                continue
            price = float(pricing.need_price[units[k].need])
            budget -= price
            lag[category] -= price
            found[units[k].need] += 1
            at[category] = k + 1
        return found

    def _take(self, queue: Queue, content: Counter[int]) -> None:
        """Takes the first units of these needs out of the queue."""
        left = Counter(content)
        for category, units in queue.units.items():
            kept = []
            for unit in units:
                if left[unit.need]:
                    left[unit.need] -= 1
                    queue.worth[category] += self.pricing.need_price[unit.need]
                else:
                    kept.append(unit)
            queue.units[category] = kept
