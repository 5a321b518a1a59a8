"""`plan.xlsx`: the tables of the plan for people who go on in a spreadsheet. A user's text is text, never a formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from models.problem import TERMS
from optimizer.reporting.headline import cards
from optimizer.reporting.names import STATUS_WORDS, TERM_TITLES, words
from optimizer.reporting.numbers import clean
from optimizer.reporting.summary import Report
from optimizer.reporting.tables import Column, Table, tables

SHEETS = (
    *(
        "needs",
        "orders",
        "allies",
        "offers",
        "weights",
        "packages",
        "package_contents",
        "donors",
        "payments",
        "pledges",
    ),
    *("items", "lines", "production", "stock", "lanes", "approvals", "dispatches", "undelivered", "values"),
)
"""Sheets in this order, after `summary`. `production` and `stock` are matrices of weeks, the others are tables."""
WHERE_FOUND = ("values",)
"""Sheets that are left out where they have no rows."""
_FORMATS = {
    "whole": "#,##0",
    "number": "#,##0.00",
    "late": "#,##0.0",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
}
_WIDTHS = {"date": 11.0, "whole": 10.5, "number": 13.0, "money": 12.0, "share": 10.0, "flag": 10.0, "state": 13.0}
_WIDEST = 46.0


class _Book:
    """A workbook under way, and its cell formats."""

    def __init__(self, path: Path) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(path), {**options, "in_memory": True})
        head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#EEF1F5"}
        self.head = self.book.add_format(head)
        self.number_head = self.book.add_format({**head, "align": "right"})
        self.date_head = self.book.add_format({**head, "num_format": "yyyy-mm-dd"})
        self.bold = self.book.add_format({"bold": True, "valign": "top"})
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.red = self.book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
        self.by_kind = {kind: self.book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        self.total = {
            kind: self.book.add_format({"num_format": code, "bold": True, "top": 1}) for kind, code in _FORMATS.items()
        }

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str, *, total: bool = False) -> None:
        """Write one cell with the type its kind asks for; blank stays blank."""
        formats = self.total if total else self.by_kind
        if value is None:
            return
        if kind == "flag":
            sheet.write_string(row, column, "yes" if value else "no")
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), formats["date"])
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, clean(float(value)), formats.get(kind))
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
        if name == "production":
            _production(out, report)
        elif name == "stock":
            _stock(out, report)
        elif found[name].rows or name not in WHERE_FOUND:
            _table(out, found[name])
    try:
        out.book.close()
    except FileCreateError as problem:
        raise OSError(f"the workbook cannot be written: {problem}") from problem


def _summary(out: _Book, report: Report) -> None:
    """The page's summary in sentences, the delay of the three cases, and the facts behind them."""
    sheet, summary = out.book.add_worksheet("summary"), report.summary
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 4, 26)
    sheet.write_string(0, 0, summary.instance, out.title)
    sheet.write_string(1, 0, STATUS_WORDS[summary.status])
    row = 3
    for card in cards(report):
        sheet.write_string(row, 0, card.title, out.bold)
        sheet.merge_range(row, 1, row, 4, "")
        sheet.write_string(row, 1, f"{card.big}. {' '.join(card.lines)}", out.wrap)
        sheet.set_row(row, 62)
        row += 1
    row = _cases(out, sheet, report, row + 1)
    unmet = summary.unmet or {}
    checker = summary.checker if isinstance(summary.checker, str) else "breaks " + ", ".join(summary.checker or [])
    facts: list[tuple[str, Any, str]] = [
        ("proven lower bound", summary.bound, "number"),
        ("gap", summary.gap, "share"),
        ("checker", checker, "text"),
        ("status", summary.status, "text"),
        ("formulation", summary.formulation, "text"),
        *((f"unmet: {words(name)}", number, "whole") for name, number in unmet.items()),
    ]
    for at, (label, value, kind) in enumerate(facts, row + 1):
        sheet.write_string(at, 0, label, out.bold)
        out.cell(sheet, at, 1, value, kind)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _cases(out: _Book, sheet: Any, report: Report, top: int) -> int:
    """The delay by cause for the two cases to compare with and the plan; gives the row after it."""
    verdict, cases = report.verdict, report.summary.baselines
    for column, title in enumerate(("delay by cause", *(case.title for case in cases), "This plan")):
        sheet.write_string(top, column, title, out.head)
    for row, term in enumerate((*TERMS, "total"), top + 1):
        sheet.write_string(row, 0, "total" if term == "total" else f"{TERM_TITLES[term]} ({words(term)})")
        values = [case.objective if term == "total" else case.terms[term] for case in cases]
        values.append(verdict.terms.total if term == "total" else getattr(verdict.terms, term))
        for column, value in enumerate(values, 1):
            out.cell(sheet, row, column, value, "number")
    note = "Delay: priority weight × million USD × weeks late. Money in million USD."
    sheet.write_string(top + len(TERMS) + 2, 0, note)
    return top + len(TERMS) + 3


def _flat(column: Column) -> tuple[tuple[str, str], ...]:
    """The columns (title, kind) of the workbook that one column of a table becomes."""
    if column.kind == "coded":
        return ((column.title, "text"), (f"{column.title}: name", "text"))
    if column.kind == "missing":
        return ((column.title, "whole"), (f"why {column.title}", "text"))
    if column.kind == "place":
        return ((column.title, "whole"), ("of demands", "whole"), ("place by date", "whole"))
    return ((column.title, column.kind),)


def _cells(value: Any, column: Column) -> Sequence[Any]:
    """The cells that one cell of a table becomes."""
    if column.kind in ("coded", "missing", "place"):
        return value if value is not None else (None,) * len(_flat(column))
    if column.kind == "demands":
        return (", ".join(text for _, text in value),)
    return (value,)


def _table(out: _Book, table: Table) -> None:
    sheet = out.book.add_worksheet(table.name)
    columns = [
        (index, column)
        for index, column in enumerate(table.columns)
        if column.where != "page" and column.kind not in ("series", "parts", "sent")
    ]
    heads = [(title, kind, column.note) for _, column in columns for title, kind in _flat(column)]
    widths = [_WIDTHS.get(kind, 8.0) for _, kind, _ in heads]
    lines = [[cell for index, column in columns for cell in _cells(row[index], column)] for row in table.rows]
    sheet.set_row(0, 32)
    for at, (title, kind, note) in enumerate(heads):
        sheet.write_string(0, at, title, out.number_head if kind in _FORMATS and kind != "date" else out.head)
        if note:
            sheet.write_comment(0, at, note)
        if kind == "late" or title == "missing":
            out.late(sheet, 1, len(lines), at)
    for row, cells in enumerate(lines, 1):
        for at, (value, (_, kind, _)) in enumerate(zip(cells, heads, strict=True)):
            out.cell(sheet, row, at, value, kind)
            if isinstance(value, str):
                widths[at] = max(widths[at], min(_WIDEST, len(value) + 1.5))
    for at, width in enumerate(widths):
        sheet.set_column(at, at, max(width, min(18.0, max(map(len, heads[at][0].split())) + 3.0)))
    if table.foot is not None:
        totals = [cell for index, column in columns for cell in _cells(table.foot[index], column)]
        for at, (value, (_, kind, _)) in enumerate(zip(totals, heads, strict=True)):
            out.cell(sheet, len(lines) + 1, at, value or None, kind, total=True)
    _finish(sheet, len(lines), len(heads), 1)


def _matrix(
    out: _Book, name: str, keys: tuple[str, ...], rows: list[tuple[tuple[Any, ...], list[int]]], days: list[dt.date]
) -> Any:
    """A row a thing, a column a period; zeros of production stay blank, so that the batches stand out."""
    sheet = out.book.add_worksheet(name)
    for at, title in enumerate(keys):
        sheet.write_string(0, at, title, out.head)
        longest = max((len(str(labels[at])) for labels, _ in rows), default=0)
        sheet.set_column(at, at, min(_WIDEST, max(12.0, longest + 1.5)))
    for at, day in enumerate(days, len(keys)):
        sheet.write_datetime(0, at, dt.datetime.combine(day, dt.time()), out.date_head)
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
