"""The charts of a results page, as SVG that stands in the page itself: no script, nothing fetched."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

from optimizer.bench.curves import LEAST_GAP, Grown, Rows
from optimizer.bench.extras import extra

_COLORS = (
    "#2f6db3", "#c8791b", "#5a8f3c", "#8a5aa8", "#b3476b", "#3c8f8a", "#7a6a4f", "#d0577f", "#6b7a8f", "#a3a01d",
    "#1c2430", "#e09a44",
)  # fmt: skip
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
_GAPS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def svg(chart: Any, prefix: str) -> str:
    """The chart as an SVG element; ids get a prefix, as many charts stand in one page."""
    extra("vl_convert")
    out = io.StringIO()
    chart.save(out, format="svg")
    text = out.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", text)


def profile_chart(rows: Rows, entries: Sequence[str]) -> Any:
    """Performance profile."""
    alt = extra("altair")
    end = max((row["factor"] for row in rows), default=2.0)
    return _lines(
        rows, entries,
        alt.X("factor:Q", title="factor of the fastest", scale=alt.Scale(type="log", base=2, domain=[1, max(2, end)])),
        alt.Y("share:Q", title="share of runs solved", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        "step-after",
    )  # fmt: skip


def gap_chart(rows: Rows, entries: Sequence[str], *, detail: str | None = None, height: int = 260) -> Any:
    """Proven gap over time."""
    alt = extra("altair")
    axis = alt.Axis(values=_GAPS, labelExpr="datum.value <= 1e-6 ? 'proven' : format(100 * datum.value, '~r') + ' %'")
    return _lines(
        rows, entries,
        alt.X("seconds:Q", title="seconds from start of the process", scale=alt.Scale(type="log", nice=False)),
        alt.Y("gap:Q", title="gap", scale=alt.Scale(type="log", domain=[LEAST_GAP, 1.0]), axis=axis),
        "step-after", detail=detail, height=height,
    )  # fmt: skip


def scatter_chart(rows: Rows, one: str, other: str) -> Any:
    """Times of two entries; below the diagonal the second is faster."""
    alt = extra("altair")
    values = [row[axis] for row in rows for axis in ("x", "y")]
    low, high = 0.8 * min(values), 1.25 * max(values)
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    points = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, size=60, opacity=0.75).encode(
        x=alt.X("x:Q", title=f"{one}, s", scale=scale),
        y=alt.Y("y:Q", title=f"{other}, s", scale=scale),
        color=alt.Color("solved by:N", scale=alt.Scale(domain=["both", "one", "none"], range=list(_COLORS[:3]))),
        shape=alt.Shape("solved by:N", scale=alt.Scale(domain=["both", "one", "none"])),
    )  # fmt: skip
    diagonal = _segments([[(low, low), (high, high)]], "x", "y", scale)
    return _finished(alt.layer(diagonal, points), 300, 300)


def growth_chart(grown: Sequence[Grown], entries: Sequence[str]) -> Any:
    """Times over sizes, both logarithmic, with the fitted lines; unsolved runs are hollow."""
    alt = extra("altair")
    rows = [row for one in grown for row in one.rows]
    sizes = [row["demands"] for row in rows]
    fits: Rows = [
        {"entry": one.entry, "demands": size, "seconds": one.fit.factor * size**one.fit.slope}
        for one in grown
        if one.fit is not None
        for size in (min(sizes), max(sizes))
    ]
    x = alt.X("demands:Q", title="orders and needs", scale=alt.Scale(type="log", nice=False, padding=12))
    y = alt.Y("seconds:Q", title="seconds in all", scale=alt.Scale(type="log", nice=False, padding=12))
    color = _color(entries)
    points = alt.Chart(alt.Data(values=rows)).mark_point(size=55, strokeWidth=1.6).encode(
        x=x, y=y, color=color,
        fillOpacity=alt.condition("datum.solved", alt.value(0.8), alt.value(0.0)),
        fill=alt.Fill("entry:N", scale=_scale(entries), title=""),
    )  # fmt: skip
    lines = alt.Chart(alt.Data(values=fits)).mark_line(strokeWidth=1.5, clip=True).encode(x=x, y=y, color=color)
    return _finished(alt.layer(lines, points), 620, 320)


def _lines(
    rows: Rows, entries: Sequence[str], x: Any, y: Any, shape: str, *, detail: str | None = None, height: int = 300
) -> Any:  # fmt: skip
    alt = extra("altair")
    dashes = alt.Scale(domain=list(entries), range=[_DASHES[number % 4] for number in range(len(entries))])
    encoding = {
        "x": x,
        "y": y,
        "color": _color(entries),
        "strokeDash": alt.StrokeDash("entry:N", scale=dashes, title=""),
    }
    if detail is not None:
        encoding["detail"] = alt.Detail(f"{detail}:N")
    chart = alt.Chart(alt.Data(values=rows)).mark_line(interpolate=shape, strokeWidth=2, clip=True).encode(**encoding)
    return _finished(chart, 620, height)


def _segments(segments: Sequence[Sequence[tuple[float, float]]], x: str, y: str, scale: Any) -> Any:
    alt = extra("altair")
    rows = [{x: a, y: b, "segment": number} for number, points in enumerate(segments) for a, b in points]
    return alt.Chart(alt.Data(values=rows)).mark_line(color="#a9b4c2", strokeDash=[4, 4], strokeWidth=1).encode(
        x=alt.X(f"{x}:Q", scale=scale), y=alt.Y(f"{y}:Q", scale=scale), detail="segment:N"
    )  # fmt: skip


def _scale(entries: Sequence[str]) -> Any:
    alt = extra("altair")
    times = math.ceil(len(entries) / len(_COLORS)) or 1
    return alt.Scale(domain=list(entries), range=list(_COLORS * times)[: len(entries)])


def _color(entries: Sequence[str]) -> Any:
    """One colour for an entry throughout the page."""
    return extra("altair").Color("entry:N", scale=_scale(entries), title="")


def _finished(chart: Any, width: int, height: int) -> Any:
    return (
        chart.properties(width=width, height=height, background="#ffffff")
        .configure(font="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif")
        .configure_axis(
            gridColor="#e6eaf0", labelColor="#1c2430", titleColor="#1c2430", labelFontSize=12, titleFontSize=12
        )
        .configure_legend(labelFontSize=12, labelLimit=360, symbolSize=200)
        .configure_view(stroke="#d5dbe3")
    )
