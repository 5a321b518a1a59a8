"""Tables of what moves: every dispatch, the next ones to leave, and what never arrives."""

from __future__ import annotations

from typing import Any

from models.plan import Dispatch
from optimizer.explaining.facts import DemandFacts
from optimizer.explaining.reasons import REASON_TITLES
from optimizer.reporting.names import words
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.tables.names import item_names, recipient_names

SOON_WEEKS = 4
"""The first weeks, in which a logistician books transport; the plan's frozen weeks, where it has them."""


def dispatches(report: Report) -> Table:
    """What leaves, when, for whom."""
    columns = (
        Column("demand"),
        Column("kind"),
        Column("origin"),
        Column("item", "coded"),
        Column("quantity", "whole"),
        Column("leaves", "date"),
        Column("arrives", "date"),
        Column("route"),
        Column("weeks late", "late"),
    )
    calendar, item = report.facts.calendar, item_names(report.problem)
    rows = [
        (
            row.demand,
            row.kind,
            row.origin,
            item[row.item],
            row.quantity,
            calendar.day(row.period),
            calendar.day(row.arrival),
            " > ".join(row.route),
            calendar.late(demand.due, row.arrival),
        )
        for demand in report.facts.demands
        for row in demand.sent
    ]
    return Table("dispatches", "Dispatches", "What leaves, when, for whom.", columns, tuple(rows))


def soon(report: Report) -> Table:
    """What leaves in the first weeks, the earliest first."""
    columns = (
        Column("leaves", "date"),
        Column("for", "demand", "the order or need, or the offer whose replacement it is"),
        Column("to"),
        Column("item", "coded"),
        Column("units", "whole"),
        Column("tonnes", "number", digits=1),
        Column("from"),
        Column("by"),
        Column("arrives", "date"),
    )
    weeks = SOON_WEEKS if report.problem.stability is None else report.problem.stability.frozen_weeks or SOON_WEEKS
    calendar, item = report.facts.calendar, item_names(report.problem)
    name = {code: pair[1] for code, pair in recipient_names(report.problem).items()}
    mass = {row.item: row.tonnes for row in report.problem.items}

    def cells(demand: DemandFacts, row: Dispatch) -> tuple[Any, ...]:
        return (
            calendar.day(row.period),
            (row.demand, row.demand),
            name.get(demand.recipient, "Ukraine"),
            item[row.item],
            row.quantity,
            row.quantity * mass[row.item],
            row.origin,
            " > ".join(row.route) or None,
            calendar.day(row.arrival),
        )

    found = [(demand, row) for demand in report.facts.demands for row in demand.sent]
    near = [pair for pair in found if calendar.week(pair[1].period) < weeks]
    near.sort(key=lambda pair: (pair[1].period, pair[1].arrival))
    caption = f"What leaves in the first {weeks} weeks of the plan; all later dispatches are in plan.xlsx."
    return Table("soon", "Leaving first", caption, columns, tuple(cells(*pair) for pair in near))


def undelivered(report: Report) -> Table:
    """What does not arrive before the plan ends."""
    columns = (
        Column("demand"),
        Column("kind"),
        Column("item", "coded"),
        Column("quantity", "whole"),
        Column("reason"),
        Column("in words"),
    )
    item = item_names(report.problem)
    rows = [
        (
            row.demand,
            row.kind,
            item[row.item],
            row.undelivered,
            row.reason and words(row.reason),
            row.reason and REASON_TITLES[row.reason],
        )
        for row in report.facts.demands
        if row.undelivered > 0
    ]
    return Table("undelivered", "Not delivered", "What does not arrive before the plan ends.", columns, tuple(rows))
