"""The charts of a sweep: the objective of every run, what a parameter does to it and to recipients, gaps."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.problem import TERMS
from optimizer.batch.sweep import Swept
from optimizer.batch.sweep_table import Comparison, compared
from optimizer.batch.sweep_vary import DRAW
from optimizer.reporting.figures.figure import Figure, Rows, finished
from optimizer.reporting.names import TERM_TITLES
from optimizer.reporting.numbers import clean

_WIDTH = 760
MOST_BARS = 80
MOST_LINES = 9
"""Recipients that are drawn for a parameter: those whose delay differs most from run to run."""
_TABLE = (("runs-table", "Runs"),)
_NUMBERS = ("Int64", "Float64")


def figures(swept: Swept) -> list[Figure]:
    """Every chart there is something to draw for."""
    comparison = compared(swept)
    rows = [row for row in comparison.rows if row["objective"] is not None]
    if not rows:
        return []
    found = [_bars(rows)]
    for name, kind in swept.parameters.items():
        if name != DRAW and kind in _NUMBERS and len({row.get(name) for row in rows} - {None}) > 1:
            others = [other for other in swept.parameters if other not in (name, DRAW)]
            found += list(_by_parameter(rows, name, others, drawn=DRAW in swept.parameters))
    found += list(_heat(rows))
    found.append(_effort(comparison))
    return found


def _label(row: Mapping[str, Any], several: bool) -> str:
    label = f"{row['label']}" + (f", seed {row['seed']}" if row["seed"] else "")
    return f"{row['instance']}: {label}" if several else label


def _bars(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """The objective by term, a bar a run."""
    import altair as alt

    several = len({row["instance"] for row in rows}) > 1
    drawn = rows[:MOST_BARS]
    parts: Rows = []
    for at, row in enumerate(drawn):
        low = 0.0
        for term in TERMS:
            high = low + (row[term] or 0.0)
            if high > low:
                label = _label(row, several)
                parts.append({"r": at, "n": label, "k": term, "w": TERM_TITLES[term], "a": clean(low, 3),
                              "b": clean(high, 3), "d": clean(high - low, 3)})  # fmt: skip
            low = high
    names: Rows = [{"r": at, "n": _label(row, several)} for at, row in enumerate(drawn)]
    y = alt.Y("r:O", axis=None, scale=alt.Scale(domain=list(range(len(drawn))), paddingInner=0.2))
    color = alt.Color(
        "k:N", legend=None, scale=alt.Scale(domain=list(TERMS), range=[f"var(--c{at})" for at in range(4)])
    )
    bars = alt.Chart(alt.NamedData("parts")).mark_bar().encode(
        x=alt.X("a:Q", title="weight × million USD × weeks"), x2="b:Q", y=y, color=color,
        tooltip=[alt.Tooltip("n:N", title="run"), alt.Tooltip("w:N", title="term"), alt.Tooltip("d:Q", title="is")],
    )  # fmt: skip
    text = alt.Chart(alt.NamedData("names")).mark_text(align="right", baseline="middle", limit=240).encode(
        x=alt.value(-8), y=y, text="n:N"
    )  # fmt: skip
    rest = f" The first {MOST_BARS} of {len(rows)} runs." if len(rows) > MOST_BARS else ""
    return Figure(
        "objective", "Objective by run", f"What every run costs, by term.{rest}",
        f"The objective of {len(drawn)} runs as stacked bars.", _TABLE,
        tuple((f"c{at}", TERM_TITLES[term]) for at, term in enumerate(TERMS)),
        finished(alt.layer(bars, text), _WIDTH - 240, max(60, 18 * len(drawn)), parts=parts, names=names), 760,
    )  # fmt: skip


def _by_parameter(
    rows: Sequence[Mapping[str, Any]], name: str, others: Sequence[str], *, drawn: bool
) -> Iterator[Figure]:
    """What the objective and the delay of recipients do as a parameter rises."""
    import altair as alt

    points: Rows = []
    for row in rows:
        if row.get(name) is None:
            continue
        rest = {} if drawn else {o: row.get(o) for o in others}
        group = ", ".join(str(value) for value in (row["instance"], row["scenario"], *rest.values()))
        points.append({"x": row[name], "y": clean(row["objective"], 3), "g": group, "l": row["label"]})
    groups = list(dict.fromkeys(point["g"] for point in points))
    chart = alt.Chart(alt.NamedData("points")).encode(
        x=alt.X("x:Q", title=name, scale=alt.Scale(zero=False)),
        y=alt.Y("y:Q", title="objective", scale=alt.Scale(zero=False)),
        color=_colors("g:N", groups), detail="g:N",
        tooltip=[alt.Tooltip("l:N", title="run"), alt.Tooltip("x:Q", title=name),
                 alt.Tooltip("y:Q", title="objective")],
    )  # fmt: skip
    layers = [chart.mark_point(filled=True, size=40)]
    if not drawn:
        layers.insert(0, chart.mark_line(strokeWidth=1.6))
    shown = len(groups) <= MOST_LINES
    yield Figure(
        f"parameter-{name}", f"Objective by {name}",
        "Every point is a run" + ("." if drawn else "; runs that differ in nothing else are joined."),
        f"The objective of {len(points)} runs over {name}.", _TABLE,
        tuple((f"c{at % 8}", group) for at, group in enumerate(groups)) if shown and len(groups) > 1 else (),
        finished(alt.layer(*layers), _WIDTH, 260, points=points), 760,
    )  # fmt: skip
    moved = _recipients_by(rows, name)
    if moved:
        yield _recipients_chart(moved, name)


def _recipients_by(rows: Sequence[Mapping[str, Any]], name: str) -> Rows:
    """Mean weeks late by recipient and value of the parameter, the mean over runs; of those that move most."""
    weeks: dict[str, dict[Any, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.get(name) is not None:
            for one in row["recipients"] or []:
                weeks[one["recipient"]][row[name]].append(one["mean_weeks"])
    means = {who: {x: statistics.fmean(values) for x, values in by.items()} for who, by in weeks.items()}
    spread = {who: max(by.values()) - min(by.values()) for who, by in means.items()}
    ranked = sorted((who for who in means if spread[who] > 1e-9), key=lambda who: (-spread[who], who))[:MOST_LINES]
    return [{"x": x, "y": clean(mean, 4), "g": who} for who in ranked for x, mean in sorted(means[who].items())]


def _recipients_chart(points: Rows, name: str) -> Figure:
    import altair as alt

    groups = list(dict.fromkeys(point["g"] for point in points))
    chart = alt.Chart(alt.NamedData("points")).encode(
        x=alt.X("x:Q", title=name, scale=alt.Scale(zero=False)), y=alt.Y("y:Q", title="weeks late, mean"),
        color=_colors("g:N", groups),
        tooltip=[alt.Tooltip("g:N", title="recipient"), alt.Tooltip("x:Q", title=name),
                 alt.Tooltip("y:Q", title="weeks late")],
    )  # fmt: skip
    return Figure(
        f"recipients-{name}", f"Recipients by {name}",
        "Weeks late on average, weighed by value, of the recipients whose deliveries move most; the mean over all runs "
        "with the same value.",
        f"Mean weeks late of {len(groups)} recipients over {name}.", _TABLE,
        tuple((f"c{at % 8}", group) for at, group in enumerate(groups)),
        finished(alt.layer(chart.mark_line(strokeWidth=1.6), chart.mark_point(filled=True, size=30)), _WIDTH, 260,
                 points=points), 760,
    )  # fmt: skip


MOST_CELLS = 40 * 60


def _heat(rows: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    """Weeks late by recipient and run, where there are few enough to be seen."""
    import altair as alt

    several = len({row["instance"] for row in rows}) > 1
    cells: Rows = [
        {"c": at, "n": _label(row, several), "r": one["recipient"], "v": clean(one["mean_weeks"], 3)}
        for at, row in enumerate(rows)
        for one in row["recipients"] or []
        if one["units"]
    ]
    names = sorted({one["r"] for one in cells})
    if len(rows) < 2 or not names or len(cells) > MOST_CELLS:
        return
    depth = alt.Opacity("v:Q", legend=None, scale=alt.Scale(range=[0.06, 1.0]))
    chart = alt.Chart(alt.NamedData("cells")).mark_rect(color="var(--c1)").encode(
        x=alt.X("c:O", title="run, in the order of the table", axis=alt.Axis(labels=len(rows) <= 40)),
        y=alt.Y("r:N", title=None, sort=names), opacity=depth,
        tooltip=[alt.Tooltip("r:N", title="recipient"), alt.Tooltip("n:N", title="run"),
                 alt.Tooltip("v:Q", title="weeks late")],
    )  # fmt: skip
    yield Figure(
        "recipients-runs", "Recipients by run",
        "Weeks late on average, weighed by value: the darker, the later.",
        f"Mean weeks late of {len(names)} recipients in {len(rows)} runs.", _TABLE, (),
        finished(chart, _WIDTH, max(60, 15 * len(names)), cells=cells), 760,
    )  # fmt: skip


def _effort(comparison: Comparison) -> Figure:
    """How long every run took, and how near it came."""
    import altair as alt

    points: Rows = [
        {"x": clean(row["total_seconds"], 3), "y": clean(100 * row["gap"], 6), "l": row["label"], "s": row["status"]}
        for row in comparison.rows
        if row["gap"] is not None and row["total_seconds"] is not None
    ]
    chart = alt.Chart(alt.NamedData("points")).mark_point(filled=True, size=40, color="var(--c0)").encode(
        x=alt.X("x:Q", title="seconds"), y=alt.Y("y:Q", title="gap, %"),
        tooltip=[alt.Tooltip("l:N", title="run"), alt.Tooltip("s:N", title="status"),
                 alt.Tooltip("y:Q", title="gap, %"), alt.Tooltip("x:Q", title="seconds")],
    )  # fmt: skip
    return Figure(
        "effort", "Seconds and gap", "Every point is a run with a plan and a bound.",
        f"Gap and seconds of {len(points)} runs.", _TABLE, (), finished(chart, _WIDTH, 220, points=points), 760,
    )  # fmt: skip


def _colors(field: str, groups: Sequence[str]) -> Any:
    import altair as alt

    shades = [f"var(--c{at % 8})" for at in range(len(groups))]
    return alt.Color(field, legend=None, scale=alt.Scale(domain=list(groups), range=shades))
