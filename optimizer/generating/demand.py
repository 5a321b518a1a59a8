"""Orders and needs, drawn one at a time. A stream can be replayed, so none of them is held in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from optimizer.generating.draws import Draws, Lognormal, Weighted, every
from optimizer.generating.figures import figures
from optimizer.generating.market import Market
from optimizer.generating.world import World

START = dt.date(2026, 1, 5)
"""A Monday: the first day of every generated horizon."""
REVIEWED_SHARE = 0.16
"""Cases that still wait for approval."""
_COMPLETE_WEEKS = Lognormal(1.35, 0.65)
"""Weeks of its line's output in a `complete` order, cut off at one and ten."""
_ORDERS_IN_CASE = Weighted((0.75, 0.18, 0.06, 0.01))
_DEAREST_NEED = 250.0


def day(weeks: float) -> dt.date:
    """The Monday so many whole weeks after the start."""
    return START + dt.timedelta(weeks=round(weeks))


@dataclass(frozen=True, slots=True)
class Case:
    """A sales case. `submitted_week` and `review_weeks` for one that still waits for approval."""

    name: str
    recipient: int
    submitted_week: int | None
    review_weeks: float


@dataclass(frozen=True, slots=True)
class OrderDraw:
    """An order before its size is known in units: `size` is weeks of the line's output (`complete`), else relative."""

    name: str
    case: Case
    opens_case: bool
    item: int
    complete: bool
    size: float
    due_week: int
    placed_on: dt.date
    earliest_week: int | None
    firm: bool
    multiplier: float | None


@dataclass(frozen=True, slots=True)
class NeedDraw:
    """A need before its size is known in units: `size` is relative to the other needs of the item."""

    name: str
    item: int
    size: float
    week: int
    urgency: int
    expires_week: int | None
    part: float
    """A number of (0, 1): the part of it that a package takes."""


def orders(world: World) -> Iterator[OrderDraw]:
    """All orders, case by case; every call replays the same."""
    size, draws, items = world.size, world.draws("orders"), Weighted(_item_weights(world.market))
    offset, width, k = draws.unit(), len(str(size.orders)), 0
    for case in _cases(world):
        for at in range(1 + _ORDERS_IN_CASE.at(draws.unit())):
            if k == size.orders:
                return
            complete = every(k, size.complete / size.orders)
            name = f"O{k + 1:0{width}d}"
            item = items.spread(offset, k)
            yield _order(draws, size.weeks, name=name, case=case, opens=at == 0, item=item, complete=complete)
            k += 1


def _item_weights(market: Market) -> list[float]:
    """Dear lines have more orders, and no item stays without: by the square root of what is turned out."""
    roots = [item.value_per_week**0.5 for item in market.items]
    least = 0.4 * sum(roots) / len(roots)
    return [max(root, least) for root in roots]


def _cases(world: World) -> Iterator[Case]:
    draws, size, customers = world.draws("cases"), world.size, world.customers
    who = Weighted([one.gdp**0.4 * (one.defence_pct_gdp or 2.0) ** 0.5 for one in customers])
    width = len(str(size.orders))
    offset, latest = draws.unit(), max(2, round(0.3 * size.weeks))
    for k in count():
        recipient = who.spread(offset, k)
        submitted, effort = draws.whole(-16, latest), draws.between(2.0, 10.0)
        waits = every(k, REVIEWED_SHARE)
        name = f"{customers[recipient].code}-{k:0{width}d}"
        yield Case(name, recipient, submitted if waits else None, round(effort * 2) / 2)


def _order(draws: Draws, weeks: int, *, name: str, case: Case, opens: bool, item: int, complete: bool) -> OrderDraw:
    if complete:
        size = max(1.0, min(10.0, draws.lognormal(_COMPLETE_WEEKS)))
    else:
        size = draws.lognormal(Lognormal(0.0, figures().quantity.deviation), 1.5)
    lead = round(draws.lognormal(Lognormal(4.4, 0.5), 2.0))
    due = draws.whole(-6, weeks + 6)
    placed = min(7 * (due - lead), -draws.whole(7, 600))
    waits, gap = draws.chance(0.15), draws.whole(8, 26)
    firm, multiplier = draws.chance(0.12), draws.unit()
    if case.submitted_week is not None:
        due, firm = max(due, case.submitted_week + 12), False
        placed = min(7 * case.submitted_week - draws.whole(0, 60), -1)
    earliest = due - gap if waits and 0 < due - gap < weeks - 1 else None
    return OrderDraw(
        name=name,
        case=case,
        opens_case=opens,
        item=item,
        complete=complete,
        size=size,
        due_week=due,
        placed_on=START + dt.timedelta(days=placed),
        earliest_week=earliest,
        firm=firm,
        multiplier=1.5 if multiplier < 0.05 else 0.75 if multiplier > 0.97 else None,
    )


def needs(world: World) -> Iterator[NeedDraw]:
    """All needs; every call replays the same. Later needs are less urgent, on the whole."""
    size, draws = world.size, world.draws("needs")
    items, offset, width = Weighted(need_weights(world.market)), draws.unit(), max(2, len(str(size.needs)))
    for k in range(size.needs):
        share = draws.unit()
        week = round(-2 + share * (0.95 * size.weeks + 2))
        urgency = max(1, min(5, 1 + int(3.4 * share + 1.6 * draws.unit())))
        expires = week + draws.whole(20, 45) if draws.chance(0.15) else None
        yield NeedDraw(
            name=f"N{k + 1:0{width}d}",
            item=items.spread(offset, k),
            size=draws.lognormal(Lognormal(0.0, 0.7), 2.0),
            week=week,
            urgency=urgency,
            expires_week=None if expires is None else max(6, expires),
            part=draws.unit(),
        )


def need_weights(market: Market) -> list[float]:
    """What Ukraine asks for, relative to what is turned out; an item that is too dear for a package is not asked for.

    At least one item is asked for: the cheapest, if all were left out.
    """
    found = [
        item.category.needed * item.value_per_week**0.6 if item.price <= _DEAREST_NEED else 0.0 for item in market.items
    ]
    if not any(found):
        cheapest = min(range(len(found)), key=lambda k: market.items[k].price)
        found[cheapest] = 1.0
    return found
