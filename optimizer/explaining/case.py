"""One demand under explanation: how late it is with limits lifted, remembered, and what dates and distances allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.calendar import Calendar
from models.plan import POOL, Dispatch, Kind
from models.problem import Need, Order
from models.routes import Route
from optimizer.explaining.room import FLOOR, NOTHING, SLOTS, Freed, Limit, Room
from optimizer.explaining.serving import APPROVAL, EARLIEST, FUNDING, RELEASE, Served, Serving

AS_IS: frozenset[Limit] = frozenset()
"""No limit lifted."""


@dataclass
class Case:
    """An order or a need, and its ways to be served. `weight`: what a week late of a million USD of it counts."""

    serving: Serving
    asked: Order | Need
    weight: float
    _memo: dict[frozenset[Limit], Served] = field(default_factory=dict)

    @property
    def subject(self) -> Kind:
        """What kind of demand it is."""
        return "order" if isinstance(self.asked, Order) else "need"

    @property
    def name(self) -> str:
        """Its name in the tables."""
        return self.asked.order if isinstance(self.asked, Order) else self.asked.need

    @property
    def due(self) -> dt.date:
        """The date from which it is late."""
        return self.asked.due_date if isinstance(self.asked, Order) else self.asked.needed_by

    @property
    def quantity(self) -> int:
        """Units asked for."""
        return self.asked.quantity

    @property
    def item(self) -> str:
        """The item asked for."""
        return self.asked.item

    @property
    def room(self) -> Room:
        """What the plan leaves."""
        return self.serving.room

    @property
    def calendar(self) -> Calendar:
        """Periods and lateness."""
        return self.room.calendar

    @cached_property
    def planned(self) -> int:
        """Unit-weeks late in the plan."""
        return self.serving.planned(self.subject, self.asked)

    @cached_property
    def rows(self) -> Sequence[Dispatch]:
        """Its dispatches in the plan."""
        return self.serving.sent(self.subject, self.name)

    @cached_property
    def ratio(self) -> Mapping[str, int]:
        """Units of an item that serve one unit of it."""
        return dict(self.serving.ratios[self.item]) if self.subject == "need" else {self.item: 1}

    @cached_property
    def items(self) -> tuple[str, ...]:
        """What may serve it from the pool, its own item first."""
        return tuple(self.ratio)

    @cached_property
    def lines(self) -> Mapping[str, None]:
        """The lines that make what may serve it, in order."""
        return dict.fromkeys(line for item in self.items for line, _ in self.room.makers[item])

    def units(self, rows: Sequence[Dispatch]) -> int:
        """Units of the demand in the rows."""
        return sum(row.quantity // self.ratio[row.item] for row in rows)

    @cached_property
    def delivered(self) -> int:
        """Units of it that arrive in the plan."""
        return self.units(self.rows)

    @cached_property
    def ends(self) -> int:
        """The period in which its last unit leaves in the plan; T where units are missing."""
        whole = self.delivered >= self.quantity
        return max((row.period for row in self.rows), default=0) if whole else self.calendar.count

    def served(self, lifted: frozenset[Limit] = AS_IS, freed: Freed = NOTHING) -> Served:
        """The demand served anew."""
        if not (freed.stock or freed.slots or freed.components):
            freed = NOTHING
        if freed is NOTHING and lifted in self._memo:
            return self._memo[lifted]
        asked = self.asked
        if freed is NOTHING and (lanes := frozenset(limit for limit in lifted if limit[0] == "lane")):
            # lanes that were never full are as good as lifted
            plain = self.served(lifted - lanes)
            if plain.full.isdisjoint(lane for _, lane in lanes):
                self._memo[lifted] = plain
                return plain
        found = (
            self.serving.order(asked, lifted, freed)
            if isinstance(asked, Order)
            else self.serving.need(asked, lifted, freed)
        )
        if freed is NOTHING:
            self._memo[lifted] = found
        return found

    @cached_property
    def as_is(self) -> int:
        """Unit-weeks late with nothing lifted; the plan's own, unless it left something out."""
        return min(self.planned, self.served().unit_weeks)

    def weeks(self, lifted: frozenset[Limit], freed: Freed = NOTHING) -> int:
        """Unit-weeks late with limits lifted; never more than without, which stays possible."""
        return min(self.as_is, self.served(lifted, freed).unit_weeks)

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """Every limit it meets, in the order in which it meets them."""
        found: list[Limit] = []
        if isinstance(self.asked, Order):
            if self.asked.earliest_date is not None:
                found.append(EARLIEST)
            if self.asked.case in self.serving.approved:
                found.append(APPROVAL)
        elif self.room.problem.package_policy is not None:
            found += [FUNDING, RELEASE]
        if any(self.room.supply.hard_floors[item] > 0 for item in self.items):
            found.append(FLOOR)
        parts = dict.fromkeys(part for item in self.items for part, _ in self.room.recipe.get(item, ()))
        found += [("component", part) for part in parts]
        if any(self.room.makers[item] for item in self.items):
            found.append(SLOTS)
        if isinstance(self.asked, Need):
            found += [("lane", lane) for lane in self._lanes if lane in self.room.supply.lane_limit]
        return tuple(found)

    @property
    def _lanes(self) -> Sequence[str]:
        origins = [POOL, *(offer.offer for item in self.items for offer in self.serving.offers_for(item))]
        return list(dict.fromkeys(lane for origin in origins for way in self.room.routes[origin] for lane in way.lanes))

    @cached_property
    def without_limits(self) -> int:
        """Unit-weeks late with every limit lifted."""
        return self.weeks(frozenset(self.limits))

    def arrivals(self, ways: Iterable[tuple[int, Route]]) -> Iterator[int]:
        """Periods of the horizon in which a need may be reached: ways as (first period of leaving, route)."""
        expires = None if isinstance(self.asked, Order) else self.asked.expires_on
        for begin, route in ways:
            arrival = self.calendar.shift(begin, route.weeks)
            if arrival < self.calendar.count and (expires is None or self.calendar.day(arrival) <= expires):
                yield arrival

    @cached_property
    def pool_ways(self) -> Sequence[tuple[int, Route]]:
        """The ways of a need from the pool, as (first period of leaving, route)."""
        return [(0, route) for route in self.room.routes[POOL]]

    @cached_property
    def offer_ways(self) -> Mapping[str, Sequence[tuple[int, Route]]]:
        """The same of every offer, accepted or not, that gives what may serve a need."""
        return {
            offer.offer: [(self.calendar.period(offer.available_on), route) for route in self.room.routes[offer.offer]]
            for offer in self.room.problem.offers
            if offer.item in self.ratio
        }

    @cached_property
    def soonest_from_pool(self) -> int | None:
        """First period in which anything from the pool could arrive; None: never in the horizon."""
        return 0 if isinstance(self.asked, Order) else min(self.arrivals(self.pool_ways), default=None)

    @cached_property
    def soonest(self) -> int | None:
        """First period in which anything at all could arrive, from the pool or an offer, which any plan may accept."""
        if isinstance(self.asked, Order):
            return 0
        given = (arrival for ways in self.offer_ways.values() for arrival in self.arrivals(ways))
        return min((*given, *self.arrivals(self.pool_ways)), default=None)

    @cached_property
    def unavoidable(self) -> int:
        """Unit-weeks late that no plan at all could avoid: by dates and distances alone."""
        return self._all_at(self.soonest)

    @cached_property
    def unavoidable_from_pool(self) -> int:
        """The same if every unit must come from the pool: what is more than `unavoidable`, an offer could avoid."""
        return self._all_at(self.soonest_from_pool)

    def _all_at(self, period: int | None) -> int:
        """Unit-weeks late if everything arrived in the period (None: never), as far as lifting leaves any late."""
        at = self.calendar.count if period is None else period
        return min(self.without_limits, self.quantity * self.calendar.late(self.due, at))

    def ahead(self, rows: Sequence[Dispatch], of: Sequence[Dispatch]) -> int:
        """Units that come sooner: the most by which arrivals of `rows` are ahead of those of `of` in any period."""
        steps = np.zeros(self.calendar.count, dtype=np.int64)
        for sign, some in ((1, rows), (-1, of)):
            for row in some:
                if row.arrival < self.calendar.count:
                    steps[row.arrival] += sign * (row.quantity // self.ratio[row.item])
        return int(max(0, np.cumsum(steps).max(initial=0)))
