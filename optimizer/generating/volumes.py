"""How many units everybody asks for, and how much every line turns out so that it is contested.

Sizes are relative until here. A first pass over the demands sums them up, which gives the scale of every item; a second
one counts units. The output of a line is then what makes its demand the drawn share of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.generating.demand import NeedDraw, OrderDraw, need_weights, needs, orders
from optimizer.generating.market import Market
from optimizer.generating.world import World

LOADS = (0.98, 1.42)
"""Demand of a line as a share of its output in the horizon, before rounding to whole slots."""
_LOADS_ROUNDED = (0.92, 1.48)
_NEEDS_OVER_PACKAGES = 1.3
"""Value of all needs as a share of what all packages are worth."""
_NEEDS_OF_OUTPUT = 0.45
"""Needs take at most this share of the output of an item."""


@dataclass(frozen=True, slots=True)
class Volumes:
    """Scales by item, which turn relative sizes into units, and what comes of them."""

    world: World
    order_scale: tuple[float, ...]
    need_scale: tuple[float, ...]
    demand: tuple[int, ...]
    """Units by item, of orders and needs."""
    needed: tuple[int, ...]
    """Units by item, of needs."""
    slots: tuple[int, ...]
    """Slots by line in the horizon."""

    def ordered(self, order: OrderDraw) -> int:
        """Units of an order."""
        return _units_of_order(self.world.market, self.order_scale, order)

    def asked(self, need: NeedDraw) -> int:
        """Units of a need."""
        return max(1, round(self.need_scale[need.item] * need.size))


def volumes(world: World) -> Volumes:
    """Passes over the demands; memory grows with items and lines only."""
    market, draws = world.market, world.draws("loads")
    loads = [draws.between(*LOADS) for _ in market.lines]
    need_scale = _need_scales(world)
    order_scale = tuple(_order_scales(world, loads, need_scale))
    needed, demand = [0] * len(market.items), [0] * len(market.items)
    draft = Volumes(world, order_scale, tuple(need_scale), (), (), ())
    for need in needs(world):
        needed[need.item] += draft.asked(need)
    for order in orders(world):
        demand[order.item] += draft.ordered(order)
    demand = [ordered + asked for ordered, asked in zip(demand, needed, strict=True)]
    slots = [_slots(market, k, demand, load) for k, load in enumerate(loads)]
    return replace(draft, demand=tuple(demand), needed=tuple(needed), slots=tuple(slots))


def _units_of_order(market: Market, scales: list[float] | tuple[float, ...], order: OrderDraw) -> int:
    if not order.complete:
        return max(1, round(scales[order.item] * order.size))
    item = market.items[order.item]
    return max(2, round(order.size * market.lines[item.line].slots_per_week / item.slots_per_unit))


def _slots(market: Market, line: int, demand: list[int], load: float) -> int:
    """Whole slots of a line, so that what is asked of it is about the load."""
    asked = sum(market.items[item].slots_per_unit * demand[item] for item in market.lines[line].items)
    slots = max(1, round(asked / load))
    low, high = _LOADS_ROUNDED
    return slots if low <= asked / slots <= high else max(1, asked)


def _need_scales(world: World) -> list[float]:
    """Units of a need by its relative size: values as the weights ask, but no item beyond its share of the output."""
    size, market = world.size, world.market
    weights = need_weights(market)
    limits = [_NEEDS_OF_OUTPUT * item.value_per_week * size.weeks for item in market.items]
    wanted = _NEEDS_OVER_PACKAGES * size.packages * size.package_usd_m
    values = [0.0] * len(weights)
    for _ in range(20):
        open_ = sum(weight for weight, value, limit in zip(weights, values, limits, strict=True) if value < limit)
        rest = wanted - sum(values)
        if open_ <= 0 or rest <= 1e-6 * wanted:
            break
        values = [
            min(limit, value + rest * weight / open_)
            for weight, value, limit in zip(weights, values, limits, strict=True)
        ]
    raw = [0.0] * len(weights)
    for need in needs(world):
        raw[need.item] += need.size
    return [
        value / item.price / total if total else 0.0
        for value, item, total in zip(values, market.items, raw, strict=True)
    ]


def _order_scales(world: World, loads: list[float], need_scale: list[float]) -> list[float]:
    """Units of an `each` order by its relative size: what needs and `complete` orders leave of the demand wanted."""
    size, market = world.size, world.market
    left = [loads[item.line] * item.units_per_week * size.weeks for item in market.items]
    raw, count = [0.0] * len(left), [0] * len(left)
    for need in needs(world):
        left[need.item] -= need_scale[need.item] * need.size
    for order in orders(world):
        if order.complete:
            left[order.item] -= _units_of_order(market, (), order)
        else:
            raw[order.item] += order.size
            count[order.item] += 1
    return [
        max(rest, n * item.units_per_week) / total if total else 0.0
        for rest, n, item, total in zip(left, count, market.items, raw, strict=True)
    ]
