"""A folder of the bench as a page of the documentation.

    python -m benchmarks.results DIR [--commit COMMIT]     # writes docs/results.md

DIR is what `burdenshare bench SUITE.toml --out DIR` wrote. The page shows the newest run of every key at the state of
the program measured last, or at the one given. Where there is none, nothing is written and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from optimizer.bench.records import Record
from optimizer.bench.store import Store
from optimizer.bench.summary import groups, summarise
from optimizer.bench.table import COLUMNS, DEFINITIONS, NONE, percent, seconds, settings_of, whole

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results.md"
_SHOWN = ("python", "pyomo", "highspy", "numpy", "scipy")
"""Libraries that the page names; other solvers are named with them where they ran."""
Runs = Sequence[Record]


def median(runs: Runs, value: Callable[[Record], float | None]) -> float | None:
    """The median over runs, where a run without a value counts as infinite; None where that is the median."""
    found = statistics.median(math.inf if (x := value(run)) is None else x for run in runs)
    return found if math.isfinite(found) else None


def _least(runs: Runs) -> str:
    plans = [run.objective for run in runs if run.plan_ok and run.objective is not None]
    return f"{min(plans):,.7g}" if plans else NONE


def _highest(runs: Runs) -> str:
    """Bounds of a lexicographic instance are of its last stage, so none is shown."""
    bounds = [run.bound for run in runs if run.bound is not None and run.mode != "lexicographic"]
    return f"{max(bounds):,.7g}" if bounds else NONE


def _statuses(runs: Runs) -> str:
    counts = {status: sum(run.status == status for run in runs) for status in dict.fromkeys(r.status for r in runs)}
    return ", ".join(status if len(counts) == 1 else f"{count} {status}" for status, count in counts.items())


BY_INSTANCE: tuple[tuple[str, Callable[[Runs], str]], ...] = (
    ("entry", lambda runs: runs[0].entry),
    ("runs", lambda runs: str(len(runs))),
    ("ended", _statuses),
    ("plan", _least),
    ("bound", _highest),
    ("gap", lambda runs: percent(median(runs, lambda r: r.gap))),
    ("time s", lambda runs: seconds(median(runs, lambda r: r.total_seconds))),
    ("first plan s", lambda runs: seconds(median(runs, lambda r: r.to_first_plan))),
    ("1 % s", lambda runs: seconds(median(runs, lambda r: r.to_gap_1))),
    ("0.1 % s", lambda runs: seconds(median(runs, lambda r: r.to_gap_01))),
    ("0.01 % s", lambda runs: seconds(median(runs, lambda r: r.to_gap_001))),
    ("build s", lambda runs: seconds(median(runs, lambda r: r.build_seconds))),
    ("hand-over s", lambda runs: seconds(median(runs, lambda r: r.handover_seconds))),
    ("nonzeros", lambda runs: whole(median(runs, lambda r: r.nonzeros))),
    ("peak MiB", lambda runs: whole(median(runs, lambda r: r.peak_memory_mib))),
)
"""Head of every column of an instance's table, and what stands in it."""


def multiple(found: float | None, root: float | None) -> float | None:
    """How many times as long as until the root relaxation was solved; both from the start of the process."""
    return None if found is None or root is None or root <= 0 else found / root


def _times(value: float | None) -> str:
    return NONE if value is None else f"{value:.3g}"


BY_ROOT: tuple[tuple[str, Callable[[Runs], str]], ...] = (
    ("root s", lambda runs: seconds(median(runs, lambda r: r.root_seconds))),
    ("1 % × root", lambda runs: _times(median(runs, lambda r: multiple(r.to_gap_1, r.root_seconds)))),
    ("0.1 % × root", lambda runs: _times(median(runs, lambda r: multiple(r.to_gap_01, r.root_seconds)))),
    ("0.01 % × root", lambda runs: _times(median(runs, lambda r: multiple(r.to_gap_001, r.root_seconds)))),
)
"""Columns that stand in the table of an instance where any of its runs knows its root relaxation."""


def _columns(runs: Runs) -> tuple[tuple[str, Callable[[Runs], str]], ...]:
    """The columns for an instance's table."""
    rooted = any(run.root_seconds is not None for run in runs)
    at = next(k for k, (head, _) in enumerate(BY_INSTANCE) if head == "build s")
    return (*BY_INSTANCE[:at], *BY_ROOT, *BY_INSTANCE[at:]) if rooted else BY_INSTANCE


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *(f"| {row} |" for row in cells), ""]


def _suite(name: str, records: Runs) -> list[str]:
    """The part of one suite: means by entry, then every instance."""
    summary = summarise(records)
    lines = [f"## Suite `{name}`", ""]
    for setting in settings_of(summary):
        rows = [row for row in summary.rows if row.setting == setting]
        lines += [f"### All instances, {setting}", ""]
        lines += _table([head for head, _ in COLUMNS], [[cell(row) for _, cell in COLUMNS] for row in rows])
    for (instance, setting), runs in groups(records, lambda r: (r.instance, r.setting)).items():
        known = next((r for r in runs if r.demands is not None and r.periods is not None), None)
        size = "" if known is None else f"{known.demands:,} orders and needs, {known.periods} periods. "
        seeds = ", ".join(str(seed) for seed in sorted({r.seed for r in runs}))
        lines += [f"### {instance}, {setting}", "", f"{size}Seeds {seeds}.", ""]
        entries = groups(runs, lambda r: (r.kind, r.entry)).values()
        columns = _columns(runs)
        lines += _table([head for head, _ in columns], [[cell(of) for _, cell in columns] for of in entries])
    for head, found in (("Contradictions", summary.contradictions), ("Notes", summary.notes)):
        if found:
            lines += [f"### {head} in `{name}`", "", *(f"- {line}" for line in found), ""]
    return lines


def _where(records: Runs) -> list[str]:
    """Commit, dates, machines, versions, and the commands that do it again."""
    days = sorted({record.started[:10] for record in records})
    commit = records[-1].commit + (" (with changes that no commit holds)" if any(r.dirty for r in records) else "")
    lines = [
        f"State of the program: {commit}. Measured {days[0]}" + (f" to {days[-1]}." if days[1:] else "."),
        "",
        *(f"- Machine: {_machine(text)}." for text in dict.fromkeys(record.machine for record in records)),
        *(f"- Versions: {_versions(text)}." for text in dict.fromkeys(record.versions for record in records)),
        "",
        "Again, on another machine or commit (compare ratios, machines differ):",
        "",
        "```sh",
    ]
    for name in dict.fromkeys(record.suite for record in records):
        own = ROOT / "benchmarks" / "suites" / f"{name}.toml"
        path = own.relative_to(ROOT).as_posix() if own.is_file() else f"{name}.toml"
        lines.append(f"burdenshare bench {path} --out results")
    return [*lines, "python -m benchmarks.results results", "```", ""]


def _machine(text: str) -> str:
    known = json.loads(text)
    parts = [known.get("processor"), known.get("architecture"), f"{known['cores']} cores" if "cores" in known else ""]
    parts += [f"{known['memory_gib']} GiB" if "memory_gib" in known else "", known.get("system")]
    return ", ".join(part for part in parts if part) or "unknown"


def _versions(text: str) -> str:
    known = json.loads(text)
    names = [*_SHOWN, *sorted(known.keys() & {"pyscipopt", "ortools", "pulp", "gurobipy", "linopy"})]
    return ", ".join(f"{name} {known[name]}" for name in names if known.get(name)) or "unknown"


def page(records: Runs) -> str:
    """The page for records of one state of the program.

    Raises:
        ValueError: there are none, or of several states.
    """
    if len({record.commit for record in records}) != 1:
        raise ValueError("a page needs records, all of one state of the program")
    lines = [
        "# Results",
        "",
        "Written by `python -m benchmarks.results`; [bench.md](bench.md) says how runs are made.",
        "",
    ]
    lines += _where(records)
    for name, of_suite in groups(records, lambda r: r.suite).items():
        lines += _suite(name, of_suite)
    lines += [
        "## What the columns mean", "",
        *(f"- **{head}** (all instances): {text}." for head, text in DEFINITIONS.items()),
        "- **plan**, **bound** (of an instance): the lowest legal plan and the highest proven bound of an entry.",
        "- **root s**: until the first bound of a relaxation of the whole problem was known; **× root**: the time to a "
        "gap as a multiple of that. Both count from the start of the process.",
        "- **build s**, **hand-over s**: from the instance in memory to the model in Python, and from there to the "
        "solver's memory; of our own runs the first hand-over of the largest program, which is part of the solving.",
        "- Other figures of an instance are medians over its runs; a run that never got there counts as infinite, "
        f"and {NONE} stands where half of them did not.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def chosen(records: Runs, commit: str | None = None) -> list[Record]:
    """The records of one state of the program: the one whose name begins as given, or the one measured last."""
    if commit is None:
        commit = records[-1].commit if records else ""
        return [record for record in records if record.commit == commit]
    return [record for record in records if record.commit.startswith(commit)]


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commit", help="a state of the program, or its beginning")
    parser.add_argument("--page", type=Path, default=PAGE, help="what is written")
    options = parser.parse_args()
    records = chosen(Store(options.folder).latest(), options.commit)
    try:
        text = page(records)
    except ValueError as wrong:
        sys.exit(f"nothing is written: {wrong}")
    options.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
