"""A comparison in the terminal. Every text of the user goes in as plain text, never as markup."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.explaining.comparing import Comparison
from optimizer.reporting.comparison_tables import Head, Sheet, plain, sheets
from optimizer.reporting.comparison_words import headline

TOP = 15
"""Rows of a table that are shown unless told otherwise."""


def comparison_lines(comparison: Comparison, top: int = TOP) -> RenderableType:
    """What moved, in sentences and then in tables of at most `top` rows; tables without rows are left out."""
    parts: list[RenderableType] = [
        Text(f"Old: {comparison.old.name} ({comparison.old.problem.name})", style="bold"),
        Text(f"New: {comparison.new.name} ({comparison.new.problem.name})", style="bold"),
    ]
    if comparison.only:
        parts.append(Text(f"Only: {', '.join(comparison.only)}"))
    parts += [Text(line) for line in headline(comparison)]
    if not comparison.same:
        parts += [part for sheet in sheets(comparison) if sheet.rows for part in _shown(sheet, top)]
    return Group(*parts)


def _shown(sheet: Sheet, top: int) -> list[RenderableType]:
    table = Table(title=Text(sheet.title), title_justify="left")
    heads = sheet.columns("all")
    for _, head in heads:
        right = head.kind not in ("text", "long", "date")
        table.add_column(Text(head.title), justify="right" if right else "left", overflow="fold")
    if sheet.whole:
        top = len(sheet.rows)
    for row in sheet.rows[:top]:
        table.add_row(*(_cell(head, row[index]) for index, head in heads))
    left = len(sheet.rows) - top
    more = [Text(f"… and {left:,} more: --top {len(sheet.rows)}, --html FILE or --xlsx FILE shows them.")]
    return [table, *(more if left > 0 else [])]


def _cell(head: Head, value: Any) -> Text:
    if head.kind == "worse" and value:
        return Text(plain(head, value), style="red" if value > 0 else "green")
    return Text(plain(head, value))
