"""Where the money goes: a flow (Sankey) from donors through packages to needs, as wide as million USD."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

from optimizer.reporting.figures.figure import Figure, finished
from optimizer.reporting.figures.network import PAID_BEFORE, Network, Node, network
from optimizer.reporting.names import count, words
from optimizer.reporting.numbers import clean, short
from optimizer.reporting.summary import Report

COLOURS = 8
"""Categories with a colour of their own; the others share the last."""
_BAND = 460.0
"""Pixels that all the money of one column is high, beside the gaps."""
_STEP = 15.0
"""Least pixels from node to node, so that names do not lie on each other."""
_NODE, _WIDTH = 12, 840
_LEFT = {"donor": 0, "package": 360, "need": _WIDTH - _NODE}
_SIDE = {"donor": -6, "package": _NODE + 5, "need": _NODE + 6}
"""Pixels from the left edge of a column to its names."""


def flow(report: Report) -> Figure | None:
    """The picture of money; None where there is no package with anything in it."""
    found = network(report)
    if found is None:
        return None
    new = sum(edge.amount for edge in found.edges if edge.source[0] == "donor" and edge.source[1] != PAID_BEFORE)
    before = sum(edge.amount for edge in found.edges if edge.source == ("donor", PAID_BEFORE))
    many = {column: sum(node[0] == column for node in found.nodes) for column in _LEFT}
    drawn = [*found.categories[: COLOURS - 1], *(["others"] if len(found.categories) >= COLOURS else [])]
    if len(found.categories) == COLOURS:
        drawn = list(found.categories)
    return Figure(
        "flow",
        "From donors through packages to needs",
        "As wide as million USD, in the colour of the category. Packages that were paid before this plan come from one "
        "source.",
        f"{short(new)} million USD flow from {count(max(0, many['donor'] - bool(before)), 'donor')} and "
        f"{short(before)} million USD paid before, through {count(many['package'], 'package')} to "
        f"{count(many['need'], 'need')}.",
        (("donors-table", "Donors and packages"), ("packages-table", "Packages")),
        tuple((f"cat-{at}", words(category)) for at, category in enumerate(drawn)),
        _spec(found),
        1100,
    )


def _layout(found: Network) -> tuple[dict[Node, tuple[float, float]], float, float]:
    """(top, height) of every node in pixels, pixels per million USD, and the height of the whole picture."""
    columns: dict[str, list[Node]] = defaultdict(list)
    for node in found.nodes:
        columns[node[0]].append(node)
    worth = {node: found.through(node) for node in found.nodes}
    scale = _BAND / max(sum(worth[node] for node in nodes) for nodes in columns.values())
    high = {node: max(1.0, worth[node] * scale) for node in found.nodes}
    steps = {column: [max(_STEP, high[node] + 4) for node in nodes] for column, nodes in columns.items()}
    height = max(sum(each) for each in steps.values())
    place = {}
    for column, nodes in columns.items():
        spare = (height - sum(steps[column])) / len(nodes)
        top = 0.0
        for node, step in zip(nodes, steps[column], strict=True):
            place[node] = (top + (step + spare - high[node]) / 2, high[node])
            top += step + spare
    return place, scale, height


def _spec(found: Network) -> dict[str, Any]:
    import altair as alt

    place, scale, height = _layout(found)
    x_scale = alt.Scale(domain=[0, _WIDTH], nice=False, zero=False)
    y_scale = alt.Scale(domain=[0, clean(height, 1)], reverse=True, nice=False, zero=False)
    y = alt.Y("y:Q", scale=y_scale, axis=None)
    number = {category: min(at, COLOURS - 1) for at, category in enumerate(found.categories)}
    colour = alt.Color(
        "c:O", legend=None,
        scale=alt.Scale(domain=list(range(COLOURS)), range=[f"var(--c{at})" for at in range(COLOURS)]),
    )  # fmt: skip
    ribbons = (
        alt.Chart(alt.NamedData("ribbons"))
        # A ribbon is drawn from its two ends: the steps between follow the curve 3s² − 2s³.
        .transform_calculate(s="[0,.06,.12,.18,.25,.32,.39,.46,.5,.54,.61,.68,.75,.82,.88,.94,1]")
        .transform_flatten(["s"])
        .transform_calculate(
            x="datum.p + (datum.q - datum.p) * datum.s",
            y="datum.v + (datum.w - datum.v) * datum.s * datum.s * (3 - 2 * datum.s)",
        )
        .transform_calculate(z="datum.y + datum.h")
        .mark_area(opacity=0.55, strokeWidth=0)
        .encode(
            x=alt.X("x:Q", scale=x_scale, axis=None), y=y, y2="z:Q", detail="i:N", color=colour,
            tooltip=[alt.Tooltip("f:N", title="from"), alt.Tooltip("t:N", title="to"),
                     alt.Tooltip("k:N", title="category"), alt.Tooltip("m:Q", title="million USD", format=",.1f")],
        )
    )  # fmt: skip
    boxes = []
    for node, text in found.nodes.items():
        top, high = place[node]
        left, amount = _LEFT[node[0]], found.through(node)
        box: dict[str, Any] = {"o": node[0], "x": left, "b": left + _NODE, "l": left + _SIDE[node[0]]}
        box |= {"y": clean(top, 1), "z": clean(top + high, 1), "m": clean(top + high / 2, 1)}
        boxes.append({**box, "t": text, "a": clean(amount, 3), "n": f"{text}: {short(round(amount, 1))}"})
    tip = [alt.Tooltip("t:N", title="name"), alt.Tooltip("a:Q", title="million USD", format=",.1f")]
    nodes = alt.Chart(alt.NamedData("boxes")).mark_rect(color="var(--ink)", opacity=0.85).encode(
        x=alt.X("x:Q", scale=x_scale, axis=None), x2="b:Q", y=y, y2="z:Q", tooltip=tip
    )  # fmt: skip

    def names(column: str, align: Literal["left", "right"], limit: int, **halo: Any) -> Any:
        return (
            alt.Chart(alt.NamedData("boxes"))
            .transform_filter(f"datum.o === '{column}'")
            .mark_text(align=align, baseline="middle", limit=limit, **halo)
            .encode(x=alt.X("l:Q", scale=x_scale, axis=None), y=alt.Y("m:Q", scale=y_scale, axis=None), text="n:N")
        )

    texts = [
        names("donor", "right", 190),
        names("package", "left", 240, stroke="var(--paper)", strokeWidth=3, strokeOpacity=0.8),  # read across ribbons
        names("package", "left", 240),
        names("need", "left", 290),
    ]
    chart, rows = alt.layer(ribbons, nodes, *texts), _ribbons(found, place, scale, number)
    return finished(chart, _WIDTH, round(height), ribbons=rows, boxes=boxes)


def _ribbons(
    found: Network, place: dict[Node, tuple[float, float]], scale: float, number: dict[str, int]
) -> list[dict[str, Any]]:
    """A row an edge: from (`p`, `v`) to (`q`, `w`), `h` high, of colour `c`; `f`, `t`, `k`, `m` are words on hover."""
    order = {node: at for at, node in enumerate(found.nodes)}
    leaving = {node: top for node, (top, _) in place.items()}
    entering = dict(leaving)
    start, end = {}, {}
    for edge in sorted(found.edges, key=lambda edge: (order[edge.target], number[edge.category])):
        start[edge] = leaving[edge.source]
        leaving[edge.source] += edge.amount * scale
    for edge in sorted(found.edges, key=lambda edge: (number[edge.category], order[edge.source])):
        end[edge] = entering[edge.target]
        entering[edge.target] += edge.amount * scale
    return [
        {
            "i": at,
            "p": _LEFT[edge.source[0]] + _NODE,
            "q": _LEFT[edge.target[0]],
            "v": clean(start[edge], 1),
            "w": clean(end[edge], 1),
            "h": clean(edge.amount * scale, 2),
            "c": number[edge.category],
            "f": found.nodes[edge.source],
            "t": found.nodes[edge.target],
            "k": words(edge.category),
            "m": clean(edge.amount, 3),
        }
        for at, edge in enumerate(found.edges)
    ]
