"""The earliest that one demand can be served from the room there is, with limits lifted at will.

Of an order: as many units as F allows, from the first period in which it may be dispatched (`room.Room.available`). Of
a need: period by period, its own item before substitutes, fast routes before slow ones, under released packages, else
from accepted offers; a need's units from offers and beyond its packages together stay within `content_within_need`.
Late weeks count as `problem.md`, "What is minimised", has them.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

import numpy as np

from models.plan import POOL, Dispatch
from models.problem import Need, Offer, Order
from models.routes import Route
from optimizer.explaining.money import PackageFacts, first_dispatch
from optimizer.explaining.room import NOTHING, Freed, Limit, Room

APPROVAL: Limit = ("approval", "")
EARLIEST: Limit = ("earliest_date", "")
RELEASE: Limit = ("release", "")
FUNDING: Limit = ("funding", "")


@dataclass(frozen=True, slots=True)
class Served:
    """How a demand could be served: `rows` in units of the item that leaves, and its unit-weeks late.

    `unit_weeks`: weeks late summed over all units, missing ones included; of a `complete` order its weeks × quantity.
    `full`: lanes that did not take all that was to go over them at some time; lifting any others changes nothing.
    """

    rows: tuple[Dispatch, ...]
    unit_weeks: int
    full: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class Serving:
    """Serves demands anew, one at a time, all others as they are in the plan."""

    room: Room
    packages: Sequence[PackageFacts]

    @cached_property
    def _sent(self) -> Mapping[tuple[str, str], Sequence[Dispatch]]:
        found: dict[tuple[str, str], list[Dispatch]] = {}
        for row in self.room.plan.dispatches:
            found.setdefault((row.kind, row.demand), []).append(row)
        return found

    def sent(self, kind: str, demand: str) -> Sequence[Dispatch]:
        """The demand's rows in the plan."""
        return self._sent.get((kind, demand), ())

    @cached_property
    def approved(self) -> Mapping[str, int]:
        """First period in which orders of each listed case may be dispatched; T if never or too late."""
        policy, calendar = self.room.problem.approval, self.room.calendar
        if policy is None:
            return {}
        found = {row.case: calendar.count for row in self.room.problem.approvals}
        for case in self.room.plan.approvals:
            found[case.case] = calendar.shift(case.period, policy.processing_weeks)
        return found

    @cached_property
    def ratios(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """For every item what may serve a need for it, itself first, and how many of it a unit takes."""
        found = {item.item: [(item.item, 1)] for item in self.room.problem.items}
        for row in self.room.problem.substitutes:
            found[row.item].append((row.substitute, row.units_per_unit))
        return found

    @cached_property
    def contents(self) -> Mapping[str, Sequence[tuple[int, int, PackageFacts]]]:
        """For every need: (first period of dispatch, units, package) of each released package that holds it."""
        found: dict[str, list[tuple[int, int, PackageFacts]]] = {}
        for package in self.packages:
            if package.period is not None:
                first = first_dispatch(package, self.room.problem, self.room.calendar)
                for need, units, _ in package.contents:
                    found.setdefault(need, []).append((first, units, package))
        return found

    @cached_property
    def _offers(self) -> Mapping[str, Sequence[Offer]]:
        """All offers by the item they give."""
        found: dict[str, list[Offer]] = {}
        for offer in self.room.problem.offers:
            found.setdefault(offer.item, []).append(offer)
        return found

    @cached_property
    def _accepted(self) -> frozenset[str]:
        return frozenset(self.room.plan.accepted_offers)

    def offers_for(self, item: str, also: Offer | None = None) -> list[Offer]:
        """Accepted offers of an item; `also`: as if this one were."""
        return [offer for offer in self._offers.get(item, ()) if offer.offer in self._accepted or offer is also]

    @cached_property
    def given(self) -> Mapping[str, int]:
        """Units that leave every offer."""
        found: dict[str, int] = {}
        for row in self.room.plan.dispatches:
            if row.origin != POOL:
                found[row.origin] = found.get(row.origin, 0) + row.quantity
        return found

    def first(self, order: Order, lifted: frozenset[Limit], ready: int | None = None) -> int:
        """First period in which the order may be dispatched."""
        calendar = self.room.calendar
        begin = 0 if order.earliest_date is None or EARLIEST in lifted else calendar.period(order.earliest_date)
        if APPROVAL in lifted:
            return begin
        return max(begin, self.approved.get(order.case, 0) if ready is None else ready)

    def order(
        self,
        order: Order,
        lifted: frozenset[Limit] = frozenset(),
        freed: Freed = NOTHING,
        *,
        ready: int | None = None,
    ) -> Served:
        """Serve an order as early as it can be; `ready`: as if its case let it be dispatched from this period on."""
        rows = self.sent("order", order.order)
        upto = self.room.available(order.item, self.room.own(rows, order.item), lifted, freed)
        upto = np.minimum(order.quantity, upto)
        upto[: self.first(order, lifted, ready)] = 0
        steps = upto.copy()
        steps[1:] -= upto[:-1]
        periods = np.flatnonzero(steps)
        found = tuple(
            Dispatch(order.order, "order", POOL, order.item, units, t, t)
            for t, units in zip(periods.tolist(), steps[periods].tolist(), strict=True)
        )
        if order.delivery == "complete":
            done = found[-1].arrival if upto[-1] == order.quantity and found else self.room.calendar.count
            return Served(found, order.quantity * self.room.calendar.late(order.due_date, done))
        return Served(found, self._unit_weeks(found, order.quantity, order.due_date))

    def _unit_weeks(
        self, rows: Sequence[Dispatch], quantity: int, due: dt.date, per: Mapping[str, int] | None = None
    ) -> int:
        calendar, total, units = self.room.calendar, 0, 0
        for row in rows:
            here = row.quantity // (1 if per is None else per[row.item])
            total += here * calendar.late(due, row.arrival)
            units += here
        return total + max(0, quantity - units) * calendar.late(due, calendar.count)

    def need(
        self,
        need: Need,
        lifted: frozenset[Limit] = frozenset(),
        freed: Freed = NOTHING,
        *,
        also: Offer | None = None,
    ) -> Served:
        """Serve a need as early as it can be; `also`: as if this offer were accepted."""
        if self._nothing_for(need, lifted, also):
            return Served((), need.quantity * self.room.calendar.late(need.needed_by, self.room.calendar.count))
        run = _OfNeed(self, need, lifted, freed, also)
        found = tuple(run.rows())
        weeks = self._unit_weeks(found, need.quantity, need.needed_by, dict(self.ratios[need.item]))
        return Served(found, weeks, frozenset(run.full))

    def _nothing_for(self, need: Need, lifted: frozenset[Limit], also: Offer | None) -> bool:
        """Whether nothing may leave for a need whatever there is: no package holds any of it and no offer gives any."""
        if self.room.problem.package_policy is None or FUNDING in lifted or need.need in self.contents:
            return False
        return not any(self.offers_for(item, also) for item, _ in self.ratios[need.item])

    def planned(self, kind: str, asked: Order | Need) -> int:
        """Unit-weeks late in the plan itself."""
        if isinstance(asked, Order):
            rows = self.sent(kind, asked.order)
            if asked.delivery == "each":
                return self._unit_weeks(rows, asked.quantity, asked.due_date)
            calendar = self.room.calendar
            whole = sum(row.quantity for row in rows) >= asked.quantity
            done = max((row.arrival for row in rows), default=calendar.count) if whole else calendar.count
            return asked.quantity * calendar.late(asked.due_date, done)
        rows = self.sent(kind, asked.need)
        return self._unit_weeks(rows, asked.quantity, asked.needed_by, dict(self.ratios[asked.item]))


class _OfNeed:
    """One need served period by period."""

    def __init__(
        self, serving: Serving, need: Need, lifted: frozenset[Limit], freed: Freed, also: Offer | None = None
    ) -> None:
        room = serving.room
        self.room, self.need, self.lifted = room, need, lifted
        own = serving.sent("need", need.need)
        self.lanes = room.lanes_without(own)
        self.full: set[str] = set()
        self.pool: list[tuple[str, int, list[int]]] = []
        for item, per in serving.ratios[need.item]:
            # what is idle is not promised twice, to an item and to its substitute
            making = room.apart(item, [other for other, _, _ in self.pool])
            upto = room.available(item, room.own(own, item), lifted, freed, making=making)
            self.pool.append((item, per, upto.tolist()))
        back: dict[str, int] = {}
        for row in own:
            if row.origin != POOL:
                back[row.origin] = back.get(row.origin, 0) + row.quantity
        self.offers = [
            (
                offer,
                per,
                offer.quantity - serving.given.get(offer.offer, 0) + back.get(offer.offer, 0),
                room.calendar.period(offer.available_on),
            )
            for item, per in serving.ratios[need.item]
            for offer in serving.offers_for(item, also)
        ]
        held = serving.contents.get(need.need, ())
        self.beyond = max(0, need.quantity - sum(units for _, units, _ in held))
        self.allowed = self._allowed(held)

    def _allowed(self, held: Sequence[tuple[int, int, PackageFacts]]) -> list[int] | None:
        """Units that may have left the pool by every period under packages; None: no package is needed."""
        if self.room.problem.package_policy is None:
            return None
        allowed = [0] * (self.room.calendar.count + 1)
        for first, units, _ in held:
            allowed[0 if RELEASE in self.lifted else first] += units
        return list(accumulate(allowed))

    def rows(self) -> Iterator[Dispatch]:
        """Every dispatch, the first first."""
        left, under, beyond, allowed = self.need.quantity, 0, self.beyond, self.allowed
        taken = dict.fromkeys((item for item, _, _ in self.pool), 0)
        given = dict.fromkeys((offer.offer for offer, _, _, _ in self.offers), 0)
        # where all is held in packages nothing more can leave beyond them
        more = allowed is not None and FUNDING in self.lifted
        for t in range(self._first(more=more), self.room.calendar.count):
            if left <= 0:
                return
            may = left if allowed is None else min(left, allowed[t] - under)
            for item, per, upto in self.pool if may > 0 else ():
                for row in self._place(t, POOL, item, per, min(may, (upto[t] - taken[item]) // per)):
                    units = row.quantity // per
                    left, under, taken[item] = left - units, under + units, taken[item] + row.quantity
                    may -= units
                    yield row
            for offer, per, have, begin in self.offers:
                if t < begin:
                    continue
                may = min(left, (have - given[offer.offer]) // per)
                may = may if allowed is None else min(may, beyond)
                for row in self._place(t, offer.offer, offer.item, per, may):
                    units = row.quantity // per
                    left, beyond = left - units, beyond - units
                    given[offer.offer] += row.quantity
                    yield row
            for item, per, upto in self.pool if more and beyond > 0 else ():
                may = min(left, beyond, (upto[t] - taken[item]) // per)
                for row in self._place(t, POOL, item, per, may):
                    units = row.quantity // per
                    left, beyond, taken[item] = left - units, beyond - units, taken[item] + row.quantity
                    yield row

    def _first(self, *, more: bool) -> int:
        """A period before which nothing can leave; T if nothing can at all."""
        first = min((bisect_left(upto, per) for _, per, upto in self.pool), default=0)
        if self.allowed is not None and not more:
            first = max(first, bisect_left(self.allowed, 1))
        return min([first, *(begin for _, _, _, begin in self.offers)])

    def _place(self, period: int, origin: str, item: str, per: int, units: int) -> Iterator[Dispatch]:
        """Up to so many units of the need on the routes of the origin, the fastest first."""
        calendar, expires = self.room.calendar, self.need.expires_on
        for route in self.room.routes[origin] if units > 0 else ():
            if units <= 0:
                return
            arrival = calendar.shift(period, route.weeks)
            if arrival >= calendar.count:
                continue
            if expires is not None and calendar.day(arrival) > expires:
                continue
            here = min(units, self._fits(route, period, self.room.tonnes[item] * per, units))
            if here > 0:
                self._load(route, period, here * per * self.room.tonnes[item])
                units -= here
                yield Dispatch(self.need.need, "need", origin, item, here * per, period, arrival, route.lanes)

    def _fits(self, route: Route, period: int, tonnes: float, wanted: int) -> int:
        """Units of so many tonnes that the lanes of the route still take; lanes that take less than wanted are full."""
        fits = 10**9
        if tonnes > 0:
            for lane, before in zip(route.lanes, route.before, strict=True):
                if lane in self.lanes and ("lane", lane) not in self.lifted:
                    left = self.lanes[lane][self.room.calendar.shift(period, before)]
                    here = int((left + 1e-9) // tonnes)
                    fits = min(fits, here)
                    if here < wanted:
                        self.full.add(lane)
        return fits

    def _load(self, route: Route, period: int, tonnes: float) -> None:
        for lane, before in zip(route.lanes, route.before, strict=True):
            if lane in self.lanes:
                self.lanes[lane][self.room.calendar.shift(period, before)] -= tonnes
