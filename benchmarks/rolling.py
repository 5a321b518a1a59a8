"""Weeks of planning under disturbances, with stability on and off: nervousness, promises, delay against hindsight.

    python -m benchmarks.rolling [--instance DIR] [--scenario FILE] [--weeks 52] [--seed 1] [--seconds 20]
                                 [--gap 0.002] [--threads 2] [--keep DIR]

Writes `benchmarks/rolling.md` and `.csv`. The same drawn history is planned through twice: once with what the instance
says that changes cost, each plan starting from what is left of the one before; once with every plan made as if there
had been none. Both are measured in the same way (docs/roll.md). `--keep` is a folder that holds the two rolls: the
same command with it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import csv
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optimizer.batch.roll import RollOptions, roll
from optimizer.reporting.manifest import version_of
from optimizer.reporting.rolling_words import week_line
from optimizer.rolling.report import RollReport, WeekRow
from optimizer.settings import Settings

HERE = Path(__file__).parent
INSTANCE = HERE.parent / "instances" / "purl-2026-w02"
SCENARIO = HERE.parent / "instances" / "scenarios" / "disturbances.toml"
COLUMNS = {
    "stability": "whether changing the plan before costs something",
    "plans": "days of planning",
    "passed": "plans that the checker passed (a plan that it refuses ends the roll)",
    "events": "events that became known",
    "units a plan": "units moved or cut a plan, after the first",
    "% of planned": "the same, of all units that the plans before still meant to send",
    "USD m a plan": "million USD of units moved or cut a plan",
    "in frozen weeks": "units inside the frozen weeks that do not leave as they were to, in all",
    "instability": "Sridharan, Berry & Udayabhanu, units a dispatch",
    "promises": "promises made",
    "broken": "of these, broken",
    "frozen broken": "of the broken ones, dispatches inside frozen weeks",
    "unaccounted": "rules that the history breaks and no broken promise accounts for",
    "delay": "weight × million USD × weeks late, of all that was done and the last plan",
    "hindsight": "the same of the best plan found that knows everything from the start",
    "bound": "proven: no plan is below",
    "idle USD m": "money that could pay on the last day and does not",
    "median gap %": "of the solves that have a bound",
    "seconds": "of all days of planning",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Roll twice, and write the table."""
    asked = _asked(arguments)
    with tempfile.TemporaryDirectory() as room:
        keep = asked.keep or Path(room)
        rows = [_row(_rolled(asked, keep, stability=stability), stability) for stability in (True, False)]
    _write(rows, asked)


def _asked(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", type=Path, default=INSTANCE)
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--gap", type=float, default=0.002)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--into", type=Path, default=HERE, help="folder of the table")
    return parser.parse_args(arguments)


def _rolled(asked: Any, keep: Path, *, stability: bool) -> RollReport:
    settings = Settings(seconds=asked.seconds, gap=asked.gap, threads=asked.threads, seed=asked.seed)
    options = RollOptions(asked.weeks, stability=stability, settings=settings)
    out = keep / ("on" if stability else "off")
    print(f"stability {'on' if stability else 'off'}", flush=True)
    began = time.monotonic()

    def told(row: WeekRow, known: bool) -> None:
        print(f"{time.monotonic() - began:7.0f} s  {week_line(row)}{' (known)' if known else ''}", flush=True)

    result = roll(asked.instance, out, options, scenario=asked.scenario, seed=asked.seed, told=told)
    if result.report is None:
        raise SystemExit(f"the roll ended with {result.code}: {result.message} {[f.line() for f in result.findings]}")
    return result.report


def _row(report: RollReport, stability: bool) -> dict[str, Any]:
    moves, tally = report.nervousness(), report.tally()
    gaps = sorted(row.gap for row in report.rows if row.gap is not None)
    best = report.hindsight
    share = moves["share_of_units_moved"]
    return {
        "stability": "on" if stability else "off",
        "plans": len(report.rows),
        "passed": len(report.rows),
        "events": len(report.news),
        "units a plan": _number(moves["units_moved_per_week"], 1),
        "% of planned": "" if share is None else _number(100 * share, 2),
        "USD m a plan": _number(moves["value_moved_per_week_usd_m"], 1),
        "in frozen weeks": moves["frozen_units_changed"],
        "instability": _number(moves["instability_units"], 4),
        "promises": sum(row["made"] for row in tally.values()),
        "broken": sum(row["broken"] for row in tally.values()),
        "frozen broken": tally["frozen"]["broken"],
        "unaccounted": len(report.unaccounted),
        "delay": _number(report.delay, 0),
        "hindsight": _number(None if best is None else best.delay, 0),
        "bound": _number(None if best is None else best.bound, 0),
        "idle USD m": _number(report.unspent_usd_m, 1),
        "median gap %": _number(100 * gaps[len(gaps) // 2], 2) if gaps else "",
        "seconds": _number(sum(row.seconds for row in report.rows), 0),
    }


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _write(rows: list[dict[str, Any]], asked: Any) -> None:
    asked.into.mkdir(parents=True, exist_ok=True)
    with (asked.into / "rolling.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([row[name] for name in COLUMNS] for row in rows)
    lines = [
        "# Week after week, with stability on and off",
        "",
        f"Made by `python -m benchmarks.rolling --weeks {asked.weeks} --seed {asked.seed} --seconds {asked.seconds:g} "
        f"--gap {asked.gap:g} --threads {asked.threads}` on the instance `{asked.instance.name}` under "
        f"`{asked.scenario.name}`; burdenshare {version_of('burdenshare')}, highspy {version_of('highspy')}, "
        f"Python {platform.python_version()}.",
        "",
        "| | on | off |",
        "|---|---:|---:|",
        *(
            f"| {name}: {COLUMNS[name]} | {rows[0][name]} | {rows[1][name]} |"
            for name in COLUMNS
            if name != "stability"
        ),
        "",
    ]
    (asked.into / "rolling.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
