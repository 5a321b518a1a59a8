"""The table of a summary: once for the terminal, as Markdown, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from optimizer.bench.summary import Row, Summary

NONE = "–"


def seconds(value: float | None) -> str:
    """`0.42`, `7.1`, `312`."""
    if value is None:
        return NONE
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def percent(value: float | None) -> str:
    """Three digits that count: `0.0123 %`, `4.56 %`."""
    return NONE if value is None else "0 %" if value == 0 else f"{100 * value:.3g} %"


def whole(value: float | None) -> str:
    """`1,234`."""
    return NONE if value is None else f"{value:,.0f}"


COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("entry", lambda row: row.entry),
    ("runs", lambda row: str(row.runs)),
    ("solved", lambda row: NONE if row.kind == "baseline" else str(row.solved)),
    ("unsolved", lambda row: NONE if row.kind == "baseline" else str(row.unsolved)),
    ("failed", lambda row: str(row.failed)),
    ("time s", lambda row: ("≥ " if _censored(row) else "") + seconds(row.total_seconds)),
    ("× best", lambda row: NONE if row.ratio is None else f"{row.ratio:.2f}"),
    (
        "to 0.1 % s",
        lambda row: NONE if not row.reached_gap_01 else (
            ("≥ " if row.reached_gap_01 < row.runs else "") + seconds(row.to_gap_01)
        ),
    ),
    ("median gap", lambda row: percent(row.median_gap)),
    ("above best bound", lambda row: percent(row.to_best_bound)),
    ("primal integral s", lambda row: seconds(row.primal_integral)),
    ("peak MiB", lambda row: whole(row.peak_memory_mib)),
)  # fmt: skip
"""Head of every column, and what stands in it."""

DEFINITIONS: dict[str, str] = {
    "solved": "runs that reached the gap asked for, with a plan that the checker passes, or proved that none exists",
    "unsolved": "runs that ended at the time limit before that",
    "failed": "runs ended by force (time, memory), by an error, or with a plan that breaks a rule",
    "time s": "shifted geometric mean (shift 10 s) of the seconds from start of the process to its end; "
    "a run that is not solved counts the limit, or what it took, if that is more (then ≥ stands before it)",
    "× best": "that mean, as a multiple of the smallest one at this setting",
    "to 0.1 % s": "shifted geometric mean of the seconds from start of the process until a gap of 0.1 % was proven; "
    "≥: not all runs got there, and those count the limit",
    "median gap": "median of (objective − bound) / |objective|, own bound; –: half of the runs have none",
    "above best bound": "median of (objective − best bound of any run for the instance) / |objective|; "
    "the objective is what the checker computes",
    "primal integral s": "shifted geometric mean of the primal gap integrated from start of the process to the limit, "
    "against the best plan of any run (Berthold 2013)",
    "peak MiB": "resident memory of the process and its children together, highest of all runs; "
    "pages that they share count once for each",
}
"""How every figure of the table is defined."""


def _censored(row: Row) -> bool:
    return row.kind != "baseline" and row.solved < row.runs


def settings_of(summary: Summary) -> list[str]:
    """The settings, each of which is a table of its own."""
    return list(dict.fromkeys(row.setting for row in summary.rows))


def rich_table(rows: Sequence[Row], title: str) -> Table:
    """For the terminal."""
    table = Table(title=Text(title), title_justify="left")
    for head, _ in COLUMNS:
        table.add_column(head, justify="left" if head == "entry" else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(row)) for _, cell in COLUMNS))
    return table


def markdown(summary: Summary, title: str, about: Sequence[str]) -> str:
    """The table as a page of Markdown."""
    lines = [f"# {title}", "", *about, ""]
    for setting in settings_of(summary):
        lines += [f"## {setting}", "", "| " + " | ".join(head for head, _ in COLUMNS) + " |"]
        lines += ["|" + "---|" * len(COLUMNS)]
        rows = [row for row in summary.rows if row.setting == setting]
        lines += ["| " + " | ".join(cell(row).replace("|", "\\|") for _, cell in COLUMNS) + " |" for row in rows]
        lines += [""]
    for head, found in (("Contradictions", summary.contradictions), ("Notes", summary.notes)):
        if found:
            lines += [f"## {head}", "", *(f"- {line}" for line in found), ""]
    lines += ["## What the columns mean", "", *(f"- **{head}**: {text}." for head, text in DEFINITIONS.items()), ""]
    return "\n".join(lines)


def csv_text(summary: Summary) -> str:
    """The table as CSV: plain numbers, blank where unknown."""
    out = io.StringIO()
    names: list[str] = list(Row.__dataclass_fields__)
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for row in summary.rows:
        values: dict[str, Any] = row.as_dict()
        writer.writerow({name: "" if values[name] is None else values[name] for name in names})
    return out.getvalue()
