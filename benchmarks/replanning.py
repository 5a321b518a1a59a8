"""Planning on from a plan before, against a cold solve of the same instance: units that move, time, quality.

    python -m benchmarks.replanning [--instance DIR] [--seconds 90] [--threads 2] [--keep DIR]

Writes `benchmarks/replanning.md` and `.csv`. First the instance is solved cold. Then it is planned on from that plan
three times: a week later with nothing changed; as many weeks later as the longest period has, when the calendar is
deepened again; and a week later with every third line at half of its planned output in that week. Each is then solved
once more cold, the very instance that was planned on. *As good* is when the run first had a plan no worse than the
one in which the cold solve ended.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import Actual, Problem
from optimizer.pipeline import Result, solve_instance
from optimizer.reading.instance import read_instance
from optimizer.reading.plan import read_plan
from optimizer.reading.write import write_folder
from optimizer.reporting.manifest import version_of
from optimizer.settings import Settings

HERE = Path(__file__).parent
INSTANCE = HERE.parent / "instances" / "purl-2026-w02"


@dataclass(frozen=True)
class Row:
    """One run. Seconds of wall clock; `moved` units of those that the plan before still had to send."""

    case: str
    how: str
    status: str
    seconds: float
    solving: float
    as_good: float | None
    objective: float
    bound: float
    gap: float
    planned: int | None
    moved: int | None
    moved_frozen: int | None
    plan_change: float


def row(case: str, how: str, result: Result, took: float) -> Row:
    """The figures of a run."""
    found = result.summary
    assert found is not None
    assert found.objective is not None
    assert found.terms is not None
    told = found.replanning
    return Row(
        case,
        how,
        found.status,
        took,
        found.seconds["solve"],
        None,
        found.objective,
        found.bound if found.bound is not None else float("nan"),
        found.gap if found.gap is not None else float("nan"),
        None if told is None else told.planned_units,
        None if told is None else told.moved_units,
        None if told is None else told.frozen.moved_units,
        found.terms["plan_change"],
    )


def as_good(one: Row, folder: Path, target: float) -> float | None:
    """When the run in a folder first had a plan worth no more than the target; None if never."""
    trace = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["trace"]
    most = target + 1e-9 * abs(target)
    if not trace:
        return one.seconds if one.objective <= most else None
    known = (step for step in trace if step["incumbent"] is not None)
    return next((float(step["seconds"]) for step in known if step["incumbent"] <= most), None)


def halved(problem: Problem, plan: Plan) -> tuple[Actual, ...]:
    """Actuals of the first period: every third line that makes something made half of it."""
    made: Counter[tuple[str, str]] = Counter()
    for one in plan.made:
        if one.period == 0:
            made[one.line, one.item] += one.quantity
    lines = sorted({line for line, _ in made})[::3]
    day = problem.start
    return tuple(
        Actual("produced", line, item, None, None, day, float(units // 2))
        for (line, item), units in sorted(made.items())
        if line in lines
    )


def measure(instance: Path, settings: Settings, work: Path) -> list[Row]:
    """All runs, the first cold, then each case planned on and cold."""

    def run(case: str, source: Path, to: Path, previous: Path | None = None) -> Row:
        began = time.perf_counter()
        result = solve_instance(source, to, settings=settings, previous=previous)
        return row(case, "cold" if previous is None else "planned on", result, time.perf_counter() - began)

    first = work / "first"
    rows = [run("first", instance, first)]
    problem = read_instance(first / "instance").problem
    assert problem is not None
    plan, _ = read_plan(first, problem)
    assert plan is not None
    calendar = calendar_of(problem)
    longest = max(calendar.weeks)
    later = next(calendar.day(t) for t in range(1, calendar.count) if calendar.week(t) >= longest)
    cases = {
        "nothing changed": problem,
        f"{longest} weeks later": replace(problem, start=later, as_of=problem.start),
        "output halved": replace(problem, actuals=halved(problem, plan)),
    }
    for case, asked in cases.items():
        source = work / f"{case} asked"
        write_folder(asked, source)
        warm, cold = work / f"{case} planned on", work / f"{case} cold"
        planned, anew = run(case, source, warm, first), run(case, warm / "instance", cold)
        rows += [
            replace(planned, as_good=as_good(planned, warm, anew.objective)),
            replace(anew, as_good=as_good(anew, cold, planned.objective)),
        ]
    return rows


def page(rows: list[Row], command: str, state: str, name: str) -> str:
    """The table as Markdown."""
    load = os.getloadavg()[1]
    lines = [
        "# Planning on from a plan before, against a cold solve",
        "",
        f"By `{command}` at {state}, Python {platform.python_version()}, highspy {version_of('highspy')}, on {name}.",
        f"Load of the machine at the end: {load:.1f} on {os.cpu_count()} cores; above that, runs waited for others.",
        "What it means: [docs/replanning.md](../docs/replanning.md).",
        "",
        "| case | how | ended | seconds | solving | as good | objective | gap | units | moved | frozen | changes |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        good = "–" if one.as_good is None else f"{one.as_good:.1f}"
        units = ["–" if value is None else f"{value:,}" for value in (one.planned, one.moved, one.moved_frozen)]
        lines.append(
            f"| {one.case} | {one.how} | {one.status} | {one.seconds:.1f} | {one.solving:.1f} | {good} "
            f"| {one.objective:,.0f} | {one.gap:.3%} | {' | '.join(units)} | {one.plan_change:,.0f} |"
        )
    lines += [
        "",
        "Seconds of wall clock. *as good*: when the run first had a plan no worse than the one in which the other",
        "run of the same case ended (–: never). *units*: those that the plan before still had to send; *moved*: of",
        "these, how many do not leave just so, *frozen* in the weeks in which a change costs more; *changes*: the",
        "term `plan_change`.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", type=Path, default=INSTANCE)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    settings = Settings(seconds=asked.seconds, threads=asked.threads)
    with tempfile.TemporaryDirectory() as folder:
        work = asked.keep or Path(folder)
        rows = measure(asked.instance, settings, work)
    head = ["git", "rev-parse", "--short", "HEAD"]
    state = subprocess.run(head, capture_output=True, text=True, check=False, cwd=HERE).stdout.strip() or "unknown"
    with (HERE / "replanning.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([f.name for f in fields(Row)])
        writer.writerows([[round(v, 6) if isinstance(v, float) else v for v in astuple(one)] for one in rows])
    command = f"python -m benchmarks.replanning --seconds {asked.seconds:g} --threads {asked.threads}"
    (HERE / "replanning.md").write_text(page(rows, command, state, asked.instance.name), encoding="utf-8")


if __name__ == "__main__":
    main()
