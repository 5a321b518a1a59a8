"""What a plan leaves in the pool, on the lines and on the lanes (`problem.md`: "Slots, components, stock", "Routes").

Quantities in units of an item, line capacity in slots, lane load in tonnes; every list runs over periods 0 … T-1.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from models import capacity
from models.calendar import Calendar
from models.plan import POOL, Plan
from models.problem import Problem


@dataclass(frozen=True)
class Supply:
    """Stock, slots and tonnes by period, after everything the plan makes and sends.

    `made`: units by item; `stock`: units in the pool at the end of the period; `hard_floors`: the level stock may not
    go below; `slots`, `used`: of lines; `lane_load`: tonnes on lanes; `lane_limit`: only lanes that have one;
    `component_spare[k][t]`: units of component k that nothing made up to t or later has taken.
    """

    calendar: Calendar
    made: dict[str, list[int]]
    stock: dict[str, list[int]]
    floors: dict[str, int]
    hard_floors: dict[str, int]
    slots: dict[str, list[int]]
    used: dict[str, list[int]]
    lane_load: dict[str, list[float]]
    lane_limit: dict[str, list[float]]
    component_spare: dict[str, list[int]]
    _makers: dict[str, list[tuple[str, int]]]
    _recipe: dict[str, list[tuple[str, int]]]
    _memo: dict[tuple[str, int], int] = field(default_factory=dict)

    def _held_back(self, item: str) -> list[int]:
        """Units above the hard floor that stay so from each period to the end."""
        spare = [quantity - self.hard_floors[item] for quantity in self.stock[item]]
        for t in range(len(spare) - 2, -1, -1):
            spare[t] = min(spare[t], spare[t + 1])
        return spare

    def _can_make(self, item: str, period: int) -> int:
        """Units more that the lines could make in the period, alone, from slots and components left over."""
        parts = [self.component_spare[part][period] // per_unit for part, per_unit in self._recipe.get(item, ())]
        by_slots = sum((self.slots[ln][period] - self.used[ln][period]) // per for ln, per in self._makers[item])
        return max(0, min([by_slots, *parts]))

    def spare_from(self, item: str, units: int = 1) -> int:
        """First period in which `units` more of the item could leave the pool, none of the plan moved; T if never."""
        key = (item, units)
        if key not in self._memo:
            held, never = self._held_back(item), self.calendar.count
            self._memo[key] = next(
                (t for t in range(never) if held[t] >= units or self._can_make(item, t) >= units), never
            )
        return self._memo[key]

    def spare_units(self, item: str) -> int:
        """At most so many units more could leave the pool in the horizon, none of the plan moved."""
        held = self._held_back(item)
        parts = [self.component_spare[part][-1] // per_unit for part, per_unit in self._recipe.get(item, ())]
        by_slots = sum(
            (have - took) // per
            for line, per in self._makers[item]
            for have, took in zip(self.slots[line], self.used[line], strict=True)
        )
        return max(0, held[-1]) + max(0, min([by_slots, *parts]))

    def lane_room(self, lane: str, period: int) -> float | None:
        """Tonnes left on the lane in the period; None = no limit."""
        limit = self.lane_limit.get(lane)
        return None if limit is None else limit[period] - self.lane_load[lane][period]


def supply_of(problem: Problem, plan: Plan, calendar: Calendar) -> Supply:
    """Derive the whole supply side of a plan."""
    makers = {item: list(rows) for item, rows in capacity.makers(problem).items()}
    recipe: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in problem.item_components:
        if row.units_per_unit > 0:
            recipe[row.item].append((row.component, row.units_per_unit))
    slots = capacity.slots(problem, calendar)
    made, used = _made_and_used(problem, plan, calendar)
    return Supply(
        calendar=calendar,
        made=made,
        stock=_stock(problem, plan, calendar, made),
        floors=capacity.readiness_floors(problem),
        hard_floors=capacity.hard_floors(problem),
        slots=slots,
        used=used,
        lane_load=_lane_load(problem, plan, calendar),
        lane_limit=capacity.lane_tonnes(problem, calendar),
        component_spare=_component_spare(problem, calendar, made, recipe),
        _makers=makers,
        _recipe=dict(recipe),
    )


def _made_and_used(
    problem: Problem, plan: Plan, calendar: Calendar
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    per_unit = {(row.line, row.item): row.slots_per_unit for row in problem.line_items}
    made = {item.item: [0] * calendar.count for item in problem.items}
    used = {line.line: [0] * calendar.count for line in problem.lines}
    for batch in plan.made:
        made[batch.item][batch.period] += batch.quantity
        used[batch.line][batch.period] += batch.quantity * per_unit.get((batch.line, batch.item), 0)
    return made, used


def _stock(problem: Problem, plan: Plan, calendar: Calendar, made: dict[str, list[int]]) -> dict[str, list[int]]:
    """Rule `stock_balance`."""
    change = {item: list(units) for item, units in capacity.receipts(problem, calendar).items()}
    for item, units in made.items():
        change[item] = [a + b for a, b in zip(change[item], units, strict=True)]
    for dispatch in plan.dispatches:
        if dispatch.origin == POOL:
            change[dispatch.item][dispatch.period] -= dispatch.quantity
    stock = {}
    for item, held in capacity.on_hand(problem).items():
        level, levels = held, []
        for step in change[item]:
            level += step
            levels.append(level)
        stock[item] = levels
    return stock


def _lane_load(problem: Problem, plan: Plan, calendar: Calendar) -> dict[str, list[float]]:
    weeks = {lane.lane: lane.weeks for lane in problem.lanes}
    tonnes = {item.item: item.tonnes for item in problem.items}
    load = {lane: [0.0] * calendar.count for lane in weeks}
    for dispatch in plan.dispatches:
        before = 0
        for lane in dispatch.route:
            period = calendar.shift(dispatch.period, before)
            if period < calendar.count:
                load[lane][period] += dispatch.quantity * tonnes[dispatch.item]
            before += weeks[lane]
    return load


def _component_spare(
    problem: Problem, calendar: Calendar, made: dict[str, list[int]], recipe: dict[str, list[tuple[str, int]]]
) -> dict[str, list[int]]:
    """Supply by the end of t minus what is used by then, at its least from t to the end."""
    taken: dict[str, list[int]] = {part.component: [0] * calendar.count for part in problem.components}
    for item, parts in recipe.items():
        for part, per_unit in parts:
            for t, units in enumerate(made[item]):
                taken[part][t] += units * per_unit
    spare = {}
    for part, supply in capacity.component_cumulative(problem, calendar).items():
        total, left = 0, []
        for t in range(calendar.count):
            total += taken[part][t]
            left.append(supply[t] - total)
        for t in range(calendar.count - 2, -1, -1):
            left[t] = min(left[t], left[t + 1])
        spare[part] = left
    return spare
