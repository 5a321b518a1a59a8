"""How long it takes to put a plan under stress, and what comes of it.

    python -m benchmarks.stress [DIR] [--scenario FILE] [--draws N] [--seed N] [--workers N]

DIR is the folder of a plan; without one the plan is that of the priority list on the real instance, which needs no
solver. Prints Markdown: seconds a draw by part (processor time of this process, on one core, and wall time of the whole
with `--workers`), and the delay over the draws.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.relaxations import ROOT, problem_at
from models.baselines import priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.batch.stress import stress
from optimizer.batch.stress_draws import Job, out_of_sample, play
from optimizer.batch.stress_files import read_planned
from optimizer.batch.stress_statistics import spread_of
from optimizer.bench.machine import machine, state
from optimizer.rolling.execute import execute_in
from optimizer.rolling.execute_script import script_of
from optimizer.rolling.execute_supply import supply_of
from optimizer.scenarios.disturbance_file import read_disturbances
from optimizer.scenarios.disturbances import Disturbances
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised

INSTANCE = ROOT / "instances" / "purl-2026-w02"
SCENARIO = ROOT / "instances" / "scenarios" / "slips.toml"
FEW = 20
"""Draws over which a part is measured."""


def plan_at(folder: Path | None) -> tuple[str, Problem, Plan]:
    """The plan of a folder, or of the priority list. Ends the program where there is none, or it breaks a rule."""
    if folder is None:
        problem = problem_at(INSTANCE)
        name, plan = "priority list", priority_list(problem)
    else:
        planned, findings = read_planned(folder)
        if planned is None:
            raise SystemExit("\n".join(finding.line() for finding in findings))
        name, problem, plan = folder.name, planned.problem, planned.plan
    if not check_plan(problem, plan).passed:
        raise SystemExit(f"the plan of {name} breaks rules")
    return name, problem, plan


def timed(clock: Callable[[], float], work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of a piece of work, and what it gives."""
    begun = clock()
    answer = work()
    return clock() - begun, answer


def parts(problem: Problem, plan: Plan, disturbances: Disturbances, seeds: tuple[int, ...]) -> dict[str, float]:
    """Processor seconds a draw, part by part."""
    script = script_of(problem, plan)
    nominal = supply_of(script)
    found, clock, count = {}, time.process_time, len(seeds)
    found["draw"], drawn = timed(clock, lambda: [draw(problem, disturbances, seed) for seed in seeds])
    found["realised instance"], worlds = timed(clock, lambda: [realised(problem, one) for one in drawn])
    found["what it offers"], _ = timed(clock, lambda: [supply_of(script, world, nominal) for world in worlds])
    found["one execution by itself, as a plan"], _ = timed(
        clock, lambda: [execute_in(problem, plan, w) for w in worlds]
    )
    found["all together, side by side"], _ = timed(
        clock, lambda: play(Job(problem, plan, disturbances, seeds, leaning=False))
    )
    found["with what the plan leans on"], _ = timed(clock, lambda: play(Job(problem, plan, disturbances, seeds)))
    return {name: seconds / count for name, seconds in found.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--scenario", type=Path, default=SCENARIO)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    name, problem, plan = plan_at(given.folder)
    disturbances, findings = read_disturbances(given.scenario, problem)
    if disturbances is None:
        raise SystemExit("\n".join(finding.line() for finding in findings))
    here, now = machine(), state()[0]
    print(f"{problem.name}, plan of {name}, scenario {disturbances.name}; {here}; {now}\n")
    print("| part | processor s a draw |\n|---|---:|")
    for part, seconds in parts(problem, plan, disturbances, tuple(range(given.seed, given.seed + FEW))).items():
        print(f"| {part} | {seconds:.4f} |")
    seeds = range(given.seed, given.seed + given.draws)
    begun = time.monotonic()
    busy, delays = timed(time.process_time, lambda: out_of_sample(problem, plan, disturbances, seeds))
    wall = time.monotonic() - begun
    print(f"\n{given.draws} draws out of sample, one process: {busy:.1f} s of processor, {wall:.1f} s wall")
    wall, found = timed(
        time.monotonic,
        lambda: stress(problem, plan, disturbances, draws=given.draws, seed=given.seed, workers=given.workers),
    )
    print(f"{given.draws} draws with what the plan leans on, {given.workers} process(es): {wall:.1f} s wall\n")
    spread = spread_of(delays, given.seed)
    print("| planned | mean | 95 % | median | P90 | CVaR90 | 95 % | most |\n|---:|---:|---|---:|---:|---:|---|---:|")
    print(
        f"| {found.planned_delay:,.0f} | {spread.mean:,.0f} | {spread.mean_low:,.0f} … {spread.mean_high:,.0f} "
        f"| {spread.median:,.0f} | {spread.p90:,.0f} | {spread.cvar90:,.0f} "
        f"| {spread.cvar90_low:,.0f} … {spread.cvar90_high:,.0f} | {spread.most:,.0f} |"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
