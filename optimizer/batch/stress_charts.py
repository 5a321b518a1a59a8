"""The charts of a stress test: the delay over all draws, what the plan leans on, who waits, which promises break."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.batch.stress import Stress
from optimizer.batch.stress_words import ELEMENTS, PROMISE_TITLES
from optimizer.reporting.figures.figure import Figure, finished
from optimizer.reporting.names import count, whole_percent
from optimizer.reporting.numbers import clean, short

MOST = 25
"""Bars that are drawn; all are in the tables."""
_WIDTH, _ROW = 640, 18


def figures(stress: Stress) -> dict[str, Figure]:
    """Every chart that has something to show, by the table in front of which it stands."""
    found = {
        "totals": _delays(stress),
        "leans": _leans(stress),
        "promises": _promises(stress),
        "demands": _demands(stress),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


def _delays(stress: Stress) -> Figure:
    import altair as alt

    values, spread = np.sort(stress.delays), stress.delay
    steps = [
        {"x": clean(float(value), 3), "y": clean((k + 1) / len(values), 6)} for k, value in enumerate(values.tolist())
    ]
    marks = [
        {"x": clean(value, 3), "t": title}
        for title, value in (("planned", stress.planned_delay), ("mean", spread.mean), ("CVaR90", spread.cvar90))
    ]
    x = alt.X("x:Q", title="delay of needs and orders", scale=alt.Scale(zero=False), axis=alt.Axis(format="~s"))
    line = alt.Chart(alt.NamedData("steps")).mark_line(interpolate="step-after", color="var(--c0)").encode(
        x=x, y=alt.Y("y:Q", title="share of draws with no more", axis=alt.Axis(format="%")),
        tooltip=[alt.Tooltip("x:Q", title="delay", format=",.0f"), alt.Tooltip("y:Q", title="share", format=".1%")],
    )  # fmt: skip
    rules = alt.Chart(alt.NamedData("marks")).mark_rule(strokeDash=[5, 3], strokeWidth=2).encode(
        x=x,
        color=alt.Color(
            "t:N", legend=None,
            scale=alt.Scale(domain=["planned", "mean", "CVaR90"], range=["var(--c2)", "var(--c1)", "var(--c4)"]),
        ),
        tooltip=[alt.Tooltip("t:N", title="what"), alt.Tooltip("x:Q", title="delay", format=",.0f")],
    )  # fmt: skip
    return Figure(
        "delays-chart",
        "Delay over all draws",
        "How many of the draws come to no more than a delay; dashed: the plan, the mean, the mean of the worst tenth.",
        f"Share of {count(stress.draws, 'draw')} by delay, from {short(spread.least)} to {short(spread.most)}; planned "
        f"{short(stress.planned_delay)}, mean {short(spread.mean)}, CVaR90 {short(spread.cvar90)}.",
        (("totals", "Delay over all draws"),),
        (("score-0", "share of draws"), ("score-2", "planned"), ("score-1", "mean"), ("score-4", "CVaR90")),
        finished(alt.layer(line, rules), _WIDTH, 260, steps=steps, marks=marks),
        _WIDTH,
    )


def _leans(stress: Stress) -> Figure | None:
    import altair as alt

    drawn = [lean for lean in stress.leans if abs(lean.share) > 1e-9][:MOST]
    if not drawn:
        return None
    names = [f"{ELEMENTS[lean.element.kind]} {lean.element.name}".strip() for lean in drawn]
    rows = [
        {
            "r": at, "n": name, "a": clean(lean.share, 3),
            "low": clean(lean.share - lean.error, 3), "high": clean(lean.share + lean.error, 3),
        }
        for at, (name, lean) in enumerate(zip(names, drawn, strict=True))
    ]  # fmt: skip
    y = _rows(len(rows))
    x = alt.X("a:Q", title="delay owed to it, in the mean", axis=alt.Axis(format="~s"))
    bars = alt.Chart(alt.NamedData("rows")).mark_bar(color="var(--c1)").encode(
        x=x, y=y, tooltip=[alt.Tooltip("n:N", title="what"), alt.Tooltip("a:Q", title="delay", format=",.0f")]
    )  # fmt: skip
    errors = alt.Chart(alt.NamedData("rows")).mark_rule(color="var(--ink)").encode(x="low:Q", x2="high:Q", y=y)
    first = drawn[0]
    return Figure(
        "leans-chart",
        "What the plan leans on",
        "The part of the expected rise of the delay that each is owed, with its 95 % interval.",
        f"{count(len(drawn), 'element')}, from {names[0]} with {short(first.share)} down to {names[-1]} with "
        f"{short(drawn[-1].share)}.",
        (("leans", "What the plan leans on"),),
        (("score-1", "delay owed to it"),),
        finished(alt.layer(bars, errors, _labels()), _WIDTH, _ROW * len(rows), rows=rows),
        _WIDTH + 200,
    )


def _promises(stress: Stress) -> Figure | None:
    import altair as alt

    found = sorted(stress.promise_risks, key=lambda row: (-row.broken, row.promise.kind, row.promise.name))
    drawn = [row for row in found if row.broken][:MOST]
    if not drawn:
        return None
    rows = [
        {
            "r": at, "n": f"{PROMISE_TITLES[row.promise.kind]} {row.promise.name}", "a": clean(row.probability, 6),
            "low": clean(row.low, 6), "high": clean(row.high, 6),
        }
        for at, row in enumerate(drawn)
    ]  # fmt: skip
    y = _rows(len(rows))
    scale = alt.Scale(domain=[0, 1])
    points = alt.Chart(alt.NamedData("rows")).mark_point(filled=True, size=55, color="var(--missing)").encode(
        x=alt.X("a:Q", title="broken, share of draws", scale=scale, axis=alt.Axis(format="%")), y=y,
        tooltip=[alt.Tooltip("n:N", title="promise"), alt.Tooltip("a:Q", title="broken", format=".0%")],
    )  # fmt: skip
    spans = alt.Chart(alt.NamedData("rows")).mark_rule(color="var(--missing)").encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y
    )  # fmt: skip
    return Figure(
        "promises-chart",
        "Promises at risk",
        "The share of draws in which each is broken, with its 95 % interval (Wilson).",
        f"{count(len(drawn), 'promise')} that are broken in some draw, the first, {rows[0]['n']}, in "
        f"{whole_percent(drawn[0].probability)} of them.",
        (("promises", "Promises at risk"),),
        (("missing", "broken"),),
        finished(alt.layer(spans, points, _labels()), _WIDTH, _ROW * len(rows), rows=rows),
        _WIDTH + 200,
    )


def _demands(stress: Stress) -> Figure | None:
    import altair as alt

    found = sorted(stress.demand_risks, key=lambda row: row.planned_delay - row.delay.mean)
    drawn = [row for row in found if row.delay.mean > row.planned_delay + 1e-9][:MOST]
    if not drawn:
        return None
    rows = [
        {
            "r": at, "n": row.demand, "p": clean(row.planned_weeks_late, 3), "m": clean(row.weeks_late.mean, 3),
            "q": clean(row.weeks_late.cvar90, 3),
        }
        for at, row in enumerate(drawn)
    ]  # fmt: skip
    y = _rows(len(rows))
    span = alt.Chart(alt.NamedData("rows")).mark_rule(color="var(--c4)", strokeWidth=3).encode(
        x=alt.X("p:Q", title="weeks late, the mean over its units"), x2="q:Q", y=y,
        tooltip=[
            alt.Tooltip("n:N", title="demand"), alt.Tooltip("p:Q", title="planned", format=".1f"),
            alt.Tooltip("m:Q", title="mean", format=".1f"), alt.Tooltip("q:Q", title="CVaR90", format=".1f"),
        ],
    )  # fmt: skip
    points = [
        alt.Chart(alt.NamedData("rows")).mark_point(filled=True, size=50, color=colour).encode(x=f"{key}:Q", y=y)
        for key, colour in (("p", "var(--c2)"), ("m", "var(--c1)"))
    ]
    return Figure(
        "demands-chart",
        "Who waits",
        "Weeks late as planned, in the mean, and in the worst tenth of the draws; those whose delay rises most.",
        f"{count(len(drawn), 'demand')}, the first {drawn[0].demand}: planned {drawn[0].planned_weeks_late:.1f} weeks "
        f"late, mean {drawn[0].weeks_late.mean:.1f}, CVaR90 {drawn[0].weeks_late.cvar90:.1f}.",
        (("demands", "Who waits, and how long"),),
        (("score-2", "planned"), ("score-1", "mean"), ("score-4", "up to the worst tenth")),
        finished(alt.layer(span, *points, _labels()), _WIDTH, _ROW * len(rows), rows=rows),
        _WIDTH + 200,
    )


def _rows(many: int) -> Any:
    import altair as alt

    scale = alt.Scale(domain=list(range(many)), paddingInner=0.3, paddingOuter=0.1)
    return alt.Y("r:O", scale=scale, axis=None)


def _labels() -> Any:
    """Names left of the rows; as text of a mark, so that nothing in them is read as anything else."""
    import altair as alt

    return alt.Chart(alt.NamedData("rows")).mark_text(align="right", baseline="middle", limit=190).encode(
        x=alt.value(-8), y=alt.Y("r:O", axis=None), text="n:N"
    )  # fmt: skip
