"""A comparison as a workbook: one sheet a table, text never a formula."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from optimizer.explaining.comparing import Comparison
from optimizer.reporting.comparison_tables import Head, Sheet, sheets
from optimizer.reporting.comparison_words import headline
from optimizer.reporting.numbers import clean

_FORMATS = {
    "whole": "#,##0",
    "number": "#,##0.00",
    "late": "#,##0.0",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "worse": "+#,##0.00;-#,##0.00;0",
    "step": "+#,##0.00;-#,##0.00;0",
}
_WIDEST = 80.0


class _Book:
    """A workbook under way, and its cell formats."""

    def __init__(self, path: Path) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(path), {**options, "in_memory": True})
        head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#EEF1F5"}
        self.head = self.book.add_format(head)
        self.bold = self.book.add_format({"bold": True, "valign": "top"})
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.worse = self.book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
        self.better = self.book.add_format({"font_color": "#0B5A2B", "bg_color": "#D5F0DC"})
        self.by_kind = {
            kind: self.book.add_format({"num_format": code, "valign": "top"}) for kind, code in _FORMATS.items()
        }

    def cell(self, sheet: Any, row: int, column: int, head: Head, value: Any) -> None:
        """Write one cell with the type its kind asks for; blank stays blank."""
        if value is None:
            return
        if isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), self.by_kind["date"])
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, clean(float(value)), self.by_kind.get(head.kind))
        else:
            sheet.write_string(row, column, str(value), self.wrap if head.kind == "long" else None)


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the workbook; the same comparison gives the same bytes. Raises `OSError`."""
    out = _Book(path)
    begin = dt.datetime.combine(comparison.new.problem.start, dt.time())
    out.book.set_properties({"title": f"{comparison.old.name} and {comparison.new.name}", "created": begin})
    _summary(out, comparison)
    for sheet in sheets(comparison):
        _table(out, sheet)
    try:
        out.book.close()
    except FileCreateError as problem:
        raise OSError(f"the workbook cannot be written: {problem}") from problem


def _summary(out: _Book, comparison: Comparison) -> None:
    sheet = out.book.add_worksheet("summary")
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, "What moved between two plans", out.title)
    sides = [("old", comparison.old), ("new", comparison.new)]
    rows = [(which, f"{side.name} ({side.problem.name})") for which, side in sides]
    rows += [("only", ", ".join(comparison.only))] if comparison.only else []
    for row, (label, text) in enumerate([*rows, *(("", line) for line in headline(comparison))], 2):
        sheet.write_string(row, 0, label, out.bold)
        sheet.write_string(row, 1, text, out.wrap)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _table(out: _Book, table: Sheet) -> None:
    sheet = out.book.add_worksheet(table.name)
    sheet.set_row(0, 32)
    for at, head in enumerate(table.heads):
        sheet.write_string(0, at, head.title, out.head)
        if head.note:
            sheet.write_comment(0, at, head.note)
        width = max(10.0, *(min(_WIDEST, len(str(row[at])) + 1.5) for row in table.rows if isinstance(row[at], str)), 0)
        sheet.set_column(at, at, width)
        if head.kind == "worse" and table.rows:
            for sign, look in ((">", out.worse), ("<", out.better)):
                rule = {"type": "cell", "criteria": sign, "value": 0, "format": look}
                sheet.conditional_format(1, at, len(table.rows), at, rule)
    for row, cells in enumerate(table.rows, 1):
        for at, (head, value) in enumerate(zip(table.heads, cells, strict=True)):
            out.cell(sheet, row, at, head, value)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.heads) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
