"""Lines and items: what is made, at what price, about how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimizer.generating.classes import SizeClass
from optimizer.generating.draws import Draws, Lognormal, Weighted
from optimizer.generating.figures import figures


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of items. `needed` is how much of its lines' output Ukraine asks for, relative to other categories."""

    name: str
    prefix: str
    label: str
    share: float
    needed: float
    tonnes_per_usd_m: float


CATEGORIES = (
    Category("air_defence", "AD", "Air defence", 0.30, 1.5, 0.3),
    Category("rocket_artillery", "RA", "Rocket artillery", 0.15, 1.2, 1.5),
    Category("artillery", "AR", "Artillery", 0.14, 1.3, 8.0),
    Category("anti_armour", "AA", "Anti-armour", 0.10, 1.0, 0.2),
    Category("vehicles", "VE", "Vehicle", 0.12, 0.7, 4.0),
    Category("air_power", "AP", "Air power", 0.12, 0.3, 0.15),
    Category("naval", "NA", "Naval", 0.07, 0.0, 0.4),
)
_PRICES = (0.5, 430.0)
_SLOWEST = 0.2
"""Units a week: the price of an item is at most what keeps its line at this rate."""
_LARGEST_VALUE = 8.0
"""The busiest line turns out at most so many times the mean of all."""
_HEAVIEST = 120.0
_VARIANT_SLOTS = 8.0
"""A second item goes to lines with so many slots a week, so that a unit of two slots fits into every week."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item, the line it is made on, and about how many units a week are turned out for all who want it."""

    name: str
    label: str
    category: Category
    price: float
    tonnes: float
    line: int
    slots_per_unit: int
    units_per_week: float

    @property
    def value_per_week(self) -> float:
        """Million USD a week."""
        return self.price * self.units_per_week


@dataclass(frozen=True, slots=True)
class Line:
    """A line with about `slots_per_week`. `items` are those it is the home of, `also` an item of another line."""

    name: str
    label: str
    slots_per_week: float
    items: tuple[int, ...]
    also: int | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """All items and lines; positions in the tuples serve as their numbers."""

    items: tuple[Item, ...]
    lines: tuple[Line, ...]


def rounded(value: float, digits: int = 3) -> float:
    """The value with so many significant digits."""
    return float(f"{value:.{digits}g}")


def market(size: SizeClass, seed: int) -> Market:
    """Draw lines and items of a class."""
    draws = Draws(seed, "lines")
    kinds = _categories(size.lines, draws)
    values = _values(size, draws)
    prices = [_price(draws, value) for value in values]
    slots = [value / price for value, price in zip(values, prices, strict=True)]
    homes = _homes(size, slots, draws)
    items = _items(Draws(seed, "items"), kinds, prices, slots, homes)
    lines = [
        Line(
            f"L-{items[k].name}",
            f"Line of {items[k].label}",
            slots[k],
            tuple(number for number, item in enumerate(items) if item.line == k),
        )
        for k in range(size.lines)
    ]
    return Market(tuple(items), tuple(_with_second_lines(items, lines, draws)))


def _categories(count: int, draws: Draws) -> list[Category]:
    """Categories of the lines, as their shares ask, in random order."""
    weighted, offset = Weighted([category.share for category in CATEGORIES]), draws.unit()
    return draws.shuffled([CATEGORIES[weighted.spread(offset, k)] for k in range(count)])


def _values(size: SizeClass, draws: Draws) -> list[float]:
    """Million USD a week of every line: lognormal as the public figures are, in sum what the class asks."""
    law = Lognormal(0.0, figures().line_value.deviation)
    raw = [min(draws.lognormal(law, 2.5), _LARGEST_VALUE) for _ in range(size.lines)]
    scale = 1000 * size.output_usd_bn / size.weeks / sum(raw)
    return [scale * value for value in raw]


def _price(draws: Draws, value: float) -> float:
    drawn = draws.lognormal(figures().price, 2.0)
    return rounded(max(min(_PRICES[0], value / _SLOWEST), min(_PRICES[1], drawn, value / _SLOWEST)))


def _homes(size: SizeClass, slots: list[float], draws: Draws) -> list[int]:
    """The home line of every item beyond the first of each line: fast lines, each once before any again."""
    fast = [k for k in range(size.lines) if slots[k] >= _VARIANT_SLOTS]
    if not fast:
        fast = [max(range(size.lines), key=lambda k: slots[k])]
    homes: list[int] = []
    while len(homes) < size.items - size.lines:
        homes += draws.shuffled(fast)
    return homes[: size.items - size.lines]


def _items(
    draws: Draws, kinds: list[Category], prices: list[float], slots: list[float], homes: list[int]
) -> list[Item]:
    width, variants = max(2, len(str(len(kinds) + len(homes)))), [0] * len(kinds)
    for home in homes:
        variants[home] += 1
    counts = dict.fromkeys((category.prefix for category in CATEGORIES), 0)
    found: list[Item] = []
    for k, line in enumerate([*range(len(kinds)), *homes]):
        kind, first = kinds[line], k < len(kinds)
        counts[kind.prefix] += 1
        name = f"{kind.prefix}-{counts[kind.prefix]:0{width}d}"
        two = not first and slots[line] >= _VARIANT_SLOTS and draws.chance(0.5)
        price = prices[line] if first else rounded(prices[line] * draws.between(1.2, 2.4))
        share = (0.65 if variants[line] else 1.0) if first else 0.35 / variants[line]
        tonnes = min(_HEAVIEST, price * kind.tonnes_per_usd_m * draws.lognormal(Lognormal(0.0, 0.5), 2.0))
        label = f"{kind.label} item {counts[kind.prefix]} (invented)"
        slots_per_unit = 2 if two else 1
        units = share * slots[line] / slots_per_unit
        found.append(Item(name, label, kind, price, max(0.01, rounded(tonnes, 2)), line, slots_per_unit, units))
    return found


def _with_second_lines(items: list[Item], lines: list[Line], draws: Draws) -> list[Line]:
    """One line in ten can also make the item of another line of its category."""
    wanted = math.ceil(len(lines) / 10) if len(lines) > 3 else 0
    found = list(lines)
    for k in draws.shuffled(range(len(lines))):
        if wanted == 0:
            break
        own = items[k]
        near = [n for n in range(len(lines)) if n != k and items[n].category is own.category and found[n].also is None]
        near = [n for n in near if 0.3 <= items[n].price / own.price <= 3.0]
        if near and len(found[k].items) == 1:
            line = found[k]
            found[k] = Line(line.name, line.label, line.slots_per_week, line.items, draws.pick(near))
            wanted -= 1
    return found
