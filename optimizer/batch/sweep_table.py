"""The comparison table of a sweep: a row a run, against the run of the same instance in which nothing is changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from rich.table import Table
from rich.text import Text

from models.problem import TERMS
from optimizer.batch.sweep import Swept
from optimizer.batch.sweep_row import RECIPIENT
from optimizer.batch.sweep_store import Row
from optimizer.reporting.names import TERM_TITLES
from optimizer.reporting.numbers import clean, percent, short, text

Kind = Literal["text", "number", "share", "change", "seconds", "whole"]
MOST_SHOWN = 60
"""Rows that the terminal shows; all are in the files."""
NONE = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in files, its head for people, what kind of value stands in it, and what it means."""

    name: str
    head: str
    kind: Kind
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """The rows of a sweep beside their base: `rows` by column name; `columns` those that tell rows apart or matter."""

    columns: tuple[Column, ...]
    rows: tuple[dict[str, Any], ...]


def compared(swept: Swept) -> Comparison:
    """Every run with what it changes against its base: same instance, formulation, limits and seed, nothing changed."""
    bases = {_like(row): row for row in swept.rows if row["base"]}
    rows = tuple(_compared(row, bases.get(_like(row))) for row in swept.rows)
    words = [
        Column("instance", "instance", "text"),
        Column("scenario", "scenario", "text"),
        *(Column(name, name, "text" if kind == "String" else "number") for name, kind in swept.parameters.items()),
        Column("formulation", "formulation", "text"),
        Column("gap_limit", "gap asked", "share"),
        Column("seconds_limit", "seconds given", "seconds"),
        Column("work_limit", "work given", "number"),
        Column("seed", "seed", "whole"),
    ]
    told = [column for column in words if column.name == "scenario" or _differs(rows, column.name)]
    return Comparison((*told, *_FOUND), rows)


_FOUND = (
    Column("status", "status", "text", "why the run ended"),
    Column("objective", "objective", "number", "the checker's value of the plan, weight × million USD × weeks"),
    Column("change", "against base", "change", "objective against that of the unchanged instance"),
    Column("gap", "gap", "share", "(objective − bound) / objective: how much better a plan could be at most"),
    *(Column(term, TERM_TITLES[term], "number") for term in TERMS),
    Column("unmet_orders", "orders short", "whole", "orders that miss units at the end of the horizon"),
    Column("unmet_needs", "needs short", "whole", "needs that miss units at the end of the horizon"),
    Column("packages_released", "packages", "whole", "proposed and new packages released"),
    Column("total_seconds", "seconds", "seconds", "of the run in its worker, patch and judging included"),
)


_LIKE = ("instance", "formulation", "gap_limit", "seconds_limit", "work_limit", "threads", "seed")
"""What a run and its base have in common."""


def _like(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _LIKE)


def _compared(row: Row, base: Row | None) -> dict[str, Any]:
    found = dict(row)
    found["change"] = None
    if base is not None and base["objective"] and row["objective"] is not None and not row["base"]:
        found["change"] = row["objective"] / base["objective"] - 1.0
    return found


def _differs(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return len({row.get(name) for row in rows}) > 1


def cell(column: Column, value: Any) -> str:
    """A value for people."""
    if value is None:
        return NONE
    ways: dict[Kind, Callable[[Any], str]] = {
        "number": lambda v: short(float(v)),
        "share": percent,
        "change": lambda v: f"{100 * v:+.2f} %",
        "seconds": lambda v: f"{v:.1f}",
        "whole": lambda v: f"{v:,}",
    }
    return str(value) if isinstance(value, str | bool) else ways.get(column.kind, str)(value)


def rich_table(swept: Swept) -> Table:
    """The table for the terminal: the first rows."""
    comparison = compared(swept)
    shown = [column for column in comparison.columns if column.name not in ("readiness_shortfall", "plan_change")]
    table = Table(title=swept.name, title_justify="left", show_edge=False, pad_edge=False)
    for column in shown:
        table.add_column(column.head, justify="left" if column.kind == "text" else "right")
    for row in comparison.rows[:MOST_SHOWN]:
        table.add_row(*(Text(cell(column, row.get(column.name))) for column in shown))
    if len(comparison.rows) > MOST_SHOWN:
        table.caption = f"the first {MOST_SHOWN} of {len(comparison.rows)} rows"
    return table


def csv_text(swept: Swept) -> str:
    """All rows as CSV, with every column that is one value."""
    comparison = compared(swept)
    names = file_columns(swept)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in comparison.rows:
        writer.writerow([text(row.get(name)) for name in names])
    return out.getvalue()


def file_columns(swept: Swept) -> list[str]:
    """Names of the columns of `table.csv` and of the first sheet of the workbook."""
    return [
        "number", "instance", "scenario", *swept.parameters, "formulation", "gap_limit", "seconds_limit", "work_limit",
        "threads", "seed", "status", "objective", "change", "bound", "gap", *TERMS,
        "first_come_first_served", "priority_list",
        "unmet_orders", "unmet_order_units", "unmet_needs", "unmet_need_units", "packages_released",
        "accepted_offers", "paid_usd_m", "checker", "patch_seconds", "baselines_seconds", "build_seconds",
        "solve_seconds", "check_seconds", "total_seconds", "peak_memory_mib", "attempts", "key", "message",
    ]  # fmt: skip


def write_workbook(path: Path, swept: Swept) -> None:
    """`table.xlsx`: the table, and what every run means for every recipient. Text is never a formula.

    Raises `OSError`.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    rows = compared(swept).rows
    labels = ["number", "instance", "scenario", *swept.parameters]
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            head = book.add_format({"bold": True, "bottom": 1})
            _sheet(book, "runs", file_columns(swept), rows, head)
            each = [
                {**{name: row.get(name) for name in labels}, **one} for row in rows for one in row["recipients"] or []
            ]
            _sheet(book, "recipients", [*labels, *RECIPIENT], each, head)
    except xlsxwriter.exceptions.FileCreateError as problem:
        raise OSError(5, f"the workbook cannot be written: {problem}") from problem


_MOST_ROWS = 1_000_000
"""A sheet holds little more."""


def _sheet(book: Any, name: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]], head: Any) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, 14)
    for at, title in enumerate(names):
        sheet.write_string(0, at, title, head)
    for line, row in enumerate(rows[:_MOST_ROWS], start=1):
        for at, title in enumerate(names):
            value = row.get(title)
            if isinstance(value, bool):
                sheet.write_boolean(line, at, value)
            elif isinstance(value, int | float):
                sheet.write_number(line, at, clean(float(value)))
            elif value is not None:
                sheet.write_string(line, at, str(value)[:32_000])
    sheet.autofilter(0, 0, max(1, min(len(rows), _MOST_ROWS)), len(names) - 1)


def as_document(swept: Swept) -> dict[str, Any]:
    """Everything as one JSON document: how the sweep went, and every row."""
    return {
        "sweep": swept.name,
        "wanted": swept.wanted,
        "made_now": swept.done,
        "known_before": swept.known,
        "failed": len(swept.failed),
        "interrupted": swept.interrupted,
        "executor": swept.executor,
        "rows": [_plain(row) for row in compared(swept).rows],
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: clean(value) if isinstance(value, float) else value for name, value in row.items() if name != "label"}
