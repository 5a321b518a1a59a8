"""How well a plan explains itself, and what that takes.

    python -m benchmarks.explanations [DIR] [--times 3]

DIR is the folder of a plan; without it the real instance is solved first. Prints, as Markdown: leading reasons of all
late or short demands by standing, how many are established, every witness judged by the checker; seconds for all
explanations together beside those of the solve, and for one `explain` as a process of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.case import Case
from optimizer.explaining.explanations import serving_of
from optimizer.explaining.facts import Facts, facts_of
from optimizer.explaining.reasons import REASON_TITLES
from optimizer.explaining.witness import witness
from optimizer.reporting.again import read_report
from optimizer.reporting.summary import Report

REAL = Path(__file__).parents[1] / "instances" / "purl-2026-w02"


def judged(problem: Problem, plan: Plan, facts: Facts) -> tuple[int, int]:
    """Witnesses that the checker accepts with the gain that was said, and witnesses in all."""
    serving, held, total = serving_of(problem, plan), 0, 0
    for asked in (*problem.orders, *problem.needs):
        case = Case(serving, asked, 1.0)
        said = facts.explanations.get((case.subject, case.name))
        for reason in () if said is None else said.reasons:
            if said is None or not reason.lifted or not reason.established:
                continue
            total += 1
            other, better = witness(case, frozenset(reason.lifted))  # type: ignore[arg-type]
            if check_plan(other, better).passed:
                demands = facts_of(other, better, explained=False).demands
                found = next(d for d in demands if (d.kind, d.demand) == (case.subject, case.name))
                held += round(found.weeks_late * found.quantity) == said.improved - reason.gain
    return held, total


def main() -> None:
    """Measure one plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=3, help="repetitions of each timing; the least counts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary) / "plan"
        if given.folder is None:
            command = [sys.executable, "-m", "optimizer.cli", "solve", str(REAL), "--out", str(folder)]
            subprocess.run(command, check=False)
        report, findings = read_report(folder)
        if report is None:
            sys.exit("\n".join(finding.line() for finding in findings))
        _tell(report, folder, given.times)


def _tell(report: Report, folder: Path, times: int) -> None:
    problem, plan, facts, solve = report.problem, report.plan, report.facts, report.summary.seconds.get("solve")
    leading: Counter[tuple[str, str]] = Counter()
    unexplained = 0
    for demand in (*facts.orders, *facts.needs):
        said = facts.explanations.get((demand.kind, demand.demand))
        if said is not None and said.leading is not None:
            leading[said.leading.code, said.leading.standing] += 1
        elif demand.weeks_late > 0 or demand.undelivered > 0:
            unexplained += 1
    total = sum(leading.values())
    sure = sum(count for (_, standing), count in leading.items() if standing != "contributing")
    print(f"{total} demands are late or short, {unexplained} of them without a reason.")
    print(f"Leading reason established: {sure} of {total} ({100 * sure / max(1, total):.1f} %).\n")
    print("| leading reason | standing | demands |\n|---|---|---|")
    for (code, standing), count in leading.most_common():
        print(f"| {REASON_TITLES[code]} | {standing} | {count} |")  # type: ignore[index]
    held, witnesses = judged(problem, plan, facts)
    print(f"\nWitnesses that the checker accepts, with the gain that was said: {held} of {witnesses}.")
    seconds = min(_timed(lambda: facts_of(problem, plan)) for _ in range(times))
    print(f"All explanations together: {seconds:.2f} s" + ("" if solve is None else f"; the solve took {solve:.1f} s."))
    name = next((d.demand for d in facts.orders if d.weeks_late > 0), None)
    if name is not None:
        command = [sys.executable, "-m", "optimizer.cli", "explain", str(folder), name, "--json"]
        run = min(_timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(times))
        print(f"One `explain`, whole process: {run:.2f} s.")


def _timed(work: object) -> float:
    begin = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
