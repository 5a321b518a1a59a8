"""`plan.xlsx`: the tables of the plan for people who go on in a spreadsheet. A user's text is text, never a formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from models.problem import TERMS
from optimizer.reporting.book import FORMATS, Book
from optimizer.reporting.book_gantt import TOTAL, gantt_sheet
from optimizer.reporting.book_links import SHEET_ROWS, Links, sheet_name
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
    *("sharing", "gap_categories", "gap", "asks", "bought"),
    *("queue", "passes", "queue_recipients", "queue_lines", "queue_before"),
    *("items", "lines", "gantt", "production", "stock", "lanes", "approvals", "dispatches", "undelivered"),
    *("industry", "backlog", "output", "ramp", "components", "values"),
    *("promises", "moved", "happened", "rolled"),
    *("hedged", "candidates", "scenarios"),
)
"""Sheets in this order, after `summary`. `gantt`, `production` and `stock` are matrices of weeks, the others tables."""
WHERE_FOUND = ("values", "promises", "moved", "happened", "rolled", "hedged", "candidates", "scenarios")
"""Sheets that are left out where they have no rows."""
ADDS = {
    *("units", "on time", "delivered", "missing", "delay", "quantity", "for Ukraine", "for allies", "replacements"),
    *("value", "paid", "left", "pledged", "amount", "pays", "gives", "orders", "ordered", "slots", "used", "idle"),
    "tonnes",
}
"""Heads of columns whose sum says something: they have a total below, of the rows that a filter leaves."""
_UNITS = {"slots": "slots", "used": "slots", "idle": "slots", "tonnes": "tonnes", "weeks": "weeks"}
"""Heads of columns with a unit of their own in their number format."""
_WIDTHS = {"date": 11.0, "whole": 10.5, "number": 13.0, "money": 16.0, "share": 10.0, "flag": 10.0, "state": 13.0}
_WIDEST = 46.0


def write_workbook(path: Path, report: Report, found: Mapping[str, Table] | None = None) -> None:
    """Write the workbook; the same plan gives the same bytes. `found`: its tables, where the caller has them.

    Raises `OSError`.
    """
    found, made = tables(report) if found is None else found, _made(report)
    out = Book(path, rows=sum(len(table.rows) for table in found.values()))
    begin = dt.datetime.combine(report.problem.start, dt.time())
    out.book.set_properties({"title": report.problem.name, "created": begin})
    links = Links(found, {line: row for row, (line, _) in reversed(list(enumerate(made, 1)))})
    further = {name: [len(part.rows) for _, part in sheets_of(table)[1:]] for name, table in found.items()}
    _summary(out, report, further)
    for name in SHEETS:
        if name == "production":
            _production(out, report, made, links)
        elif name == "gantt":
            gantt_sheet(out, report, links)
        elif name == "stock":
            _stock(out, report)
        elif found[name].rows or name not in WHERE_FOUND:
            for sheet, part in sheets_of(found[name]):
                _table(out, sheet, part, links)
    out.close()


def _summary(out: Book, report: Report, more: Mapping[str, Sequence[int]]) -> None:
    """The page's summary in sentences, the delay of the three cases, and the facts behind them.

    `more`: rows of each further sheet of the tables that do not fit on one.
    """
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
    sheet.write_string(at + 2, 0, "sheets", out.head)
    row = at + 3
    for name in SHEETS:
        out.to(sheet, row, 0, words(name), (name, 0))
        for number, rows in enumerate(more.get(name, ()), 1):
            row += 1
            title = f"{words(name)}, continued: {rows:,} rows more than fit on the sheet before"
            out.to(sheet, row, 0, title, (sheet_name(name, number), 0))
        row += 1
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _cases(out: Book, sheet: Any, report: Report, top: int) -> int:
    """The delay by cause for the two cases to compare with and the plan; gives the row after it."""
    verdict, cases = report.verdict, report.summary.baselines
    for column, title in enumerate(("delay by cause", *(case.title for case in cases), "This plan")):
        sheet.write_string(top, column, title, out.head)
    for row, term in enumerate((*TERMS, "total"), top + 1):
        sheet.write_string(row, 0, "total" if term == "total" else f"{TERM_TITLES[term]} ({words(term)})")
        values = [case.objective if term == "total" else case.terms[term] for case in cases]
        values.append(verdict.terms.total if term == "total" else getattr(verdict.terms, term))
        for column, value in enumerate(values, 1):
            if term == "total":
                terms = xl_range(top + 1, column, row - 1, column)
                sheet.write_formula(row, column, f"=SUM({terms})", out.by_kind["number"], clean(value))
            else:
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
    if column.kind == "why":
        return ("\n".join(value) or None,)
    if column.kind == "demands":
        return (", ".join(text for _, text in value),)
    if column.kind == "demand":
        return (value[1],)
    return (value,)


def sheets_of(table: Table) -> list[tuple[str, Table]]:
    """The sheets that a table takes, by name: one, unless it has more rows than a sheet of Excel may."""
    if len(table.rows) <= SHEET_ROWS:
        return [(table.name, table)]
    starts = range(0, len(table.rows), SHEET_ROWS)
    parts = [replace(table, rows=table.rows[begin : begin + SHEET_ROWS]) for begin in starts]
    return [(sheet_name(table.name, at), part) for at, part in enumerate(parts)]


def _table(out: Book, name: str, table: Table, links: Links) -> None:
    sheet = out.book.add_worksheet(name)
    columns = [
        (index, column)
        for index, column in enumerate(table.columns)
        if column.where != "page" and column.kind not in ("series", "parts", "sent", "told")
    ]
    heads = [(title, _kind(title, kind), column.note) for _, column in columns for title, kind in _flat(column)]
    widths = [_WIDTHS.get(kind, 8.0) for _, kind, _ in heads]
    lines = [[cell for index, column in columns for cell in _cells(row[index], column)] for row in table.rows]
    sheet.set_row(0, 32)
    for at, (title, kind, note) in enumerate(heads):
        sheet.write_string(0, at, title, out.number_head if kind in FORMATS and kind != "date" else out.head)
        if note:
            sheet.write_comment(0, at, note)
        if kind == "late":
            out.late(sheet, 1, len(lines), at)
        elif kind == "state":
            out.outcomes(sheet, 1, len(lines), at)
        elif title == "missing":
            out.missing(sheet, 1, len(lines), at)
    kind_at = next((at for at, (title, _, _) in enumerate(heads) if title == "kind"), None)
    leads = [links.leads(table.name, title) for title, _, _ in heads]
    for row, cells in enumerate(lines, 1):
        of = "" if kind_at is None else cells[kind_at]
        for at, value in enumerate(cells):
            if value is None:
                continue
            if isinstance(value, str):
                widths[at] = max(widths[at], min(_WIDEST, len(value) + 1.5))
                if leads[at]:
                    place = links.of(table.name, heads[at][0], value, row_key=str(cells[0]), kind=of)
                    out.to(sheet, row, at, value, place)
                else:
                    out.text(sheet, row, at, value)
            else:
                out.cell(sheet, row, at, value, heads[at][1])
    for at, width in enumerate(widths):
        sheet.set_column(at, at, max(width, min(18.0, max(map(len, heads[at][0].split())) + 3.0)))
    _totals(out, sheet, table, heads, lines)
    out.finish(sheet, len(lines), len(heads), 1)


def _kind(title: str, kind: str) -> str:
    return _UNITS.get(title, kind) if kind in ("whole", "number") else kind


def _totals(out: Book, sheet: Any, table: Table, heads: list[tuple[str, str, str]], lines: list[list[Any]]) -> None:
    """A last row of sums that follow the filter, where a column adds up."""
    adding = [at for at, (title, kind, _) in enumerate(heads) if kind == "money" or (title in ADDS and kind in FORMATS)]
    if not lines or not adding:
        return
    last, titles = len(lines) + 1, [title for title, _, _ in heads]
    for at in range(len(heads)):
        sheet.write_blank(last, at, None, out.total["text"])
    sheet.write_string(last, 0, TOTAL, out.total["text"])
    for at in adding:
        out.subtotal(sheet, len(lines), at, [cells[at] for cells in lines], heads[at][1])
    if "spent" in titles:
        paid, pledged = (xl_rowcol_to_cell(last, titles.index(title)) for title in ("paid", "pledged"))
        sums = [sum(cells[titles.index(title)] for cells in lines) for title in ("paid", "pledged")]
        formula = f"=IF({pledged}=0,0,{paid}/{pledged})"
        share = clean(sums[0] / sums[1]) if sums[1] else 0.0
        sheet.write_formula(last, titles.index("spent"), formula, out.total["share"], share)


def _matrix(
    out: Book,
    name: str,
    keys: tuple[str, ...],
    rows: list[tuple[tuple[Any, ...], list[int]]],
    days: list[dt.date],
    *,
    begin: Callable[[Any, int, str], None] | None = None,
) -> Any:
    """A row a thing, a column a period; zeros of production stay blank, so that the batches stand out.

    `begin`: writes what stands in the first columns of a row otherwise than as it is; rows are written one by one.
    """
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
        if begin is not None:
            begin(sheet, row, labels[0])
    out.finish(sheet, len(rows), len(keys) + len(days), len(keys))
    return sheet


def _made(report: Report) -> dict[tuple[str, str], list[int]]:
    """Units by line and item, period by period."""
    made: dict[tuple[str, str], list[int]] = {}
    for batch in report.plan.made:
        units = made.setdefault((batch.line, batch.item), [0] * report.facts.calendar.count)
        units[batch.period] += batch.quantity
    return dict(sorted(made.items()))


def _production(out: Book, report: Report, made: dict[tuple[str, str], list[int]], links: Links) -> None:
    """Units made by line and item, week by week (or period by period)."""
    calendar = report.facts.calendar
    rows = [((line, item, sum(units)), units) for (line, item), units in made.items()]
    days = [calendar.day(t) for t in range(calendar.count)]

    def begin(sheet: Any, at: int, line: str) -> None:
        out.to(sheet, at, 0, line, links.of("production", "line", line))
        out.sum_across(sheet, at, 3, rows[at - 1][1])

    sheet = _matrix(out, "production", ("line", "item", "units"), rows, days, begin=begin)
    if rows:
        sheet.write_string(len(rows) + 1, 0, TOTAL, out.total["text"])
        out.subtotal(sheet, len(rows), 2, [sum(units) for _, units in rows], "whole")
        for at, column in enumerate(zip(*(units for _, units in rows), strict=True), 3):
            out.subtotal(sheet, len(rows), at, column, "whole")


def _stock(out: Book, report: Report) -> None:
    supply, calendar = report.facts.supply, report.facts.calendar
    rows = [((i.item, supply.floors[i.item]), supply.stock[i.item]) for i in report.problem.items]
    days = [calendar.day(t) for t in range(calendar.count)]
    sheet = _matrix(out, "stock", ("item", "readiness floor"), rows, days)
    if rows and days:
        rule = {"type": "formula", "criteria": "=C2<$B2", "format": out.red}
        sheet.conditional_format(1, 2, len(rows), 1 + len(days), rule)
