"""Rates of lines and components, stocks, receipts and substitutes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.generating.demand import day
from optimizer.generating.draws import Draws, Lognormal
from optimizer.generating.figures import figures
from optimizer.generating.market import Market
from optimizer.generating.tables import Tables
from optimizer.generating.volumes import Volumes
from optimizer.generating.world import World

_STEP_WEEKS = 26
_FASTEST_GROWTH = 0.6
_COMPONENTS_OF_DEMAND = (0.78, 1.02)
"""Supply of a component in the horizon, as a share of what all demand for its items would take."""
COMPONENT_NAMES = ("Rocket motors", "Propelling charges", "Seekers", "Electronics", "Castings", "Batteries", "Fuzes")

Rates = tuple[tuple[int, float], ...]
"""From this week on, so much a week."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part that several items take; `uses` are item and units of it a unit."""

    name: str
    on_hand: int
    rates: Rates
    uses: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Supply:
    """Rates by line, and the components."""

    rates: tuple[Rates, ...]
    components: tuple[Component, ...]


def supply(asked: Volumes) -> Supply:
    """Draw ramps and components, calibrated on what is asked."""
    draws = asked.world.draws("components")
    rates = tuple(_ramp(asked.world.size.weeks, slots + 0.3, draws) for slots in asked.slots)
    return Supply(rates, _components(asked, draws))


def _ramp(weeks: int, total: float, draws: Draws) -> Rates:
    """Half-yearly steps that grow as public rates did, in sum `total` in the horizon."""
    growth = min(_FASTEST_GROWTH, draws.pick(figures().growth))
    steps = list(range(0, weeks, _STEP_WEEKS)) if growth else [0]
    factors = [(1 + growth) ** (k / 2) for k in range(len(steps))]
    lengths = [min(weeks, step + _STEP_WEEKS) - step if growth else weeks for step in steps]
    base = total / sum(factor * length for factor, length in zip(factors, lengths, strict=True))
    return tuple((step, round(base * factor, 5)) for step, factor in zip(steps, factors, strict=True))


def _components(asked: Volumes, draws: Draws) -> tuple[Component, ...]:
    """Each goes into two to four items of a category, as far as there are as many."""
    size, market = asked.world.size, asked.world.market
    found: list[Component] = []
    taken = [0] * len(market.items)
    width = max(1, len(str(size.components)))
    for k in range(size.components):
        first = draws.pick(range(len(market.items)))
        kin = [
            n for n, item in enumerate(market.items) if item.category is market.items[first].category and taken[n] < 2
        ]
        chosen = draws.shuffled(kin)[: draws.whole(2, 4)] or [first]
        uses = tuple((n, draws.whole(1, 3)) for n in sorted(chosen))
        for n in chosen:
            taken[n] += 1
        total = sum(asked.demand[n] * units for n, units in uses) * draws.between(*_COMPONENTS_OF_DEMAND)
        on_hand = math.ceil(total * draws.between(0.02, 0.08))
        name = f"C{k + 1:0{width}d}-{draws.pick(COMPONENT_NAMES).upper().replace(' ', '-')}"
        found.append(Component(name, on_hand, _ramp(size.weeks, max(1.0, total - on_hand), draws), uses))
    return tuple(found)


def cumulated(rates: Rates, weeks: int) -> NDArray[np.float64]:
    """Turned out from the start to the first day of each week 0 … `weeks`, whole numbers (problem.md, "Slots")."""
    a_week = np.zeros(weeks)
    for week, rate in rates:
        a_week[week:] = rate
    return np.floor(np.concatenate(([0.0], np.cumsum(a_week))) + 1e-9)


def write_supply(tables: Tables, market: Market, made: Supply) -> None:
    """Tables of items, lines and components."""
    for item in market.items:
        tables.write(
            "items",
            item=item.name,
            name=item.label,
            category=item.category.name,
            unit="unit",
            unit_price_usd_m=item.price,
            tonnes=item.tonnes,
        )
    for line, rates in zip(market.lines, made.rates, strict=True):
        tables.write("lines", line=line.name, name=line.label)
        for week, rate in rates:
            tables.write("line_rates", line=line.name, from_date=day(week), slots_per_week=rate)
        for n in line.items:
            tables.write(
                "line_items", line=line.name, item=market.items[n].name, slots_per_unit=market.items[n].slots_per_unit
            )
        if line.also is not None:
            tables.write("line_items", line=line.name, item=market.items[line.also].name, slots_per_unit=1)
    for component in made.components:
        tables.write("components", component=component.name, on_hand=component.on_hand)
        for week, rate in component.rates:
            tables.write("component_rates", component=component.name, from_date=day(week), units_per_week=rate)
        for n, units in component.uses:
            tables.write("item_components", item=market.items[n].name, component=component.name, units_per_unit=units)


def write_stocks(tables: Tables, world: World) -> list[int]:
    """Stocks with floors, and receipts of the first weeks; the units above the floor by item."""
    draws, market, last = world.draws("stocks"), world.market, min(12, world.size.weeks - 1)
    spare = []
    for item in market.items:
        on_hand = int(item.units_per_week * min(8.0, draws.lognormal(Lognormal(0.5, 0.8), 2.0)))
        floor = round(on_hand * draws.between(0.5, 1.2)) if draws.chance(0.8) else 0
        tables.write("stocks", item=item.name, on_hand=on_hand, readiness_floor=floor)
        spare.append(max(0, on_hand - floor))
    draws = world.draws("receipts")
    for item in market.items:
        if draws.chance(0.35):
            for week in sorted({draws.whole(1, last) for _ in range(draws.whole(1, 2))}):
                quantity = max(1, round(item.units_per_week * draws.between(0.5, 2.0)))
                tables.write("receipts", item=item.name, date=day(week), quantity=quantity)
    return spare


def write_substitutes(tables: Tables, asked: Volumes) -> None:
    """About one item in six that is needed has a substitute of its category, at a like or lower price."""
    market, draws = asked.world.market, asked.world.draws("substitutes")
    wanted = math.ceil(len(market.items) / 6)
    for n in draws.shuffled(range(len(market.items))):
        item = market.items[n]
        kin = [k for k, one in enumerate(market.items) if k != n and one.category is item.category]
        kin = [k for k in kin if 0.25 <= market.items[k].price / item.price <= 1.5]
        if wanted and asked.needed[n] and kin:
            other = market.items[draws.pick(kin)]
            units = max(1, min(4, round(item.price / other.price)))
            tables.write("substitutes", item=item.name, substitute=other.name, units_per_unit=units)
            wanted -= 1
