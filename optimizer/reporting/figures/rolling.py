"""The charts of a roll: what each plan moved of the one before, what the plans are worth, money that lies idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from optimizer.reporting.figures.figure import Figure, finished
from optimizer.reporting.names import count
from optimizer.reporting.numbers import clean, short
from optimizer.rolling.report import RollReport

MOVED = (("earlier", "moved earlier"), ("later", "moved later"), ("cut", "not sent any more"), ("new", "sent besides"))
"""Parts of the bars, with the words of the legend; the classes of colour are those of the page."""
_COLOURS = ("var(--c0)", "var(--c1)", "var(--c4)", "var(--c2)")
_CLASSES = ("cat-0", "cat-1", "cat-4", "cat-2")
_HEIGHT, _LEAST, _A_WEEK = 240, 520, 16
_TABLE = (("weeks-table", "Weeks"),)


def rolling_figures(report: RollReport) -> Iterator[Figure]:
    """The charts; none of a roll with one plan, for there is nothing to compare."""
    if len(report.rows) < 2:
        return
    yield _moved(report)
    yield _worth(report)
    if any(row.unspent_usd_m for row in report.rows):
        yield _money(report)


def _width(report: RollReport) -> int:
    return max(_LEAST, _A_WEEK * len(report.rows))


def _moved(report: RollReport) -> Figure:
    import altair as alt

    rows = [
        {"w": row.week, "d": row.date.isoformat(), "k": word, "u": units, "o": place}
        for row in report.rows
        for place, ((name, word), units) in enumerate(
            zip(MOVED, (row.units_earlier, row.units_later, row.units_cut, row.units_new), strict=True)
        )
        if units and name
    ]
    frozen = [{"w": row.week, "u": row.frozen_changed} for row in report.rows if row.frozen_changed]
    words = [word for _, word in MOVED]
    x = alt.X("w:O", title="week", scale=alt.Scale(domain=[row.week for row in report.rows]), axis=_weeks_axis(report))
    bars = alt.Chart(alt.NamedData("moved")).mark_bar().encode(
        x=x,
        y=alt.Y("u:Q", title="units", stack="zero"),
        color=alt.Color("k:N", scale=alt.Scale(domain=words, range=list(_COLOURS)), legend=None),
        order="o:Q",
        tooltip=[alt.Tooltip("d:N", title="day"), alt.Tooltip("k:N", title="what"), alt.Tooltip("u:Q", title="units")],
    )  # fmt: skip
    ticks = alt.Chart(alt.NamedData("frozen")).mark_point(shape="diamond", filled=True, size=50).encode(
        x=x, y="u:Q", color=alt.value("var(--bad)"), tooltip=[alt.Tooltip("u:Q", title="units in frozen weeks")]
    )  # fmt: skip
    total = sum(row.units_moved for row in report.rows)
    return Figure(
        "moved-chart",
        "What each plan moved of the one before",
        "Units of every day of planning that do not leave as the plan before meant them to, and units sent besides.",
        f"{short(total)} units were moved or cut in {count(len(report.rows) - 1, 'plan')} after the first.",
        _TABLE,
        (*zip(_CLASSES, words, strict=True), ("missing-part", "of these inside the frozen weeks (diamond)")),
        finished(alt.layer(bars, ticks), _width(report), _HEIGHT, moved=rows, frozen=frozen),
        _width(report) + 80,
    )


def _worth(report: RollReport) -> Figure:
    import altair as alt

    parts = (("needs_delay", "needs"), ("orders_delay", "orders"), ("readiness_shortfall", "readiness"))
    rows = [
        {"w": row.week, "d": row.date.isoformat(), "k": word, "v": clean(getattr(row, name), 3)}
        for row in report.rows
        for name, word in parts
    ]
    events = [{"w": row.week, "n": row.news} for row in report.rows if row.news]
    scale = alt.Scale(domain=[word for _, word in parts], range=["var(--c0)", "var(--c1)", "var(--c2)"])
    x = alt.X("w:O", title="week", scale=alt.Scale(domain=[row.week for row in report.rows]), axis=_weeks_axis(report))
    areas = alt.Chart(alt.NamedData("worth")).mark_bar().encode(
        x=x,
        y=alt.Y("v:Q", title="delay still ahead", stack="zero"),
        color=alt.Color("k:N", scale=scale, legend=None),
        tooltip=[alt.Tooltip("d:N", title="day"), alt.Tooltip("k:N", title="of"), alt.Tooltip("v:Q", title="delay")],
    )  # fmt: skip
    marks = alt.Chart(alt.NamedData("events")).mark_text(text="▼", baseline="bottom", fontSize=9).encode(
        x=x, y=alt.value(0), color=alt.value("var(--bad)"), tooltip=[alt.Tooltip("n:Q", title="events learned of")]
    )  # fmt: skip
    spec: dict[str, Any] = finished(alt.layer(areas, marks), _width(report), _HEIGHT, worth=rows, events=events)
    first, last = report.rows[0], report.rows[-1]
    return Figure(
        "worth-chart",
        "Delay that each plan still has ahead",
        "Weight × million USD × weeks late of what is left to do, plan by plan; a mark where something became known.",
        f"From {short(_delay(first))} on {first.date} to {short(_delay(last))} on {last.date}.",
        _TABLE,
        (("cat-0", "needs"), ("cat-1", "orders"), ("cat-2", "readiness"), ("missing-part", "events (mark above)")),
        spec,
        _width(report) + 80,
    )


def _delay(row: Any) -> float:
    return float(row.needs_delay + row.orders_delay + row.readiness_shortfall)


def _money(report: RollReport) -> Figure:
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"w": row.week, "d": row.date.isoformat(), "v": clean(max(0.0, row.unspent_usd_m), 3)} for row in report.rows
    ]
    x = alt.X("w:O", title="week", scale=alt.Scale(domain=[row.week for row in report.rows]), axis=_weeks_axis(report))
    bars = alt.Chart(alt.NamedData("money")).mark_bar(color="var(--c0)").encode(
        x=x,
        y=alt.Y("v:Q", title="million USD"),
        tooltip=[alt.Tooltip("d:N", title="day"), alt.Tooltip("v:Q", title="million USD")],
    )  # fmt: skip
    return Figure(
        "money-chart",
        "Money that lies idle",
        "Pledges that could pay on that day and have not, after the payments of the day.",
        f"{short(rows[0]['v'])} million USD on the first day, {short(rows[-1]['v'])} on the last.",
        _TABLE,
        (("cat-0", "million USD available and not paid"),),
        finished(bars, _width(report), 160, money=rows),
        _width(report) + 80,
    )


def _weeks_axis(report: RollReport) -> Any:
    import altair as alt

    step = max(1, len(report.rows) // 26)
    return alt.Axis(values=[row.week for row in report.rows][::step], labelAngle=0)
