"""Priority weights as stacked bars: what each contribution adds, the heaviest first."""

from __future__ import annotations

from typing import Any

from models.problem import SCORES
from optimizer.reporting.figures.figure import Figure, finished
from optimizer.reporting.names import SCORE_TITLES, count
from optimizer.reporting.numbers import clean, short
from optimizer.reporting.summary import Report
from optimizer.reporting.weights import added

MOST_RECIPIENTS = 60
"""Bars that are drawn, the heaviest; all are in the table beside it."""
_ROW, _WIDTH = 18, 760


def weights_chart(report: Report) -> Figure | None:
    """A bar a recipient; None where no policy says what weights come from, or nobody is there."""
    policy, found = report.problem.weights, report.facts.priorities
    if policy is None or not report.problem.recipients:
        return None
    name = {recipient.recipient: recipient.name for recipient in report.problem.recipients}
    ranked = sorted(found, key=lambda code: (-found[code].weight, name[code], code))
    drawn = ranked[:MOST_RECIPIENTS]
    rows = []
    for at, code in enumerate(drawn):
        low, parts = 0.0, added(found[code], policy)
        for kind, amount in (("base", policy.minimum), *((score, parts[score]) for score in SCORES)):
            if amount > 0:
                rows.append({"r": at, "k": kind, "a": clean(low, 4), "b": clean(low + amount, 4), "n": name[code]})
            low += amount
    heavy, light = drawn[0], ranked[-1]
    rest = len(ranked) - len(drawn)
    return Figure(
        "weights-chart",
        "What the weights are made of",
        "How far each contribution lifts a weight above the least one."
        + (f" {count(rest, 'recipient')} with less weight only in the table." if rest else ""),
        f"Priority weights of {count(len(ranked), 'recipient')}, from {short(round(found[heavy].weight, 2))} for "
        f"{name[heavy]} down to {short(round(found[light].weight, 2))} for {name[light]}.",
        (("weights-table", "Priority weights"),),
        (("base", "least weight"), *((f"score-{at}", SCORE_TITLES[score]) for at, score in enumerate(SCORES))),
        _spec(rows, [(name[code], found[code].weight) for code in drawn]),
        720,
    )


def _spec(rows: list[dict[str, Any]], bars: list[tuple[str, float]]) -> dict[str, Any]:
    import altair as alt

    kinds = ["base", *SCORES]
    colours = ["var(--idle)", *(f"var(--c{at})" for at in range(len(SCORES)))]
    words = {"base": "least weight", **SCORE_TITLES}
    filled = [{**row, "w": words[row["k"]], "d": clean(row["b"] - row["a"], 3)} for row in rows]
    scale = alt.Scale(domain=list(range(len(bars))), paddingInner=0.22, paddingOuter=0.1)
    y = alt.Y("r:O", scale=scale, axis=None)
    stacked = alt.Chart(alt.NamedData("parts")).mark_bar().encode(
        x=alt.X("a:Q", title="priority weight", axis=alt.Axis(tickCount=8, grid=True)), x2="b:Q", y=y,
        color=alt.Color("k:N", scale=alt.Scale(domain=kinds, range=colours), legend=None),
        tooltip=[alt.Tooltip("n:N", title="recipient"), alt.Tooltip("w:N", title="from"),
                 alt.Tooltip("d:Q", title="adds")],
    )  # fmt: skip
    ends = [{"r": at, "n": name, "x": clean(weight, 4), "t": f"{weight:.2f}"} for at, (name, weight) in enumerate(bars)]
    figures = alt.Chart(alt.NamedData("ends")).mark_text(align="left", dx=5, baseline="middle").encode(
        x="x:Q", y=y, text="t:N"
    )  # fmt: skip
    labels = alt.Chart(alt.NamedData("ends")).mark_text(align="right", baseline="middle", limit=170).encode(
        x=alt.value(-8), y=y, text="n:N"
    )  # fmt: skip
    return finished(alt.layer(stacked, figures, labels), _WIDTH, _ROW * len(bars), parts=filled, ends=ends)
