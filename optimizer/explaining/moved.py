"""Which demands moved between two plans, and by how much. Units, days, weeks; delay in the objective's units.

Units are matched in the order in which they arrive: the k-th unit of a demand in one plan with the k-th in the other. A
unit that never arrives counts as arriving on `never`, the same day for both plans: the later end of the two horizons
and the weeks that are added after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from models.calendar import Calendar
from models.plan import Kind
from optimizer.explaining.facts import DemandFacts, Facts

Movement = Literal["new", "gone", "earlier", "later", "mixed", "revalued", "same"]

MOVEMENTS: dict[Movement, str] = {
    "new": "Only the new plan has it: a new order, need or accepted offer.",
    "gone": "Only the old plan has it.",
    "earlier": "Some of its units arrive earlier, none later.",
    "later": "Some of its units arrive later, or no more; none earlier.",
    "mixed": "Some of its units arrive earlier, others later.",
    "revalued": "Its units arrive as before, but it asks for more or fewer, or their delay counts for more or less.",
    "same": "Nothing about it differs.",
}
"""What can have become of a demand; a closed list."""

Key = tuple[Kind, str]
Arrivals = tuple[tuple[dt.date, int], ...]


@dataclass(frozen=True, slots=True)
class DemandChange:
    """One demand in both plans: `old`, `new` as `DemandFacts`, None where the plan has no such demand.

    `earlier`, `later`: unit-weeks by which units that both plans know arrive earlier and later; `rerouted`: units
    arrive on the same days, but another item, from elsewhere or by another way.
    """

    kind: Kind
    demand: str
    movement: Movement
    old: DemandFacts | None
    new: DemandFacts | None
    earlier: float
    later: float
    rerouted: bool

    @property
    def key(self) -> Key:
        """What tells it apart."""
        return self.kind, self.demand

    @property
    def facts(self) -> DemandFacts:
        """Of the new plan where it has the demand, else of the old."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def delay(self) -> float:
        """By how much its part of the objective differs; 0 for what is not there."""
        return (self.new.delay if self.new else 0.0) - (self.old.delay if self.old else 0.0)

    @property
    def weighted(self) -> float:
        """Unit-weeks later less those earlier × weight × price (the mean of both plans'), late or not."""
        if self.old is None or self.new is None:
            return 0.0
        worth = (self.old.weight * self.old.price + self.new.weight * self.new.price) / 2
        return (self.later - self.earlier) * worth

    @property
    def moved(self) -> bool:
        """Whether anything about it differs that a planner would ask about."""
        return self.movement != "same"


def never(old: Calendar, new: Calendar) -> dt.date:
    """The day on which what does not come counts as coming, for both plans."""
    end = max(old.day(old.count), new.day(new.count))
    return end + dt.timedelta(weeks=max(old.after_horizon_weeks, new.after_horizon_weeks))


def arrivals(demand: DemandFacts, calendar: Calendar) -> Arrivals:
    """(day, units) of every arrival, in order; units of the demand, whatever item is sent."""
    found: dict[dt.date, int] = {}
    for row, units in zip(demand.sent, demand.sent_units, strict=True):
        if row.arrival < calendar.count:
            day = calendar.day(row.arrival)
            found[day] = found.get(day, 0) + units
    return tuple(sorted((day, units) for day, units in found.items() if units))


def demand_changes(old: Facts, new: Facts) -> tuple[DemandChange, ...]:
    """Every demand of either plan, those of the old plan first, in the order of its tables."""
    before, after = by_key(old.demands), by_key(new.demands)
    last = never(old.calendar, new.calendar)
    return tuple(
        _change(key, (before.get(key), old.calendar), (after.get(key), new.calendar), last)
        for key in dict.fromkeys([*before, *after])
    )


def by_key(demands: Iterable[DemandFacts]) -> dict[Key, DemandFacts]:
    """Demands by kind and name: a name may be an order in one instance and a need in another."""
    return {(demand.kind, demand.demand): demand for demand in demands}


def _change(
    key: Key, before: tuple[DemandFacts | None, Calendar], after: tuple[DemandFacts | None, Calendar], last: dt.date
) -> DemandChange:
    kind, name = key
    old, new = before[0], after[0]
    if old is None or new is None:
        return DemandChange(kind, name, "new" if old is None else "gone", old, new, 0.0, 0.0, False)
    one, other = arrivals(old, before[1]), arrivals(new, after[1])
    earlier, later = apart(one, other, min(old.quantity, new.quantity), last)
    movement: Movement = "same"
    if earlier or later:
        movement = "mixed" if earlier and later else ("earlier" if earlier else "later")
    elif old.quantity != new.quantity or _differ(old.delay, new.delay) or one != other:
        movement = "revalued"
    return DemandChange(kind, name, movement, old, new, earlier, later, one == other and _ways(old) != _ways(new))


def apart(old: Arrivals, new: Arrivals, units: int, last: dt.date) -> tuple[float, float]:
    """Unit-weeks by which the first `units` units come earlier, and later, in `new`; what does not come, on `last`."""
    earlier = later = 0.0
    one, other = list(_runs(old, units, last)), list(_runs(new, units, last))
    while one and other:
        (before, left), (after, more) = one[-1], other[-1]
        both = min(left, more)
        weeks = both * (after - before).days / 7
        earlier, later = (earlier - weeks, later) if weeks < 0 else (earlier, later + weeks)
        for rows, day, rest in ((one, before, left - both), (other, after, more - both)):
            rows.pop()
            if rest:
                rows.append((day, rest))
    return earlier, later


def _runs(rows: Arrivals, units: int, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """(day, units) of the first `units` units, the last of them first; those that do not come on `last`."""
    taken, runs = 0, []
    for day, count in (*rows, (last, units)):
        runs.append((day, min(count, units - taken)))
        taken += runs[-1][1]
    return ((day, count) for day, count in reversed(runs) if count)


def _ways(demand: DemandFacts) -> list[tuple[str, str, tuple[str, ...], int]]:
    """What was sent from where by which way, in units."""
    found: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for row in demand.sent:
        way = (row.item, row.origin, row.route)
        found[way] = found.get(way, 0) + row.quantity
    return sorted((*way, units) for way, units in found.items())


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > 1e-9 * max(1.0, abs(one), abs(other))
