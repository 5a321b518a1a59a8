"""A plan as frames, one for each CSV file that `solve` writes, and back as records, judged like a plan's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.plan import Plan
from models.problem import Problem
from optimizer.findings import Finding, error
from optimizer.frames.frame import frame, raw_of
from optimizer.reading import guess
from optimizer.reading.column import Column
from optimizer.reading.plan import plan_of
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reporting.csv_files import rows_of
from optimizer.reporting.summary import Report
from optimizer.reporting.values_csv import COLUMNS, values_rows

if TYPE_CHECKING:
    import polars as pl

VALUES = "marginal_values"
_KINDS = {"date": "date", "timed_out": "text"} | dict.fromkeys(("value", "low", "high", "slope", "weeks"), "number")


def plan_frames(report: Report) -> dict[str, pl.DataFrame]:
    """Every table of the plan, and what one more is worth where that was found.

    Raises `MissingExtraError` without polars.
    """
    frames = {name: frame(table.columns, rows) for name, table, rows in rows_of(report)}
    if report.values is not None:
        columns = [Column(name, _KINDS.get(name, "text"), "") for name in COLUMNS]  # type: ignore[arg-type]
        frames[VALUES] = frame(columns, values_rows(report.values))
    return frames


def plan_from(problem: Problem, frames: Mapping[str, Any]) -> tuple[Plan | None, tuple[Finding, ...]]:
    """The plan that the tables say, and what is wrong with them; tables that only inform are left alone.

    The plan is None exactly if a finding is an error; whether it is allowed is for the checker. Raises `TypeError` for
    what is no frame, `MissingExtraError` without polars.
    """
    known = (*PLAN_TABLES, VALUES)
    strange = [name for name in frames if name not in known]
    raws = {name: raw_of(name, f"{name}.csv", given) for name, given in frames.items() if name in PLAN_TABLES}
    plan, findings = plan_of(problem, raws)
    unknown = [
        error(
            "unknown_table",
            name,
            f"A plan has no table {name!r}.",
            value=name,
            expected="one of " + ", ".join(known),
            hint=guess.maybe(guess.name(name, known)),
        )
        for name in strange
    ]
    return (None if unknown else plan), (*unknown, *findings)
