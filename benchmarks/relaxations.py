"""Bounds of the linear relaxation, one modelling choice swapped at a time.

    python -m benchmarks.relaxations [INSTANCE]

A higher bound is a tighter formulation. All on one machine in one run; seconds are of the linear program alone.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from models.build import compile_model
from models.catalog import FORMULATIONS
from models.formulation import Formulation
from optimizer.reading.instance import read_instance
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of

REAL = Path(__file__).resolve().parent.parent / "instances" / "purl-2026-w02"


def variants() -> dict[str, Formulation]:
    """The default, and the default with one field replaced."""
    base = FORMULATIONS["slots"]
    return {
        "slots": base,
        "funding = pooled": replace(base, funding="pooled"),
        "lanes = natural": replace(base, lanes="natural"),
        "approval = natural": replace(base, approval="natural"),
        "supply = cumulative": replace(base, supply="cumulative"),
        "needs = literal": replace(base, needs="literal"),
        "orders = literal": replace(base, orders="literal"),
    }


def main() -> None:
    """Prints a Markdown table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
    problem = read_instance(path).problem
    if problem is None:
        sys.exit("the instance has errors: see `burdenshare check`")
    print("| formulation | rows | columns | nonzeros | whole | build s | relaxation s | bound |")
    print("|---|---|---|---|---|---|---|---|")
    for name, formulation in variants().items():
        began = time.monotonic()
        built = compile_model(problem, formulation)
        build = time.monotonic() - began
        answer = run(program_of(built.matrix).relaxed(), Limits(600.0))
        rows, columns = built.matrix.shape
        bound = "" if answer.bound is None else f"{answer.bound:,.0f}"
        print(
            f"| {name} | {rows:,} | {columns:,} | {built.matrix.A.nnz:,} | {int(built.matrix.whole.sum()):,} | "
            f"{build:.1f} | {answer.seconds:.1f} | {bound} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
