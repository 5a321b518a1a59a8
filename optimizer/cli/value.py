"""`burdenshare value`: what one more of something scarce is worth beside a plan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import AsJson, one_of, positive
from optimizer.cli.printing import say, show, show_json

if TYPE_CHECKING:
    from models.problem import Problem
    from optimizer.explaining.values import MarginalValue, MarginalValues, Resource

MOST_LINES, MOST_SENTENCES = 40, 5
"""Rows of the table and sentences that are printed; `--json` gives all."""


def value(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a plan.", show_default=False)],
    *,
    line: Annotated[str, typer.Option("--line", metavar="L", help="Slots of this line.")] = "",
    component: Annotated[str, typer.Option("--component", metavar="K", help="Units of this component.")] = "",
    pledge: Annotated[str, typer.Option("--pledge", metavar="G", help="A million USD of this pledge.")] = "",
    lane: Annotated[str, typer.Option("--lane", metavar="A", help="A tonne on this lane.")] = "",
    item: Annotated[str, typer.Option("--item", metavar="I", help="A unit less of this item to keep in stock.")] = "",
    review: Annotated[bool, typer.Option("--review", help="A week of review.")] = False,
    week: Annotated[str, typer.Option("--week", metavar="DATE", help="Only the period of this day.")] = "",
    exact: Annotated[bool, typer.Option("--exact", help="Solve again with whole units; for one thing.")] = False,
    seconds: Annotated[
        float, typer.Option("--seconds", callback=positive, help="Time for finding values, wall clock.")
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Say what one more slot, component, tonne, million USD, week of review, or unit less of a floor is worth."""
    from optimizer.cli.look import refuse
    from optimizer.explaining.values import KINDS, WRITTEN, MarginalValues
    from optimizer.reporting.again import read_report
    from optimizer.valuing.values import marginal_values, one_more

    report, findings = read_report(folder)
    if report is None:
        raise refuse(findings, as_json)
    if not report.verdict.passed:
        say("The plan breaks rules of the problem, so nothing is valued beside it: see `burdenshare check`.")
        if as_json:
            show_json({"error": "the plan breaks rules of the problem"})
        raise typer.Exit(2)
    chosen = _chosen(report.problem, {"slot": line, "component": component, "pledge": pledge, "lane": lane,
                                      "floor": item}, review)  # fmt: skip
    period = _period(report.problem, week)
    if exact:
        what = _single(chosen, period)
        found = MarginalValues((one_more(report.problem, report.plan, what, seconds=seconds),))
    else:
        kinds = {kind for kind, _ in chosen} or set(KINDS)
        values = report.values if report.values is not None and kinds <= set(WRITTEN) else None
        values = values or marginal_values(report.problem, report.plan, seconds=seconds, kinds=sorted(kinds))
        found = _selected(report.problem, values, chosen, period)
    for message in found.messages:
        say(message)
    if as_json:
        show_json({"complete": found.complete, "messages": list(found.messages),
                   "values": [_as_dict(one) for one in found.values]})  # fmt: skip
    else:
        _print(found)


def _chosen(problem: Problem, named: dict[str, str], review: bool) -> list[tuple[str, str]]:
    """(kind, entity) of what is asked for; nothing for everything."""
    known = {
        "slot": ("line", "--line", [row.line for row in problem.lines]),
        "component": ("component", "--component", [row.component for row in problem.components]),
        "pledge": ("pledge", "--pledge", [row.pledge for row in problem.pledges]),
        "lane": ("lane", "--lane", [row.lane for row in problem.lanes]),
        "floor": ("item", "--item", [row.item for row in problem.items]),
    }
    found = [(kind, one_of(name, known[kind][2], *known[kind][:2])) for kind, name in named.items() if name]
    return [*found, ("reviewer", "")] if review else found


def _period(problem: Problem, week: str) -> int | None:
    from models.calendar import calendar_of

    if not week:
        return None
    calendar = calendar_of(problem)
    try:
        day = dt.date.fromisoformat(week)
    except ValueError as wrong:
        raise typer.BadParameter(f"{week!r} is no date, as 2026-03-02.", param_hint="'--week'") from wrong
    period = calendar.period(day)
    if day < problem.start or period >= calendar.count:
        end = calendar.day(calendar.count) - dt.timedelta(days=1)
        raise typer.BadParameter(f"{week} is not in the plan: {problem.start} to {end}.", param_hint="'--week'")
    return period


def _single(chosen: list[tuple[str, str]], period: int | None) -> Resource:
    """The one thing that is solved again."""
    from optimizer.explaining.values import Resource

    if len(chosen) != 1:
        raise typer.BadParameter("it solves again for one thing: name one of them, as --line.", param_hint="'--exact'")
    kind, entity = chosen[0]
    dated = kind not in ("pledge", "floor")
    if dated and period is None:
        raise typer.BadParameter("say which week with --week.", param_hint="'--exact'")
    return Resource(kind, entity, period if dated else None)  # type: ignore[arg-type]


def _selected(
    problem: Problem, values: MarginalValues, chosen: list[tuple[str, str]], period: int | None
) -> MarginalValues:
    """What was asked for; one thing by name and week also where it is worth nothing."""
    from dataclasses import replace

    from models.calendar import calendar_of
    from optimizer.explaining.values import UNITS, MarginalValue

    kept = [
        one
        for one in values.values
        if (not chosen or (one.kind, one.entity) in chosen)
        and (period is None or one.period is None or one.period == period)
        and (chosen or period is None or one.period is not None)
    ]
    for kind, entity in chosen:
        dated = kind not in ("pledge", "floor")
        here = any((one.kind, one.entity) == (kind, entity) for one in kept)
        if not here and values.complete and (not dated or period is not None):
            day = calendar_of(problem).day(period) if dated and period is not None else None
            at = period if dated else None
            kept.append(
                MarginalValue(kind, entity, at, day, UNITS[kind], 0.0, "fixed_lp", 0.0, 0.0, 0.0)  # type: ignore[arg-type, index]
            )
    return replace(values, values=tuple(kept))


def _as_dict(one: MarginalValue) -> dict[str, Any]:
    from math import isfinite

    from optimizer.explaining.values import in_words

    return {
        "kind": one.kind, "entity": one.entity, "date": None if one.date is None else one.date.isoformat(),
        "unit": one.unit, "value": one.value, "how": one.how, "low": one.low,
        "high": one.high if isfinite(one.high) else None, "slope": one.slope, "unit_weeks": one.weeks,
        "timed_out": one.timed_out, "words": in_words(one),
        "gains": [{"demand": g.demand, "kind": g.kind, "recipient": g.recipient, "unit_weeks": g.weeks,
                   "value": g.value} for g in one.gains],
    }  # fmt: skip


def _print(found: MarginalValues) -> None:
    from rich.table import Table
    from rich.text import Text

    from optimizer.explaining.values import in_words
    from optimizer.reporting.numbers import short
    from optimizer.reporting.tables.worth import FOUND, TITLES

    if not found.values:
        say("One more of this is worth nothing.")
        return
    dearest = sorted(found.values, key=lambda one: -one.value)
    table = Table(title="What one more is worth (weight × million USD × weeks)", title_justify="left")
    for head in ("of what", "which", "from", "is worth", "unit-weeks", "most for", "found by"):
        table.add_column(head, justify="right" if head in ("is worth", "unit-weeks") else "left")
    for one in dearest[:MOST_LINES]:
        most = one.gains[0].demand if one.gains else ""
        day = "" if one.date is None else one.date.isoformat()
        cells = (TITLES[one.kind], one.entity, day, short(one.value), short(one.weeks), most, FOUND[one.how])
        table.add_row(*(Text(cell) for cell in cells))
    show(table)
    if len(dearest) > MOST_LINES:
        show(Text(f"… and {len(dearest) - MOST_LINES} more; all of them with --json."))
    for one in dearest[:MOST_SENTENCES]:
        show(Text(in_words(one)))
