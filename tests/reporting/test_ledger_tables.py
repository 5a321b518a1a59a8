"""Tables of the queue, of burden sharing and of industry: what stands in them, on the page and in the workbook."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from python_calamine import CalamineWorkbook

from models.baselines import first_come_first_served, priority_list
from models.plan import Plan
from models.problem import Problem
from optimizer.reporting.excel import SHEETS, write_workbook
from optimizer.reporting.html import CHAPTERS, page
from optimizer.reporting.summary import Report
from optimizer.reporting.tables import Table, tables
from tests.builders import bare_problem, small_plan, with_row
from tests.explaining.patriot import patriot, patriot_plan
from tests.explaining.test_sharing import wealthy
from tests.reporting.reports import a_report
from tests.strategies import problems

OURS = {
    *("queue", "passes", "queue_recipients", "queue_lines", "queue_before"),
    *("sharing", "gap_categories", "gap", "asks", "bought"),
    *("industry", "backlog", "output", "ramp", "components"),
}
FAST = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def story() -> dict[str, Table]:
    return tables(a_report(patriot(), patriot_plan()))


def column(table: Table, title: str) -> list[object]:
    [at] = [index for index, one in enumerate(table.columns) if one.title == title]
    return [row[at] for row in table.rows]


def test_every_table_has_a_sheet_and_the_page_has_those_people_read() -> None:
    shown = {name for _, _, names in CHAPTERS for name in names}
    assert set(SHEETS) >= OURS
    assert OURS - shown == {"passes", "bought", "output", "ramp"}, "only in the workbook"


def test_who_lost_most_stands_first(story: dict[str, Table]) -> None:
    queue = story["queue"]
    assert [cell[0] for cell in column(queue, "demand")] == ["CHE-1", "N-1", "DEU-1", "GIFT"]
    assert column(queue, "passed by") == [3, 0, 1, 1]
    assert column(queue, "passed") == [0, 3, 1, 1]
    assert column(queue, "weeks later") == [6.0, 0.0, 0.0, 0.0]
    assert column(queue, "weeks sooner") == [None, 6.0, None, None]
    assert column(queue, "lost")[2:] == [0.0, 0.0], "nothing is lost by who is on time"


def test_pairs_are_told_in_words(story: dict[str, Table]) -> None:
    assert len(story["passes"].rows) == 5
    assert any("passed the order CHE-1" in str(text) for text in column(story["passes"], "in words"))
    assert story["queue_before"].rows == ()


def test_customers_and_lines(story: dict[str, Table]) -> None:
    by = {row[0][0]: row for row in story["queue_recipients"].rows}
    assert next(iter(by)) == "CHE"
    assert by["CHE"][8] == "urgency of the need"
    assert by["CHE"][9] == "Ukraine"
    assert by["DEU"][6] == 0.0
    [line] = story["queue_lines"].rows
    assert line[1] == 5
    shares = [cell for cell, one in zip(line, story["queue_lines"].columns, strict=True) if one.kind == "share"]
    assert sum(share or 0.0 for share in shares) == pytest.approx(1.0)


def test_asks_stand_beside_the_gap_they_add_up_to() -> None:
    nothing = small_plan(releases=(), contents=(), payments=(), accepted_offers=(), dispatches=())
    found = tables(a_report(wealthy(), nothing))
    assert "30 million USD" in found["gap"].caption
    foot = found["asks"].foot
    assert foot is not None
    assert foot[1:5] == pytest.approx((30.0, 30.0, 0.0, 30.0)), "nothing is paid, so nothing can be asked by that"
    assert [row[0][0] for row in found["asks"].rows] == ["DEU", "POL", "JPN"]
    assert column(found["asks"], "ask by GDP") == [22.5, 7.5, None], "no GDP of Japan is known, and none is guessed"
    assert "No GDP is known of JPN" in found["sharing"].caption


def test_first_come_first_served_is_taken_from_the_caller_or_made() -> None:
    """The report says the same, whether the plan it compares with was in hand or not."""
    report = a_report(patriot(), patriot_plan())
    given_plan = Report(
        report.problem,
        report.plan,
        report.verdict,
        report.facts,
        report.summary,
        first_come_first_served(report.problem),
    )
    assert given_plan.ledger == report.ledger
    itself = Report(report.problem, report.plan, report.verdict, report.facts, report.summary, report.plan)
    assert itself.ledger.passes == ()


def test_a_users_text_is_text(tmp_path: Path) -> None:
    problem = with_row(patriot(), "recipients", "CHE", name="<script>")
    problem = with_row(problem, "lines", "L", name="=1+1")
    report = a_report(problem, patriot_plan())
    assert "of <script>" not in page(report)
    assert "of &lt;script&gt;" in page(report)
    write_workbook(tmp_path / "plan.xlsx", report)
    rows = CalamineWorkbook.from_path(str(tmp_path / "plan.xlsx")).get_sheet_by_name("passes").to_python()
    assert any("of <script>" in str(cell) for row in rows for cell in row)
    rows = CalamineWorkbook.from_path(str(tmp_path / "plan.xlsx")).get_sheet_by_name("industry").to_python()
    assert rows[1][:2] == ["L", "=1+1"]


def test_nothing_asked_has_empty_tables() -> None:
    found = tables(a_report(bare_problem(), Plan()))
    filled = {name for name in OURS if found[name].rows}
    assert filled == {"industry", "ramp"}
    assert "part-queue" not in page(a_report(bare_problem(), Plan()))


@given(problems())
@FAST
def test_every_row_has_a_cell_for_every_column(problem: Problem) -> None:
    report = a_report(problem, priority_list(problem))
    for name, table in tables(report).items():
        if name in OURS:
            assert {len(row) for row in table.rows} <= {len(table.columns)}, name
            assert table.foot is None or len(table.foot) == len(table.columns)
    page(report)
