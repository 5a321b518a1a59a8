"""Workbooks as people make them: dates, formulas, errors, merged cells, and files that only look like one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from models.problem import Problem
from optimizer.findings import Finding
from optimizer.reading.columns import TABLES
from optimizer.reading.convert import convert
from optimizer.reading.instance import read_instance
from optimizer.reading.template import write_template
from optimizer.reading.write import settings_of, table_rows, text_of_list
from tests.bad_instances.good import write_good

Change = Callable[[Any, Any], None]
"""Changes one sheet, given with its book, after the good instance was written into it."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    problem = read_instance(write_good(tmp_path_factory.mktemp("good"))).problem
    assert problem is not None
    return problem


def book_of(problem: Problem, path: Path, sheet: str = "", change: Change = lambda book, sheet: None) -> Path:
    """The instance as a plain workbook, in which one sheet is then changed."""
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheets = {"instance": [("key", "value")]}
        sheets["instance"] += [
            (f"{section}.{name}" if section else name, text_of_list(value) if isinstance(value, tuple) else value)
            for section, name, value in settings_of(problem)
        ]
        for name, table in TABLES.items():
            sheets[name] = [table.column_names, *table_rows(problem, table)]
        for name, rows in sheets.items():
            made = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, dt.date):
                        made.write_datetime(at, column, dt.datetime.combine(value, dt.time()), day)
                    else:
                        made.write(at, column, value)
            if name == sheet:
                change(book, made)
        if sheet and sheet not in sheets:
            change(book, book.add_worksheet(sheet))
    return path


def findings(path: Path) -> list[Finding]:
    return list(read_instance(path).findings)


def test_good_workbook_is_the_good_instance(good: Problem, tmp_path: Path) -> None:
    reading = read_instance(book_of(good, tmp_path / "book.xlsx"))
    assert reading.findings == ()
    assert reading.problem == good
    assert [file.name for file in reading.files] == ["book.xlsx"]


def test_spreadsheet_habits_do_no_harm(good: Problem, tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.write_datetime(1, 1, dt.datetime(2026, 2, 10), book.add_format({"num_format": "d mmm yyyy"}))
        sheet.write_formula(1, 2, "=1+1", None, 2)
        sheet.write_string(5, 0, "   ")
        sheet.set_row(9, 30)
        sheet.write_blank(40, 6, None, book.add_format({"bold": True}))

    assert read_instance(book_of(good, tmp_path / "book.xlsx", "receipts", change)).problem == good


@pytest.mark.parametrize(
    ("sheet", "change", "code", "row", "column", "value", "hint"),
    [
        ("receipts", lambda book, s: s.write(1, 1, 46063), "not_a_date", 2, "date", "46063", "Maybe 2026-02-10"),
        ("receipts", lambda book, s: s.write(1, 1, "10.2.2026"), "not_a_date", 2, "date", "10.2.2026", "Maybe 2026-"),
        ("receipts", lambda book, s: s.write(1, 2, 2.5), "not_whole", 2, "quantity", "2.5", ""),
        ("receipts", lambda book, s: s.write(1, 2, "2,0"), "not_a_number", 2, "quantity", "2,0", "Maybe 2.0"),
        ("receipts", lambda book, s: s.write(1, 2, True), "not_a_number", 2, "quantity", "TRUE", ""),
        (
            *("receipts", lambda book, s: s.write_formula(1, 2, "=1/0", None, "#DIV/0!")),
            *("formula_error", 2, "quantity", "#DIV/0!", ""),
        ),
        ("receipts", lambda book, s: s.write(0, 5, "stray"), "unknown_column", 1, "stray", "stray", ""),
        ("receipts", lambda book, s: s.write(1, 5, "stray"), "unknown_column", 1, "", "", ""),
        ("receipts", lambda book, s: s.merge_range(4, 0, 5, 1, ""), "merged_cells", 5, None, "A5:B6", ""),
        (
            "instance",
            lambda book, s: s.write(60, 0, "name") or s.write(60, 1, "x"),
            "duplicate_setting",
            61,
            "name",
            "x",
            "",
        ),
        (
            "instance",
            lambda book, s: s.write(60, 0, "nam") or s.write(60, 1, "x"),
            "unknown_setting",
            61,
            "nam",
            "x",
            "",
        ),
        ("instance", lambda book, s: s.write(0, 0, "keys"), "missing_column", 1, "key", "keys, value", ""),
        ("instance", lambda book, s: s.write(3, 1, "52 weeks"), "wrong_type", 4, "periods", "52 weeks", ""),
        ("order", lambda book, s: s.write(0, 0, "order"), "unknown_table", None, None, "order", "Maybe orders"),
        ("Chart", lambda book, s: s.write(0, 0, "x"), "unknown_table", None, None, "Chart", ""),
    ],
)
def test_what_is_wrong_is_found_in_its_cell(  # noqa: PLR0917
    good: Problem,
    tmp_path: Path,
    sheet: str,
    change: Change,
    code: str,
    row: int | None,
    column: str | None,
    value: str | None,
    hint: str,
) -> None:
    found = findings(book_of(good, tmp_path / "book.xlsx", sheet, change))
    assert len(found) == 1, [finding.line() for finding in found]
    (finding,) = found
    assert (finding.severity, finding.code, finding.file) == ("error", code, f"book.xlsx[{sheet}]")
    assert (finding.row, finding.column, finding.value) == (row, column, value)
    assert finding.hint.startswith(hint)
    assert bool(finding.hint) == bool(hint)


def test_formula_that_was_never_calculated(good: Problem, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = book_of(good, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    book["receipts"]["C2"] = "=1+1"
    book.save(path)
    (finding,) = findings(path)
    assert (finding.code, finding.row, finding.column) == ("formula_error", 2, "quantity")


def test_empty_sheet_is_a_feature_switched_off(good: Problem, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        settings = book.add_worksheet("instance")
        items = book.add_worksheet("items")
        book.add_worksheet("needs")
        for at, row in enumerate(
            [
                ("key", "value"),
                ("name", "x"),
                ("start", "2026-01-05"),
                ("periods", "[[2, 1]]"),
                ("after_horizon_weeks", 1),
            ]
        ):
            settings.write_row(at, 0, row)
        for at, values in enumerate([TABLES["items"].column_names, ("a", "A", "b", "each", 1, 1)]):
            items.write_row(at, 0, values)
    assert [finding.code for finding in findings(path)] == ["no_demand"]


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x03\x04 and then nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 90]
)
def test_workbook_that_is_not_one(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    (finding,) = findings(path)
    assert (finding.severity, finding.code, finding.file) == ("error", "not_a_workbook", "book.xlsx")


def test_damaged_workbooks_never_raise(good: Problem, tmp_path: Path) -> None:
    whole = book_of(good, tmp_path / "book.xlsx").read_bytes()
    damaged = tmp_path / "damaged.xlsx"
    for at in range(10, len(whole), len(whole) // 15):
        for data in (whole[:at], whole[:at] + b"\x00\xff\x13" + whole[at + 3 :]):
            damaged.write_bytes(data)
            reading = read_instance(damaged)
            assert reading.problem == good or any(finding.severity == "error" for finding in reading.findings)


def test_workbook_without_settings(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Sheet1")
    assert [finding.code for finding in findings(path)] == ["unknown_table", "missing_table", "missing_table"]


def test_cell_far_away_is_refused(good: Problem, tmp_path: Path) -> None:
    path = book_of(good, tmp_path / "book.xlsx", "receipts", lambda book, sheet: sheet.write(1_048_575, 16_383, "far"))
    (finding,) = findings(path)
    assert finding.code == "not_a_workbook"
    assert "receipts" in finding.message


def test_template_is_a_valid_instance_and_explains_itself(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "template.xlsx"
    write_template(path)
    reading = read_instance(path)
    assert reading.findings == ()
    assert reading.problem is not None
    assert all(len(getattr(reading.problem, name)) == len(table.examples()) for name, table in TABLES.items())
    book = openpyxl.load_workbook(path)
    for name, table in TABLES.items():
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        for cell, column in zip(sheet[1], table.columns, strict=True):
            assert cell.value == column.name
            assert column.meaning in cell.comment.text
        lists = {rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
        for column in table.columns:
            if column.choices:
                assert f'"{",".join(column.choices)}"' in lists
            if len(column.references) == 1:
                assert any(formula.lstrip("=").startswith(f"{column.references[0][0]}!") for formula in lists)
    convert(path, tmp_path / "folder")
    assert read_instance(tmp_path / "folder").problem == reading.problem
