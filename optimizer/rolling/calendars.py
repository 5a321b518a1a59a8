"""Which periods are left, and how the calendar is kept as deep as it was.

Boundaries never move, so that what was committed stays in its period: elapsed periods fall away. The calendar has kinds
of periods, as `[[52, 1], [13, 4]]` has two. When as many weeks are missing as a period of the last kind has, one is
added at the end; when a kind lacks as many weeks as a period of the next kind has, and a whole number of its own fit
into that, the first period of the next kind is split into its own. So that calendar goes on as `[[51, 1], [13, 4]]`,
`[[50, 1], [13, 4]]`, `[[49, 1], [13, 4]]`, and then again as `[[52, 1], [13, 4]]`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from models.calendar import Calendar
from models.problem import Periods


def elapsed_periods(calendar: Calendar, to: dt.date) -> int | None:
    """How many periods end by the day, if it is the first day of one or the end of the horizon; else None."""
    for t in range(calendar.count + 1):
        if calendar.day(t) == to:
            return t
    return None


def lengths(periods: Periods) -> list[int]:
    """Weeks of every period."""
    return [weeks for count, weeks in periods for _ in range(count)]


def as_periods(weeks: Sequence[int]) -> Periods:
    """Periods of equal length next to each other, counted."""
    found: list[tuple[int, int]] = []
    for length in weeks:
        if found and found[-1][1] == length:
            found[-1] = (found[-1][0] + 1, length)
        else:
            found.append((1, length))
    return tuple(found)


def deepened(left: Sequence[int], depth: Periods) -> tuple[Periods, bool]:
    """The periods left (their weeks), deepened again to `depth`; and whether they fitted it.

    Where they are not what is left of such a calendar nothing is added or split.
    """
    kinds = as_periods(lengths(depth))
    counts = _counts(left, [weeks for _, weeks in kinds])
    if counts is None:
        return as_periods(left), False
    full = [count for count, _ in kinds]
    weeks = [length for _, length in kinds]
    total = sum(count * length for count, length in kinds)
    last = len(kinds) - 1
    changed = True
    while changed:
        changed = False
        if total - sum(map(_product, counts, weeks)) >= weeks[last]:
            counts[last] += 1
            changed = True
        for k in range(last):
            ratio, rest = divmod(weeks[k + 1], weeks[k])
            fits = rest == 0 and ratio > 1 and full[k] - counts[k] >= ratio
            if fits and counts[k + 1] > 0:
                counts[k + 1] -= 1
                counts[k] += ratio
                changed = True
    flat = [length for count, length in zip(counts, weeks, strict=True) for _ in range(count)]
    return as_periods(flat), True


def _product(count: int, weeks: int) -> int:
    return count * weeks


def _counts(left: Sequence[int], kinds: Sequence[int]) -> list[int] | None:
    """How many periods of each kind are left, the last ones first; None if they are not of these kinds in order."""
    counts, k = [0] * len(kinds), len(kinds) - 1
    for length in reversed(left):
        while k >= 0 and kinds[k] != length:
            k -= 1
        if k < 0:
            return None
        counts[k] += 1
    return counts
