"""The workbook under way: formats, cells that are what they say, links inside, totals that follow a filter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from optimizer.reporting.names import STATES
from optimizer.reporting.numbers import clean
from optimizer.reporting.workbook import FORMULA, GROUND, Workbook

MONEY, WEEKS = '#,##0.00 "M USD"', '#,##0.0 "wk"'
FORMATS = {
    "whole": "#,##0",
    "number": "#,##0.00",
    "late": WEEKS,
    "money": MONEY,
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "slots": '#,##0 "slots"',
    "tonnes": '#,##0.0 "t"',
    "weeks": '#,##0 "wk"',
}
"""Number formats by kind of cell, with their units; the cells hold bare numbers."""
COLOURS = {"on_time": "#D9EFDF", "late": "#FCE8C8", "short": "#FFC7CE", "none": "#FFC7CE", "not_due": GROUND}
"""Ground of an outcome; the word stands in the cell."""
MOST_LINKS = 60_000
"""Links on one sheet; Excel reads 65,530."""
HELD_ROWS = 40_000
"""Rows of a workbook that is held in memory till its end; of a longer one each row is written when the next begins."""


class Book(Workbook):
    """The workbook of a plan, and its cell formats."""

    def __init__(self, path: Path, rows: int = 0) -> None:
        """Nothing is written before `close`. `rows`: how many there will be, about; each sheet from top to bottom."""
        super().__init__(path, FORMATS, held=rows <= HELD_ROWS)
        self.number_head = self.book.add_format({**self.head_look, "align": "right"})
        self.date_head = self.book.add_format({**self.head_look, "num_format": "yyyy-mm-dd"})
        self.steep_head = self.book.add_format({**self.head_look, "num_format": "yyyy-mm-dd", "rotation": 90})
        self.amber = self.book.add_format({"font_color": "#7A4A00", "bg_color": COLOURS["late"]})
        self.red = self.book.add_format({"font_color": "#9C0006", "bg_color": COLOURS["none"]})
        self.states = {state: self.book.add_format({"bg_color": colour}) for state, colour in COLOURS.items()}
        link = {"font_color": "#0B57A4", "underline": 1}
        self.link = self.book.add_format(link)
        self.quoted_link = self.book.add_format({**link, "quote_prefix": True})
        total = {"bold": True, "top": 1, "bg_color": GROUND}
        self.total = {kind: self.book.add_format({**total, "num_format": code}) for kind, code in FORMATS.items()}
        self.total["text"] = self.book.add_format(total)
        self._links: dict[str, int] = {}

    def to(self, sheet: Any, row: int, column: int, text: str, place: tuple[str, int] | None) -> None:
        """Write a text that leads to `place` = (sheet, row from 0); plain text where there is none."""
        count = self._links.get(sheet.name, 0)
        if place is None or not text or count >= MOST_LINKS or len(text) > 255:
            self.cell(sheet, row, column, text, "text")
            return
        self._links[sheet.name] = count + 1
        style = self.quoted_link if text.startswith(FORMULA) else self.link
        target = f"internal:'{place[0]}'!{xl_rowcol_to_cell(place[1], 0)}"
        sheet.write_url(row, column, target, style, string=text)

    def subtotal(self, sheet: Any, rows: int, column: int, values: Sequence[Any], kind: str) -> None:
        """Below rows 1 … `rows` the sum of those that a filter leaves; the cached value is the sum of all."""
        formula = f"=SUBTOTAL(109,{xl_range(1, column, rows, column)})"
        sheet.write_formula(rows + 1, column, formula, self.total[kind], _sum(values))

    def sum_across(self, sheet: Any, row: int, first: int, values: Sequence[Any]) -> None:
        """The sum of the row's cells from column `first` on, in the column before it."""
        formula = f"=SUM({xl_range(row, first, row, first + len(values) - 1)})"
        sheet.write_formula(row, first - 1, formula, self.by_kind["whole"], _sum(values))

    def late(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Colour weeks late as the page does: above 0, and above four weeks."""
        for value, style in ((4, self.red), (0, self.amber)):
            rule = {"type": "cell", "criteria": ">", "value": value, "format": style, "stop_if_true": value > 0}
            sheet.conditional_format(first, column, max(first, last), column, rule)

    def missing(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Colour what is above 0."""
        rule = {"type": "cell", "criteria": ">", "value": 0, "format": self.red}
        sheet.conditional_format(first, column, max(first, last), column, rule)

    def outcomes(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Colour outcomes by their word."""
        for state, word in STATES.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": self.states[state]}
            sheet.conditional_format(first, column, max(first, last), column, rule)


def _sum(values: Sequence[Any]) -> float:
    return clean(sum(float(value) for value in values if isinstance(value, (int, float))))
