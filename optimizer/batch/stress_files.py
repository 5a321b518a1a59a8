"""A stress test in files: read from a plan's folder, written into a folder of its own, whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.plan import Plan
from models.problem import TERMS, Problem
from optimizer.batch.stress import LATER, Stress
from optimizer.batch.stress_statistics import Spread
from optimizer.batch.stress_tables import sheets
from optimizer.batch.stress_words import headline
from optimizer.findings import Finding, error
from optimizer.reading.instance import read_instance
from optimizer.reading.plan import read_plan
from optimizer.reporting import output
from optimizer.reporting.comparison_tables import Sheet
from optimizer.reporting.manifest import PROGRAM, versions
from optimizer.reporting.numbers import clean, text
from optimizer.reporting.sheets_excel import SheetBook

PAGE, WORKBOOK, DRAWS, DEMAND_DRAWS = "stress.html", "stress.xlsx", "draws.csv", "demand_draws.csv"
TABLES = ("leans", "promises", "demands")
"""Tables that are CSV files, too, by the name of their sheet."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan read back from its folder."""

    folder: Path
    problem: Problem
    plan: Plan


def read_planned(folder: Path) -> tuple[Planned | None, tuple[Finding, ...]]:
    """The instance and the plan in a folder, and what is wrong with them; None exactly if a finding is an error."""
    if not output.holds_plan(folder):
        expected = "what `solve` wrote"
        return None, (error("missing_file", str(folder), "the folder holds no plan", expected=expected),)
    reading = read_instance(output.instance_in(folder / output.INSTANCE))
    if reading.problem is None:
        return None, reading.findings
    plan, findings = read_plan(folder, reading.problem)
    return (None, findings) if plan is None else (Planned(folder, reading.problem, plan), findings)


def refusal(folder: Path) -> Finding | None:
    """Why the test cannot be written there, found out before any work is done; None if all is well."""
    if output.holds_plan(folder):
        message = "the folder holds a plan, which a stress test does not overwrite"
        return error("target_exists", str(folder), message, expected="a new folder, or one that holds a stress test")
    return output.refusal(folder)


def write_stress(folder: Path, stress: Stress, scenario: Path, seconds: float) -> None:
    """Write everything into the folder; raises `OutputError` where that cannot be."""

    def fill(target: Path) -> None:
        # charts and workbooks are loaded by who writes them only
        from optimizer.batch.stress_page import stress_page

        output.write_json(target / output.SUMMARY, summary(stress))
        output.write_json(target / output.MANIFEST, manifest(stress, scenario, seconds))
        for name, content in csv_files(stress):
            _write(target / name, content)
        _write(target / PAGE, stress_page(stress))
        write_book(target / WORKBOOK, stress)

    output.write_or_keep(folder, fill)


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def summary(stress: Stress) -> dict[str, Any]:
    """The content of `summary.json`, and what `--json` prints: every figure but those of single draws."""
    return {
        "status": "stress test",
        "instance": stress.problem.name,
        "scenario": stress.scenario,
        "draws": stress.draws,
        "seed": stress.seed,
        "told": headline(stress),
        "planned": {name: clean(getattr(stress.planned, name)) for name in TERMS},
        "delay": {"planned": clean(stress.planned_delay), **_spread(stress.delay)},
        "objective": {"planned": clean(stress.planned.total), **_spread(stress.objective)},
        "unplanned_delay": clean(float(stress.played.unplanned.mean())),
        "leans": [
            {
                "kind": lean.element.kind,
                "name": lean.element.name,
                "share": clean(lean.share),
                "error": clean(lean.error),
                "alone": clean(lean.alone),
                "disturbed": clean(lean.disturbed),
                "probe": None if lean.probe is None else clean(lean.probe),
            }
            for lean in stress.leans
        ],
        "promises": [
            {
                "kind": row.promise.kind,
                "name": row.promise.name,
                "item": row.promise.item or None,
                "due": None if row.promise.due is None else row.promise.due.isoformat(),
                "units": row.promise.units,
                "broken": row.broken,
                "probability": clean(row.probability),
                "low": clean(row.low),
                "high": clean(row.high),
                "missing": clean(row.missing),
            }
            for row in stress.promise_risks
        ],
        "demands": [
            {
                "demand": row.demand,
                "kind": row.kind,
                "quantity": row.quantity,
                "planned_weeks_late": clean(row.planned_weeks_late),
                "planned_delay": clean(row.planned_delay),
                "weeks_late": _figures(row.weeks_late),
                "delay": _figures(row.delay),
                "later": clean(row.later),
                "later_than": {str(weeks): clean(share) for weeks, share in zip(LATER, row.later_than, strict=True)},
                "short": clean(row.short),
            }
            for row in stress.demand_risks
        ],
    }


def _spread(spread: Spread) -> dict[str, float]:
    return {name: clean(value) for name, value in asdict(spread).items()}


def _figures(spread: Spread) -> dict[str, float]:
    return {name: clean(getattr(spread, name)) for name in ("mean", "median", "p90", "cvar90", "least", "most")}


def manifest(stress: Stress, scenario: Path, seconds: float) -> dict[str, Any]:
    """The content of `manifest.json`: with what it was made, so that it can be made again."""
    try:
        digest: str | None = hashlib.sha256(scenario.read_bytes()).hexdigest()
    except OSError:  # it was read before, and has gone since
        digest = None
    return {
        "program": PROGRAM,
        "command": "stress",
        "versions": versions(),
        "platform": {
            "system": platform.system(),
            "machine": platform.machine(),
            "implementation": sys.implementation.name,
        },
        "instance": stress.problem.name,
        "scenario": {"file": scenario.name, "name": stress.scenario, "sha256": digest},
        "draws": stress.draws,
        "seed": stress.seed,
        "seconds": clean(seconds, 3),
    }


def csv_files(stress: Stress) -> Iterable[tuple[str, str]]:
    """(name, content) of every CSV file."""
    for sheet in sheets(stress):
        if sheet.name in TABLES:
            yield f"{sheet.name}.csv", _table(sheet)
    played = stress.played
    rows = [
        (
            seed,
            *played.terms[:, w].tolist(),
            float(played.unplanned[w]),
            int((played.missing[:, w] > 0).sum()),
            int(played.events[w]),
        )
        for w, seed in enumerate(played.seeds)
    ]
    yield DRAWS, _csv(("seed", *TERMS, "unplanned_delay", "promises_broken", "elements_disturbed"), rows)
    found = [
        (
            *(seed, risk.demand, risk.kind, int(played.delivered[q, w])),
            *(float(played.weeks_late[q, w]), float(played.later[q, w]), float(played.delay[q, w])),
        )
        for w, seed in enumerate(played.seeds)
        for q, risk in enumerate(stress.demand_risks)
    ]
    yield DEMAND_DRAWS, _csv(("seed", "demand", "kind", "delivered", "weeks_late", "later", "delay"), found)


def _table(sheet: Sheet) -> str:
    heads = [head.title.replace(" ", "_").replace("±", "plus_minus").replace(",", "") for head in sheet.heads]
    return _csv(heads, sheet.rows)


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([text(cell) for cell in row] for row in rows)
    return out.getvalue()


def write_book(path: Path, stress: Stress) -> None:
    """The workbook; the same test gives the same bytes. Raises `OSError`."""
    out = SheetBook(path)
    begin = dt.datetime.combine(stress.problem.start, dt.time())
    out.book.set_properties({"title": f"{stress.problem.name} under stress", "created": begin})
    rows = [("instance", stress.problem.name), ("scenario", f"{stress.scenario} {stress.about}".strip())]
    out.front("A plan under stress", [*rows, *(("", line) for line in headline(stress))])
    for sheet in sheets(stress):
        out.table(sheet)
    out.close()
