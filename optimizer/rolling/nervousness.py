"""Nervousness: how much a plan moves from one day of planning to the next.

Blackburn, Kropp & Millen (A comparison of strategies to dampen nervousness in MRP systems, Management Science 32, 1986)
count what a new plan changes of the one before. Sridharan, Berry & Udayabhanu (Measuring master production schedule
stability under rolling planning horizons, Decision Sciences 19, 1988) weigh the units by how near they are:

    I = Σₖ Σₜ |Q(t, k) − Q(t, k−1)| · (1 − α) α^(t − Mₖ) / S

over all days of planning k after the first, and all periods t that both plans cover; Q(t, k) the quantity that plan k
has in period t, Mₖ its first period, 0 < α < 1, S the number of orders of all plans. Here a schedule is what leaves the
pool or an offer: Q is by demand, origin and item; t − Mₖ is counted in weeks; S is the number of dispatches (demand,
origin, item, day) of all the plans compared; α = `ALPHA`. In units, and in million USD.

What was to leave and does not any more, and what leaves instead, is matched by demand, origin and item in the order of
days: as many units as can be matched are *moved*, earlier or later; the rest of the one is *cut*, of the other *new*.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import Problem

ALPHA = 0.9
"""What a change counts for less with every week that it lies ahead: half after about seven weeks."""

Key = tuple[str, str, str]
"""Demand, origin, item."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What one plan moved of the one before. Units of items; values in million USD at the prices of the items.

    `planned`: what the plan before still meant to send; `frozen_*`: the part of it inside the frozen weeks. `earlier`,
    `later`: units that were moved; `cut`: not sent any more; `new`: sent besides. `dispatches`: rows (demand, origin,
    item, day) of the plan before, of which `changed` are not sent so. `weighted`, `weighted_value`: the sum over
    periods of the measure above, not yet divided by S; `orders`: this pair's part of S.
    """

    planned: int = 0
    planned_value: float = 0.0
    earlier: int = 0
    later: int = 0
    cut: int = 0
    new: int = 0
    moved_value: float = 0.0
    cut_value: float = 0.0
    new_value: float = 0.0
    frozen_planned: int = 0
    frozen_changed: int = 0
    frozen_changed_value: float = 0.0
    dispatches: int = 0
    changed: int = 0
    weighted: float = 0.0
    weighted_value: float = 0.0
    orders: int = 0

    @property
    def moved(self) -> int:
        """Units that leave on another day."""
        return self.earlier + self.later

    @property
    def units(self) -> int:
        """Units of the plan before that do not leave as they were to: moved or cut."""
        return self.moved + self.cut

    @property
    def value(self) -> float:
        """The same in million USD."""
        return self.moved_value + self.cut_value

    def as_dict(self) -> dict[str, float]:
        """All fields by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> Moves:
        """The way back. Raises `TypeError`."""
        return cls(**{row.name: values[row.name] for row in fields(cls)})  # type: ignore[arg-type]


def moves(problem: Problem, carried: Plan, plan: Plan) -> Moves:
    """What `plan` moved of `carried`; both answer `problem`, `carried` is what was left of the plan before."""
    calendar = calendar_of(problem)
    price = {row.item: row.unit_price_usd_m for row in problem.items}
    policy = problem.stability
    frozen = 0 if policy is None else policy.frozen_weeks
    old, new = _sent(carried), _sent(plan)
    found = defaultdict[str, float](float)
    for key in dict.fromkeys([*old, *new]):
        one, other, worth = old.get(key, Counter()), new.get(key, Counter()), price.get(key[2], 0.0)
        gone = {t: one[t] - other[t] for t in sorted(one) if one[t] > other[t]}
        come = {t: other[t] - one[t] for t in sorted(other) if other[t] > one[t]}
        for t in sorted({*gone, *come}):
            units = abs(one[t] - other[t])
            near = units * (1 - ALPHA) * ALPHA ** calendar.week(t)
            found["weighted"] += near
            found["weighted_value"] += near * worth
        found["planned"] += one.total()
        found["planned_value"] += one.total() * worth
        found["dispatches"] += len(one)
        found["changed"] += len(gone)
        found["orders"] += len(one) + len(other)
        for t, units in one.items():
            if calendar.week(t) < frozen:
                found["frozen_planned"] += units
                found["frozen_changed"] += gone.get(t, 0)
                found["frozen_changed_value"] += gone.get(t, 0) * worth
        earlier, later = _matched(gone, come)
        cut, more = sum(gone.values()) - earlier - later, sum(come.values()) - earlier - later
        for name, units in (("earlier", earlier), ("later", later), ("cut", cut), ("new", more)):
            found[name] += units
        found["moved_value"] += (earlier + later) * worth
        found["cut_value"] += cut * worth
        found["new_value"] += more * worth
    whole = {row.name for row in fields(Moves) if row.type == "int"}
    return Moves(**{name: int(value) if name in whole else value for name, value in found.items()})  # type: ignore[arg-type]


def instability(rows: list[Moves]) -> tuple[float | None, float | None]:
    """The measure of Sridharan, Berry & Udayabhanu over all pairs of plans, in units and in million USD a dispatch.

    None where the plans send nothing.
    """
    orders = sum(row.orders for row in rows)
    if not orders:
        return None, None
    return sum(row.weighted for row in rows) / orders, sum(row.weighted_value for row in rows) / orders


def kept_in_frozen(problem: Problem, carried: Plan, plan: Plan) -> dict[tuple[str, str, dt.date], tuple[int, int]]:
    """By demand, item and day inside the frozen weeks: units that were to leave the pool, and units that still are."""
    calendar = calendar_of(problem)
    policy = problem.stability
    weeks = 0 if policy is None else policy.frozen_weeks
    old, new = Counter[tuple[str, str, dt.date]](), Counter[tuple[str, str, dt.date]]()
    for rows, into in ((carried.dispatches, old), (plan.dispatches, new)):
        for row in rows:
            if row.origin == "pool" and calendar.week(row.period) < weeks:
                into[row.demand, row.item, calendar.day(row.period)] += row.quantity
    return {key: (units, min(units, new[key])) for key, units in sorted(old.items())}


def _sent(plan: Plan) -> dict[Key, Counter[int]]:
    found: dict[Key, Counter[int]] = defaultdict(Counter)
    for row in plan.dispatches:
        found[row.demand, row.origin, row.item][row.period] += row.quantity
    return found


def _matched(gone: Mapping[int, int], come: Mapping[int, int]) -> tuple[int, int]:
    """Units moved earlier and later: the k-th that is gone with the k-th that has come, in the order of days."""
    earlier = later = 0
    left = [(t, units) for t, units in sorted(come.items())]
    for t, units in sorted(gone.items()):
        wanted = units
        while wanted and left:
            at, there = left[0]
            part = min(wanted, there)
            if at < t:
                earlier += part
            else:
                later += part
            wanted -= part
            left[0] = (at, there - part)
            if not left[0][1]:
                left.pop(0)
    return earlier, later
