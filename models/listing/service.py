"""Serving demands one after another; nobody gets what an earlier one was given."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from models.listing.book import DemandBook
from models.listing.movement import Lanes, Way
from models.listing.supply import Booking, Ints, Supply, by_period, suffix_min
from models.plan import POOL, Dispatch, Kind
from models.problem import Need, Offer, Order


class Service:
    """One run down the list. `just_in_time`: what can be on time leaves when it is due rather than at once."""

    def __init__(self, book: DemandBook, accepted: Sequence[str], just_in_time: bool) -> None:
        """Nothing is served yet; `accepted` offers lie at their sites."""
        self._book = book
        self._just_in_time = just_in_time
        self.supply = Supply(book.problem, book.calendar)
        self.accepted = list(accepted)
        self._lanes = Lanes(book.network.tonnes)
        self._gifts = {offer: book.offers[offer].quantity for offer in accepted}
        self._promised: dict[str, Booking] = {}
        self._sent: dict[str, list[Dispatch]] = {}
        self.from_pool: Counter[str] = Counter()
        self._earliest: Mapping[str, int] = {}

    def copy(self) -> Service:
        """An independent copy, from which the list can be served on."""
        other = object.__new__(Service)
        other.__dict__.update(self.__dict__)
        other.supply, other._lanes = self.supply.copy(), self._lanes.copy()
        other.accepted, other._gifts = list(self.accepted), dict(self._gifts)
        other._promised, other._sent = dict(self._promised), dict(self._sent)
        other.from_pool = Counter(self.from_pool)
        return other

    def dispatches(self) -> tuple[Dispatch, ...]:
        """Everything sent so far, by demand and period."""
        every = [dispatch for sent in self._sent.values() for dispatch in sent]
        return tuple(sorted(every, key=lambda d: (d.kind, d.demand, d.period, d.arrival, d.origin, d.item, d.route)))

    def unlock(self, earliest: Mapping[str, int]) -> None:
        """The first period in which every order may be served (T: never)."""
        self._earliest = earliest

    # Promises

    def promise_order(self, order: Order) -> bool:
        """Reserve a firm order's units in the last period that keeps its date; False if that cannot be done."""
        if order.firm_by is None:
            return True
        last = self._book.last_on_time(order.firm_by)
        booking = self._reserve(order.item, order.quantity, last) if last >= self._earliest[order.order] else None
        if booking is not None:
            self._promised[order.order] = booking
            self._record(order.order, "order", booking)
        return booking is not None

    def promise_offer(self, offer: Offer, *, partly: bool = False) -> bool:
        """Reserve an accepted offer's replacement in its last period; `partly`: as many units as there are."""
        last = self._book.replacement_deadline(offer)
        quantity = offer.replacement_quantity
        if partly and last >= 0:
            quantity = min(quantity, int(self.supply.reach(offer.replacement_item).units[last]))
        booking = self._reserve(offer.replacement_item, quantity, last)
        if booking is not None:
            self._record(offer.offer, "replacement", booking)
        return booking is not None

    def accept(self, offer: Offer) -> None:
        """Put the offer's units at the needs' disposal."""
        self.accepted.append(offer.offer)
        self._gifts[offer.offer] = offer.quantity

    def _reserve(self, item: str, quantity: int, period: int) -> Booking | None:
        if period < 0:
            return None
        reach = self.supply.reach(item)
        if reach.units[period] < quantity:
            return None
        taken = np.zeros(self._book.calendar.count, dtype=np.int64)
        taken[period:] = quantity
        return self.supply.book(item, taken, reach)

    # Orders

    def serve_order(self, order: Order) -> None:
        """Each unit as early as it can leave; a `complete` order in one lot, or not at all if it is never complete.

        A firm order gives its reservation back first: what is free to it now includes that, so its date holds.
        """
        promised = self._promised.get(order.order)
        if promised is not None and not self.supply.unbook(promised):
            return
        count = self._book.calendar.count
        first = self._earliest[order.order]
        self._sent.pop(order.order, None)
        reach = self.supply.reach(order.item)
        if order.delivery == "complete":
            first = max(first, int(np.searchsorted(reach.units, order.quantity)))
        if first >= count or reach.units[-1] <= 0:
            return
        if self._just_in_time:
            first = max(first, self._wait_until(order))
        taken = np.minimum(reach.units, order.quantity)
        taken[:first] = 0
        self._record(order.order, "order", self.supply.book(order.item, taken, reach))

    def _wait_until(self, order: Order) -> int:
        """The last period that is in time both for the due date and for the firm date."""
        due = order.due_date if order.firm_by is None else min(order.due_date, order.firm_by)
        return self._book.last_on_time(due)

    def _record(self, demand: str, kind: Kind, booking: Booking) -> None:
        units = by_period(booking.taken)
        at = np.flatnonzero(units)
        self._sent[demand] = [
            Dispatch(demand, kind, POOL, booking.item, here, t, t)
            for t, here in zip(at.tolist(), units[at].tolist(), strict=True)
        ]

    # Needs

    def serve_need(self, need: Need, from_pool: Ints, from_offers: int) -> None:
        """Every unit by the way that arrives first, with the item itself; substitutes serve what the item cannot.

        `from_pool`: units of the need that may have left the pool by each period (`dispatch_after_release`, never
        falling); `from_offers`: units that may come from accepted offers (`content_within_need`).
        """
        left, pool_used = need.quantity, np.zeros_like(from_pool)
        self._sent[need.need] = []
        for item, per_unit in ((need.item, 1), *self._book.substitutes[need.item]):
            if left <= 0:
                break
            gifts = [offer for offer in self.accepted if self._book.offers[offer].item == item]
            if from_pool[-1] <= pool_used[-1] and not (gifts and from_offers > 0):
                continue  # nothing may leave the pool for it, and nothing is given
            run = _Run(self, need, item, per_unit, from_pool - pool_used)
            by_gift = run.serve(left, gifts, from_offers)
            from_offers -= by_gift
            pool_used = pool_used + run.taken
            left -= by_gift + int(run.taken[-1])
        self.from_pool[need.need] = int(pool_used[-1])


class _Run:
    """One item for one need."""

    def __init__(self, service: Service, need: Need, item: str, per_unit: int, allowed: Ints) -> None:
        self._service, self._need, self._item, self._per_unit = service, need, item, per_unit
        self._reach = service.supply.reach(item)
        self._allowed = np.minimum(allowed, self._reach.units // per_unit)
        self.taken = np.zeros_like(allowed)

    def _headroom(self) -> list[int]:
        """Units of the need that can still leave the pool in every period."""
        room: list[int] = suffix_min(self._allowed - self.taken).tolist()
        return room

    def _ways(self, origins: tuple[str, ...], first: int) -> Iterable[Way]:
        """Ways that arrive from period `first` on and count."""
        book = self._service._book
        ways = book.network.ways(origins, first, book.last_arrival[self._need.need])
        if not self._service._just_in_time:
            return ways
        late = [book.calendar.late(self._need.needed_by, t) for t in range(book.calendar.count)]
        return sorted(ways, key=lambda w: (late[w.arrival], -w.dispatch, w.choice))

    def serve(self, left: int, gifts: Sequence[str], from_offers: int) -> int:
        """Send up to `left` units of the need; returns those that came from offers."""
        service, sent = self._service, self._service._sent[self._need.need]
        tonnes = service._book.tonnes[self._item] * self._per_unit
        headroom, by_gift = self._headroom(), 0
        gifts = [offer for offer in gifts if service._gifts[offer] >= self._per_unit] if from_offers > 0 else []
        if headroom[-1] <= 0 and not gifts:
            return 0
        available = {offer: service._book.calendar.period(service._book.offers[offer].available_on) for offer in gifts}
        origins = (*gifts, POOL) if headroom[-1] > 0 else tuple(gifts)
        # what leaves the pool cannot arrive before it may leave
        first = 0 if gifts else bisect_left(headroom, 1)
        for way in self._ways(origins, first):
            if way.origin == POOL:
                room = min(left, headroom[way.dispatch])
            elif way.dispatch >= available[way.origin]:
                room = min(left, from_offers - by_gift, service._gifts[way.origin] // self._per_unit)
            else:
                continue
            if room <= 0 or (room := service._lanes.room(way, tonnes, room)) <= 0:
                continue
            service._lanes.use(way, tonnes, room)
            units = room * self._per_unit
            sent.append(
                Dispatch(self._need.need, "need", way.origin, self._item, units, way.dispatch, way.arrival, way.lanes)
            )
            if way.origin == POOL:
                self.taken[way.dispatch :] += room
                headroom = self._headroom()
                if headroom[-1] <= 0 and not gifts:
                    break
            else:
                service._gifts[way.origin] -= units
                by_gift += room
            left -= room
            if left <= 0:
                break
        if self.taken[-1] > 0:
            service.supply.book(self._item, self.taken * self._per_unit, self._reach)
        return by_gift


def in_rank_order(ranking: Iterable[str], names: Iterable[str]) -> list[str]:
    """`ranking` without unknown names and repetitions, then what it leaves out, in the order of `names`."""
    known = dict.fromkeys(names)
    chosen = dict.fromkeys(name for name in ranking if name in known)
    return [*chosen, *(name for name in known if name not in chosen)]
