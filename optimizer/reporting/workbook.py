"""What all workbooks that are written share: formats, cells in which no text is ever a formula, a page that prints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from optimizer.reporting.numbers import clean

GROUND = "#EEF1F5"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when somebody edits the cell it begins."""
_LONGEST = 32_000
"""Characters of a cell; Excel holds 32,767."""


class Workbook:
    """A workbook under way, and the cell formats that all have."""

    def __init__(self, path: Path, formats: dict[str, str], *, held: bool = True, **look: Any) -> None:
        """Nothing is written before `close`. `formats`: number formats by kind of cell; `look`: what else they have;
        `held`: in memory till the end, else each row is written when the next begins, each sheet from top to bottom."""
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(path), {**options, "in_memory" if held else "constant_memory": True})
        self.head_look = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": GROUND}
        self.head = self.book.add_format(self.head_look)
        self.bold = self.book.add_format({"bold": True, "valign": "top"})
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.quoted = self.book.add_format({"quote_prefix": True})
        self.quoted_wrap = self.book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.by_kind = {kind: self.book.add_format({"num_format": code, **look}) for kind, code in formats.items()}

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str) -> None:
        """Write one cell with the type its kind asks for; blank stays blank, a user's text is never a formula."""
        if value is None:
            return
        if kind == "flag":
            sheet.write_string(row, column, "yes" if value else "no")
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), self.by_kind["date"])
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, clean(float(value)), self.by_kind.get(kind))
        else:
            self.text(sheet, row, column, str(value), wrapped=kind == "long")

    def text(self, sheet: Any, row: int, column: int, text: str, *, wrapped: bool = False) -> None:
        """Write a text, which is never a formula."""
        text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        plain, quoted = (self.wrap, self.quoted_wrap) if wrapped else (None, self.quoted)
        sheet.write_string(row, column, text, quoted if text.startswith(FORMULA) else plain)

    def finish(self, sheet: Any, rows: int, columns: int, frozen: int) -> None:
        """Frozen and filtered head, and a page that prints."""
        sheet.freeze_panes(1, frozen)
        if columns:
            sheet.autofilter(0, 0, max(rows, 1), columns - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def close(self) -> None:
        """Write the file. Raises `OSError`."""
        try:
            self.book.close()
        except FileCreateError as problem:
            raise OSError(f"the workbook cannot be written: {problem}") from problem
