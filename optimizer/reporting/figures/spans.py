"""A long calendar in few columns: consecutive periods joined, so that a chart and a sheet stay readable."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from models.calendar import Calendar

MOST_SPANS = 130
"""Columns of the chart of lines and of the sheet `gantt`: two and a half years of weeks."""


@dataclass(frozen=True, slots=True)
class Span:
    """Periods `first` … `last` as one column, from `start` up to `end` (the day after)."""

    first: int
    last: int
    start: dt.date
    end: dt.date


def spans(calendar: Calendar, most: int = MOST_SPANS) -> tuple[Span, ...]:
    """Every period by itself where there are at most `most`, else equal numbers of them joined."""
    count = calendar.count
    step = max(1, -(-count // most))
    return tuple(
        Span(first, last - 1, calendar.day(first), calendar.day(last))
        for first in range(0, count, step)
        for last in (min(first + step, count),)
    )


def span_of(found: tuple[Span, ...]) -> list[int]:
    """For every period the index of its span."""
    return [at for at, span in enumerate(found) for _ in range(span.first, span.last + 1)]
