"""`plan.xlsx`: its sheets, its numbers, text that stays text, and the same bytes for the same plan."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from models.plan import Plan
from optimizer.reporting import book as book_module
from optimizer.reporting import book_links, excel
from optimizer.reporting.book_gantt import TOTAL
from optimizer.reporting.excel import write_workbook
from optimizer.reporting.tables import tables
from tests.builders import bare_problem, small_plan, small_problem, with_dispatch, with_row
from tests.reporting.reports import a_report

SHEETS = {
    *("summary", "needs", "orders", "allies", "offers", "weights"),
    *("packages", "package_contents", "donors", "payments", "pledges"),
    *("sharing", "gap_categories", "gap", "asks", "bought"),
    *("queue", "passes", "queue_recipients", "queue_lines", "queue_before"),
    *("items", "lines", "gantt", "production", "stock", "lanes", "approvals", "dispatches", "undelivered"),
    *("industry", "backlog", "output", "ramp", "components"),
}


OURS = re.compile(r"(SUBTOTAL\(109,|SUM\()[A-Z]+\d+(:[A-Z]+\d+)?\)|IF\([A-Z]+\d+=0,0,[A-Z]+\d+/[A-Z]+\d+\)")
"""The formulas that the workbook is written with."""


def sheet(path: Path, name: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    write_workbook(tmp_path / "plan.xlsx", a_report())
    return tmp_path / "plan.xlsx"


def test_the_sheets(book: Path) -> None:
    assert set(CalamineWorkbook.from_path(str(book)).sheet_names) == SHEETS


def test_numbers_and_dates_are_numbers_and_dates(book: Path) -> None:
    rows = sheet(book, "dispatches")
    assert rows[0][:8] == ["demand", "kind", "origin", "item", "item: name", "quantity", "leaves", "arrives"]
    first = next(row for row in rows if row[0] == "N-missile")
    assert first[5] == 2.0
    assert str(first[6]) == "2026-01-05"


def test_production_is_a_matrix_of_weeks(book: Path) -> None:
    rows = sheet(book, "production")
    assert [str(cell) for cell in rows[0][:4]] == ["line", "item", "units", "2026-01-05"]
    assert rows[1][:5] == ["missile_line", "missile", 6.0, 3.0, 3.0]
    assert len(rows[0]) == 3 + 10


def test_stock_is_a_matrix_of_weeks(book: Path) -> None:
    assert sheet(book, "stock")[1][:4] == ["missile", 2.0, 3.0, 4.0]


def test_the_summary_holds_all_three_cases(book: Path) -> None:
    rows = sheet(book, "summary")
    head = next(row for row in rows if row[0] == "delay by cause")
    assert head[1:4] == ["First come, first served", "Priority list", "This plan"]
    total = next(row for row in rows if row[0] == "total")
    assert total[2] == total[3] > 0


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "@SUM(A1)", "-2", "http://example.org", "{=A1}", "12"])
def test_a_users_text_is_never_a_formula_a_link_or_a_number(tmp_path: Path, text: str) -> None:
    problem = with_row(small_problem(name=text), "recipients", "POL", name=text)
    problem = with_row(problem, "lines", "shell_line", name=text)
    write_workbook(tmp_path / "plan.xlsx", a_report(problem))
    found = parts(tmp_path / "plan.xlsx")
    sheets = "".join(content for name, content in found.items() if "worksheets/sheet" in name)
    assert not re.search(r"<hyperlink [^>]*r:id", sheets), "no link leads out of the workbook"
    formulas = re.findall(r"<f>([^<]*)</f>", sheets)
    assert formulas
    assert all(OURS.fullmatch(formula) for formula in formulas)
    assert [row[1] for row in sheet(tmp_path / "plan.xlsx", "weights") if row[0] == "POL"] == [text]
    assert [row[1] for row in sheet(tmp_path / "plan.xlsx", "lines") if row[0] == "shell_line"] == [text]


def test_heads_are_frozen_and_filtered_and_late_is_coloured(book: Path) -> None:
    found = [content for name, content in parts(book).items() if "worksheets/sheet" in name]
    assert sum('state="frozen"' in content for content in found) == len(SHEETS) - 1
    assert sum("<autoFilter" in content for content in found) == len(SHEETS) - 1
    assert sum('operator="greaterThan"' in content for content in found) >= 3
    assert sum('operator="equal"' in content for content in found) == 2, "outcomes of needs and of orders"


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", a_report())
    write_workbook(tmp_path / "b.xlsx", a_report())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_plan_of_nothing_and_a_broken_plan_have_workbooks(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", a_report(bare_problem(), Plan()))
    write_workbook(tmp_path / "b.xlsx", a_report(plan=with_dispatch(small_plan(), "O-firm", 1, quantity=0)))
    assert any("firm_date" in str(cell) for row in sheet(tmp_path / "b.xlsx", "summary") for cell in row)


def cells(path: Path) -> dict[str, list[list[object]]]:
    """Every sheet's cells."""
    found = CalamineWorkbook.from_path(str(path))
    return {name: found.get_sheet_by_name(name).to_python() for name in found.sheet_names}


def test_a_workbook_written_row_by_row_holds_the_same_cells(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "HELD_ROWS", 0)
    write_workbook(tmp_path / "large.xlsx", a_report())
    assert "xl/sharedStrings.xml" in parts(book)
    assert 't="inlineStr"' in parts(tmp_path / "large.xlsx")["xl/worksheets/sheet2.xml"]
    assert cells(tmp_path / "large.xlsx") == cells(book)


def test_rows_beyond_a_sheet_stand_on_the_next_and_the_summary_says_so(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_links, "SHEET_ROWS", 2)
    monkeypatch.setattr(excel, "SHEET_ROWS", 2)
    write_workbook(tmp_path / "long.xlsx", a_report())
    whole, split = cells(book), cells(tmp_path / "long.xlsx")
    rows = [row for row in whole["dispatches"][1:] if row[0] != TOTAL]
    sheets = [name for name in split if name.split()[0] == "dispatches"]
    assert sheets == ["dispatches", *(f"dispatches {at}" for at in range(2, (len(rows) + 1) // 2 + 1))]
    assert all(split[name][0] == whole["dispatches"][0] for name in sheets)
    assert [row for name in sheets for row in split[name][1:] if row[0] != TOTAL] == rows
    told = [str(row[0]) for row in split["summary"] if str(row[0]).startswith("dispatches, continued")]
    assert len(told) == len(sheets) - 1
    assert told[0] == "dispatches, continued: 2 rows more than fit on the sheet before"


def test_links_lead_to_the_sheet_that_a_row_stands_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_links, "SHEET_ROWS", 2)
    found = tables(a_report())
    links = book_links.Links(found, {})
    names = [row[0] for row in found["needs"].rows]
    places = [links.of("dispatches", "demand", name, kind="need") for name in names]
    assert places == [(book_links.sheet_name("needs", at // 2), at % 2 + 1) for at in range(len(names))]
    assert len(names) > 1
