"""The pictures of the policy studies and the tables beside them, from the results of their sweeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import polars
from scipy.stats import kendalltau

Rows = list[dict[str, Any]]
TOGETHER = 6
"""Recipients whose curves are drawn in one picture."""


def draw(name: str, results: Path, pictures: Path) -> None:
    """Writes `NAME.svg` and `NAME.md` of a study's results."""
    rows = polars.read_parquet(results / "results.parquet").to_dicts()
    chart, lines = STUDIES[name]([row for row in rows if row["objective"] is not None])
    pictures.mkdir(parents=True, exist_ok=True)
    chart.configure(background="#ffffff").save(str(pictures / f"{name}.svg"))
    gaps = [row["gap"] for row in rows if row["gap"] is not None]
    made = f"{len(rows)} runs, work {rows[0]['work_limit']:g} each; gaps from {100 * min(gaps):.2f} to "
    head = [f"{made}{100 * max(gaps):.2f} %.", ""]
    (pictures / f"{name}.md").write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    print(f"{pictures / name}.svg")


def _scenarios(rows: Rows) -> tuple[Any, list[str]]:
    """A bar a scenario from its bound to its objective, against the base."""
    base = next(row for row in rows if row["base"])
    drawn = [
        {"scenario": row["scenario"], "least": _change(row["bound"], base), "is": _change(row["objective"], base)}
        for row in rows
    ]
    y = alt.Y("scenario:N", title=None, sort=[row["scenario"] for row in rows], axis=alt.Axis(labelLimit=260))
    chart = alt.Chart(alt.Data(values=drawn))
    bars = chart.mark_bar(color="#9dbbe0", height=14).encode(
        x=alt.X("least:Q", title="delay against base, %: from the proven bound to the plan"), x2="is:Q", y=y
    )
    ticks = chart.mark_tick(color="#1c2430", thickness=3, height=18).encode(x="is:Q", y=y)
    lines = [
        "| scenario | objective | bound | against base | needs | orders |", "|---|---|---|---|---|---|",
        *(
            f"| {row['scenario']} | {row['objective']:,.0f} | {row['bound']:,.0f} "
            f"| {_change(row['objective'], base):+.1f} % | {row['needs_delay']:,.0f} | {row['orders_delay']:,.0f} |"
            for row in rows
        ),
    ]  # fmt: skip
    return alt.layer(bars, ticks).properties(width=460, height=26 * len(rows)), lines


def _change(value: float | None, base: Mapping[str, Any]) -> float:
    return 100 * ((value or 0.0) / base["objective"] - 1)


def _packages(rows: Rows) -> tuple[Any, list[str]]:
    """The objective as more new packages may be released, and what each further one is worth."""
    rows = sorted(rows, key=lambda row: row["most_new"])
    chart = alt.Chart(alt.Data(values=[{"x": r["most_new"], "y": r["objective"], "b": r["bound"]} for r in rows]))
    x = alt.X("x:Q", title="new packages that may be released, about 500 million USD each")
    y = alt.Y("y:Q", title="weight × million USD × weeks", scale=alt.Scale(zero=False))
    band = chart.mark_area(opacity=0.25, color="#2f6db3").encode(x=x, y=y, y2="b:Q")
    line = chart.mark_line(point=True, color="#2f6db3").encode(x=x, y=y)
    lines = ["| new packages | objective | bound | each further one is worth |", "|---|---|---|---|"]
    for before, row in zip([None, *rows[:-1]], rows, strict=True):
        worth = ""
        if before is not None:
            step = row["most_new"] - before["most_new"]
            worth = f"{(before['objective'] - row['objective']) / step:,.0f}"
        lines.append(f"| {row['most_new']} | {row['objective']:,.0f} | {row['bound']:,.0f} | {worth} |")
    return alt.layer(band, line).properties(width=520, height=260), lines


def _incentive(rows: Rows) -> tuple[Any, list[str]]:
    """Weeks late of the recipient that spends more, as it does; many recipients each in a picture of its own."""
    points = []
    for row in rows:
        own = next((one for one in row["recipients"] if one["recipient"] == row.get("who")), None)
        if own is not None:
            points.append({"who": row["who"], "x": row["defence"], "y": own["mean_weeks"]})
    levels = sorted({point["x"] for point in points})
    by = {(point["who"], point["x"]): point["y"] for point in points}
    gain = {who: by.get((who, levels[0]), 0.0) - by.get((who, levels[-1]), 0.0) for who, _ in by}
    order = sorted(gain, key=lambda who: (-gain[who], who))
    chart = alt.Chart(alt.Data(values=points)).mark_line(point=True).encode(
        x=alt.X("x:Q", title="defence spending, % of GDP", scale=alt.Scale(zero=False)),
        y=alt.Y("y:Q", title="weeks late, mean"),
    )  # fmt: skip
    if len(order) > TOGETHER:
        small = chart.encode(x=alt.X("x:Q", title=None, scale=alt.Scale(zero=False)), y=alt.Y("y:Q", title=None))
        chart = small.properties(width=92, height=64).facet(
            facet=alt.Facet("who:N", title="weeks late, mean, by defence spending in % of GDP", sort=order),
            columns=6,
        ).resolve_scale(y="independent")  # fmt: skip
    else:
        chart = chart.encode(color=alt.Color("who:N", title=None)).properties(width=520, height=320)
    lines = [
        "| recipient | " + " | ".join(f"{level:g} %" for level in levels) + " | weeks gained |",
        "|---" * (len(levels) + 2) + "|",
        *(
            f"| {who} | " + " | ".join(f"{by[who, x]:.1f}" if (who, x) in by else "–" for x in levels)
            + f" | {gain[who]:.1f} |"
            for who in order
        ),
    ]  # fmt: skip
    return chart, lines


def _shares(rows: Rows) -> tuple[Any, list[str]]:
    """How far the ranking of deliveries under drawn shares agrees with that of the base, demand by demand."""
    base = next(row for row in rows if row["base"])
    others = [row for row in rows if not row["base"]]
    agreement = [{"tau": tau(base, row), "draw": row["draw"]} for row in others]
    pairs = [tau(one, other) for k, one in enumerate(others) for other in others[k + 1 :]]
    chart = alt.Chart(alt.Data(values=agreement)).mark_bar(color="#2f6db3").encode(
        x=alt.X("tau:Q", bin=alt.Bin(maxbins=20), title="Kendall's tau against the base"),
        y=alt.Y("count()", title="draws"),
    )  # fmt: skip
    taus = sorted(row["tau"] for row in agreement)
    lines = [
        "| rankings of deliveries | least tau | median | greatest |", "|---|---|---|---|",
        f"| draw against base | {taus[0]:.3f} | {taus[len(taus) // 2]:.3f} | {taus[-1]:.3f} |",
    ]  # fmt: skip
    if pairs:
        pairs.sort()
        lines.append(f"| draw against draw | {pairs[0]:.3f} | {pairs[len(pairs) // 2]:.3f} | {pairs[-1]:.3f} |")
    return chart.properties(width=520, height=260), [*lines, "", *_ranks(rows)]


def tau(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Kendall's tau-b of two runs: their orders ranked by weeks late; ties count as ties. 1 where nothing differs."""
    first, second = _weeks(one), _weeks(other)
    names = [name for name in first if name in second]
    found = float(kendalltau([first[n] for n in names], [second[n] for n in names]).statistic)
    return 1.0 if math.isnan(found) else found  # no order in either: nothing to disagree on


def _weeks(row: Mapping[str, Any]) -> dict[str, float]:
    return {one["demand"]: one["weeks_late"] for one in row["deliveries"] if one["kind"] == "order"}


def _ranks(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The recipients whose rank by mean weeks late moves most over the draws."""
    ranks: dict[str, list[int]] = {}
    for row in rows:
        ranked = sorted(row["recipients"], key=lambda one: (one["mean_weeks"], one["recipient"]))
        for place, one in enumerate(ranked, start=1):
            ranks.setdefault(one["recipient"], []).append(place)
    spread = sorted(ranks, key=lambda who: (min(ranks[who]) - max(ranks[who]), who))[:10]
    return [
        "| recipient | best rank | in the base | worst rank |", "|---|---|---|---|",
        *(f"| {who} | {min(ranks[who])} | {ranks[who][0]} | {max(ranks[who])} |" for who in spread),
    ]  # fmt: skip


STUDIES: dict[str, Callable[[Rows], tuple[Any, list[str]]]] = {
    "donors": _scenarios, "ramp": _scenarios, "packages": _packages, "incentive": _incentive, "shares": _shares
}  # fmt: skip
"""What draws each study."""
