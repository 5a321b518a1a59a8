"""Whole contents of packages, paid for: what is released in a period is dealt to its packages.

What cannot be paid for so goes into packages that come later. Their units are taken category by category, from the one
that lags most behind the relaxation, so that earmarked money is used as there; then whatever still fits, as money that
is never spent is lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from models.blocks.packages import new_name
from models.bulk.batch import NEW, NEW_KEPT, PROPOSED, PROPOSED_KEPT, Batch
from models.bulk.pricing import Pricing
from models.bulk.releasing import spent
from models.bulk.rows import Rows
from models.bulk.tables import Floats
from models.listing.bundles import Bundle
from models.listing.funding import Purse, Share, Treasury, split, thrifty

_DUST = 1e-6
_HALF = 0.5
STEP, STEPS = 0.01, 20
"""A package that nobody can pay for is made smaller by this share of the target, so many times at most."""
TRIES = 4
"""How often packages of a period are made smaller until somebody pays for them."""


@dataclass(frozen=True)
class _Unit:
    """A unit of a need that waits for a package: `release` is that in which it is due."""

    need: int
    release: int


@dataclass
class _Queue:
    """Units that wait for a package, by category, in the order in which they are due, and leave.

    `goal`, `worth`: million USD by category that the relaxation has released so far, and that packages hold so far.
    """

    units: dict[int, list[_Unit]]
    goal: Floats
    worth: Floats

    def due(self, release: int) -> list[int]:
        """Needs of the units that are due by the release."""
        return [unit.need for units in self.units.values() for unit in units if unit.release <= release]


def contents(  # noqa: PLR0917 - what a relaxation says of packages is five arrays
    pricing: Pricing,
    batches: Sequence[Batch],
    x: Floats,
    counts: Floats,
    chosen: Floats,
    filled: Mapping[int, Mapping[int, int]] | None = None,
    *,
    planned: bool = True,
    teller: Teller | None = None,
) -> list[Bundle]:
    """Whole packages with their contents and payers, near a relaxation, by period of release.

    One that nobody can pay for in its period is made smaller, and released later if it would be too small.

    Args:
        pricing: of the relaxation.
        batches: its generated columns.
        x: values of its standing and its generated columns.
        counts: new packages by period of release.
        chosen: 1 where a proposed package is released.
        filled: units by release and need, if that is decided; else units are due in the order in which they leave in x.
        planned: whether pledges pay as they do in x where they can, or those first that expire first and hold least.
        teller: who finds donors for all packages of a period at once, if anybody does.
    """
    rows = pricing.rows
    policy, facts = rows.policy, rows.facts
    if policy is None:
        return []
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    standing, generated = x[: rows.standing.count], x[rows.standing.count :]
    value = np.cumsum(spent(rows, standing, chosen), axis=1)
    if filled is None:
        unchosen = set(np.flatnonzero(chosen.sum(axis=1) < _HALF).tolist())
        waiting = _waiting(pricing, batches, generated, unchosen)
    else:
        waiting = _decided(pricing, filled)
    queue = _Queue(waiting, np.zeros(len(value)), np.zeros(len(value)))
    desk = _Desk(pricing, Treasury(facts.problem, facts.calendar, policy), _Course(rows, standing) if planned else None)
    if teller is not None:
        desk.teller = teller
        desk.later = np.diff(value, axis=1, prepend=0.0) if filled is None else _worth(pricing, filled, value.shape)
    found: list[Bundle] = []
    owed, new = 0, 0
    asked: list[int] = []
    for r, period in enumerate(rows.releases.tolist()):
        queue.goal = value[:, r]
        desk.release = r
        owed += int(counts[r])
        asked += np.flatnonzero(chosen[:, r] > _HALF).tolist()
        limit = policy.max_releases_per_period
        room = owed + len(asked) if limit is None else limit
        for p in asked.copy():
            held = facts.package_contents[rows.proposed[p]]
            shares = desk.paid(held, period) if room else None
            if shares is not None:
                found.append(Bundle(rows.proposed[p], "proposed", held, period, shares))
                asked.remove(p)
                room -= 1
        made = desk.shared(queue, r, period, count=min(owed, room), low=low, high=high)
        while owed > len(made) and room > len(made):
            budget = float(queue.goal.sum() - queue.worth.sum())
            each = budget / (owed - len(made)) if budget >= (owed - len(made)) * low else budget
            one = desk.filled(queue, int(rows.leaves_from[r]), period, min(high, each), low)
            if one is None:
                break
            made.append(one)
        owed -= len(made)
        for held, shares in made:
            new += 1
            found.append(Bundle(new_name(facts, new), "new", held, period, shares))
    return found


def _worth(pricing: Pricing, filled: Mapping[int, Mapping[int, int]], shape: tuple[int, ...]) -> Floats:
    """Million USD by category and release of decided contents."""
    found = np.zeros(shape)
    for release, content in filled.items():
        for need, units in content.items():
            found[pricing.category[need], release] += pricing.need_price[need] * units
    return found


def _decided(pricing: Pricing, filled: Mapping[int, Mapping[int, int]]) -> dict[int, list[_Unit]]:
    """By category, the units that are due by release."""
    found: dict[int, list[_Unit]] = defaultdict(list)
    for release, content in sorted(filled.items()):
        for need, units in sorted(content.items()):
            found[int(pricing.category[need])] += [_Unit(need, release)] * units
    return found


def _waiting(
    pricing: Pricing, batches: Sequence[Batch], x: Floats, unchosen: Collection[int]
) -> dict[int, list[_Unit]]:
    """By category, units in the order in which the relaxation serves them, due at no release; parts of a unit add up.

    `unchosen`: proposed packages that are not released: what the relaxation takes from them waits for new ones.
    """
    proposals = pricing.rows.proposals
    rows: list[tuple[int, int, float]] = []
    at = 0
    for batch in batches:
        value = x[at : at + batch.who.size]
        at += batch.who.size
        if batch.kind in (NEW, NEW_KEPT, PROPOSED, PROPOSED_KEPT):
            fresh = batch.kind in (NEW, NEW_KEPT)
            for k in np.flatnonzero(value > _DUST).tolist():
                if not fresh and proposals[int(batch.mark[k])].package not in unchosen:
                    continue
                rows.append((int(batch.when[k]), int(pricing.tables.ways.need[batch.who[k]]), float(value[k])))
    rows.sort()
    found: dict[int, list[_Unit]] = defaultdict(list)
    never = len(pricing.rows.releases)
    held: dict[int, float] = defaultdict(float)
    taken: Counter[int] = Counter()
    for _, need, amount in rows:
        held[need] += amount
        units = int(np.floor(held[need] + 0.5)) - taken[need]
        found[int(pricing.category[need])] += [_Unit(need, never)] * units
        taken[need] += units
    return found


def _dealt(units: Sequence[int], count: int, price: Floats) -> list[Counter[int]]:
    """Units dealt to so many packages, the dearest first, each to the one that is worth least."""
    found = [Counter[int]() for _ in range(count)]
    worth = [0.0] * count
    for need in sorted(units if count else (), key=lambda n: (-price[n], n)):
        k = min(range(count), key=worth.__getitem__)
        found[k][need] += 1
        worth[k] += float(price[need])
    return found


_Made = tuple[dict[str, int], tuple[Share, ...]]
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


class _Course:
    """What the relaxation has every pledge pay, so that money that it wants for later is left for later."""

    def __init__(self, rows: Rows, standing: Floats) -> None:
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


class _Desk:
    """Fills packages and has them paid, one after the other."""

    def __init__(self, pricing: Pricing, treasury: Treasury, course: _Course | None) -> None:
        self.pricing, self.treasury, self.course = pricing, treasury, course
        self.release = 0
        self.teller: Teller | None = None
        self.later: Floats = np.zeros((0, 0))
        """Million USD by category and release that packages to come are worth."""

    def shared(self, queue: _Queue, release: int, period: int, *, count: int, low: float, high: float) -> list[_Made]:
        """So many packages of all that is due by the release, about equal in worth: those that can be paid.

        What they hold is taken out of the queue; the rest stays.
        """
        due = queue.due(release) if count else []
        count = min(count, int((sum(float(self.pricing.need_price[n]) for n in due) + _DUST) / max(low, _DUST)))
        found: list[_Made] = []
        dealt = [content for content in _dealt(due, count, self.pricing.need_price) if content]
        if self.teller is not None:
            together = self._together(dealt, low=low, high=high)
            for content, _ in together:
                self._take(queue, content)
            return [(self._named(content), shares) for content, shares in together]
        for content in dealt:
            worth = sum(float(self.pricing.need_price[n]) * units for n, units in content.items())
            if not content or not low - _DUST <= worth <= high + _DUST:
                continue
            held = self._named(content)
            shares = self.paid(held, period)
            if shares is not None:
                self._take(queue, content)
                found.append((held, shares))
        return found

    def _together(
        self, dealt: list[Counter[int]], *, low: float, high: float
    ) -> list[tuple[Counter[int], tuple[Share, ...]]]:
        """Packages of one period that the teller finds donors for, smaller ones where money is short."""
        assert self.teller is not None
        for _ in range(TRIES):
            dealt = [content for content in dealt if low - _DUST <= self._worth(content) <= high + _DUST]
            if not dealt:
                break
            values = [self._by_category(self._named(content)) for content in dealt]
            paid = self.teller.pay(self.release, self.treasury.left(), values, self.later)
            if not any(one.missing for one in paid):
                for one in paid:
                    self.treasury.pay(one.shares)
                return [(content, one.shares) for content, one in zip(dealt, paid, strict=True)]
            dealt = [self._smaller(content, one.missing) for content, one in zip(dealt, paid, strict=True)]
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

    def filled(self, queue: _Queue, leaves: int, period: int, budget: float, low: float) -> _Made | None:
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
            worth = sum(self.pricing.need_price[n] * count for n, count in content.items())
            if worth < low - _DUST:
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
        shares: tuple[Share, ...] | None = None
        if self.course is not None:
            least = policy.min_contribution_usd_m
            shares = thrifty(value, self.course.planned(self.release, purses, least), policy)
        shares = shares or thrifty(value, purses, policy) or split(value, purses, policy)
        if shares is not None:
            self.treasury.pay(shares)
            if self.course is not None:
                self.course.pay(shares)
        return shares

    def _chosen(self, queue: _Queue, leaves: int, budget: float) -> Counter[int]:
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

    def _take(self, queue: _Queue, content: Counter[int]) -> None:
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
