"""A `Problem` -> the files of an instance: a folder of CSV files with `instance.toml`, or a workbook.

What is written reads back as an equal `Problem`. Tables without rows and sections that are off are not written.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tomli_w
import xlsxwriter

from models.problem import SCORES, Problem
from optimizer.reading.column import Table
from optimizer.reading.columns import TABLES
from optimizer.reading.folder import SETTINGS_FILE
from optimizer.reading.sections import SECTIONS, SHARES
from optimizer.reading.workbook import SETTINGS_SHEET


def table_rows(problem: Problem, table: Table) -> list[tuple[Any, ...]]:
    """The rows of a table as typed values, in the order of its columns."""
    names = table.column_names
    return [tuple(getattr(record, name) for name in names) for record in getattr(problem, table.name)]


def csv_of(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as CSV text: blanks for None, ISO dates, numbers with all their digits."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([plain(value) for value in row] for row in rows)
    return out.getvalue()


def plain(value: Any) -> str:
    """A typed value as the text of a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def settings_of(problem: Problem) -> Iterator[tuple[str, str, Any]]:
    """Section, key and value of every setting that is given, in the order of `problem.md`."""
    for section in SECTIONS.values():
        record: Any = getattr(problem, section.field) if section.name else problem
        if record is None:
            continue
        for name in (column.name for column in section.columns):
            share = name.removeprefix(SHARES)
            value = record.shares[share] if share != name else getattr(record, name)
            if value is not None:
                yield section.name, name, value


def toml_of(problem: Problem) -> str:
    """The text of `instance.toml`."""
    lines: list[str] = []
    shares: dict[str, str] = {}
    current = ""
    for section, name, value in settings_of(problem):
        if section != current:
            lines += ["", f"[{section}]"]
            current = section
        if isinstance(value, tuple):
            lines.append(f"{name} = {text_of_list(value)}")
        elif name.startswith(SHARES):
            shares[name.removeprefix(SHARES)] = tomli_w.dumps({"value": value}).removeprefix("value = ").strip()
            if len(shares) == len(SCORES):
                lines.append("shares = { " + ", ".join(f"{score} = {text}" for score, text in shares.items()) + " }")
        else:
            lines.append(tomli_w.dumps({name: value}).strip())
    return "\n".join(lines) + "\n"


def write_folder(problem: Problem, folder: Path) -> None:
    """Write the instance into a folder, which is made if need be. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files_of(problem).items():
        (folder / name).write_bytes(content)


def files_of(problem: Problem) -> dict[str, bytes]:
    """The files of the instance's folder by name."""
    texts = {SETTINGS_FILE: toml_of(problem)}
    for name, table in TABLES.items():
        rows = table_rows(problem, table)
        if rows or table.required:
            texts[f"{name}.csv"] = csv_of(table.column_names, rows)
    return {name: text.encode("utf-8") for name, text in texts.items()}


def write_workbook(problem: Problem, path: Path, notes: dict[str, list[list[str]]] | None = None) -> None:
    """Write the instance as a workbook; `notes` are sheets of text beside the tables. Raises `OSError`."""
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        cells = CellWriter(book)
        sheet = book.add_worksheet(SETTINGS_SHEET)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, 32)
        cells.row(sheet, 0, ("key", "value"), cells.header)
        for at, (section, name, value) in enumerate(settings_of(problem), start=1):
            key = f"{section}.{name}" if section else name
            cells.row(sheet, at, (key, text_of_list(value) if isinstance(value, tuple) else value))
        for name, table in TABLES.items():
            rows = table_rows(problem, table)
            if rows or table.required:
                sheet = book.add_worksheet(name)
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, len(table.columns) - 1, 18)
                cells.row(sheet, 0, table.column_names, cells.header)
                for at, values in enumerate(rows, start=1):
                    cells.row(sheet, at, values)
        for name, lines in (notes or {}).items():
            sheet = book.add_worksheet(name)
            for at, line in enumerate(lines):
                cells.row(sheet, at, line)


def text_of_list(value: tuple[Any, ...]) -> str:
    """A list of settings as the text of one cell, in TOML's spelling."""
    quoted = {str: '"{}"'.format}
    parts = [text_of_list(x) if isinstance(x, tuple) else quoted.get(type(x), plain)(x) for x in value]
    return "[" + ", ".join(parts) + "]"


class CellWriter:
    """Writes typed values into sheets so that they read back the same: nothing is guessed from texts."""

    def __init__(self, book: Any) -> None:
        """Make the formats of the book."""
        self.header = book.add_format({"bold": True, "bottom": 1})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})

    def row(self, sheet: Any, at: int, values: Sequence[Any], style: Any = None) -> None:
        """Write a row of values from column 0 on."""
        for column, value in enumerate(values):
            self.cell(sheet, at, column, value, style=style)

    def cell(self, sheet: Any, at: int, column: int, value: Any, *, style: Any = None) -> None:
        """Write one value; a float that the file format would round to 16 digits is written as a text."""
        if value is None:
            return
        if isinstance(value, dt.date):
            sheet.write_datetime(at, column, dt.datetime.combine(value, dt.time()), style or self.date)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and float(f"{value:.16G}") == value:
            sheet.write_number(at, column, value, style)
        else:
            sheet.write_string(at, column, plain(value), style)
