"""Tables of planning on from a plan before: what moved and why, what happened otherwise, promises that broke."""

from __future__ import annotations

import datetime as dt
from typing import Any

from optimizer.reporting.names import words
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table


def moved(report: Report) -> Table:
    """Demands that moved since the plan before, those first whose delay changed most."""
    columns = (
        Column("for", "demand", "the order or need, or the offer whose replacement it is"),
        Column("kind"),
        Column("movement"),
        Column("earlier", "number", "unit-weeks", digits=1),
        Column("later", "number", "unit-weeks", digits=1),
        Column("change of delay", "number", "weight × million USD × weeks", digits=1),
        Column("why"),
    )
    found = report.summary.replanning
    rows: list[tuple[Any, ...]] = []
    for row in () if found is None else found.moved:
        link = (row.demand, row.demand)
        rows.append((link, row.kind, row.movement, row.earlier, row.later, row.delay, row.why))
    return Table("moved", "What moved since the plan before", "Against what was left of it.", columns, tuple(rows))


def happened(report: Report) -> Table:
    """What happened otherwise than planned since the plan before."""
    columns = (
        Column("event"),
        Column("of"),
        Column("item"),
        Column("on", "date", "first day of the period"),
        Column("planned", "number", "units, million USD, or 1 for an approval"),
        Column("happened", "number", "units, million USD, or 1 for an approval"),
    )
    found = report.summary.replanning
    rows = tuple(
        (row.event, row.entity, row.item, dt.date.fromisoformat(row.date), row.planned, row.actual)
        for row in (() if found is None else found.actuals)
    )
    return Table("happened", "What happened otherwise", "From the table actuals.", columns, rows)


def promises(report: Report) -> Table:
    """Promises that cannot hold any more, and what is promised instead."""
    columns = (
        Column("promise"),
        Column("to", "text", "the order, offer or need"),
        Column("units short", "whole"),
        Column("promised for", "date"),
        Column("now", "date", "blank: no longer promised for a day"),
        Column("what"),
    )
    found = report.summary.replanning
    rows = tuple(
        (words(row.rule), row.demand, row.units, _day(row.was), _day(row.now), row.message)
        for row in (() if found is None else found.broken)
    )
    return Table("promises", "Promises broken", "None is dropped silently.", columns, rows)


def rolled(report: Report) -> Table:
    """What else to know of how the instance was rolled on."""
    columns = (Column("about"), Column("of"), Column("how much", "number"), Column("what"))
    found = report.summary.replanning
    rows = tuple(
        (words(row.code), ", ".join(row.entities), row.amount, row.message)
        for row in (() if found is None else found.notes)
    )
    return Table("rolled", "Notes on rolling on", "How the tables were rolled on.", columns, rows)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
