"""What one demand could have, all other decisions of the plan staying as they are.

The others' dispatches stand, and so does everything that is made, released, paid, approved and accepted. The demand's
own units are taken out; then it may have what lies in the pool above the floor, what idle slots and unused components
can still turn into units, and room on the lanes. A *limit* can be lifted, to see whether it is what the demand lacks.

Units of one item that have left by the end of period t are at most

    F(t) = min over t' ≥ t of (stock(t') − floor + E(t')),

where E(t') is what idle slots and components left over can still add by t'. Both sides are running sums, so the
earliest schedule reaches F(t) in every period at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models import capacity
from models.calendar import Calendar
from models.plan import POOL, Dispatch, Plan
from models.problem import Commitment, Problem
from models.routes import Route, routes_by_origin
from optimizer.explaining.pegging import Peg, Pegging
from optimizer.explaining.supply import Supply

Kind = Literal["slots", "component", "floor", "lane", "approval", "earliest_date", "release", "funding"]
"""What can be lifted: idle slots of the lines that make the item, a component, the hard floor of the stock, room on a
lane, the date of approval, the customer's own earliest date, the release dates of packages, how much packages hold."""
Limit = tuple[Kind, str]
"""A kind of limit and the name of what has it (a component, a lane; blank where the demand says it)."""
SLOTS: Limit = ("slots", "")
FLOOR: Limit = ("floor", "")
Units = NDArray[np.int64]
MANY = np.int64(10**12)
"""More units than any instance may have: no limit."""


@dataclass(frozen=True, slots=True)
class Freed:
    """What others would leave if they were not served: units by item and period of leaving, slots by line and period.

    `components`: running sums.
    """

    stock: Mapping[str, Units]
    slots: Mapping[str, Units]
    components: Mapping[str, Units]


NOTHING = Freed({}, {}, {})


@dataclass(frozen=True)
class Room:
    """The plan's leftovers as arrays over the periods 0 … T-1."""

    problem: Problem
    plan: Plan
    calendar: Calendar
    supply: Supply
    pegging: Pegging
    _extra: dict[tuple[str, bool, tuple[str, ...]], Units] = field(default_factory=dict)
    _level: dict[tuple[str, bool, bool, bool, tuple[str, ...]], Units] = field(default_factory=dict)
    _free: dict[tuple[str, bool, bool, bool, tuple[str, ...]], Units] = field(default_factory=dict)

    @cached_property
    def makers(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """For every item its lines, with slots per unit."""
        return capacity.makers(self.problem)

    @cached_property
    def recipe(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """For every item its components, with units per unit."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in self.problem.item_components:
            if row.units_per_unit > 0:
                found[row.item].append((row.component, row.units_per_unit))
        return found

    @cached_property
    def routes(self) -> Mapping[str, Sequence[Route]]:
        """Routes of the pool and of every offer."""
        return routes_by_origin(self.problem)

    @cached_property
    def tonnes(self) -> Mapping[str, float]:
        """Mass of a unit of every item."""
        return {item.item: item.tonnes for item in self.problem.items}

    @cached_property
    def _stock(self) -> Mapping[str, Units]:
        return {item: np.array(levels, dtype=np.int64) for item, levels in self.supply.stock.items()}

    @cached_property
    def _spare(self) -> Mapping[str, Units]:
        slots, used = self.supply.slots, self.supply.used
        return {line: np.array(slots[line], dtype=np.int64) - np.array(used[line], dtype=np.int64) for line in slots}

    def spare(self, line: str, period: int) -> int:
        """Idle slots of a line in a period."""
        return max(0, int(self._spare[line][period]))

    @cached_property
    def _left(self) -> Mapping[str, Units]:
        """Units of every component left from each period on (the least from there to the end)."""
        return {part: np.array(units, dtype=np.int64) for part, units in self.supply.component_spare.items()}

    def _binding(self, item: str, lifted: frozenset[Limit]) -> tuple[str, ...]:
        """Components of the item that are not lifted."""
        return tuple(part for part, _ in self.recipe.get(item, ()) if ("component", part) not in lifted)

    def extra(self, item: str, lifted: frozenset[Limit], freed: Freed = NOTHING) -> Units:
        """E(t): units more of the item that could have been made by the end of every period. Not to be written to."""
        if freed.slots or freed.components:
            return self._makeable(item, lifted, freed)
        # the same for every demand of the item
        key = (item, SLOTS in lifted, self._binding(item, lifted))
        if (found := self._extra.get(key)) is None:
            found = self._extra[key] = self._makeable(item, lifted, freed)
        return found

    def _makeable(self, item: str, lifted: frozenset[Limit], freed: Freed) -> Units:
        if SLOTS in lifted and self.makers[item]:
            ahead = np.full(self.calendar.count, MANY)
        else:
            each = self._zeros()
            for line, per_unit in self.makers[item]:
                spare = self._spare[line] + freed.slots.get(line, 0)
                each += np.maximum(spare, 0) // per_unit
            ahead = np.cumsum(each)
        parts = [
            np.maximum(0, self._left[part] + freed.components.get(part, 0)) // per_unit
            for part, per_unit in self.recipe.get(item, ())
            if ("component", part) not in lifted
        ]
        if not parts:
            return ahead
        cap = np.minimum.reduce(parts)
        if ahead[-1] >= MANY:
            return np.asarray(cap, dtype=np.int64)
        # what was not made before for want of components cannot be made up in a slot that is gone
        return ahead + np.minimum(0, np.minimum.accumulate(cap - ahead))

    def available(
        self, item: str, own: Units, lifted: frozenset[Limit], freed: Freed = NOTHING, *, making: bool = True
    ) -> Units:
        """F(t): units of the item that could have left by the end of every period; `own`: the demand's, by period.

        `making`: whether more of it is made from what is idle. Not to be written to.
        """
        if own is self._nothing and freed is NOTHING:
            key = (item, FLOOR in lifted, making, SLOTS in lifted, self._binding(item, lifted))
            if (known := self._free.get(key)) is None:
                level = self._above(item, lifted, freed, making=making)
                known = self._free[key] = np.maximum(0, np.minimum.accumulate(level[::-1])[::-1])
            return known
        level = self._above(item, lifted, freed, making=making)
        if own is not self._nothing:
            level = level + own.cumsum()
        if item in freed.stock:
            level = level + freed.stock[item].cumsum()
        left: Units = np.maximum(0, np.minimum.accumulate(level[::-1])[::-1])
        return left

    def _above(self, item: str, lifted: frozenset[Limit], freed: Freed, *, making: bool) -> Units:
        """Stock above the floor in every period, with what is made more if `making`."""
        key = (item, FLOOR in lifted, making, SLOTS in lifted, self._binding(item, lifted))
        idle = not (freed.slots or freed.components)
        if idle and key in self._level:
            return self._level[key]
        level = self._stock[item] - (0 if FLOOR in lifted else self.supply.hard_floors[item])
        if making:
            level = level + self.extra(item, lifted, freed)
        if idle:
            self._level[key] = level
        return level

    def freed_by(self, pegs: Iterable[Peg], item: str) -> Freed:
        """What these units would leave for `item`: themselves if they are of it, else the slots and components."""
        stock: dict[str, Units] = {}
        slots: dict[str, Units] = {}
        parts: dict[str, Units] = {}
        per = self._slots_each
        for peg in pegs:
            if peg.item == item and peg.source != "offer":
                stock.setdefault(item, self._zeros())[peg.leaves] += peg.units
            elif peg.source == "slot":
                slots.setdefault(peg.name, self._zeros())[peg.begun] += peg.units * per.get((peg.name, peg.item), 0)
                for part, per_unit in self.recipe.get(peg.item, ()):
                    parts.setdefault(part, self._zeros())[peg.begun] += peg.units * per_unit
        return Freed(stock, slots, {part: np.cumsum(units) for part, units in parts.items()})

    @cached_property
    def _slots_each(self) -> Mapping[tuple[str, str], int]:
        """Slots that a unit takes, by line and item."""
        return {(row.line, row.item): row.slots_per_unit for row in self.problem.line_items}

    def apart(self, item: str, others: Iterable[str]) -> bool:
        """Whether the item shares no line and no component with any of the others."""
        lines = {line for line, _ in self.makers[item]}
        parts = {part for part, _ in self.recipe.get(item, ())}
        return not any(
            lines & {line for line, _ in self.makers[other]} or parts & {part for part, _ in self.recipe.get(other, ())}
            for other in others
        )

    def _zeros(self) -> Units:
        return np.zeros(self.calendar.count, dtype=np.int64)

    def own(self, rows: Iterable[Dispatch], item: str) -> Units:
        """Units of the item that the rows take from the pool, by period. Not to be written to."""
        taken = [row for row in rows if row.origin == POOL and row.item == item]
        if not taken:
            return self._nothing
        found = self._zeros()
        for row in taken:
            found[row.period] += row.quantity
        return found

    @cached_property
    def _nothing(self) -> Units:
        return self._zeros()

    def lanes_without(self, rows: Iterable[Dispatch]) -> dict[str, list[float]]:
        """Tonnes left on every lane that has a limit, the rows' own load taken off."""
        left = {lane: list(room) for lane, room in self._lane_room.items()}
        for row in rows:
            before = 0
            for lane in row.route:
                period = self.calendar.shift(row.period, before)
                if lane in left and period < self.calendar.count:
                    left[lane][period] += row.quantity * self.tonnes[row.item]
                before += self._lane_weeks[lane]
        return left

    @cached_property
    def _lane_weeks(self) -> Mapping[str, int]:
        return {lane.lane: lane.weeks for lane in self.problem.lanes}

    @cached_property
    def _lane_room(self) -> Mapping[str, Sequence[float]]:
        """Tonnes that the plan leaves on every lane that has a limit."""
        return {
            lane: [have - took for have, took in zip(limit, self.supply.lane_load[lane], strict=True)]
            for lane, limit in self.supply.lane_limit.items()
        }

    @cached_property
    def price(self) -> Mapping[str, float]:
        """Million USD a unit, by item."""
        return {item.item: item.unit_price_usd_m for item in self.problem.items}

    @cached_property
    def committed(self) -> Mapping[str, Sequence[Commitment]]:
        """Rows of the plan before, by demand."""
        found: dict[str, list[Commitment]] = defaultdict(list)
        for row in self.problem.commitments:
            found[row.demand].append(row)
        return found
