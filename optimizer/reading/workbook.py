"""An Excel workbook with the tables as sheets, and a sheet `instance` of key and value -> `RawInstance`."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from optimizer.findings import Finding, error
from optimizer.reading import guess
from optimizer.reading.cells import Cell, ErrorCell, is_blank, shown
from optimizer.reading.column import MAX_ROWS
from optimizer.reading.columns import COMPANIONS, TABLES
from optimizer.reading.raw import RawInstance, RawRow, RawSetting, RawSettings, RawTable, SourceFile
from optimizer.reading.xlsx_scan import NotAWorkbook, SheetScan, scan_workbook

SETTINGS_SHEET = "instance"
LISTS_SHEET = "lists"
"""Holds the words of the template's drop-downs; left alone when read."""
_MAX_CELLS = 50_000_000


def is_workbook_name(path: Path) -> bool:
    """Whether the path is called like a workbook."""
    return path.suffix.lower() in {".xlsx", ".xlsm"}


def sheet_file(path: Path, sheet: str) -> str:
    """How findings name a sheet."""
    return f"{path.name}[{sheet}]"


def read_workbook(path: Path) -> RawInstance:
    """All tables and settings of a workbook; unknown sheets are findings, hidden or not."""
    try:
        data = path.read_bytes()
    except OSError as failure:
        finding = error("cannot_read", path.name, f"The file cannot be read: {failure.strerror}.")
        return RawInstance({}, frozenset(TABLES), None, (finding,), ())
    files = (SourceFile(path.name, hashlib.sha256(data).hexdigest()),)
    try:
        scans = scan_workbook(data)
        sheets = _load(data, scans)
    except NotAWorkbook as failure:
        message = f"The file is not an Excel workbook: {failure}."
        finding = error("not_a_workbook", path.name, message, expected="a workbook saved by Excel as .xlsx")
        return RawInstance({}, frozenset(TABLES), None, (finding,), files)
    findings: list[Finding] = []
    tables: dict[str, RawTable] = {}
    unreadable: set[str] = set()
    settings: RawSettings | None = None
    for name, rows in sheets.items():
        file = sheet_file(path, name)
        if name in COMPANIONS or name == LISTS_SHEET:
            continue
        if name != SETTINGS_SHEET and name not in TABLES:
            findings.append(_unknown_sheet(file, name))
            continue
        findings += [_merged(file, area) for area in scans[name].merged]
        if name == SETTINGS_SHEET:
            settings, found = _settings(file, rows)
            findings += found
            continue
        table, found = _table(name, file, rows)
        findings += found
        if table is None:
            unreadable.add(name)
        else:
            tables[name] = table
    if SETTINGS_SHEET not in sheets:
        file = sheet_file(path, SETTINGS_SHEET)
        findings.append(error("missing_table", file, "The workbook has no sheet instance, of key and value."))
    return RawInstance(tables, frozenset(unreadable), settings, tuple(findings), files)


def _load(data: bytes, scans: dict[str, SheetScan]) -> dict[str, list[list[Cell]]]:
    """The cells of every sheet; a cell that shows an error as `ErrorCell`. Raises `NotAWorkbook`."""
    sheets: dict[str, list[list[Cell]]] = {}
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            scan = scans.get(name)
            if scan is None:  # a chart sheet
                sheets[name] = []
                continue
            if scan.rows > MAX_ROWS or scan.rows * scan.columns > _MAX_CELLS:
                raise NotAWorkbook(f"sheet {name} reaches to row {scan.rows}, column {scan.columns}")
            rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for (row, column), text in scan.errors.items():
                _put(rows, row - 1, column - 1, ErrorCell(text))
            sheets[name] = rows
    except (CalamineError, OSError, ValueError) as failure:
        raise NotAWorkbook(str(failure)) from failure
    except BaseException as failure:  # the Rust library's panic is no Exception
        if type(failure).__name__ != "PanicException":
            raise
        raise NotAWorkbook("its content is damaged") from failure
    return sheets


def _put(rows: list[list[Any]], row: int, column: int, cell: Cell) -> None:
    while len(rows) <= row:
        rows.append([])
    line = rows[row]
    line.extend([None] * (column + 1 - len(line)))
    line[column] = cell


def _table(name: str, file: str, rows: Sequence[Sequence[Cell]]) -> tuple[RawTable | None, list[Finding]]:
    header: tuple[str, ...] = tuple(shown(cell).strip() for cell in rows[0]) if rows else ()
    while header and not header[-1]:
        header = header[:-1]
    if not header:
        if not any(not is_blank(cell) for row in rows for cell in row):
            # a sheet left empty is a feature switched off
            return RawTable(name, file, tuple(column.name for column in TABLES[name].columns), ()), []
        return None, [error("empty_table", file, "The first row has no column names.", row=1)]
    width = max(len(header), *(_used(row) for row in rows))
    header = header + ("",) * (width - len(header))
    kept = tuple(
        RawRow(number, (list(cells) + [None] * width)[:width])
        for number, cells in enumerate(rows[1:], start=2)
        if any(not is_blank(cell) for cell in cells)
    )
    return RawTable(name, file, header, kept), []


def _used(row: Sequence[Cell]) -> int:
    return max((at for at, cell in enumerate(row, start=1) if not is_blank(cell)), default=0)


def _settings(file: str, rows: Sequence[Sequence[Cell]]) -> tuple[RawSettings | None, list[Finding]]:
    """Rows of key and value. What stands to the right of them, as notes in the template, is not read."""
    findings: list[Finding] = []
    header = [shown(cell).strip() for cell in rows[0][:2]] if rows else []
    if header != ["key", "value"]:
        message = "The first row of the sheet must name the columns key and value."
        value = ", ".join(header)
        return None, [error("missing_column", file, message, row=1, column="key", value=value, expected="key, value")]
    values: dict[str, RawSetting] = {}
    for number, row in enumerate(rows[1:], start=2):
        key, cell = ([*row, None, None])[:2]
        name = shown(key).strip()
        if is_blank(cell):
            continue
        if name in values:
            message = f"{name} stands in row {values[name].row} already."
            findings.append(error("duplicate_setting", file, message, row=number, column=name, value=shown(cell)))
        else:
            values[name] = RawSetting(cell, number)
    sections = frozenset(name.split(".", 1)[0] for name in values if "." in name)
    return RawSettings(file, values, sections, typed=False), findings


def _unknown_sheet(file: str, name: str) -> Finding:
    expected = "one of " + ", ".join((SETTINGS_SHEET, *TABLES))
    message = f"No table of an instance is called {name}."
    hint = guess.maybe(guess.name(name, (SETTINGS_SHEET, *TABLES)))
    return error("unknown_table", file, message, value=name, expected=expected, hint=hint)


def _merged(file: str, area: str) -> Finding:
    row = int("".join(filter(str.isdigit, area.split(":", maxsplit=1)[0])) or 1)
    return error("merged_cells", file, f"The cells {area} are merged.", row=row, value=area, expected="single cells")
