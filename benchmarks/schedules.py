"""Schedules of releases: local search alone, with rows of what has no solution, and with the master beside.

    python -m benchmarks.schedules [INSTANCE] [--money 1,0.5] [--new 12,10,7]

Every pledge times the first factors with packages as they are; then pledges as they are with at most so many new
packages. The value is that of the guide's relaxation under the best schedule, in millions; programs are solved from a
warm basis. All in one run, one thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.relaxations import REAL, problem_at
from models.build import compile_model
from models.catalog import DEFAULT, FORMULATIONS
from models.problem import Problem
from optimizer.solving import schedule
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits
from optimizer.solving.methods import METHODS
from optimizer.solving.program import program_of
from optimizer.solving.schedule import ScheduleSearch


class _Nothing(list[Any]):
    """Keeps nothing."""

    def append(self, _: Any) -> None:
        """Forgets it."""


WAYS = {"local search": (False, 0.0), "with rows": (True, 0.0), "with rows and master": (True, schedule.FARTHER)}
"""Whether rows are learned; how long the master looks farther."""


def variants(problem: Problem, money: list[float], new: list[int]) -> Iterator[tuple[str, Problem]]:
    """The problem with other pledges, then with other numbers of packages."""
    for factor in money:
        pledges = (replace(pledge, amount_usd_m=pledge.amount_usd_m * factor) for pledge in problem.pledges)
        yield f"money × {factor:g}", replace(problem, pledges=tuple(pledges))
    assert problem.package_policy is not None
    for most in new:
        yield f"at most {most} new", replace(problem, package_policy=replace(problem.package_policy, max_new=most))


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description="What leads to schedules of releases, compared.")
    parser.add_argument("instance", nargs="?", type=Path, default=REAL)
    parser.add_argument("--money", type=lambda text: [float(part) for part in text.split(",")], default=[1.0, 0.5])
    parser.add_argument("--new", type=lambda text: [int(part) for part in text.split(",")], default=[10, 9, 7])
    given = parser.parse_args()
    guide = METHODS["guided"].guide
    assert guide is not None
    print("| problem | relaxation | way | value | programs | s |\n|---|---|---|---|---|---|")
    for name, problem in variants(problem_at(given.instance), given.money, given.new):
        built = compile_model(problem, guide(FORMULATIONS[DEFAULT]))
        program = program_of(built.matrix)
        for way, (learns, farther) in WAYS.items():
            schedule.FARTHER = farther
            search = ScheduleSearch(built, program, Limits(600.0), lambda: False)
            if not learns:
                search.search.tangents.needs = _Nothing()
            began = now()
            root = search.root()
            assert root is not None
            best = search.run(root)
            value = "" if best is None else f"{best.objective / 1e6:.3f}"
            bound = f"{program.value(root) / 1e6:.3f}"
            print(f"| {name} | {bound} | {way} | {value} | {search.valued} | {now() - began:.1f} |", flush=True)


if __name__ == "__main__":
    main()
