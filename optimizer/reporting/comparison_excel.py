"""A comparison as a workbook: one sheet a table, text never a formula."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from optimizer.explaining.comparing import Comparison
from optimizer.reporting.comparison_tables import sheets
from optimizer.reporting.comparison_words import headline
from optimizer.reporting.sheets_excel import SheetBook


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the workbook; the same comparison gives the same bytes. Raises `OSError`."""
    out = SheetBook(path)
    begin = dt.datetime.combine(comparison.new.problem.start, dt.time())
    out.book.set_properties({"title": f"{comparison.old.name} and {comparison.new.name}", "created": begin})
    sides = [("old", comparison.old), ("new", comparison.new)]
    rows = [(which, f"{side.name} ({side.problem.name})") for which, side in sides]
    rows += [("only", ", ".join(comparison.only))] if comparison.only else []
    out.front("What moved between two plans", [*rows, *(("", line) for line in headline(comparison))])
    for sheet in sheets(comparison):
        out.table(sheet)
    out.close()
