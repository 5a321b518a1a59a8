"""The nominal plan against the robust plan, out of sample: both executed in fresh draws.

    python -m benchmarks.robust INSTANCE --robust FILE [--seconds N] [--threads N] [--draws 200] [--name NAME]
    python -m benchmarks.robust INSTANCE --robust FILE --plans NOMINAL_DIR ROBUST_DIR
    python -m benchmarks.robust --page

Draws have seeds that the robust file does not use, so no plan was made for them. Both plans are executed in the same
draws by the rule of recourse of `optimizer.rolling.execute`; the difference is taken draw by draw, and its mean and
that of CVaR90 have 95 per cent bootstrap intervals (draws resampled in pairs). Every measurement is kept in
`robust.json` beside this file, the newest of an instance, and `robust.md` is written again from all of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import PCG64

from benchmarks import robust_page
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.batch.robust import hedging_of
from optimizer.batch.robust_plan import search_robust
from optimizer.batch.stress_draws import Measure, out_of_sample
from optimizer.batch.stress_statistics import RESAMPLES, cvar
from optimizer.batch.trials import executed, training_of
from optimizer.judging import judged_baselines
from optimizer.reading.instance import read_instance
from optimizer.reporting.again import read_report
from optimizer.scenarios.disturbances import KINDS, Disturbances
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised
from optimizer.scenarios.robust_file import RobustFile, read_robust
from optimizer.scenarios.scenario_set import scenario_set
from optimizer.settings import Settings
from optimizer.solving.outcome import Progress

FRESH = 1_000_001
"""The first seed of the draws: far beyond those of any robust file."""


@dataclass(frozen=True)
class Compared:
    """Two plans in the same draws, in weight × million USD × weeks; differences are robust − nominal."""

    measure: str
    draws: int
    first_seed: int
    nominal_objective: float
    robust_objective: float
    nominal_mean: float
    robust_mean: float
    mean_difference: float
    mean_low: float
    mean_high: float
    nominal_cvar90: float
    robust_cvar90: float
    cvar90_difference: float
    cvar90_low: float
    cvar90_high: float
    robust_better: int


def paired(nominal: np.ndarray, robust: np.ndarray, seed: int = 0) -> dict[str, float]:
    """Differences of mean and CVaR90 with 95 per cent intervals; the draws are resampled in pairs."""
    count = len(nominal)
    picks = (PCG64(seed).random_raw(RESAMPLES * count) % np.uint64(count)).reshape(RESAMPLES, count).astype(np.int64)
    means = robust[picks].mean(axis=1) - nominal[picks].mean(axis=1)
    tails = cvar(robust[picks]) - cvar(nominal[picks])
    return {
        "mean_difference": float(robust.mean() - nominal.mean()),
        "mean_low": float(np.quantile(means, 0.025)),
        "mean_high": float(np.quantile(means, 0.975)),
        "cvar90_difference": float(cvar(robust) - cvar(nominal)),
        "cvar90_low": float(np.quantile(tails, 0.025)),
        "cvar90_high": float(np.quantile(tails, 0.975)),
    }


def compared(
    problem: Problem, nominal: Plan, robust: Plan, disturbances: Disturbances, *, draws: int, first: int = FRESH,
    measure: Measure = "delay",
) -> Compared:  # fmt: skip
    """Both plans executed in the draws of the seeds from `first` on."""
    seeds = range(first, first + draws)
    a, b = (out_of_sample(problem, plan, disturbances, seeds, measure=measure) for plan in (nominal, robust))
    return Compared(
        measure=measure,
        draws=draws,
        first_seed=first,
        nominal_objective=check_plan(problem, nominal).terms.total,
        robust_objective=check_plan(problem, robust).terms.total,
        nominal_mean=float(a.mean()),
        robust_mean=float(b.mean()),
        nominal_cvar90=float(cvar(a)),
        robust_cvar90=float(cvar(b)),
        robust_better=int((b < a - 1e-6).sum()),
        **paired(a, b),
    )


def table(rows: list[Compared]) -> str:
    """The figures as Markdown."""
    lines = [
        "| measure | figure | nominal | robust | difference | 95 % interval |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        for name, a, b, low, high in (
            ("mean", row.nominal_mean, row.robust_mean, row.mean_low, row.mean_high),
            ("CVaR90", row.nominal_cvar90, row.robust_cvar90, row.cvar90_low, row.cvar90_high),
        ):
            lines.append(
                f"| {row.measure} | {name} | {a:,.0f} | {b:,.0f} | {b - a:+,.0f} | {low:+,.0f} … {high:+,.0f} |"
            )
        lines.append(
            f"| {row.measure} | draws in which the robust plan is better | | {row.robust_better} of {row.draws} | | |"
        )
    return "\n".join(lines)


def promises(problem: Problem, plans: tuple[Plan, Plan], disturbances: Disturbances, draws: int) -> dict[str, float]:
    """Million USD of units that miss a promise: means over the fresh draws, and the interval of the difference."""
    worlds = [realised(problem, draw(problem, disturbances, seed)) for seed in range(FRESH, FRESH + draws)]
    a, b = (executed(problem, plan, worlds)[1] for plan in plans)
    found = paired(a, b)
    return {"nominal": float(a.mean()), "robust": float(b.mean()), "low": found["mean_low"], "high": found["mean_high"]}


def by_kind(problem: Problem, plan: Plan, disturbances: Disturbances, draws: int) -> dict[str, float]:
    """The plan's mean delay where things of one kind alone happen, less its delay where nothing does."""
    calm = replace(disturbances, **dict.fromkeys(KINDS, ()))
    seeds = range(FRESH, FRESH + draws)
    base = float(out_of_sample(problem, plan, calm, seeds[:1])[0])
    found = {}
    for kind in KINDS:
        if rows := getattr(disturbances, kind):
            alone = replace(calm, **{kind: rows})
            found[kind] = float(out_of_sample(problem, plan, alone, seeds).mean()) - base
    return found


def main(arguments: list[str]) -> int:
    """Solve (or read) both plans, execute them, print and keep what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robust", description=__doc__.splitlines()[0])
    parser.add_argument("instance", type=Path, nargs="?")
    parser.add_argument("--robust", type=Path, help="robust file (docs/robust.md)")
    parser.add_argument("--plans", type=Path, nargs=2, metavar=("NOMINAL", "ROBUST"), help="folders of solved plans")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--name", help="what the measurement is called; the instance's folder if not given")
    parser.add_argument("--page", action="store_true", help="only write the page again")
    asked = parser.parse_args(arguments)
    if asked.page:
        robust_page.write()
        return 0
    if asked.instance is None or asked.robust is None:
        parser.error("an instance and --robust are needed")
    problem = read_instance(asked.instance).problem
    file, findings = read_robust(asked.robust, problem)
    if problem is None or file is None:
        print("\n".join(finding.line() for finding in findings) or f"{asked.instance} is no instance", file=sys.stderr)
        return 2
    disturbances = file.disturbances
    if disturbances is None:
        print("The robust file draws nothing: fresh draws need its `disturbances`.", file=sys.stderr)
        return 2
    began = time.monotonic()
    solved: dict[str, Any] = {}
    if asked.plans:
        nominal, robust = (_plan_in(folder) for folder in asked.plans)
    else:
        nominal, robust, solved = _solved(problem, file, asked.seconds, asked.threads)
    rows = [
        compared(problem, nominal, robust, disturbances, draws=asked.draws, measure=measure)
        for measure in ("delay", "objective")
    ]  # fmt: skip
    print(table(rows))
    if not asked.plans:
        found = {
            "instance": problem.name,
            "robust": asked.robust.name,
            "limit": asked.seconds,
            "threads": asked.threads,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "python": platform.python_version(),
            "highspy": version("highspy"),
            "seconds": round(time.monotonic() - began, 1),
            "solved": solved,
            "compared": [asdict(row) for row in rows],
            "promises": promises(problem, (nominal, robust), disturbances, asked.draws),
            "kinds": by_kind(problem, nominal, disturbances, min(40, asked.draws)),
        }
        robust_page.keep(asked.name or asked.instance.name, found)
        robust_page.write()
    return 0


def _plan_in(folder: Path) -> Plan:
    report, findings = read_report(folder)
    if report is None:
        raise SystemExit("\n".join(finding.line() for finding in findings))
    return report.plan


def _solved(problem: Problem, file: RobustFile, seconds: float, threads: int) -> tuple[Plan, Plan, dict[str, Any]]:
    """The nominal plan and the one that was taken, from one robust solve."""
    _, starts = judged_baselines(problem)
    last = [""]

    def heard(progress: Progress) -> None:
        if progress.phase != last[0]:
            last[0] = progress.phase
            print(f"{progress.seconds:6.0f} s  {progress.phase}", file=sys.stderr)

    drawn = scenario_set(problem, file)
    answer = search_robust(
        drawn, training_of(problem, file), FORMULATIONS[DEFAULT], Settings(seconds=seconds, threads=threads),
        starts=starts, progress=heard,
    )  # fmt: skip
    if answer.outcome.plan is None or answer.nominal is None:
        raise SystemExit("no plan was found in time: give more --seconds")
    hedging = hedging_of(drawn, file, answer)
    assert hedging is not None
    told = hedging.as_dict()
    del told["first_weeks"]
    told["program_bound"] = told.pop("bound")
    return answer.nominal, answer.outcome.plan, {"status": answer.outcome.status, **told}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
