"""What one more slot is worth: the linear program with decisions held against solving again, on random slots.

    python -m benchmarks.marginal_values [--plan DIR] [--slots 40] [--seed 4] [--seconds 60]

Writes `benchmarks/marginal_values.md` and `.csv`. Without a plan the real instance is solved first, with the defaults.
Why the two disagree is computed, not guessed: between them stand two programs, one with completions free and whole and
units in fractions, one with whole output as well. What changes up to the first is of completions, up to the second of
whole output (lots of several slots, components), after it of whole deliveries (lanes, substitutes, several origins); if
a run was not solved to its end, that is said. Beside them stand the dual alone, and the linear program with contents of
packages open.
"""

from __future__ import annotations

import argparse
import csv
import platform
import random
import subprocess
import tempfile
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.values import Resource
from optimizer.pipeline import solve_instance
from optimizer.reporting.again import read_report
from optimizer.reporting.manifest import version_of
from optimizer.valuing.exact import Exact
from optimizer.valuing.fast import fast_values
from optimizer.valuing.held import held_model

HERE = Path(__file__).parent
INSTANCE = HERE.parent / "instances" / "purl-2026-w02"
SAME = 0.01
"""Weighted million-dollar-weeks (and share of the value) within which two values agree."""


@dataclass(frozen=True)
class Row:
    """One slot. Values in weighted million-dollar-weeks, times in seconds of the processor."""

    line: str
    period: int
    week_of: str
    dual: float
    contents_open: float
    fixed_lp: float
    whole_completions: float
    whole_output: float
    resolved: float
    low: float
    high: float
    seconds: float
    why: str


def same(one: float, other: float) -> bool:
    """Whether two values agree."""
    return abs(one - other) <= SAME + 1e-6 * max(abs(one), abs(other))


def why(fixed: float, completed: float, made: float, found: float, *, timed_out: bool) -> str:
    """The class of a disagreement, the greater part first."""
    if timed_out:
        return "time limit"
    if same(fixed, found):
        return "agree"
    parts = {"completion": completed - fixed, "whole output": made - completed, "whole deliveries": found - made}
    named = sorted((name for name, size in parts.items() if not same(size, 0.0)), key=lambda n: -abs(parts[n]))
    return ", ".join(f"{name} {parts[name]:+,.1f}" for name in named)


def measure(problem: Problem, plan: Plan, slots: int, seed: int, seconds: float) -> tuple[list[Row], dict[str, float]]:
    """Values of random slots, each slot of a line and period as likely as any other that the line has."""
    began = time.process_time()
    held = fast_values(problem, plan, seconds=600.0)
    times = {"all fast values": time.process_time() - began, "fast values found": float(len(held.values))}
    began = time.process_time()
    only = fast_values(problem, plan, seconds=600.0, kinds=("slot",))
    times["fast values of slots"] = time.process_time() - began
    fixed = {one.resource: one for one in only.values}
    model = held_model(problem, plan, open_contents=True)
    worth = check_plan(problem, plan).terms
    terms = {term: float(getattr(worth, term)) for term in model.built.matrix.terms}
    exact = Exact(model, terms)
    completions, output = (Exact(model, terms, whole=("is_completed", *more)) for more in ((), ("made",)))
    other = fast_values(problem, plan, seconds=600.0, kinds=("slot",), contents="open")
    opened = {one.resource: one.value for one in other.values}
    there = [Resource("slot", line, t) for line, row in model.facts.slots.items() for t, n in enumerate(row) if n]
    rows = []
    for what in random.Random(seed).sample(there, min(slots, len(there))):
        began = time.process_time()
        found = exact.value(what, time.monotonic() + seconds)
        took = time.process_time() - began
        half = completions.value(what, time.monotonic() + seconds)
        most = output.value(what, time.monotonic() + seconds)
        cheap = fixed.get(what)
        value = 0.0 if cheap is None else cheap.value
        slope = 0.0 if cheap is None or cheap.slope is None else cheap.slope
        late = found.timed_out or half.timed_out or most.timed_out
        day = model.facts.calendar.day(what.period or 0).isoformat()
        reason = why(value, half.value, most.value, found.value, timed_out=late)
        rows.append(
            Row(what.entity, what.period or 0, day, slope, opened.get(what, 0.0), value, half.value, most.value,
                found.value, found.low, found.high, took, reason)
        )  # fmt: skip
    return rows, times


def page(rows: list[Row], times: dict[str, float], command: str, state: str, plan: str) -> str:
    """The table as Markdown."""
    agree = sum(row.why == "agree" for row in rows)
    classes = sorted({row.why.split(" +")[0].split(" -")[0] for row in rows} - {"agree"})
    counts = ", ".join(f"{sum(r.why.startswith(name) for r in rows)} {name}" for name in classes) or "none"
    kinked = sum(not same(row.dual, row.fixed_lp) for row in rows)
    moved = sum(not same(row.contents_open, row.fixed_lp) for row in rows)
    median = sorted(row.seconds for row in rows)[len(rows) // 2]
    lines = [
        "# What one more slot is worth: the linear program against solving again",
        "",
        f"By `{command}` at {state}, Python {platform.python_version()}, highspy {version_of('highspy')}, one thread.",
        f"{plan} Values in weighted million-dollar-weeks; what they mean:",
        "[docs/marginal-values.md](../docs/marginal-values.md).",
        "",
        f"- Of {len(rows)} random slots **{agree} agree**; disagreements by their greater part: {counts}.",
        f"- In {kinked} the dual alone is not what a whole slot is worth (degenerate: a slope it need not keep);",
        "  the fixed LP is solved with a whole slot more, so this is no disagreement of it.",
        f"- In {moved} the value with contents of packages left open is another (package); both columns hold contents.",
        f"- All fast values: {times['all fast values']:.1f} s for {times['fast values found']:.0f} above 0;",
        f"  those of slots alone {times['fast values of slots']:.1f} s. One slot solved again: {median:.1f} s in the",
        f"  median, {max(row.seconds for row in rows):.1f} s at most. Seconds of processor time.",
        "",
        "| line | week of | dual | contents open | fixed LP | completions whole | output | again | proven | why |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|---|",
    ]
    for row in rows:
        proven = "exact" if row.low == row.high else f"{row.low:,.0f} to {row.high:,.0f}"
        values = (row.dual, row.contents_open, row.fixed_lp, row.whole_completions, row.whole_output, row.resolved)
        numbers = " | ".join(f"{value:,.1f}" for value in values)
        lines.append(f"| {row.line} | {row.week_of} | {numbers} | {proven} | {row.why} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plan", type=Path)
    parser.add_argument("--slots", type=int, default=40)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = asked.plan
        if where is None:
            where = Path(folder) / "plan"
            solve_instance(INSTANCE, where)
        report, _ = read_report(where)
        assert report is not None, "the plan cannot be read"
    head = ["git", "rev-parse", "--short", "HEAD"]
    state = subprocess.run(head, capture_output=True, text=True, check=False, cwd=HERE).stdout.strip() or "unknown"
    rows, times = measure(report.problem, report.plan, asked.slots, asked.seed, asked.seconds)
    gap = report.summary.gap
    plan = (
        f"The plan: {report.problem.name}, gap {gap:.2%}." if gap is not None else f"The plan: {report.problem.name}."
    )
    with (HERE / "marginal_values.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([f.name for f in fields(Row)])
        writer.writerows([[round(v, 6) if isinstance(v, float) else v for v in astuple(row)] for row in rows])
    given = " --plan DIR" if asked.plan is not None else ""
    command = f"python -m benchmarks.marginal_values{given} --slots {asked.slots} --seed {asked.seed}"
    (HERE / "marginal_values.md").write_text(page(rows, times, command, state, plan), encoding="utf-8")


if __name__ == "__main__":
    main()
