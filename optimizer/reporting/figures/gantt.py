"""The lines week by week: who gets what they turn out, against what they could, with the due dates beneath."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from optimizer.reporting.figures.figure import Figure, finished
from optimizer.reporting.figures.spans import span_of, spans
from optimizer.reporting.figures.takers import Output, Taker, outputs
from optimizer.reporting.names import count, long_date
from optimizer.reporting.numbers import clean, short
from optimizer.reporting.summary import Report

MOST_LINES = 60
"""Lines that are drawn: those with the most output by value; the others are in the table beside it."""
TAKERS: dict[Taker, tuple[str, str]] = {
    "need": ("taker-need", "Ukraine"),
    "order": ("taker-order", "allies"),
    "replacement": ("taker-replacement", "replacement of gifts"),
    "stock": ("taker-stock", "stays in stock"),
}
"""Class of colour and words of everybody who takes output."""
ROW, BAND = 26, 0.62
"""Pixels of a row, and the part of it that the bars fill; the rest is for due dates."""
_WIDTH, _LABELS = 1080, 200


def gantt(report: Report) -> Figure | None:
    """A row a line; None where nothing is made."""
    rows = outputs(report)
    if not rows:
        return None
    lines = _drawn(report, rows)
    columns = spans(report.facts.calendar)
    bars = _bars(report, rows, lines)
    dues = _dues(report, lines)
    # A hidden figure says nothing: what is left out is said.
    more = len(report.problem.lines) - len(lines)
    tail = f" {count(more, 'line')} with less output, or none, only in the table." if more else ""
    step = "" if len(columns) == report.facts.calendar.count else " Columns join several periods, as there are many."
    units: dict[Taker, int] = defaultdict(int)
    for row in rows:
        units[row.taker] += row.units
    who = ", ".join(f"{short(units[taker])} units for {TAKERS[taker][1]}" for taker in TAKERS if units[taker])
    missed = sum(not due["m"] for due in dues)
    begin, end = report.problem.start, report.facts.calendar.day(report.facts.calendar.count)
    return Figure(
        "gantt",
        "Who gets the output, week by week",
        "A row a line, a column a week or period; the height is the part of the line’s best week that is used. What "
        f"came in first is taken to go out first.{tail}{step}",
        f"Output of {count(len(lines), 'line')} from {long_date(begin)} to {long_date(end)}: {who}. "
        f"{count(len(dues), 'due date')} of demands, {missed} of them not met in time.",
        (("lines-table", "Production lines"), ("items-table", "Items")),
        (
            ("limit", "could be turned out"),
            *((css, words) for taker, (css, words) in TAKERS.items() if units[taker]),
            ("due-met", "short tick: due, and met in time"),
            ("due-missed", "long tick: due, and late or missing"),
        ),
        _spec(report, bars, dues, lines),
        1000,
    )


def _drawn(report: Report, rows: tuple[Output, ...]) -> dict[str, int]:
    """The lines that are drawn, in the order of the tables, and the row of each."""
    price = {item.item: item.unit_price_usd_m for item in report.problem.items}
    worth: dict[str, float] = defaultdict(float)
    for row in rows:
        worth[row.line] += row.units * price[row.item]
    best = set(sorted(worth, key=lambda line: (-worth[line], line))[:MOST_LINES])
    return {line: at for at, line in enumerate(one.line for one in report.problem.lines if one.line in best)}


def _bars(report: Report, rows: tuple[Output, ...], lines: dict[str, int]) -> list[dict[str, Any]]:
    """Rectangles: `a`, `b` weeks from the start; `y`, `z` edges; `k` who takes it; `r` row, `u` words on hover."""
    calendar, supply = report.facts.calendar, report.facts.supply
    columns, weeks = spans(calendar), calendar.weeks
    at_of = span_of(columns)
    per_unit = {(row.line, row.item): row.slots_per_unit for row in report.problem.line_items}
    item_name = {item.item: item.name for item in report.problem.items}
    who = {recipient.recipient: recipient.name for recipient in report.problem.recipients}
    long = [sum(weeks[span.first : span.last + 1]) for span in columns]
    slots: dict[tuple[str, int, Taker], int] = defaultdict(int)
    units: dict[tuple[str, int, Taker], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        key = (row.line, at_of[row.period], row.taker)
        slots[key] += row.units * per_unit[row.line, row.item]
        named = f"{item_name[row.item]} for {who.get(row.recipient, TAKERS[row.taker][1])}"
        units[key][f"{item_name[row.item]} in stock" if row.taker == "stock" else named] += row.units
    begin = [calendar.week(span.first) for span in columns] + [calendar.week(calendar.count)]
    grounds: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for line, row_at in lines.items():
        could = [sum(supply.slots[line][span.first : span.last + 1]) for span in columns]
        top = max((have / length for have, length in zip(could, long, strict=True)), default=0.0) or 1.0
        base = clean(row_at + BAND + 0.06, 3)
        for at in range(len(columns)):
            scale = BAND / top / long[at]
            edges = {"a": begin[at], "b": begin[at + 1], "r": row_at}
            if could[at]:
                back = {**edges, "y": base, "z": clean(base - could[at] * scale, 3), "k": "limit"}
                back["u"] = f"{short(could[at] / long[at])} slots a week"
                _joined(grounds, back)
            low = base
            for taker in TAKERS:
                if amount := slots[line, at, taker]:
                    high = clean(low - amount * scale, 3)
                    parts = sorted(units[line, at, taker].items(), key=lambda pair: (-pair[1], pair[0]))
                    words = "; ".join(f"{number:,} {what}" for what, number in parts[:4])
                    words += f"; and {len(parts) - 4} more" if len(parts) > 4 else ""
                    found.append({**edges, "y": low, "z": high, "k": taker, "u": words})
                    low = high
    return grounds + found


def _joined(grounds: list[dict[str, Any]], back: dict[str, Any]) -> None:
    """Add a ground, or lengthen the last one if it is as high and of the same line."""
    last = grounds[-1] if grounds else None
    if last and (last["b"], last["r"], last["z"]) == (back["a"], back["r"], back["z"]):
        last["b"] = back["b"]
    else:
        grounds.append(back)


def _dues(report: Report, lines: dict[str, int]) -> list[dict[str, Any]]:
    """Ticks: `a` weeks from the start, `y`, `z` edges, `m` met in time; none after the plan."""
    makers: dict[str, list[str]] = defaultdict(list)
    for row in report.problem.line_items:
        makers[row.item].append(row.line)
    end = report.facts.calendar.day(report.facts.calendar.count)
    found: dict[tuple[float, int, bool], list[str]] = defaultdict(list)
    for demand in report.facts.demands:
        for line in makers[demand.item]:
            if line in lines and demand.due <= end:
                week = clean(max(0.0, (demand.due - report.problem.start).days / 7), 3)
                found[week, lines[line], demand.state == "on_time"].append(demand.demand)
    return [
        {"a": week, "y": clean(row + BAND + 0.09, 3), "z": clean(row + BAND + (0.2 if met else 0.36), 3), "m": met,
         "u": _some(names)}
        for (week, row, met), names in sorted(found.items())
    ]  # fmt: skip


def _months(start: dt.date, weeks: int) -> list[float]:
    """Where months begin, in weeks from the start."""
    found, day, end = [], start.replace(day=1), start + dt.timedelta(weeks=weeks)
    while day < end:
        if day >= start:
            found.append(clean((day - start).days / 7, 3))
        day = (day + dt.timedelta(days=32)).replace(day=1)
    return found


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


def _spec(
    report: Report, bars: list[dict[str, Any]], dues: list[dict[str, Any]], lines: dict[str, int]
) -> dict[str, Any]:
    import altair as alt

    calendar = report.facts.calendar
    name = {line.line: line.name for line in report.problem.lines}
    # Weeks from the start, not dates: scales of time that several layers share make Vega-Lite complain.
    begin = dt.datetime.combine(report.problem.start, dt.time(), dt.UTC).timestamp() * 1000
    weeks = calendar.week(calendar.count)

    def day(week: str, pattern: str) -> str:
        return f"utcFormat({begin:.0f} + {week} * 604800000, '{pattern}')"

    axis = alt.Axis(
        orient="top", grid=True, values=_months(report.problem.start, weeks), labelOverlap=True,
        labelExpr=day("datum.value", "%b %Y"),
    )  # fmt: skip
    x = alt.X("a:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, weeks], nice=False))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, len(lines)], reverse=True, nice=False, zero=False), axis=None)
    colours = ["var(--idle)", *(f"var(--{css})" for css, _ in TAKERS.values())]
    rects = (
        alt.Chart(alt.NamedData("bars"))
        .transform_calculate(d=day("datum.a", "%Y-%m-%d"))
        .transform_lookup("r", alt.LookupData(alt.NamedData("heads"), "g", ["t"]))
        .mark_rect(stroke="var(--paper)", strokeWidth=0.4)
        .encode(
            x=x, x2="b:Q", y=y, y2="z:Q",
            color=alt.Color("k:N", scale=alt.Scale(domain=["limit", *TAKERS], range=colours), legend=None),
            tooltip=[alt.Tooltip("t:N", title="line"), alt.Tooltip("d:N", title="from"),
                     alt.Tooltip("u:N", title="output")],
        )
    )  # fmt: skip
    ticks = (
        alt.Chart(alt.NamedData("dues"))
        .transform_calculate(d=day("datum.a", "%Y-%m-%d"))
        .mark_rule(strokeWidth=1.6)
        .encode(
            x=x, y=y, y2="z:Q", color=alt.condition("datum.m", alt.value("var(--good)"), alt.value("var(--bad)")),
            tooltip=[alt.Tooltip("d:N", title="due"), alt.Tooltip("u:N", title="of")],
        )
    )  # fmt: skip
    labels = alt.Chart(alt.NamedData("heads")).mark_text(align="right", baseline="middle", limit=_LABELS).encode(
        x=alt.value(-8), y=alt.Y("h:Q", axis=None), text="t:N"
    )  # fmt: skip
    parting = alt.Chart(alt.NamedData("heads")).mark_rule(color="var(--line)", strokeWidth=0.5).encode(
        y=alt.Y("g:Q", axis=None)
    )  # fmt: skip
    heads = [{"g": at, "h": at + 0.45, "t": name[line]} for line, at in lines.items()]
    chart = alt.layer(parting, rects, ticks, labels)
    return finished(chart, _WIDTH, ROW * len(lines), bars=bars, dues=dues, heads=heads)
