"""What one more is worth, as a table."""

from __future__ import annotations

from optimizer.explaining.values import UNITS, in_words
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table

TITLES = {
    "slot": "production slot",
    "component": "component",
    "pledge": "pledge",
    "lane": "lane",
    "floor": "stock to keep",
    "reviewer": "reviewers",
}
"""Kinds of what there may be one more of, for people."""
FOUND = {"fixed_lp": "decisions held", "resolved": "solved again"}
"""How a value was found, for people; see docs/marginal-values.md."""


def values(report: Report) -> Table:
    """Everything of which one more is worth something, the dearest first within its kind."""
    columns = (
        Column("of what", "text"),
        Column("which", "text", "line, component, pledge, lane or item"),
        Column("from", "date", "first day of the week or period; blank: the whole horizon"),
        Column("one more", "text", "a slot is one unit of the line's output"),
        Column("is worth", "number", "weight × million USD × weeks less delay", digits=0),
        Column("unit-weeks", "number", "weeks brought forward × units, over all demands", digits=1),
        Column("most for", "text", "the demand that gains most"),
        Column("found by", "text", "decisions held: units in fractions; solved again: whole units"),
        Column("in words", "text", where="book"),
    )
    found = () if report.values is None else report.values.values
    rows = tuple(
        (
            TITLES[one.kind],
            one.entity,
            one.date,
            UNITS[one.kind],
            one.value,
            one.weeks,
            one.gains[0].demand if one.gains else "",
            FOUND[one.how],
            in_words(one),
        )
        for one in found
    )
    caption = "What one more of something scarce is worth. What is not listed is worth nothing more."
    return Table("values", "What one more is worth", caption, columns, rows)
