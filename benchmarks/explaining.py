"""How long it takes to explain a plan, part by part, and how much memory.

    python -m benchmarks.explaining [INSTANCE ...] [--copies N]

INSTANCE is a path, or CLASS:SEED or CLASS:SEED:FACTOR for a generated one. The plan is that of the priority list, which
needs no solver; the ledger compares it with first come, first served. `--copies` puts every order and need N times
into the book, on the same lines and with no packages of the table: pairs looked at grow with the square. Prints a
Markdown table: seconds of the processor, since other work may share the machine (the best of three; one alone where
it takes more than ten), and the most memory that Python held at once in the ledger, in MB (measured in a run of its
own, since measuring slows).
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.relaxations import ROOT, problem_at
from models.baselines import first_come_first_served, priority_list
from models.problem import Problem
from optimizer.bench.machine import machine, state
from optimizer.explaining.asks import gap
from optimizer.explaining.facts import facts_of
from optimizer.explaining.industry import bindings, industry
from optimizer.explaining.ledger import ledger
from optimizer.explaining.sharing import sharing

DEFAULTS = ("instances/purl-2026-w02", "weekly:1:10", "book:1")
RUNS = 3
LONG = 10.0
"""Seconds after which a part is not run again."""


def problem_of(name: str, copies: int = 1) -> Problem:
    """The instance of a path or a class, with every order and need `copies` times. Ends the program where it cannot."""
    if Path(ROOT / name).exists():
        problem = problem_at(ROOT / name)
    else:
        from optimizer.generating.generate import generate

        parts = name.split(":")
        with tempfile.TemporaryDirectory() as folder:
            generate(parts[0], int(parts[1]), Path(folder) / "it", float(parts[2]) if len(parts) > 2 else 1.0)
            problem = problem_at(Path(folder) / "it")
    if copies == 1:
        return problem
    orders = [replace(row, order=f"{row.order}~{k}") for row in problem.orders for k in range(copies)]
    needs = [replace(row, need=f"{row.need}~{k}") for row in problem.needs for k in range(copies)]
    alone: dict[str, Any] = {"package_contents": (), "packages": (), "commitments": ()}
    return replace(problem, orders=tuple(orders), needs=tuple(needs), **alone)


def parts_of(problem: Problem) -> tuple[int, dict[str, Callable[[], Any]]]:
    """Demands of the instance, and each part of the explanation as something to call."""
    plan = priority_list(problem)
    facts, before = facts_of(problem, plan), facts_of(problem, first_come_first_served(problem))
    return len(facts.demands), {
        "facts": lambda: facts_of(problem, plan),
        "ledger": lambda: ledger(problem, plan, facts, before),
        "sharing": lambda: (sharing(problem, facts), gap(problem, facts)),
        "industry": lambda: (industry(problem, plan, facts), bindings(problem, facts)),
    }


def seconds(work: Callable[[], Any]) -> float:
    """Seconds of the processor (best of `RUNS`)."""
    found: list[float] = []
    while len(found) < RUNS and sum(found) < LONG:
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


def megabytes(work: Callable[[], Any]) -> float:
    """MB held at the most."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", default=DEFAULTS, metavar="INSTANCE")
    parser.add_argument("--copies", type=int, default=1, help="every order and need so often (1)")
    chosen = parser.parse_args()
    where = machine()
    print(f"State {state()[0]}; {where}.\n")
    print("| instance | demands | pairs | facts s | ledger s | ledger MB | sharing s | industry s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in chosen.instances:
        problem = problem_of(name, chosen.copies)
        demands, parts = parts_of(problem)
        found = {part: seconds(work) for part, work in parts.items()}
        pairs = parts["ledger"]().pairs
        title = name if chosen.copies == 1 else f"{name}, {chosen.copies} times"
        cells = [f"{found['facts']:.3f}", f"{found['ledger']:.3f}", f"{megabytes(parts['ledger']):.1f}"]
        cells += [f"{found['sharing']:.3f}", f"{found['industry']:.3f}"]
        print(f"| {title} | {demands:,} | {pairs:,} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
