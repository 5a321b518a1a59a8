"""Small charts over the periods as inline SVG: no library, no script, readable by a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from optimizer.reporting.numbers import short
from optimizer.reporting.tables import Series

WIDTH, HEIGHT = 240, 36


def svg(series: Series) -> str:
    """The chart: an area for the values, behind it one for the limits, and a line for the floor."""
    tops = [*series.values, *(series.limits or ()), series.floor or 0.0]
    top = max(tops, default=0.0) or 1.0
    parts = []
    if series.limits is not None:
        parts.append(f'<path class="limit" d="{_area(series.limits, series.weeks, top)}"/>')
    parts.append(f'<path class="value" d="{_area(series.values, series.weeks, top)}"/>')
    if series.floor:
        y = _y(series.floor, top)
        parts.append(f'<path class="floor" d="M0 {y}H{WIDTH}"/>')
    low, high = min(series.values, default=0.0), max(series.values, default=0.0)
    label = escape(f"{series.label}: from {short(low)} to {short(high)}", quote=True)
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{label}" preserveAspectRatio="none">{"".join(parts)}</svg>'
    )


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
