"""The curve of a recipient in words and as a table, for the terminal, and as a dict for JSON. Plain text."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.explaining.incentive import By, Curve, CurvePoint
from optimizer.reporting.numbers import clean, percent, short

WHAT: dict[By, str] = {
    "defence": "defence spending, % of GDP",
    "support": "support of Ukraine, % of GDP",
    "offer": "units offered",
}
"""What rises, as the head of a column."""
_RISES: dict[By, str] = {"defence": "defence spending", "support": "support of Ukraine", "offer": "what it offers"}


def curve_sentences(curve: Curve) -> list[str]:
    """What the curve says: from the first point to the last, where nothing more is gained, and how sure it is."""
    first, last = curve.points[0], curve.points[-1]
    who = curve.recipient
    if first.units == 0 and curve.by != "offer":
        return [f"{who} has no orders: what it contributes moves none of its deliveries."]
    if len(curve.points) == 1:
        return [f"{who}'s {_RISES[curve.by]} has nothing more to win: all that it counts for is at its cap."]
    lines = [
        f"As {who}'s {_RISES[curve.by]} rises from {_value(first, curve.by)} to {_value(last, curve.by)}, its orders "
        f"are {short(last.mean_weeks)} weeks late on average instead of {short(first.mean_weeks)} (weighed by their "
        f"value), and {short(last.on_time)} of {short(last.units)} units are on time instead of "
        f"{short(first.on_time)}."
    ]
    saturated = curve.saturated
    if curve.by == "offer" and not any(point.accepted for point in curve.points):
        lines.append(f"No plan is better with its {curve.item}: the offer is refused at every size.")
    elif saturated is None:
        lines.append("Its last step still gains. Beyond it nothing is counted: every score is at its cap there."
                     if curve.by != "offer" else "Its last step still gains.")  # fmt: skip
    elif saturated is first:
        lines.append("Nothing is gained at any point.")
    else:
        lines.append(f"Nothing more is gained beyond {_value(saturated, curve.by)}.")
    fast = next((point for point in curve.points if point.fast_track), None)
    if curve.by == "defence" and fast is not None and not first.fast_track:
        lines.append(f"From {_value(fast, curve.by)} on its cases are on the fast track of review.")
    if all(point.settled for point in curve.points):
        lines.append("Every point is proven best with money, contents, approvals and other offers held.")
    else:
        count = sum(not point.settled for point in curve.points)
        lines.append(f"{count} of {len(curve.points)} points are not proven best with the rest of the plan held.")
    return lines


def _value(point: CurvePoint, by: By) -> str:
    if point.value is None:
        return "what it is now (not known)"
    return f"{point.value:g} units" if by == "offer" else f"{point.value:.2f} % of GDP"


def curve_table(curve: Curve) -> Table:
    """The points, one a row."""
    table = Table(title=Text(f"{curve.recipient} {curve.item}".strip()), title_justify="left")
    heads = (WHAT[curve.by], "weight", "weeks late", "delay", "on time", "in the horizon", "units")
    for head in (*heads, *(("replaced", "accepted") if curve.by == "offer" else ("fast track",)), "gap"):
        table.add_column(head, justify="right")
    for point in curve.points:
        value = (
            "not known" if point.value is None else f"{point.value:g}" if curve.by == "offer" else f"{point.value:.2f}"
        )
        cells = [
            f"{value} (now)" if point.present else value,
            f"{point.weight:.2f}",
            f"{point.mean_weeks:.2f}",
            short(point.delay),
            short(point.on_time),
            short(point.delivered),
            short(point.units),
        ]
        if curve.by == "offer":
            cells += [short(point.replaced), "yes" if point.accepted else "no"]
        else:
            cells.append("yes" if point.fast_track else "no")
        table.add_row(*cells, percent(point.gap))
    return table


def curve_lines(curve: Curve) -> RenderableType:
    """The table and the sentences, for the terminal."""
    return Group(curve_table(curve), *(Text(line) for line in curve_sentences(curve)))


def curve_dict(curve: Curve) -> dict[str, Any]:
    """The curve for JSON: facts by name, and `text`, the sentences."""
    saturated = curve.saturated
    return {
        "recipient": curve.recipient,
        "by": curve.by,
        "item": curve.item or None,
        "points": [
            {
                "value": None if p.value is None else clean(p.value),
                "present": p.present,
                "weight": clean(p.weight),
                "fast_track": p.fast_track,
                "delay": clean(p.delay),
                "mean_weeks_late": clean(p.mean_weeks),
                "units": p.units,
                "units_on_time": p.on_time,
                "units_delivered": p.delivered,
                "units_replaced": p.replaced,
                "offer_accepted": p.accepted,
                "objective": clean(p.objective),
                "bound": None if p.bound is None else clean(p.bound),
                "gap": None if p.gap is None else clean(p.gap),
                "settled": p.settled,
            }
            for p in curve.points
        ],
        "saturated_at": None if saturated is None or saturated.value is None else clean(saturated.value),
        "text": curve_sentences(curve),
    }
