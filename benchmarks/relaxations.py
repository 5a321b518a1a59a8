"""Bounds of the linear relaxation, one modelling choice swapped at a time.

    python -m benchmarks.relaxations [INSTANCE] [--money FACTOR]

A higher bound is a tighter formulation; `--money` multiplies every pledge. All on one machine in one run; seconds are
of the linear program alone.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from models.build import compile_model
from models.catalog import FORMULATIONS
from models.formulation import Formulation
from models.problem import Problem
from optimizer.reading.instance import read_instance
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT / "instances" / "purl-2026-w02"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Size of a model and its linear relaxation. Seconds are wall clock; `bound` None where time ran out."""

    rows: int
    columns: int
    nonzeros: int
    whole: int
    build_seconds: float
    seconds: float
    bound: float | None


def relaxation(problem: Problem, formulation: Formulation, seconds: float) -> Relaxation:
    """Builds the model and solves its linear relaxation, with one thread and at most so many seconds.

    Loading the modelling language is not part of building.
    """
    importlib.import_module("pyomo.environ")
    importlib.import_module("pyomo.repn.plugins.standard_form")
    began = time.monotonic()
    built = compile_model(problem, formulation)
    build = time.monotonic() - began
    answer = run(program_of(built.matrix).relaxed(), Limits(seconds))
    rows, columns = built.matrix.shape
    whole = int(built.matrix.whole.sum())
    bound = answer.objective if answer.end == "optimal" else None
    return Relaxation(rows, columns, int(built.matrix.A.nnz), whole, build, answer.seconds, bound)


def problem_at(path: Path) -> Problem:
    """The instance at a path. Ends the program where it has errors."""
    problem = read_instance(path).problem
    if problem is None:
        sys.exit(f"{path.name} has errors: see `burdenshare check`")
    return problem


def variants() -> dict[str, Formulation]:
    """The release slots, and the same with one field replaced."""
    base = FORMULATIONS["slots"]
    return {
        "slots": base,
        "funding = pooled": replace(base, funding="pooled"),
        "funding = grouped": replace(base, funding="grouped"),
        "funding = counted": replace(base, funding="counted"),
        "lanes = natural": replace(base, lanes="natural"),
        "approval = natural": replace(base, approval="natural"),
        "supply = cumulative": replace(base, supply="cumulative"),
        "needs = literal": replace(base, needs="literal"),
        "orders = literal": replace(base, orders="literal"),
    }


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description="Bounds of the linear relaxation, one modelling choice at a time.")
    parser.add_argument("instance", nargs="?", type=Path, default=REAL)
    parser.add_argument("--money", type=float, default=1.0, help="multiplies every pledge")
    given = parser.parse_args()
    problem = problem_at(given.instance)
    pledges = (replace(pledge, amount_usd_m=pledge.amount_usd_m * given.money) for pledge in problem.pledges)
    problem = replace(problem, pledges=tuple(pledges))
    print("| formulation | rows | columns | nonzeros | whole | build s | relaxation s | bound |")
    print("|---|---|---|---|---|---|---|---|")
    for name, formulation in variants().items():
        found = relaxation(problem, formulation, 600.0)
        bound = "" if found.bound is None else f"{found.bound:,.0f}"
        print(
            f"| {name} | {found.rows:,} | {found.columns:,} | {found.nonzeros:,} | {found.whole:,} | "
            f"{found.build_seconds:.1f} | {found.seconds:.1f} | {bound} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
