"""`plan.xlsx`: the tables of the plan for people who go on in a spreadsheet. A user's text is text, never a formula."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from models.problem import TERMS
from optimizer.reporting.numbers import clean
from optimizer.reporting.summary import Report
from optimizer.reporting.tables import PAGE_ONLY, Table, tables
from optimizer.reporting.terminal import STATUS, words

SHEETS = ("orders", "needs", "dispatches", "packages", "payments", "approvals", "offers", "weights", "pledges", "lines")
"""Sheets made from tables, in this order; `summary` stands before them, `production` and `stock` among them."""
_FORMATS = {
    "whole": "#,##0",
    "missing": "#,##0",
    "number": "#,##0.00",
    "late": "#,##0.0",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
}
_WIDTHS = {"date": 11.0, "whole": 10.0, "number": 12.0, "money": 12.0, "share": 10.0, "flag": 10.0}


class _Book:
    """A workbook under way, and its cell formats."""

    def __init__(self, path: Path) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(path), {**options, "in_memory": True})
        self.head = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.bold = self.book.add_format({"bold": True})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.red = self.book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
        self.by_kind = {kind: self.book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str) -> None:
        """Write one cell with the type its kind asks for; blank stays blank."""
        if value is None:
            return
        if kind == "flag":
            sheet.write_string(row, column, "yes" if value else "no")
        elif kind == "demands":
            sheet.write_string(row, column, ", ".join(text for _, text in value))
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), self.by_kind["date"])
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, clean(float(value)), self.by_kind.get(kind))
        else:
            sheet.write_string(row, column, str(value))

    def late(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Colour what is above 0."""
        rule = {"type": "cell", "criteria": ">", "value": 0, "format": self.red}
        sheet.conditional_format(first, column, max(first, last), column, rule)


def write_workbook(path: Path, report: Report) -> None:
    """Write the workbook; the same plan gives the same bytes. Raises `OSError`."""
    out = _Book(path)
    begin = dt.datetime.combine(report.problem.start, dt.time())
    out.book.set_properties({"title": report.problem.name, "created": begin})
    found = tables(report)
    _summary(out, report)
    for name in SHEETS:
        _table(out, found[name])
        if name == "payments":
            _production(out, report)
            _stock(out, report)
    try:
        out.book.close()
    except FileCreateError as problem:
        raise OSError(f"the workbook cannot be written: {problem}") from problem


def _summary(out: _Book, report: Report) -> None:
    sheet, summary = out.book.add_worksheet("summary"), report.summary
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 4, 24)
    unmet = summary.unmet or {}
    checker = summary.checker if isinstance(summary.checker, str) else "breaks " + ", ".join(summary.checker or [])
    facts: list[tuple[str, Any, str]] = [
        ("instance", summary.instance, "text"),
        ("status", f"{summary.status}: {STATUS[summary.status]}", "text"),
        ("objective", summary.objective, "number"),
        ("proven lower bound", summary.bound, "number"),
        ("gap", summary.gap, "share"),
        ("checker", checker, "text"),
        ("formulation", summary.formulation, "text"),
        *((f"unmet: {words(name)}", count, "whole") for name, count in unmet.items()),
    ]
    for row, (label, value, kind) in enumerate(facts):
        sheet.write_string(row, 0, label, out.bold)
        out.cell(sheet, row, 1, value, kind)
    top = len(facts) + 1
    for column, title in enumerate(("term", *(case.title for case in summary.baselines), "Plan")):
        sheet.write_string(top, column, title, out.head)
    for row, term in enumerate((*TERMS, "total"), top + 1):
        sheet.write_string(row, 0, words(term))
        values = [case.objective if term == "total" else case.terms[term] for case in summary.baselines]
        values.append(report.verdict.terms.total if term == "total" else getattr(report.verdict.terms, term))
        for column, value in enumerate(values, 1):
            out.cell(sheet, row, column, value, "number")
    sheet.write_string(top + 7, 0, "Objective: priority weight × million USD × weeks late. Money in million USD.")


def _table(out: _Book, table: Table) -> None:
    sheet = out.book.add_worksheet(table.name)
    columns = [(index, column) for index, column in enumerate(table.columns) if column.kind not in PAGE_ONLY]
    for at, (_, column) in enumerate(columns):
        sheet.write_string(0, at, column.title, out.head)
        sheet.set_column(at, at, _WIDTHS.get(column.kind, 18.0))
        if column.note:
            sheet.write_comment(0, at, column.note)
        if column.kind in ("late", "missing"):
            out.late(sheet, 1, len(table.rows), at)
    for row, cells in enumerate(table.rows, 1):
        for at, (index, column) in enumerate(columns):
            out.cell(sheet, row, at, cells[index], column.kind)
    _finish(sheet, len(table.rows), len(columns), 1)


def _matrix(
    out: _Book, name: str, keys: tuple[str, ...], rows: list[tuple[tuple[Any, ...], list[int]]], days: list[dt.date]
) -> Any:
    """A row a thing, a column a period."""
    sheet = out.book.add_worksheet(name)
    date_head = out.book.add_format({"bold": True, "bottom": 1, "num_format": "yyyy-mm-dd"})
    for at, title in enumerate(keys):
        sheet.write_string(0, at, title, out.head)
    for at, day in enumerate(days, len(keys)):
        sheet.write_datetime(0, at, dt.datetime.combine(day, dt.time()), date_head)
    sheet.set_column(0, len(keys) - 1, 16)
    sheet.set_column(len(keys), len(keys) + len(days), 11)
    for row, (labels, values) in enumerate(rows, 1):
        for at, label in enumerate(labels):
            out.cell(sheet, row, at, label, "whole")
        for at, value in enumerate(values, len(keys)):
            if value or name == "stock":
                out.cell(sheet, row, at, value, "whole")
    _finish(sheet, len(rows), len(keys) + len(days), len(keys))
    return sheet


def _production(out: _Book, report: Report) -> None:
    """Units made by line and item, week by week (or period by period)."""
    calendar = report.facts.calendar
    made: dict[tuple[str, str], list[int]] = {}
    for batch in report.plan.made:
        made.setdefault((batch.line, batch.item), [0] * calendar.count)[batch.period] += batch.quantity
    rows = [((line, item, sum(units)), units) for (line, item), units in sorted(made.items())]
    _matrix(out, "production", ("line", "item", "units"), rows, [calendar.day(t) for t in range(calendar.count)])


def _stock(out: _Book, report: Report) -> None:
    supply, calendar = report.facts.supply, report.facts.calendar
    rows = [((i.item, supply.floors[i.item]), supply.stock[i.item]) for i in report.problem.items]
    days = [calendar.day(t) for t in range(calendar.count)]
    sheet = _matrix(out, "stock", ("item", "readiness floor"), rows, days)
    if rows and days:
        rule = {"type": "formula", "criteria": "=C2<$B2", "format": out.red}
        sheet.conditional_format(1, 2, len(rows), 1 + len(days), rule)


def _finish(sheet: Any, rows: int, columns: int, frozen: int) -> None:
    sheet.freeze_panes(1, frozen)
    if columns:
        sheet.autofilter(0, 0, max(rows, 1), columns - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
