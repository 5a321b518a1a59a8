"""What comparing two plans costs, and how large its page is.

    python -m benchmarks.comparing [OLD NEW] [--repeats 5]

OLD and NEW are folders of plans; without them the two cases to compare with on the real instance. Seconds are wall
clock, the least of the repeats; all on one machine in one run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.comparing import Comparison, Side, compare
from optimizer.explaining.facts import facts_of
from optimizer.reading.instance import read_instance
from optimizer.reporting.again import read_report
from optimizer.reporting.comparing import side_of
from optimizer.reporting.comparison_excel import write_comparison
from optimizer.reporting.comparison_html import comparison_page
from optimizer.reporting.comparison_json import comparison_dict

REAL = Path(__file__).resolve().parent.parent / "instances" / "purl-2026-w02"


def baselines() -> tuple[Side, Side]:
    """First come first served, and the priority list, on the real instance."""
    problem = read_instance(REAL).problem
    assert problem is not None
    return _side(problem, first_come_first_served(problem)), _side(problem, priority_list(problem))


def _side(problem: Problem, plan: Plan) -> Side:
    return Side(problem.name, problem, plan, facts_of(problem, plan), check_plan(problem, plan).terms)


def read(folder: Path) -> Side:
    """The plan in a folder. Ends the program where there is none."""
    report, findings = read_report(folder)
    if report is None:
        raise SystemExit("\n".join(finding.line() for finding in findings))
    return side_of(report, folder.name)


def seconds(action: Callable[[], object], repeats: int) -> float:
    """The least time that the action takes."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return min(taken)


def leads(comparison: Comparison) -> str:
    """How often each cause leads."""
    found = Counter(comparison.causes[change.key][0].code for change in comparison.moved)
    return ", ".join(f"{code} {times}" for code, times in found.most_common())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    if given.folders and len(given.folders) != 2:
        parser.error("two folders, or none")
    old, new = (read(given.folders[0]), read(given.folders[1])) if given.folders else baselines()
    found = compare(old, new)
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "comparison.xlsx"
        rows = [
            ("compare", seconds(lambda: compare(old, new), given.repeats), None),
            ("page", seconds(lambda: comparison_page(found), given.repeats), len(comparison_page(found).encode())),
            ("workbook", seconds(lambda: write_comparison(book, found), given.repeats), book.stat().st_size),
            (
                "JSON",
                seconds(lambda: comparison_dict(found), given.repeats),
                len(json.dumps(comparison_dict(found), indent=1)),
            ),
        ]
    print(f"{len(found.demands)} demands, {len(found.moved)} differ; leading causes: {leads(found)}\n")
    print("| part | seconds | bytes |\n|---|---|---|")
    for part, taken, size in rows:
        print(f"| {part} | {taken:.2f} | {'' if size is None else f'{size:,}'} |")


if __name__ == "__main__":
    main()
