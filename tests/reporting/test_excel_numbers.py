"""`plan.xlsx` read back: every number, date and name is the one of the CSV file beside it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from collections import defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from models.plan import Plan
from models.problem import SCORES
from optimizer.explaining.reasons import REASON_TITLES
from optimizer.reporting.book_gantt import TOTAL
from optimizer.reporting.csv_files import csv_files
from optimizer.reporting.excel import write_workbook
from optimizer.reporting.summary import Report
from tests.builders import small_plan, with_dispatch
from tests.reporting.reports import a_report

Rows = list[dict[str, str]]


class Written:
    """A workbook and the CSV files of one plan, both as rows of text."""

    def __init__(self, report: Report, folder: Path) -> None:
        write_workbook(folder / "plan.xlsx", report)
        self.book = CalamineWorkbook.from_path(str(folder / "plan.xlsx"))
        self.files = {name: list(csv.DictReader(io.StringIO(text))) for name, text in csv_files(report)}

    def sheet(self, name: str) -> Rows:
        head, *rows = self.book.get_sheet_by_name(name).to_python()
        found = [dict(zip(map(plain, head), map(plain, row), strict=True)) for row in rows]
        return [row for row in found if row[plain(head[0])] != TOTAL]

    def total(self, name: str) -> dict[str, str]:
        """The last row, of sums."""
        head, *_, last = self.book.get_sheet_by_name(name).to_python()
        assert last[0] == TOTAL
        return dict(zip(map(plain, head), map(plain, last), strict=True))

    def columns(self, name: str, *titles: str) -> list[tuple[str, ...]]:
        return [tuple(row[title] for title in titles) for row in self.sheet(name)]

    def csv(self, name: str, *titles: str) -> list[tuple[str, ...]]:
        return [tuple(plain(row[title]) for title in titles) for row in self.files[f"{name}.csv"]]


def plain(cell: object) -> str:
    """One way to write a cell, whichever file it comes from: numbers to nine digits, dates as ISO."""
    if isinstance(cell, (dt.date, dt.datetime)):
        return cell.isoformat()[:10]
    try:
        return f"{float(str(cell)):.9g}"
    except ValueError:
        return str(cell)


def partial_plan() -> Plan:
    """The small plan with a need cut short, an offer turned down, and a case never approved."""
    plan = with_dispatch(small_plan(), "N-shell", 5, quantity=0)
    plan = dataclasses.replace(plan, approvals=plan.approvals[:1])
    return with_dispatch(plan, "O-later", 4, quantity=0)


@pytest.fixture(params=[small_plan, partial_plan])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    return Written(a_report(plan=request.param()), tmp_path)


def test_dispatches(written: Written) -> None:
    found = written.columns(
        "dispatches", "demand", "kind", "origin", "item", "quantity", "leaves", "arrives", "route", "weeks late"
    )
    named = ("demand", "kind", "origin", "item", "quantity", "dispatch_date", "arrival_date", "route", "weeks_late")
    assert sorted(found) == sorted(written.csv("dispatches", *named))
    assert found


def test_what_is_undelivered(written: Written) -> None:
    named = ("demand", "kind", "item", "quantity", "reason")
    found = written.columns("undelivered", *named)
    assert [(*row[:4], row[4].replace(" ", "_")) for row in found] == written.csv("undelivered", *named)
    assert all(row["in words"] in REASON_TITLES.values() for row in written.sheet("undelivered"))


def test_production(written: Written) -> None:
    made = {
        (row["line"], row["item"], day): cell
        for row in written.sheet("production")
        for day, cell in row.items()
        if day.startswith("2026") and cell
    }
    assert made == {row[:3]: row[3] for row in written.csv("production", "line", "item", "date", "quantity")}
    total: dict[str, float] = defaultdict(float)
    for line, _, slots in written.csv("production", "line", "item", "slots_used"):
        total[line] += float(slots)
    assert {line: float(used) for line, used in written.columns("lines", "line", "used")} == total


def test_stock(written: Written) -> None:
    held = {
        (row["item"], day): (cell, row["readiness floor"])
        for row in written.sheet("stock")
        for day, cell in row.items()
        if day.startswith("2026")
    }
    assert held == {row[:2]: row[2:] for row in written.csv("stock", "item", "date", "quantity", "readiness_floor")}


def test_packages_and_money(written: Written) -> None:
    found = written.columns("packages", "package", "status", "released", "value")
    assert found == written.csv("packages", "package", "status", "release_date", "value_usd_m")
    named = ("package", "need", "quantity")
    assert written.columns("package_contents", *named) == written.csv("package_contents", *named)
    paid = written.columns("payments", "package", "pledge", "donor", "amount")
    assert paid == written.csv("payments", "package", "pledge", "donor", "amount_usd_m")


def test_the_matrix_of_donors_and_packages_adds_up(written: Written) -> None:
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for package, donor, amount in written.csv("payments", "package", "donor", "amount_usd_m"):
        paid[donor, package] += float(amount)
    rows, foot = written.sheet("donors"), written.total("donors")
    packages = sorted({package for _, package in paid})
    for row in rows:
        assert [float(row[package] or 0) for package in packages] == [paid[row["donor"], p] for p in packages]
        assert float(row["paid"]) + float(row["left"]) == pytest.approx(float(row["pledged"]))
    for column in (*packages, "paid", "left", "pledged"):
        assert float(foot[column] or 0) == pytest.approx(sum(float(row[column] or 0) for row in rows))


def test_offers_approvals_and_weights(written: Written) -> None:
    assert written.columns("offers", "offer", "accepted") == written.csv("offers", "offer", "accepted")
    assert written.columns("approvals", "case", "approved") == written.csv("approvals", "case", "approved_on")
    scores = tuple(f"score: {name.replace('_', ' ')}" for name in SCORES)
    found = written.columns("weights", "recipient", "weight", *scores)
    assert sorted(found) == sorted(written.csv("weights", "recipient", "weight", *SCORES))


def test_items_and_allies_add_up_to_the_demands(written: Written) -> None:
    orders, needs, items = written.sheet("orders"), written.sheet("needs"), written.sheet("items")
    assert sum(float(row["delay"]) for row in items) == pytest.approx(
        sum(float(row["delay"]) for row in [*orders, *needs])
    )
    for row in items:
        asked = [float(one["units"]) for one in orders if one["item"] == row["item"]]
        assert float(row["for allies"]) == sum(asked)
    for row in written.sheet("allies"):
        assert float(row["orders"]) == sum(one["recipient"] == row["ally"] for one in orders)
