"""How the checker writes numbers and times, and how it compares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.checker.timeline import Timeline


def number(value: float) -> str:
    """A number as a planner writes it: thousands separated, no trailing zeros."""
    if value == round(value):
        return f"{round(value):,}"
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def units(quantity: float) -> str:
    """`1 unit`, `2 units`."""
    return f"{number(quantity)} unit{'' if quantity == 1 else 's'}"


def money(value: float) -> str:
    """An amount in million USD."""
    return f"{number(round(value, 6))} million USD"


def on(timeline: Timeline, period: int) -> str:
    """The first day of a period, or "after the horizon"."""
    return "after the horizon" if period >= timeline.count else timeline.day(period).isoformat()


def excess(amount: float, limit: float, tolerance: float) -> float:
    """By how much `amount` is above `limit`; 0 within the tolerance (relative to the limit where that is above 1)."""
    over = amount - limit
    return over if over > tolerance * max(1.0, abs(limit)) else 0.0


def runs(amounts: Iterable[float]) -> Iterator[tuple[int, int, float]]:
    """First period, last period and largest amount of every unbroken run of positive amounts."""
    first, worst, period = -1, 0.0, -1
    for period, amount in enumerate(amounts):
        if amount > 0:
            first, worst = (period, amount) if first < 0 else (first, max(worst, amount))
        elif first >= 0:
            yield first, period - 1, worst
            first = -1
    if first >= 0:
        yield first, period, worst


def during(timeline: Timeline, first: int, last: int) -> str:
    """The time from the first day of one period to the first day of another."""
    if first == last:
        return f"in the period from {on(timeline, first)}"
    return f"from {on(timeline, first)} to the period from {on(timeline, last)}"
