"""A stress test on the terminal: sentences, and the first rows of every table."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from optimizer.batch.stress import Stress
from optimizer.batch.stress_tables import sheets
from optimizer.batch.stress_words import headline
from optimizer.reporting.comparison_tables import Sheet, plain

TOP = 12
"""Rows of a table."""


def stress_lines(stress: Stress, top: int = TOP) -> Group:
    """Everything that is shown."""
    parts: list[Text | Table] = [Text(line) for line in headline(stress)]
    for sheet in sheets(stress):
        if sheet.rows:
            parts += [Text(""), _table(sheet, top)]
            if len(sheet.rows) > top:
                parts.append(Text(f"… and {len(sheet.rows) - top} rows more"))
    return Group(*parts)


def _table(sheet: Sheet, top: int) -> Table:
    columns = sheet.columns("all")
    table = Table(title=Text(sheet.title), title_justify="left")
    for _, head in columns:
        words = head.kind in ("text", "long", "date")
        table.add_column(Text(head.title), justify="left" if words else "right", overflow="fold")
    for row in sheet.rows[:top]:
        table.add_row(*(Text(plain(head, row[at])) for at, head in columns))
    return table
