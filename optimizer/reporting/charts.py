"""Small charts as inline SVG: no library, no script, in the colours of the page, readable by a screen reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from html import escape

from optimizer.reporting.numbers import short
from optimizer.reporting.tables import Parts, Series

WIDTH, HEIGHT, STRIP, AXIS = 360, 34, 9, 16
"""Pixels: of a chart, of the strip of due dates beneath it, and of the axis above a column of charts."""
BAR = 180
"""Pixels: of the longest stacked bar."""


def series_svg(series: Series) -> str:
    """An area for the values, behind it one for the limits, a line for the floor, ticks for due dates."""
    tops = [*series.values, *(series.limits or ()), series.floor or 0.0]
    top, total = max(tops, default=0.0) or 1.0, sum(series.weeks) or 1
    height = HEIGHT + (STRIP if series.marks else 0)
    parts = []
    if series.limits is not None:
        parts.append(f'<path class="limit" d="{_area(series.limits, series.weeks, top)}"/>')
    parts.append(f'<path class="value" d="{_area(series.values, series.weeks, top)}"/>')
    parts.append(f'<path class="grid" d="{_grid(series, total)}"/>')
    if series.floor:
        parts.append(f'<path class="floor" d="M0 {_y(series.floor, top)}H{WIDTH}"/>')
    for kind, met, length in (("due-met", True, 4), ("due-missed", False, STRIP - 1)):
        ticks = [week for week, on_time in series.marks if on_time is met]
        if ticks:
            path = "".join(
                f"M{_number(min(WIDTH - 1.0, WIDTH * week / total))} {HEIGHT + 1}v{length}" for week in ticks
            )
            parts.append(f'<path class="{kind}" d="{path}"/>')
    label = escape(_in_words(series), quote=True)
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def axis_svg(series: Series) -> str:
    """The years (and the quarters, as ticks) above a column of charts; for the eye only."""
    total = sum(series.weeks) or 1
    parts = [f'<path class="grid" d="{_quarters(series, total, AXIS)}"/>', _year(0.0, series.start.year)]
    at = WIDTH * (dt.date(series.start.year, 12, 31) - series.start).days / 7 / total
    if at < WIDTH / 12:
        parts.pop()
    year = series.start.year + 1
    while (x := WIDTH * (dt.date(year, 1, 1) - series.start).days / 7 / total) < WIDTH * 0.92:
        parts.append(_year(x, year))
        year += 1
    return (
        f'<svg class="axis" viewBox="0 0 {WIDTH} {AXIS}" width="{WIDTH}" height="{AXIS}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def parts_svg(parts: Parts) -> str:
    """Amounts side by side in one bar; what they are is in the label and in the columns beside it."""
    scale, at, found = parts.scale or 1.0, 0.0, []
    for kind, amount in parts.amounts:
        width = BAR * amount / scale
        if width >= 0.05:
            found.append(f'<rect class="{kind}" x="{_number(at)}" width="{_number(width)}" height="14"/>')
        at += width
    label = escape(parts.label, quote=True)
    return (
        f'<svg class="stack" viewBox="0 0 {BAR} 14" width="{BAR}" height="14" role="img" aria-label="{label}" '
        f'preserveAspectRatio="none">{"".join(found)}</svg>'
    )


def _in_words(series: Series) -> str:
    low, high = min(series.values, default=0.0), max(series.values, default=0.0)
    text = f"{series.label}: from {short(low)} to {short(high)}"
    if series.marks:
        missed = sum(not on_time for _, on_time in series.marks)
        text += f"; {len(series.marks)} due dates, {missed} of them not met in time"
    return text


def _year(x: float, year: int) -> str:
    return f'<text x="{_number(x + 3)}" y="{AXIS - 4}">{year}</text>'


def _grid(series: Series, total: int) -> str:
    """Lines at the turns of the years."""
    return "".join(f"M{_number(x)} 0V{HEIGHT}" for x, month in _turns(series, total) if month == 1)


def _quarters(series: Series, total: int, height: int) -> str:
    """Ticks at the turns of the quarters, higher at those of the years."""
    return "".join(f"M{_number(x)} {0 if month == 1 else height - 4}V{height}" for x, month in _turns(series, total))


def _turns(series: Series, total: int) -> Iterator[tuple[float, int]]:
    """Where quarters begin inside the horizon, and their month."""
    day, end = series.start, series.start + dt.timedelta(weeks=total)
    while True:
        month = 3 * ((day.month - 1) // 3) + 4
        day = dt.date(day.year + (month > 12), (month - 1) % 12 + 1, 1)
        if day >= end:
            return
        yield WIDTH * (day - series.start).days / 7 / total, day.month


def _y(value: float, top: float) -> str:
    return _number(HEIGHT - 1 - max(0.0, value) / top * (HEIGHT - 2))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _area(values: Sequence[float], weeks: Sequence[int], top: float) -> str:
    """A stepped area; steps of one height are joined, so that a long calendar stays a short path."""
    total, at, path, last = sum(weeks) or 1, 0, [f"M0 {HEIGHT}"], None
    for value, length in zip(values, weeks, strict=True):
        y = _y(value, top)
        if y != last:
            path.append(f"H{_number(WIDTH * at / total)}V{y}")
            last = y
        at += length
    return "".join(path) + f"H{WIDTH}V{HEIGHT}Z"
