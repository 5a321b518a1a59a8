"""Tables for industry: what lines are used for and owe, the ramp they would need, which component binds."""

from __future__ import annotations

from typing import Any

from optimizer.explaining.industry import LineFacts
from optimizer.reporting.names import count
from optimizer.reporting.numbers import short
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.tables.names import item_names, recipient_names

_MONEY = "million USD"
_GROUPS = {"ukraine": "Ukraine", "ally": "allies", "replacement": "replacements"}
_LISTED = 5
"""How many customers the page names of each line."""


def industry(report: Report) -> Table:
    """A row a line, the longest backlog first."""
    columns = (
        Column("line", "coded"),
        Column("load", "share", "slots used of all slots of the plan"),
        Column("idle", "whole", "slots that are lost"),
        Column("a week", "number", "slots a week, mean over the plan", digits=2),
        Column("backlog", "number", "slots of all units late or missing", digits=0),
        Column("weeks of backlog", "late", "backlog ÷ slots a week; blank where nothing is turned out"),
        Column("for Ukraine", "money", "million USD of output that leaves for needs, first in, first out"),
        Column("for allies", "money", "million USD of output that leaves for orders"),
        Column("replacements", "money", "million USD of output that replaces gifts"),
        Column("into stock", "money", "million USD of output still in the pool when the plan ends"),
        Column("customers", "told", "the greatest first", "page"),
        Column("ramp", "number", "slots a week more, from the first day on, that would bring all in time", digits=2),
        Column("ramp of output", "share", "of the slots a week"),
        Column("binds by", "date", "the end of the time in which most is lacking a week"),
        Column("by quarter", "told", "slots a week more, each quarter only what is still lacking", "page"),
        Column("late already", "number", "slots due before the plan could begin to serve them", digits=0),
    )
    name = {line.line: (line.line, line.name) for line in report.problem.lines}
    found = sorted(report.industry, key=lambda row: (-(row.backlog_weeks or 0.0), row.line))
    rows = tuple((name[row.line], *_cells(report, row)) for row in found)
    caption = "What every line is used for, what it owes, and the ramp it would need; the longest backlog first."
    return Table("industry", "Lines and their customers", caption, columns, rows)


def _cells(report: Report, row: LineFacts) -> tuple[Any, ...]:
    quarters = tuple(
        f"from {day}: {short(round(step, 2))} a week more" for day, step in row.ramp.steps if step >= 0.005
    )
    return (
        row.used / row.slots if row.slots else 0.0,
        row.idle,
        row.rate,
        row.backlog_slots,
        row.backlog_weeks,
        row.value("ukraine"),
        row.value("ally"),
        row.value("replacement"),
        row.stock_usd_m,
        _customers(report, row),
        row.ramp.rate or None,
        row.ramp.rate / row.rate if row.rate > 0 else None,
        row.ramp.by,
        quarters,
        row.ramp.already or None,
    )


def _customers(report: Report, row: LineFacts) -> tuple[str, ...]:
    name = {code: pair[1] for code, pair in recipient_names(report.problem).items()}
    lines = []
    for one in row.customers[:_LISTED]:
        who = "Ukraine" if one.group == "ukraine" else name[one.recipient]
        what = ", replacements" if one.group == "replacement" else ""
        share = one.value_usd_m / row.value_usd_m if row.value_usd_m > 0 else 0.0
        lines.append(f"{who}{what}: {short(round(one.value_usd_m, 1))} ({100 * share:.0f} %)")
    rest = len(row.customers) - len(lines)
    return (*lines, f"and {count(rest, 'other')}") if rest > 0 else tuple(lines)


def backlog(report: Report) -> Table:
    """A row a line and item that is owed."""
    columns = (
        Column("line", "coded"),
        Column("item", "coded"),
        Column("late", "whole", "units delivered after the date"),
        Column("missing", "whole", "units due before the plan ends and not delivered before it"),
        Column("part of line", "share", "where several lines make the item: by what each could make"),
        Column("slots", "number", "the line’s part, in slots", digits=0),
        Column("weeks of backlog", "late", "these slots ÷ the line’s slots a week"),
    )
    line_name = {line.line: (line.line, line.name) for line in report.problem.lines}
    item = item_names(report.problem)
    rows = [
        (line_name[one.line], item[one.item], one.late, one.missing, one.share, one.slots, one.weeks)
        for row in report.industry
        for one in row.backlog
    ]
    rows.sort(key=lambda row: (-(row[6] or 0.0), row[0], row[1]))
    caption = "What is owed, item by item: units late or missing, and how many weeks of output that is."
    return Table("backlog", "Backlog", caption, columns, tuple(rows))


def output(report: Report) -> Table:
    """A row a line and customer: value of what was made for it."""
    columns = (
        Column("line", "coded"),
        Column("for"),
        Column("customer", "coded"),
        Column("value", "money", "million USD of output that leaves for it, first in, first out"),
        Column("share", "share", "of the value of all output of the line"),
    )
    name = recipient_names(report.problem)
    line_name = {line.line: (line.line, line.name) for line in report.problem.lines}
    rows = []
    for row in report.industry:
        total = row.value_usd_m
        parts = [
            (_GROUPS[one.group], name.get(one.recipient, ("", "Ukraine")), one.value_usd_m) for one in row.customers
        ]
        if row.stock_usd_m > 0:
            parts.append(("stock", ("", "in the pool at the end"), row.stock_usd_m))
        rows += [(line_name[row.line], *part, part[2] / total if total > 0 else None) for part in parts]
    caption = "Value of output by customer."
    return Table("output", "Output by customer", caption, columns, tuple(rows))


def ramp(report: Report) -> Table:
    """A row a line, a column a quarter: slots a week more."""
    days = [day for day, _ in report.industry[0].ramp.steps] if report.industry else []
    columns = (
        Column("line", "coded"),
        Column("a week", "number", "slots a week, mean over the plan", digits=2),
        Column("one ramp", "number", "slots a week more from the first day on", digits=2),
        *(Column(f"from {day}", "number", "slots a week more in this quarter", digits=2) for day in days),
    )
    name = {line.line: (line.line, line.name) for line in report.problem.lines}
    rows = tuple(
        (name[row.line], row.rate, row.ramp.rate or None, *(step or None for _, step in row.ramp.steps))
        for row in report.industry
    )
    caption = "Slots a week more that would bring all demands of a line in time, if all else is allowed."
    return Table("ramp", "Ramp by quarter", caption, columns, rows)


def components(report: Report) -> Table:
    """A row a component that holds output back while units are overdue."""
    columns = (
        Column("component"),
        Column("binds for", "whole", "weeks in which all that has come is used up and units are overdue"),
        Column("when", "told", where="page"),
        Column("spans", where="book"),
        Column("items", note="items with it that are overdue then"),
        Column("overdue", "whole", "most units of these that wait at once"),
    )
    rows = tuple(
        (
            row.component,
            row.weeks,
            tuple(f"{first} to {last}" for first, last in row.spans),
            "; ".join(f"{first} to {last}" for first, last in row.spans),
            ", ".join(row.items),
            row.waiting,
        )
        for row in report.bindings
    )
    caption = "Components of which nothing is left while units that need them are overdue."
    return Table("components", "Components that bind", caption, columns, rows)
