"""The files that a sweep leaves for people: the table as CSV and as a workbook, and a page with charts; each whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from optimizer.batch.sweep import Swept
from optimizer.batch.sweep_figures import figures
from optimizer.batch.sweep_table import cell, compared, csv_text, write_workbook
from optimizer.reporting.numbers import short
from optimizer.reporting.pages import environment, rendered

PAGE, TABLE_CSV, WORKBOOK = "report.html", "table.csv", "table.xlsx"
MOST_ROWS = 1200
"""Rows of the table on the page; all are in the files."""


def write_pages(out: Path, swept: Swept) -> None:
    """Writes the three files, each whole or not at all. Raises `OSError`."""
    _put(out / TABLE_CSV, lambda path: _text(path, csv_text(swept)))
    _put(out / WORKBOOK, lambda path: write_workbook(path, swept))
    _put(out / PAGE, lambda path: _text(path, page(swept)))


def _put(path: Path, write: Callable[[Path], None]) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def page(swept: Swept) -> str:
    """`report.html`: one file, nothing fetched; what users called things is escaped."""
    drawn, comparison = figures(swept), compared(swept)
    failed = [(row["label"], row["status"], row["message"] or "") for row in swept.failed]
    return rendered(
        environment(Path(__file__).parent / "templates"), "sweep.html", drawn=bool(drawn),
        swept=swept, figures=drawn, columns=comparison.columns, rows=comparison.rows[:MOST_ROWS],
        left_out=max(0, len(comparison.rows) - MOST_ROWS), cell=cell, cards=list(_cards(swept)), failed=failed[:50],
    )  # fmt: skip


def _cards(swept: Swept) -> Iterator[tuple[str, str, str, str]]:
    """Title, figure, line and tone of what matters first."""
    there = len(swept.rows)
    yield "Runs", f"{there:,}", f"of {swept.wanted:,}; {swept.done:,} made in the last call", ""
    solved = [row for row in swept.rows if row["status"] in ("optimal", "gap_reached", "infeasible")]
    yield "Proven", f"{len(solved):,}", "ended at the gap asked for, or proved that no plan exists", ""
    rows = [row for row in compared(swept).rows if row["change"] is not None]
    if rows:
        best, worst = min(rows, key=lambda row: row["change"]), max(rows, key=lambda row: row["change"])
        yield "Best", f"{100 * best['change']:+.1f} %", f"objective against base: {best['label']}", ""
        yield "Worst", f"{100 * worst['change']:+.1f} %", f"objective against base: {worst['label']}", ""
    failed = len(swept.failed)
    yield "Failed", f"{failed:,}", "ended by force, by an error, or by a change that cannot be", "bad" if failed else ""
    seconds = [row["total_seconds"] for row in swept.rows if row["total_seconds"] is not None]
    yield "Seconds", short(sum(seconds)), "of all runs together, in their workers", ""
