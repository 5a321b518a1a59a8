"""Values of one more: the file and back, the table, the page, the workbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from optimizer.explaining.values import UNITS, Gain, MarginalValue, MarginalValues
from optimizer.reporting.excel import write_workbook
from optimizer.reporting.html import page
from optimizer.reporting.output import VALUES, write_plan_files
from optimizer.reporting.tables import tables
from optimizer.reporting.values_csv import read_values, values_text
from tests.builders import day, small_problem
from tests.reporting.reports import a_report

NASTY = '=1+1 <script>alert("x")</script>'
SLOT = MarginalValue(
    "slot", "missile_line", 2, day(2), UNITS["slot"], 41.5, "fixed_lp", 41.5, 41.5, 60.25,
    (Gain("O-each", "order", "POL", 4.5, 45.0), Gain(NASTY, "need", "", -1.0, -3.5)),
)  # fmt: skip
FLOOR = MarginalValue("floor", NASTY, None, None, UNITS["floor"], 7.0, "resolved", 0.0, float("inf"), None, (), True)
BOTH = MarginalValues((SLOT, FLOOR))


def test_the_file_and_back(tmp_path: Path) -> None:
    path = tmp_path / VALUES
    path.write_text(values_text(BOTH), encoding="utf-8", newline="\n")
    assert read_values(path, small_problem()) == BOTH


def test_a_file_that_is_not_ours_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / VALUES
    assert read_values(path, small_problem()) is None
    assert not caplog.records
    for text in (
        "kind\nslot\n",
        values_text(BOTH).replace("fixed_lp", "a guess"),
        values_text(BOTH).replace("41.5", "x"),
    ):
        caplog.clear()
        path.write_text(text, encoding="utf-8")
        assert read_values(path, small_problem()) is None
        assert caplog.records


def test_a_plan_without_values_has_no_file_and_no_table(tmp_path: Path) -> None:
    report = a_report()
    write_plan_files(tmp_path, report)
    assert not (tmp_path / VALUES).exists()
    assert tables(report)["values"].rows == ()
    assert "What one more is worth" not in page(report)
    assert "values" not in CalamineWorkbook.from_path(tmp_path / "plan.xlsx").sheet_names


def test_the_page_and_the_workbook_show_them(tmp_path: Path) -> None:
    report = replace(a_report(), values=BOTH)
    text = page(report)
    assert "What one more is worth" in text
    assert "<script>alert" not in text
    write_workbook(tmp_path / "plan.xlsx", report)
    head, first, second = CalamineWorkbook.from_path(tmp_path / "plan.xlsx").get_sheet_by_name("values").to_python()
    assert head[:5] == ["of what", "which", "from", "one more", "is worth"]
    assert first[:2] + first[4:7] == ["production slot", "missile_line", 41.5, 3.5, "O-each"]
    assert second[1] == NASTY
