"""Which packages are released, when, with what content, and who pays (`problem.md`, "Packages and funding")."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.calendar import Calendar
from models.listing.funding import Purse, Share, Treasury, split, thrifty
from models.problem import Need, PackagesPolicy, Problem

_DUST = 1e-9
_SKIPS = 8
"""How many of the first needs may be passed over so that a package comes out at its value."""
_LOOK = 32
"""Needs that are held against the money at hand at once, to begin with; ever more of them as the money goes."""

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A proposed or new package: `content` in units by need, released in `period`, paid by `shares`.

    Handed to `list_plan`, `period` is the first period wanted and `shares` is ignored: the pledges decide.
    """

    package: str
    status: Literal["proposed", "new"]
    content: Mapping[str, int]
    period: int
    shares: tuple[Share, ...] = ()


class Bundler:
    """Fills and funds packages, in a given order of needs."""

    def __init__(
        self, problem: Problem, calendar: Calendar, policy: PackagesPolicy, last_departure: Mapping[str, int]
    ) -> None:
        """`last_departure`: the last period in which units for a need can leave the pool and still count."""
        self._problem, self._calendar, self._policy = problem, calendar, policy
        self._last = last_departure
        self._needs: dict[str, Need] = {need.need: need for need in problem.needs}
        items = {item.item: item for item in problem.items}
        self._price = {need.need: items[need.item].unit_price_usd_m for need in problem.needs}
        self._category = {need.need: items[need.item].category for need in problem.needs}
        self._codes = {category: code for code, category in enumerate(dict.fromkeys(self._category.values()))}
        self._table: dict[str, dict[str, int]] = {package.package: {} for package in problem.packages}
        for row in problem.package_contents:
            content = self._table[row.package]
            content[row.need] = content.get(row.need, 0) + row.quantity
        funded = [package for package in problem.packages if package.status == "funded"]
        self.funded = [(self._ready_of_funded(package.package), self._table[package.package]) for package in funded]
        self._funded_content: Counter[str] = Counter()
        for _, content in self.funded:
            self._funded_content.update(content)

    def _ready_of_funded(self, name: str) -> int:
        package = next(package for package in self._problem.packages if package.package == name)
        if package.release_on is None:
            return self._calendar.count
        # The weeks are added to the date itself, not to its period.
        return self._calendar.period(package.release_on + dt.timedelta(days=7 * self._policy.contract_weeks))

    def ready(self, bundle: Bundle) -> int:
        """The first period in which what the package holds may leave the pool."""
        return self._calendar.shift(bundle.period, self._policy.contract_weeks)

    def bundles(
        self,
        ranking: Sequence[str],
        given: Mapping[str, int],
        most: Mapping[str, int],
        barred: Collection[str],
        wanted: Sequence[Bundle] | None,
    ) -> tuple[Bundle, ...]:
        """The packages released: proposed ones first, then new ones, each as soon as the pledges can pay for it.

        `ranking`: needs in the order in which packages are filled; `given`: units of each need that offers will bring
        (they leave less for new packages, never for proposed ones); `most`: units of a need that new packages may hold;
        `barred`: proposed packages that cannot be delivered; `wanted`: take these packages instead of choosing.
        """
        treasury, released = Treasury(self._problem, self._calendar, self._policy), Counter[int]()
        content = Counter(self._funded_content)
        found: list[Bundle] = []
        for bundle in self._proposed(ranking, barred) if wanted is None else self._trim(wanted, most, barred):
            fits = all(content[need] + units <= self._needs[need].quantity for need, units in bundle.content.items())
            paid = self._fund(bundle, treasury, released, thrift=wanted is not None) if fits else None
            if paid is not None:
                found.append(paid)
                content.update(paid.content)
        if wanted is None:
            room = {
                need: max(0, min(self._needs[need].quantity - content[need] - given.get(need, 0), most[need]))
                for need in ranking
            }
            found += self._new(ranking, room, treasury, released)
        return tuple(found)

    def content(self, bundles: Sequence[Bundle]) -> Counter[str]:
        """Units of every need in funded and in these packages."""
        total = Counter(self._funded_content)
        for bundle in bundles:
            total.update(bundle.content)
        return total

    def _proposed(self, ranking: Sequence[str], barred: Collection[str]) -> list[Bundle]:
        rank = {need: index for index, need in enumerate(ranking)}
        rows = [p.package for p in self._problem.packages if p.status == "proposed" and p.package not in barred]
        rows.sort(key=lambda name: min((rank[need] for need in self._table[name]), default=len(rank)))
        return [Bundle(name, "proposed", self._table[name], 0) for name in rows]

    def _trim(self, wanted: Sequence[Bundle], most: Mapping[str, int], barred: Collection[str]) -> Iterator[Bundle]:
        """The wanted packages, new ones without what cannot be delivered, those worth too little left out."""
        left = dict(most)
        for bundle in wanted:
            if bundle.status == "proposed":
                if bundle.package not in barred:
                    yield Bundle(bundle.package, "proposed", self._table[bundle.package], bundle.period)
                continue
            content = {need: min(units, left[need]) for need, units in bundle.content.items()}
            content = {need: units for need, units in content.items() if units > 0}
            worth = sum(self._price[need] * units for need, units in content.items())
            low, high = self._bounds()
            if low - _DUST <= worth <= high + _DUST:
                for need, units in content.items():
                    left[need] -= units
                yield Bundle(bundle.package, "new", content, bundle.period)

    def _bounds(self) -> tuple[float, float]:
        policy = self._policy
        return policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)

    def _value(self, content: Mapping[str, int]) -> dict[str, float]:
        value: dict[str, float] = {}
        for need, units in content.items():
            category = self._category[need]
            value[category] = value.get(category, 0.0) + self._price[need] * units
        return value

    def _open(self, released: Counter[int], period: int) -> bool:
        limit = self._policy.max_releases_per_period
        return limit is None or released[period] < limit

    def _deliverable(self, need: str, period: int) -> bool:
        ready = self._calendar.shift(period, self._policy.contract_weeks)
        return ready < self._calendar.count and ready <= self._last[need]

    def _fund(
        self, bundle: Bundle, treasury: Treasury, released: Counter[int], *, thrift: bool = False
    ) -> Bundle | None:
        """The package released in the first period from `bundle.period` on in which it can be paid, or None.

        `thrift`: with an eye on the packages after it.
        """
        value = self._value(bundle.content)
        for period in range(bundle.period, self._calendar.count):
            if not all(self._deliverable(need, period) for need, units in bundle.content.items() if units):
                return None
            if not self._open(released, period):
                continue
            purses = treasury.open_in(period)
            shares = (thrifty(value, purses, self._policy) if thrift else None) or split(value, purses, self._policy)
            if shares is not None:
                treasury.pay(shares)
                released[period] += 1
                return Bundle(bundle.package, bundle.status, bundle.content, period, shares)
        return None

    def _new(
        self, ranking: Sequence[str], room: dict[str, int], treasury: Treasury, released: Counter[int]
    ) -> list[Bundle]:
        """New packages, one after another, period by period, as long as needs, money and `max_new` last."""
        found: list[Bundle] = []
        tried: tuple[Purse, ...] = ()
        names, shelf = self._names(), _Shelf(self, ranking, room)
        for period in range(self._calendar.count):
            ready = self._calendar.shift(period, self._policy.contract_weeks)
            while len(found) < self._policy.max_new and self._open(released, period):
                purses = treasury.open_in(period)
                if purses == tried:  # nothing came in since the last attempt failed
                    break
                needs = shelf.deliverable(ready if ready < self._calendar.count else None)
                filled = self._fill(shelf, needs, purses)
                if filled is None:
                    tried = purses
                    break
                content, shares = filled
                treasury.pay(shares)
                released[period] += 1
                shelf.take(content)
                found.append(Bundle(next(names), "new", content, period, shares))
        return found

    def _names(self) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            if (name := f"new-{number}") not in self._table:
                yield name

    def _fill(
        self, shelf: _Shelf, needs: Indices, purses: Sequence[Purse]
    ) -> tuple[dict[str, int], tuple[Share, ...]] | None:
        """A package filled in the order of `needs` that the pledges can pay now, or None.

        What the money at hand cannot pay (an earmark) or what would exceed the value is passed over. If the value is
        missed that way, the first needs are passed over one by one; if too many donors are called upon, the package is
        filled from the largest pledges alone, then from those without an earmark, then from those with one.
        """
        low, high = self._bounds()
        largest = sorted(purses, key=lambda purse: -purse.left)[: self._policy.max_donors]
        general = [purse for purse in purses if purse.earmark is None]
        marked = [purse for purse in purses if purse.earmark is not None]
        tried: list[Sequence[Purse]] = []
        for choice in (list(purses), largest, general, marked):
            if choice in tried or sum(purse.left for purse in choice) < low - _DUST:
                continue
            tried.append(choice)
            for skip in range(min(_SKIPS, len(needs))):
                content = self._content(shelf, needs[skip:], choice, self._policy.target_usd_m, high)
                value = self._value(content)
                if not content or sum(value.values()) < low - _DUST:
                    continue
                shares = split(value, choice, self._policy)
                if shares is not None:
                    return content, shares
        return None

    def _content(
        self, shelf: _Shelf, needs: Indices, purses: Sequence[Purse], target: float, high: float
    ) -> dict[str, int]:
        """Units in order up to the target value; only if that leaves the package short, up to its highest value."""
        marked: dict[str, float] = {}
        general = 0.0
        for purse in purses:
            if purse.earmark is None:
                general += purse.left
            else:
                marked[purse.earmark] = marked.get(purse.earmark, 0.0) + purse.left
        content: dict[str, int] = {}
        worth = 0.0
        for limit in (target, high):
            for some in _in_steps(needs):
                # A unit that is too dear now stays so: money only goes.
                caps = [min(limit - worth, max(general, 0.0) + marked.get(c, 0.0)) + _DUST for c in self._codes]
                for at in shelf.affordable(some, caps):
                    need, price, category = shelf.ranking[at], shelf.prices[at], shelf.categories[at]
                    open_units = shelf.room[at] - content.get(need, 0)
                    money = max(general, 0.0) + marked.get(category, 0.0)
                    if price > 0:
                        open_units = min(open_units, int((min(limit - worth, money) + _DUST) / price))
                    if open_units <= 0:
                        continue
                    content[need] = content.get(need, 0) + open_units
                    worth += price * open_units
                    own = min(marked.get(category, 0.0), price * open_units)
                    marked[category] = marked.get(category, 0.0) - own
                    general -= price * open_units - own
            if worth >= self._bounds()[0] - _DUST:
                break
        return content


def _in_steps(places: Indices) -> Iterator[Indices]:
    """The places in order: `_LOOK` of them, then twice as many each time."""
    begin, step = 0, _LOOK
    while begin < len(places):
        yield places[begin : begin + step]
        begin, step = begin + step, 2 * step


class _Shelf:
    """The needs in rank order that new packages are filled from, each by its place in the order.

    `room`: units that new packages may still hold, by place.
    """

    def __init__(self, bundler: Bundler, ranking: Sequence[str], room: Mapping[str, int]) -> None:
        self.ranking = ranking
        self.prices = [bundler._price[need] for need in ranking]
        self.categories = [bundler._category[need] for need in ranking]
        self.room = [room[need] for need in ranking]
        self._place = {need: at for at, need in enumerate(ranking)}
        self._open = np.array(self.room, dtype=np.int64) > 0
        self._last = np.array([bundler._last[need] for need in ranking], dtype=np.int64)
        self._price = np.array(self.prices, dtype=np.float64)
        self._code = np.array([bundler._codes[category] for category in self.categories], dtype=np.int64)

    def deliverable(self, ready: int | None) -> Indices:
        """Places of needs with room whose units may leave in period `ready` and still count; None: no such period."""
        return np.flatnonzero(self._open & (self._last >= ready)) if ready is not None else np.zeros(0, dtype=np.intp)

    def affordable(self, places: Indices, caps: Sequence[float]) -> list[int]:
        """Those of the places of which `caps`, million USD by category, pay one unit at least."""
        price = self._price[places]
        money = np.array(caps, dtype=np.float64)[self._code[places]]
        # int(money / price) > 0, as it is counted above
        fits = np.divide(money, price, out=np.ones_like(price), where=price > 0) >= 1.0
        found: list[int] = places[fits].tolist()
        return found

    def take(self, content: Mapping[str, int]) -> None:
        """Less room by what a package holds."""
        for need, units in content.items():
            at = self._place[need]
            self.room[at] -= units
            self._open[at] = self.room[at] > 0
