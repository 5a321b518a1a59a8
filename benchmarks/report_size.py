"""How large `report.html` and `plan.xlsx` of a plan are, and how long they take to write.

    python -m benchmarks.report_size PLAN [PLAN ...]      # folders that `burdenshare solve` wrote

Each plan is written in a process of its own, as the command does it: the time holds the loading of Altair. Reading the
plan is not in it. Seconds are wall time; those of the processor are beside them, for a machine that does other things.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measured(folder: Path) -> str:
    """One line of the table. Raises `SystemExit` if the folder holds no plan."""
    from optimizer.reporting.again import read_report

    report, findings = read_report(folder)
    if report is None:
        raise SystemExit("\n".join(finding.line() for finding in findings))
    begin, worked = time.perf_counter(), time.process_time()
    from optimizer.reporting.excel import write_workbook
    from optimizer.reporting.html import page

    text = page(report).encode()
    paged, page_worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as out:
        write_workbook(Path(out) / "plan.xlsx", report)
        size = (Path(out) / "plan.xlsx").stat().st_size
    done, book_worked = time.perf_counter(), time.process_time()
    return (
        f"| {report.problem.name} | {len(text):,} | {paged - begin:.2f} | {page_worked - worked:.2f} "
        f"| {size:,} | {done - paged:.2f} | {book_worked - page_worked:.2f} |"
    )


def main() -> int:
    """Print the table, a row a plan."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plans", nargs="+", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(measured(given.plans[0]))
        return 0
    print("| plan | page bytes | s | processor s | workbook bytes | s | processor s |")
    print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
    for plan in given.plans:
        command = [sys.executable, "-m", "benchmarks.report_size", "--one", str(plan)]
        subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
