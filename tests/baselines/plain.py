"""The list scheduler in its plain form: every need is looked at for every package, every way for every unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pytest

from models.listing import scheduler, service
from models.listing.bundles import Bundle, Bundler
from models.listing.funding import Purse, Share, Treasury, split
from models.listing.movement import Way
from models.listing.service import Service
from models.listing.supply import Ints
from models.problem import Need

DUST = 1e-9


class PlainBundler(Bundler):
    """Fills packages need by need."""

    def _deliverable_in(self, need: str, period: int) -> bool:
        ready = self._calendar.shift(period, self._policy.contract_weeks)
        return ready < self._calendar.count and ready <= self._last[need]

    def _new(
        self, ranking: Sequence[str], room: dict[str, int], treasury: Treasury, released: Counter[int]
    ) -> list[Bundle]:
        found: list[Bundle] = []
        names = self._names()
        for period in range(self._calendar.count):
            while len(found) < self._policy.max_new and self._open(released, period):
                needs = [need for need in ranking if room[need] > 0 and self._deliverable_in(need, period)]
                filled = self._filled(needs, room, treasury.open_in(period))
                if filled is None:
                    break
                content, shares = filled
                treasury.pay(shares)
                released[period] += 1
                for need, units in content.items():
                    room[need] -= units
                found.append(Bundle(next(names), "new", content, period, shares))
        return found

    def _filled(
        self, needs: Sequence[str], room: Mapping[str, int], purses: Sequence[Purse]
    ) -> tuple[dict[str, int], tuple[Share, ...]] | None:
        low, high = self._bounds()
        largest = sorted(purses, key=lambda purse: -purse.left)[: self._policy.max_donors]
        general = [purse for purse in purses if purse.earmark is None]
        marked = [purse for purse in purses if purse.earmark is not None]
        for choice in (list(purses), largest, general, marked):
            for skip in range(min(8, len(needs))):
                content = self._held(needs[skip:], room, choice, self._policy.target_usd_m, high)
                value = self._value(content)
                if content and sum(value.values()) >= low - DUST:
                    shares = split(value, choice, self._policy)
                    if shares is not None:
                        return content, shares
        return None

    def _held(
        self, needs: Sequence[str], room: Mapping[str, int], purses: Sequence[Purse], target: float, high: float
    ) -> dict[str, int]:
        marked: dict[str, float] = {}
        general = sum(purse.left for purse in purses if purse.earmark is None)
        for purse in purses:
            if purse.earmark is not None:
                marked[purse.earmark] = marked.get(purse.earmark, 0.0) + purse.left
        content: dict[str, int] = {}
        worth = 0.0
        for limit in (target, high):
            for need in needs:
                price, category = self._price[need], self._category[need]
                units = room[need] - content.get(need, 0)
                money = max(general, 0.0) + marked.get(category, 0.0)
                if price > 0:
                    units = min(units, int((min(limit - worth, money) + DUST) / price))
                if units <= 0:
                    continue
                content[need] = content.get(need, 0) + units
                worth += price * units
                own = min(marked.get(category, 0.0), price * units)
                marked[category] = marked.get(category, 0.0) - own
                general -= price * units - own
            if worth >= self._bounds()[0] - DUST:
                break
        return content


class PlainRun(service._Run):
    """Looks at every way of the horizon."""

    def _ways(self, origins: tuple[str, ...], first: int) -> Iterable[Way]:
        book = self._service._book
        every = [way for origin in origins for way in book.network._of(origin)]
        every.sort(key=lambda way: (way.arrival, way.choice, -way.dispatch, origins.index(way.origin)))
        ways = (way for way in every if way.arrival <= book.last_arrival[self._need.need])
        if not self._service._just_in_time:
            return ways
        late = [book.calendar.late(self._need.needed_by, t) for t in range(book.calendar.count)]
        return sorted(ways, key=lambda w: (late[w.arrival], -w.dispatch, w.choice))


class PlainService(Service):
    """Serves what nothing can be sent for as well."""

    def serve_need(self, need: Need, from_pool: Ints, from_offers: int) -> None:
        """Item by item, until it is served."""
        left, used = need.quantity, 0 * from_pool
        self._sent[need.need] = []
        for item, per_unit in ((need.item, 1), *self._book.substitutes[need.item]):
            if left <= 0:
                break
            gifts = [offer for offer in self.accepted if self._book.offers[offer].item == item]
            run = PlainRun(self, need, item, per_unit, from_pool - used)
            by_gift = run.serve(left, gifts, from_offers)
            from_offers -= by_gift
            used = used + run.taken
            left -= by_gift + int(run.taken[-1])
        self.from_pool[need.need] = int(used[-1])

    def copy(self) -> PlainService:
        """An independent copy, as plain."""
        other = super().copy()
        other.__class__ = PlainService
        assert isinstance(other, PlainService)
        return other


def plainly(patch: pytest.MonkeyPatch) -> None:
    """Let the list scheduler work in its plain form."""
    patch.setattr(scheduler, "Bundler", PlainBundler)
    patch.setattr(scheduler, "Service", PlainService)
