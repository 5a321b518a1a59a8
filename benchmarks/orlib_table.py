"""What is proven of OR-Library weighted tardiness in so many seconds an instance, as a table.

    python -m benchmarks.orlib_table FILE OPTIMA [--seconds 300] [--from N] [--take N] [--jobs K [--scale]]
                                   [--method NAME] [--threads N]

Every instance is solved as a user would: an instance of this project, `solve`, the checker. `gap` is between the plan
and the bound of the run; the published optimum (of whole instances) is only compared with. Seconds are wall clock, from
the problem in memory to the judged plan.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.orlib import name_of, parse, problem_of
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.formulation import Formulation
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving.solve import solve


def row(problem: Problem, formulation: Formulation, settings: Settings, published: str) -> str:
    """Solves one instance: a row of the table."""
    began = time.monotonic()
    outcome = solve(problem, formulation, settings)
    judged = "no plan"
    if outcome.plan is not None:
        verdict = check_plan(problem, outcome.plan)
        judged = f"{verdict.terms.total:,.0f}" if verdict.passed else "refused by the checker"
    bound = "–" if outcome.bound is None else f"{outcome.bound:,.1f}"
    gap = "–" if outcome.gap is None else f"{100 * outcome.gap:.2f} %"
    seconds = time.monotonic() - began
    return f"| {problem.name} | {judged} | {bound} | {gap} | {published} | {outcome.status} | {seconds:.1f} |"


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("optima", type=Path, help="one number an instance")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--from", type=int, default=1, dest="first", help="number of the first instance")
    parser.add_argument("--take", type=int, help="how many instances")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--orders", default="prework", help="how complete orders are modelled")
    parser.add_argument("--method", default="sequencing")
    options = parser.parse_args()
    formulation = replace(FORMULATIONS[DEFAULT], name="table", orders=options.orders, method=options.method)
    settings = Settings(options.seconds, 1e-6, options.threads, 0)
    optima = options.optima.read_text(encoding="utf-8").split()
    numbered = list(enumerate(zip(parse(options.file.read_text(encoding="utf-8")), optima, strict=False), start=1))
    numbered = numbered[options.first - 1 :][: options.take]
    print("| instance | plan | bound | gap | published | status | seconds |")
    print("|---|---|---|---|---|---|---|")
    for number, (whole, optimum) in numbered:
        jobs = whole.first(options.jobs, scaled=options.scale) if options.jobs else whole
        name = name_of(options.file.stem, number, len(jobs.processing), scaled=options.scale)
        published = f"{int(optimum):,}" if jobs == whole else "–"
        print(row(problem_of(jobs, name), formulation, settings, published), flush=True)


if __name__ == "__main__":
    main()
