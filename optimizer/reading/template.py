"""`burdenshare template`: a workbook to fill in, with drop-downs, notes and example rows, from the table of columns.

The example rows agree with each other: as it is written the template is itself a valid instance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from optimizer.reading.cells import type_cell
from optimizer.reading.column import FIRST_DATE, LAST_DATE, Column, Table
from optimizer.reading.columns import TABLES
from optimizer.reading.replace import written_file
from optimizer.reading.sections import SECTIONS
from optimizer.reading.workbook import SETTINGS_SHEET
from optimizer.reading.write import CellWriter

_LAST_ROW = 20_000
"""The last row with drop-downs and formats."""

_GUIDE = (
    "How to fill in this workbook",
    "Every sheet is a table. Point at a column name to read what it means, its unit, and what may stand there.",
    "The grey rows are examples: write over them, or delete them.",
    "A sheet that you delete, or leave with no row under the column names, switches its feature off.",
    "On the sheet instance, blank values for all keys of a section (as packages.) switch that section off.",
    "Columns whose name is in italics may be left blank.",
    "Money is in million USD, quantities in whole units, dates as YYYY-MM-DD, durations in weeks, mass in tonnes.",
    "Then: burdenshare check FILE.xlsx lists everything that is not right yet.",
)


def write_template(path: Path) -> None:
    """Write the template. Raises `OSError`; whoever calls decides whether a file may be replaced."""
    with written_file(path) as target, xlsxwriter.Workbook(str(target), {"in_memory": True}) as book:
        styles = _Styles(book)
        guide = book.add_worksheet("README")
        guide.set_column(0, 0, 120)
        for at, line in enumerate(_GUIDE):
            guide.write_string(at, 0, line, styles.header if at == 0 else None)
        _settings_sheet(book, styles)
        for table in TABLES.values():
            _table_sheet(book, styles, table)


class _Styles(CellWriter):
    """The formats of the template."""

    def __init__(self, book: Any) -> None:
        super().__init__(book)
        self.optional = book.add_format({"bold": True, "italic": True, "bottom": 1})
        grey: dict[str, Any] = {"font_color": "#7F7F7F", "italic": True}
        self.example = book.add_format(grey)
        self.example_date = book.add_format({**grey, "num_format": "yyyy-mm-dd"})
        self.text = book.add_format({"num_format": "@"})
        self.meaning = book.add_format({"font_color": "#595959", "text_wrap": True})

    def example_of(self, column: Column) -> Any:
        """The format of an example in the column."""
        return self.example_date if column.type == "date" else self.example


def _settings_sheet(book: Any, styles: _Styles) -> None:
    sheet = book.add_worksheet(SETTINGS_SHEET)
    sheet.freeze_panes(1, 0)
    for at, width in enumerate((34, 60, 22, 70)):
        sheet.set_column(at, at, width)
    styles.row(sheet, 0, ("key", "value", "unit", "meaning"), styles.header)
    at = 1
    for section in SECTIONS.values():
        for column in section.columns:
            sheet.write_string(at, 0, section.dotted(column), styles.optional if column.blank else None)
            styles.cell(sheet, at, 1, example_value(column, column.example), style=styles.example_of(column))
            sheet.write_string(at, 2, column.unit)
            first = f"{section.meaning} " if section.name and column is section.columns[0] else ""
            sheet.write_string(at, 3, first + column.meaning, styles.meaning)
            _validate(sheet, column, at, 1, at)
            at += 1


def _table_sheet(book: Any, styles: _Styles, table: Table) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.name, styles.optional if column.blank else styles.header)
        note = f"{table.meaning}\n\n{note_of(column)}" if at == 0 else note_of(column)
        sheet.write_comment(0, at, note, {"x_scale": 2.2, "y_scale": 1.6})
        style = {"date": styles.date, "text": styles.text, "code": styles.text}.get(column.type)
        sheet.set_column(at, at, max(14, len(column.name) + 2), style)
        _validate(sheet, column, 1, at, _LAST_ROW)
    for at, row in enumerate(table.examples(), start=1):
        for index, (column, text) in enumerate(zip(table.columns, row, strict=True)):
            styles.cell(sheet, at, index, example_value(column, text), style=styles.example_of(column))


def example_value(column: Column, text: str) -> Any:
    """An example typed as the reader types it. Raises `ValueError` for one that the reader refuses."""
    if column.type in {"numbers", "periods", "terms"}:
        return text
    value, wrong = type_cell(column, text)
    if wrong is not None:
        raise ValueError(f"{column.name}: the example {text!r} is wrong ({wrong.code})")
    return value


def note_of(column: Column) -> str:
    """Meaning, unit and what may stand in the column."""
    unit = f"\nUnit: {column.unit}" if column.unit else ""
    blank = "\nMay be blank." if column.blank else ""
    if column.blank and column.default is not None:
        blank = f"\nMay be blank: {column.default:g}." if isinstance(column.default, float | int) else blank
    return f"{column.meaning}{unit}\nExpected: {column.expected()}.{blank}"


def _validate(sheet: Any, column: Column, first: int, at: int, last: int) -> None:
    """The drop-down or the limits of a column's cells. Excel allows no list that is fed by several sheets."""
    rule: dict[str, Any] = {}
    if column.type == "choice":
        rule = {"validate": "list", "source": list(column.choices)}
    elif len(column.references) == 1:
        (table, name) = column.references[0]
        letter = chr(ord("A") + TABLES[table].column_names.index(name))
        rule = {"validate": "list", "source": f"={table}!${letter}$2:${letter}${_LAST_ROW}"}
    elif column.type in {"whole", "number"}:
        rule = {"validate": "integer" if column.type == "whole" else "decimal", **_bounds(column)}
    elif column.type == "date":
        rule = {"validate": "date", "criteria": "between", "minimum": FIRST_DATE, "maximum": LAST_DATE}
    if rule:
        rule |= {"ignore_blank": True, "error_title": "Not as expected", "error_message": column.expected()[:255]}
        sheet.data_validation(first, at, last, at, rule)


def _bounds(column: Column) -> dict[str, Any]:
    if column.above is not None:
        return {"criteria": ">", "value": column.above}
    return {"criteria": "between", "minimum": column.minimum, "maximum": column.maximum}
