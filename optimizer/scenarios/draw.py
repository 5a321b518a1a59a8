"""`draw`: a seed makes one history of what may happen.

Every row of the file has, for every entity, a stream of numbers of its own, seeded by (seed, kind, name of the row,
name of the entity), and uses a fixed count of them a week or an entity whatever comes of it. So a history is the same
on every machine; adding a row, a kind or an entity leaves all other draws alone; and two files that differ in a range
or a probability share their numbers (common random numbers: Law, Simulation Modeling and Analysis, section 11.2), so
that what differs between their histories is owed to the change.

numpy promises the raw words of PCG64 and of `SeedSequence` for ever, but not the streams of its distributions; so
uniform numbers are made from raw words, and the rest by inversion.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from numpy.random import PCG64, SeedSequence

from models.problem import LineRate, Need, Problem
from optimizer.reading.column import LAST_DATE
from optimizer.scenarios.disturbances import (
    Chance,
    Chosen,
    ComponentShortage,
    ComponentShortages,
    Disturbances,
    Drawn,
    LatePledge,
    LatePledges,
    LateRamp,
    LateRamps,
    LineSlip,
    LineSlips,
    LongerReview,
    LongerReviews,
    Range,
    UrgentNeed,
    UrgentNeeds,
    WithdrawnOffer,
    WithdrawnOffers,
)

_A_WEEK = 8
"""Uniform numbers that an entity has for a week (or for the whole horizon): more than any kind uses."""
_DIGITS = Decimal("0.0001")


def draw(problem: Problem, disturbances: Disturbances, seed: int) -> Drawn:
    """One history over the instance's horizon. The same arguments give the same history; `seed` is 0 or more."""
    weeks = sum(count * length for count, length in problem.periods)
    grid = _Grid(problem, seed, tuple(problem.start + dt.timedelta(weeks=week) for week in range(weeks)))
    return Drawn(
        disturbances.name,
        seed,
        tuple(event for row in disturbances.line_slips for event in grid.line_slips(row)),
        tuple(event for row in disturbances.late_ramps for event in grid.late_ramps(row)),
        tuple(event for row in disturbances.component_shortages for event in grid.component_shortages(row)),
        tuple(event for row in disturbances.urgent_needs for event in grid.urgent_needs(row)),
        _once(tuple(event for row in disturbances.late_pledges for event in grid.late_pledges(row)), "pledge"),
        _once(tuple(event for row in disturbances.withdrawn_offers for event in grid.withdrawn_offers(row)), "offer"),
        tuple(event for row in disturbances.longer_reviews for event in grid.longer_reviews(row)),
    )


def stream(seed: int, *names: str) -> Iterator[float]:
    """Uniform numbers of (0, 1), without end, of their own for these names."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
    key = tuple(int.from_bytes(digest[at : at + 4], "little") for at in range(0, len(digest), 4))
    bits = PCG64(SeedSequence(seed, spawn_key=key))
    while True:
        for word in bits.random_raw(_A_WEEK).tolist():
            yield ((word >> 11) + 0.5) * 2.0**-53


def _once(events: tuple[LatePledge, ...] | tuple[WithdrawnOffer, ...], name: str) -> tuple:  # type: ignore[type-arg]
    """What can happen to an entity once only: of several rows' events, that of the first row."""
    first: dict[str, object] = {}
    for event in events:
        first.setdefault(getattr(event, name), event)
    return tuple(first.values())


class _Grid:
    """The instance's Mondays, and who is chosen."""

    def __init__(self, problem: Problem, seed: int, mondays: tuple[dt.date, ...]) -> None:
        self.problem, self.seed, self.mondays = problem, seed, mondays
        self.category = {row.item: row.category for row in problem.items}
        self.made_by: dict[str, set[str]] = defaultdict(set)
        for made in problem.line_items:
            self.made_by[made.line].add(made.item)
        self.in_items: dict[str, set[str]] = defaultdict(set)
        for part in problem.item_components:
            self.in_items[part.component].add(part.item)

    def line_slips(self, row: LineSlips) -> Iterator[LineSlip]:
        for line in self.problem.lines:
            if not self._means(row.chosen, {"lines": {line.line}}, self.made_by[line.line]):
                continue
            for begins, ends, more in self._spells(row.chance, row.weeks, "line_slips", row.name, line.line):
                known = self._known(begins, row.known_after_weeks.whole_at(more[0]))
                yield LineSlip(line.line, begins, ends, _left(row.loss.at(more[1])), known)

    def component_shortages(self, row: ComponentShortages) -> Iterator[ComponentShortage]:
        for part in self.problem.components:
            name = part.component
            if not self._means(row.chosen, {"components": {name}}, self.in_items[name]):
                continue
            for begins, ends, more in self._spells(row.chance, row.weeks, "component_shortages", row.name, name):
                known = self._known(begins, row.known_after_weeks.whole_at(more[0]))
                yield ComponentShortage(name, begins, ends, _left(row.loss.at(more[1])), known)

    def late_ramps(self, row: LateRamps) -> Iterator[LateRamp]:
        """One of the line's rises that are still ahead is late; all of them equally likely."""
        steps: dict[str, list[LineRate]] = defaultdict(list)
        for rate in sorted(self.problem.line_rates, key=lambda rate: rate.from_date):
            steps[rate.line].append(rate)
        for line in self.problem.lines:
            if not self._means(row.chosen, {"lines": {line.line}}, self.made_by[line.line]):
                continue
            units = stream(self.seed, "late_ramps", row.name, line.line)
            happens, which, length, known = (next(units) for _ in range(4))
            rises = [
                after.from_date
                for before, after in pairwise(steps[line.line])
                if after.slots_per_week > before.slots_per_week
                and self.mondays[0] < after.from_date <= self.mondays[-1]
            ]
            if happens < row.probability and rises:
                begins = rises[int(which * len(rises))]
                monday = self._known(begins, row.known_after_weeks.whole_at(known))
                yield LateRamp(line.line, begins, row.weeks.whole_at(length), monday)

    def urgent_needs(self, row: UrgentNeeds) -> Iterator[UrgentNeed]:
        taken = {demand.order for demand in self.problem.orders} | {demand.need for demand in self.problem.needs}
        taken |= {offer.offer for offer in self.problem.offers}
        for item in self.problem.items:
            if not self._means(row.chosen, {}, {item.item}):
                continue
            for monday, units in self._beginnings(row.chance, "urgent_needs", row.name, item.item):
                if row.quantity is not None:
                    quantity = row.quantity.whole_at(units[0])
                else:
                    value = row.value_usd_m.at(units[0]) if row.value_usd_m is not None else 0.0
                    quantity = min(10**7, max(1, round(value / item.unit_price_usd_m))) if item.unit_price_usd_m else 1
                needed_by = monday + dt.timedelta(weeks=row.due_weeks.whole_at(units[2]))
                expires_on = None
                if row.expires_weeks is not None:
                    expires_on = needed_by + dt.timedelta(weeks=row.expires_weeks.whole_at(units[3]))
                name = f"URGENT-{row.name}-{item.item[:200]}-{monday}"
                while name in taken:
                    name += "'"
                taken.add(name)
                urgency = row.urgency.whole_at(units[1])
                needed_by, expires_on = min(needed_by, LAST_DATE), expires_on and min(expires_on, LAST_DATE)
                yield UrgentNeed(Need(name, item.item, quantity, urgency, needed_by, expires_on), monday)

    def late_pledges(self, row: LatePledges) -> Iterator[LatePledge]:
        """Only pledges that come after the first Monday: the others are there."""
        for pledge in self.problem.pledges:
            if not self._means(row.chosen, {"pledges": {pledge.pledge}, "donors": {pledge.donor}}, set()):
                continue
            units = stream(self.seed, "late_pledges", row.name, pledge.pledge)
            happens, weeks, share, known = (next(units) for _ in range(4))
            if happens >= row.probability or pledge.available_on < self.mondays[0] + dt.timedelta(weeks=1):
                continue
            available_on = pledge.available_on + dt.timedelta(weeks=row.weeks.whole_at(weeks))
            amount = float(Decimal(str(pledge.amount_usd_m)) * _rounded(row.share.at(share)))
            if pledge.expires_on is not None and available_on > pledge.expires_on:
                available_on, amount = pledge.available_on, 0.0
            ahead = self._known(pledge.available_on, -row.known_ahead_weeks.whole_at(known))
            yield LatePledge(pledge.pledge, available_on, amount, ahead)

    def withdrawn_offers(self, row: WithdrawnOffers) -> Iterator[WithdrawnOffer]:
        """Only open offers, on one of the Mondays up to that of the week in which they could first be sent."""
        for offer in self.problem.offers:
            named = {"offers": {offer.offer}, "donors": {offer.donor}}
            if not self._means(row.chosen, named, {offer.item}):
                continue
            units = stream(self.seed, "withdrawn_offers", row.name, offer.offer)
            happens, when = next(units), next(units)
            before = [monday for monday in self.mondays[1:] if monday <= offer.available_on]
            if offer.status == "open" and happens < row.probability and before:
                yield WithdrawnOffer(offer.offer, before[int(when * len(before))])

    def longer_reviews(self, row: LongerReviews) -> Iterator[LongerReview]:
        owner = {order.case: order.recipient for order in self.problem.orders}
        for case in self.problem.approvals:
            named = {"cases": {case.case}, "recipients": {owner[case.case]} if case.case in owner else set()}
            if not self._means(row.chosen, named, set()):
                continue
            units = stream(self.seed, "longer_reviews", row.name, case.case)
            happens, more, known = (next(units) for _ in range(3))
            if happens < row.probability:
                begins = max(self.mondays[0], case.submitted_on)
                effort = float(Decimal(str(case.review_weeks)) * _rounded(row.more.at(more)))
                yield LongerReview(case.case, effort, self._known(begins, row.known_after_weeks.whole_at(known)))

    def _means(self, chosen: Chosen, named: Mapping[str, set[str]], items: set[str]) -> bool:
        """Whether an entity is chosen: by a name of its own, an item it has to do with, or that item's category."""
        if chosen.by == "*":
            return True
        values = {"items": items, "categories": {self.category[item] for item in items}, **named}
        return not values.get(chosen.by, set()).isdisjoint(chosen.names)

    def _beginnings(self, chance: Chance, *names: str) -> Iterator[tuple[dt.date, list[float]]]:
        """The Mondays on which something begins, each with numbers for what it is like."""
        units = stream(self.seed, *names)
        allowed = [
            monday
            for monday in self.mondays
            if (chance.first is None or monday >= chance.first) and (chance.last is None or monday <= chance.last)
        ]
        if chance.per_horizon is not None:
            happens, when, *more = (next(units) for _ in range(_A_WEEK))
            if happens < chance.per_horizon and allowed:
                yield allowed[int(when * len(allowed))], more
            return
        inside = frozenset(allowed)
        for monday in self.mondays:
            happens, *more = (next(units) for _ in range(_A_WEEK))
            if monday in inside and happens < (chance.per_week or 0.0):
                yield monday, more

    def _spells(
        self, chance: Chance, weeks: Range | None, *names: str
    ) -> Iterator[tuple[dt.date, dt.date | None, list[float]]]:
        """Beginning, end and further numbers of what lasts; one row never strikes an entity twice at a time."""
        over: dt.date | None = dt.date.min
        for begins, units in self._beginnings(chance, *names):
            if over is None or begins < over:
                continue
            over = None if weeks is None else begins + dt.timedelta(weeks=weeks.whole_at(units[0]))
            yield begins, over, units[1:]

    def _known(self, date: dt.date, weeks_after: int) -> dt.date:
        """The Monday of the week of a date, weeks later or earlier; not before the first Monday."""
        first = self.mondays[0]
        week = (date - first).days // 7 + weeks_after
        return first + dt.timedelta(weeks=max(0, week))


def _rounded(share: float) -> Decimal:
    """To four digits, so that the last bits of a logarithm or a root cannot show."""
    return Decimal(str(share)).quantize(_DIGITS)


def _left(loss: float) -> float:
    """What is left of a rate."""
    return float(1 - _rounded(loss))
