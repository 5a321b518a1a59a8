"""What a roll writes beside its weeks: summary, table of weeks, promises and page; on request the plans' folders."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from models.checker import check_plan
from optimizer.batch.roll_records import Week
from optimizer.judging import judged_baselines
from optimizer.pipeline import Run, Stopwatch
from optimizer.reading.instance import read_instance
from optimizer.reading.replace import written_file
from optimizer.reading.write import csv_of
from optimizer.reporting import output
from optimizer.reporting.rolling_page import rolling_page
from optimizer.rolling.promises import Made, Promise
from optimizer.rolling.report import COLUMNS, RollReport, WeekRow
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome

SUMMARY, WEEKS, PROMISES, PAGE = "summary.json", "weeks.csv", "promises.csv", "report.html"
PARQUET = "weeks.parquet"
"""The table of weeks once more, for other programs; written where polars is installed."""
_TYPES = {"int": "Int64", "float": "Float64", "float | None": "Float64", "str": "String", "dt.date": "Date"}
_MADE = tuple(row.name for row in fields(Made))


def write_report(folder: Path, report: RollReport) -> None:
    """Write the files of a report, each whole or not at all. Raises `OSError`."""
    with written_file(folder / SUMMARY) as path:
        output.write_json(path, report.as_dict())
    rows = [[getattr(row, name) for name in COLUMNS] for row in report.rows]
    for name, text in (
        (WEEKS, csv_of(COLUMNS, rows)),
        (PROMISES, csv_of((*_MADE, "status", "missing"), list(_promises(report.promises)))),
        (PAGE, rolling_page(report)),
    ):
        with written_file(folder / name) as path:
            path.write_text(text, encoding="utf-8", newline="\n")
    polars = importlib.import_module("polars") if importlib.util.find_spec("polars") is not None else None
    if polars is not None:
        schema = {row.name: getattr(polars, _TYPES[str(row.type)]) for row in fields(WeekRow)}
        with written_file(folder / PARQUET) as path:
            polars.DataFrame(rows, schema=schema, orient="row").write_parquet(path)


def _promises(rows: Iterable[Promise]) -> Iterable[list[Any]]:
    for row in rows:
        yield [*asdict(row.made).values(), row.status, row.missing]


def write_plan(week: Week, formulation: str, settings: Settings, instance: Path, target: Path) -> None:
    """Write a day's plan as `solve` would: `instance` is the folder of that day's instance. Raises `OutputError`."""
    reading = read_instance(instance)
    compared, starts = judged_baselines(week.problem)
    outcome = Outcome(
        week.status,  # type: ignore[arg-type]
        week.plan,
        week.objective,
        week.bound,
        formulation,
        "roll",
        None,
        {"build": week.seconds.get("build", 0.0), "solve": week.seconds.get("solve", 0.0)},
        messages=week.notes,
    )
    copies = output.snapshot(instance, reading.files)
    first = dict(starts).get("first_come_first_served")
    run = Run(
        instance, target, week.problem, reading, copies, outcome, settings, Stopwatch(), compared, first, command="roll"
    )
    run.write(check_plan(week.problem, week.plan))
