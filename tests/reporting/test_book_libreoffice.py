"""`plan.xlsx` recalculated by LibreOffice and read back: totals, what a filter changes, links, text that stays text."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.reporting.book_gantt import TOTAL
from optimizer.reporting.excel import write_workbook
from optimizer.reporting.html import page
from tests.builders import small_problem, with_row
from tests.reporting.page_tables import tables_of
from tests.reporting.reports import a_report

ATTACKS = ("=1+1", "+1+1", "-1+1", "@SUM(1,1)")
_SPACE = "http://openoffice.org/2001/" + "registry"  # a name, not an address
_ALWAYS = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="{_SPACE}"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
"""LibreOffice reckons every formula anew, whatever value stands in the file."""


def recalculated(book: Path) -> Path:
    """The workbook as LibreOffice saves it."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        message = "LibreOffice is not installed (Debian: apt-get install libreoffice-calc-nogui)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    profile, out = book.parent / "profile", book.parent / "again"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    ended = subprocess.run(
        [*command, "--outdir", str(out), str(book)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return out / book.name


def total(sheet: Worksheet) -> dict[str, object]:
    """The last row by the heads of the first."""
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] is not None]
    assert rows[-1][0] == TOTAL
    return dict(zip(map(str, rows[0]), rows[-1], strict=True))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workbook whose cached totals are wrong and whose first order has nine units more, before and after."""
    folder = tmp_path_factory.mktemp("book")
    problem = small_problem(name=ATTACKS[0])
    for recipient, text in zip(("POL", "DEU", "CHE", "JPN"), ATTACKS, strict=True):
        problem = with_row(problem, "recipients", recipient, name=text)
    write_workbook(folder / "plan.xlsx", a_report(problem))
    return folder / "plan.xlsx", recalculated(folder / "plan.xlsx")


def test_totals_are_those_of_the_page(books: tuple[Path, Path]) -> None:
    book = openpyxl.load_workbook(books[1], data_only=True)
    found = tables_of(page(a_report()).split("<script>")[0])
    donors = found["donors"].foot
    assert donors is not None
    sums = total(book["donors"])
    for title in ("pledged", "paid", "left", "spent", "P-proposed", "P-new"):
        assert float(str(sums[title] or 0)) == pytest.approx(float(donors[title].key or 0), abs=1e-5), title
    for table in ("needs", "orders", "items", "packages", "payments", "pledges", "lines"):
        for title, value in total(book[table]).items():
            if title not in found[table].heads or not isinstance(value, (int, float)) or title == "spent":
                continue
            column = [row[title] for row in found[table].rows]
            assert value == pytest.approx(sum(float(cell.key or 0) for cell in column), abs=1e-5), (table, title)


def test_every_formula_gives_what_was_written_beside_it(books: tuple[Path, Path]) -> None:
    """No cached value differs from what LibreOffice makes of the formula, and none is an error."""
    before, after = (openpyxl.load_workbook(book, data_only=True) for book in books)
    formulas = openpyxl.load_workbook(books[0])
    seen = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    seen += 1
                    ours, theirs = (book[sheet.title][cell.coordinate].value for book in (before, after))
                    assert theirs == pytest.approx(ours, abs=1e-6), (sheet.title, cell.coordinate, cell.value)
    assert seen > 40


def test_a_changed_cell_changes_the_total(books: tuple[Path, Path], tmp_path: Path) -> None:
    """The total is a formula, not a number: and a row that is filtered away is not in it."""
    book = openpyxl.load_workbook(books[0])
    sheet = book["orders"]
    column = next(cell.column for cell in sheet[1] if cell.value == "units")
    before = total(openpyxl.load_workbook(books[1], data_only=True)["orders"])["units"]
    first, second = sheet.cell(2, column).value, sheet.cell(3, column).value
    sheet.cell(2, column).value = first + 9
    sheet.row_dimensions[3].hidden = True
    book.save(tmp_path / "plan.xlsx")
    after = total(openpyxl.load_workbook(recalculated(tmp_path / "plan.xlsx"), data_only=True)["orders"])["units"]
    assert after == before + 9 - second


def test_a_users_text_is_text_there_too(books: tuple[Path, Path]) -> None:
    for path in books:
        book = openpyxl.load_workbook(path)
        cells = [cell for row in book["weights"].iter_rows(min_row=2) for cell in row if cell.value in ATTACKS]
        assert sorted(str(cell.value) for cell in cells) == sorted(ATTACKS)
        assert {cell.data_type for cell in cells} == {"s"}
        assert book["summary"]["A1"].data_type == "s"
    cells = [cell for row in openpyxl.load_workbook(books[0])["weights"].iter_rows() for cell in row]
    quoted = [cell for cell in cells if cell.value in ATTACKS]
    assert all(cell.quotePrefix for cell in quoted), "still text when somebody edits the cell"


def test_links_lead_to_the_rows_they_name(books: tuple[Path, Path]) -> None:
    book = openpyxl.load_workbook(books[1], data_only=True)
    seen = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is None or sheet.title == "summary":
                    continue
                target, place = (
                    str(cell.hyperlink.location).replace("'", "").replace("#", "").replace(".", "!").split("!")
                )
                names = [one.value for one in book[target][place.replace("$", "")[1:]]]
                own = sheet.cell(cell.row, 1).value if sheet.cell(1, cell.column).value == "paid by" else cell.value
                assert own in names, (sheet.title, cell.coordinate, cell.value, target, place)
                seen += 1
    assert seen > 30


def test_the_gantt_is_coloured_and_adds_up(books: tuple[Path, Path]) -> None:
    book = openpyxl.load_workbook(books[1], data_only=True)
    sheet = book["gantt"]
    made = sum(row.quantity for row in a_report().plan.made)
    assert total(sheet)["units"] == made
    filled = [cell for row in sheet.iter_rows(min_row=2, min_col=6) for cell in row if isinstance(cell.value, int)]
    grounds = {cell.fill.fgColor.rgb for cell in filled if sheet.cell(cell.row, 1).value != TOTAL}
    assert len(grounds) == len({row[2] for row in sheet.iter_rows(min_row=2, values_only=True) if row[2]}) > 2


def test_nothing_in_it_leads_outside(books: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(books[0]) as archive:
        relations = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels")]
    assert not any('TargetMode="External"' in text for text in relations)
