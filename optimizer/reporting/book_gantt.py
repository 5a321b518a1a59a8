"""The sheet `gantt`: a row a line, item and customer, a column a period, coloured by who gets the output."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from optimizer.reporting.book import Book
from optimizer.reporting.book_links import Links
from optimizer.reporting.figures.gantt import TAKERS
from optimizer.reporting.figures.spans import span_of, spans
from optimizer.reporting.figures.takers import Taker, outputs
from optimizer.reporting.summary import Report

HEADS = ("line", "item", "for", "customer", "units")
_GROUNDS: dict[Taker, str] = {"need": "#BBD4F0", "order": "#F6D3A5", "replacement": "#D9C4E8", "stock": "#D9DEE5"}
_WIDTHS = (16.0, 16.0, 14.0, 20.0, 9.0)


def gantt_sheet(out: Book, report: Report, links: Links) -> None:
    """Write the sheet; a long calendar is joined into spans, and the head gives the first day of each."""
    sheet = out.book.add_worksheet("gantt")
    columns = spans(report.facts.calendar)
    at_of, name = span_of(columns), {row.recipient: row.name for row in report.problem.recipients}
    units: dict[tuple[str, str, int, str], list[int]] = defaultdict(lambda: [0] * len(columns))
    order = list(TAKERS)
    for row in outputs(report):
        units[row.line, row.item, order.index(row.taker), row.recipient][at_of[row.period]] += row.units
    for at, (title, width) in enumerate(zip(HEADS, _WIDTHS, strict=True)):
        sheet.write_string(0, at, title, out.number_head if title == "units" else out.head)
        sheet.set_column(at, at, width)
    first, last = len(HEADS), len(HEADS) + len(columns) - 1
    for at, span in enumerate(columns, first):
        sheet.write_datetime(0, at, dt.datetime.combine(span.start, dt.time()), out.steep_head)
    sheet.set_row(0, 68)
    if columns:
        sheet.set_column(first, last, 5.0)
    grounds = {
        taker: out.book.add_format({"bg_color": colour, "num_format": "#,##0"}) for taker, colour in _GROUNDS.items()
    }
    rows = sorted(units.items())
    for at, ((line, item, taker, recipient), values) in enumerate(rows, 1):
        kind = order[taker]
        out.to(sheet, at, 0, line, links.of("gantt", "line", line))
        out.cell(sheet, at, 1, item, "text")
        out.cell(sheet, at, 2, TAKERS[kind][1], "text")
        out.cell(sheet, at, 3, name.get(recipient) or TAKERS[kind][1], "text")
        out.sum_across(sheet, at, first, values)
        for column, value in enumerate(values, first):
            if value:
                sheet.write_number(at, column, value, grounds[kind])
    _totals(out, sheet, [values for _, values in rows], first)
    out.finish(sheet, len(rows), len(HEADS) + len(columns), len(HEADS))


def _totals(out: Book, sheet: Any, rows: list[list[int]], first: int) -> None:
    if not rows:
        return
    out.subtotal(sheet, len(rows), first - 1, [sum(values) for values in rows], "whole")
    for at, column in enumerate(zip(*rows, strict=True), first):
        out.subtotal(sheet, len(rows), at, column, "whole")
    sheet.write_string(len(rows) + 1, 0, TOTAL, out.total["text"])


TOTAL = "total of the rows shown"
"""Label of the last row of a sheet, whose sums follow the filter."""
