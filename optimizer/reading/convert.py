"""`burdenshare convert`: a folder to a workbook and back, without loss, whole or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from models.problem import Problem
from optimizer.findings import Finding, error
from optimizer.reading.cells import shown
from optimizer.reading.columns import TABLES
from optimizer.reading.folder import SETTINGS_FILE
from optimizer.reading.instance import read_instance
from optimizer.reading.replace import copy_others, written_file, written_folder
from optimizer.reading.workbook import SETTINGS_SHEET, is_workbook_name
from optimizer.reading.write import csv_of, write_folder, write_workbook

_INSTANCE_FILES = frozenset({SETTINGS_FILE, *(f"{name}.csv" for name in TABLES)})
_NOTES = {"README": "README.md", "provenance": "provenance.csv"}
"""Companions that go along: the sheet and the file."""


def convert(source: Path, target: Path) -> tuple[Finding, ...]:
    """Write the instance at `source` to `target`: a workbook if it is called .xlsx, else a folder.

    An instance at the target is replaced; anything else there is left alone. Returns all findings; if one of them is
    an error, nothing was written.
    """
    reading = read_instance(source)
    if reading.problem is None:
        return reading.findings
    refused = _refused(target)
    if refused is not None:
        return (*reading.findings, refused)
    try:
        notes = _read_notes(source)
        if is_workbook_name(target):
            with written_file(target) as path:
                write_workbook(reading.problem, path, notes)
        else:
            _replace_folder(reading.problem, target, notes)
    except OSError as failure:
        reason = failure.strerror or str(failure)
        return (*reading.findings, error("cannot_write", str(target), f"The result cannot be written: {reason}."))
    return reading.findings


def _refused(target: Path) -> Finding | None:
    """Why the target may not be written, if so."""
    expected = "a new path, an empty folder, or an instance to replace"
    if target.suffix.lower() in {".xlsm", ".xls", ".ods", ".csv", ".toml", ".zip"} and not target.is_dir():
        message = f"{target.name} is called neither like a workbook (.xlsx) nor like a folder."
        return error("not_an_instance", str(target), message, expected="a folder, or a file called .xlsx")
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return None
    if is_workbook_name(target):
        is_instance = target.is_file() and _holds_instance(target)
    else:
        is_instance = target.is_dir() and (target / SETTINGS_FILE).is_file()
    if is_instance:
        return None
    return error("target_exists", str(target), f"{target.name} is there and is not an instance.", expected=expected)


def _holds_instance(path: Path) -> bool:
    try:
        names = CalamineWorkbook.from_path(path).sheet_names
    except (CalamineError, OSError, ValueError):
        return False
    return SETTINGS_SHEET in names


def _replace_folder(problem: Problem, target: Path, notes: dict[str, list[list[str]]]) -> None:
    """Write the folder; what else the old one holds stays."""
    with written_folder(target) as folder:
        write_folder(problem, folder)
        if "README" in notes:
            text = "\n".join(line[0] if line else "" for line in notes["README"]) + "\n"
            (folder / _NOTES["README"]).write_text(text, encoding="utf-8", newline="\n")
        if "provenance" in notes:
            rows = notes["provenance"]
            text = csv_of(rows[0], rows[1:])
            (folder / _NOTES["provenance"]).write_text(text, encoding="utf-8", newline="\n")
        if target.is_dir():
            copy_others(target, folder, _INSTANCE_FILES | {path.name for path in folder.iterdir()})


def _read_notes(source: Path) -> dict[str, list[list[str]]]:
    """The companions of the source, as rows of texts; one that cannot be read as such stays behind."""
    return _notes_of_folder(source) if source.is_dir() else _notes_of_workbook(source)


def _notes_of_folder(source: Path) -> dict[str, list[list[str]]]:
    notes: dict[str, list[list[str]]] = {}
    for sheet, file in _NOTES.items():
        path = source / file
        if not path.is_file():
            continue
        try:
            text = path.read_bytes().decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(text, newline=""))) if path.suffix == ".csv" else None
        except (UnicodeDecodeError, csv.Error):
            continue
        notes[sheet] = rows if rows is not None else [[line] for line in text.splitlines()]
    return {sheet: rows for sheet, rows in notes.items() if rows}


def _notes_of_workbook(source: Path) -> dict[str, list[list[str]]]:
    book = CalamineWorkbook.from_path(source)
    notes = {}
    for sheet in _NOTES:
        if sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            notes[sheet] = [[shown(cell) for cell in row] for row in rows]
    return {sheet: rows for sheet, rows in notes.items() if rows}
