"""What sweeps reach: a pool of two against one, Dask against the pool, and what a run takes outside its solve.

    python -m benchmarks.sweeps                         # 200 solves three times: about four minutes on two cores, quiet
    python -m benchmarks.sweeps --runs 20 --rounds 1    # a look
    python -m benchmarks.sweeps --write                 # all of it, and `sweeps.md` written

Every run is a generated weekly order book of its own (class `weekly`, a tenth of its counts: 15 orders, 6 needs, 65
weeks), solved by work (1 unit, gap 0), so that each is the same solve wherever and whenever it is made. The three
sweeps must agree in every column that does not measure; the command ends with 1 if they do not.

Machines are faster one minute and slower the next, by a quarter and more where they are shared. So the runs are made in
rounds: a part of them with one worker, with two, with Dask, then the next part in another order; what is compared was
measured side by side. What ran just before may have a say, so in six
rounds each of the three comes equally often in each place and after each of the others (Williams 1949). Seconds are
those of all rounds from the first row to the last, and of one start and end of workers, the mean of all rounds.

- *speed-up*: seconds of one worker over those of two, the start and end of workers included;
- *Dask against the pool*: seconds of two Dask processes over those of a pool of two, from the first row to the last;
  and the least and the most that it was in a round;
- *overhead*: the share of a worker's time in which it neither builds nor solves a model, baselines and checker included
  and then without the baselines, which give the solver its starts; from the first row to the last, without the run of
  the first row, as that began before. With two workers what the second did by then counts for nothing, so it is rather
  too much than too little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from optimizer.batch.executors.cluster import Cluster
from optimizer.batch.executors.interface import Executor
from optimizer.batch.executors.pool import Pool
from optimizer.batch.sweep import planned_sweep, sweep
from optimizer.batch.sweep_row import FOUND, KNOWN, LABELS

ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 2, 1), (1, 0, 2))
PAGE = Path(__file__).parent / "sweeps.md"
FILE = """
name = "speed"
instances = [{{ class = "weekly", seeds = {seeds}, factor = {factor} }}]
settings = [{{ work = {work}, gap = 0.0 }}]
"""


def made(file: Path, out: Path, executor: Executor, workers: int) -> dict[str, Any]:
    """A sweep from nothing, and what it took."""
    plan, findings = planned_sweep(file, out)
    if plan is None:
        raise SystemExit("\n".join(finding.line() for finding in findings))
    told_at: list[tuple[float, Any]] = []

    def told(reached: Any) -> None:
        if reached.last is not None:
            told_at.append((time.perf_counter(), reached.last))

    begin = time.perf_counter()
    swept = sweep(plan, out, executor, told=told)
    end = time.perf_counter()
    rows, (at, one), (last, _) = swept.rows, told_at[0], told_at[-1]
    solving = sum(_solving(row) for row in rows)
    inside = sum(row["total_seconds"] for row in rows)
    baselines = sum(row["baselines_seconds"] for row in rows)
    flow = (last - at) * len(rows) / max(1, len(rows) - 1)
    return {
        "executor": swept.executor, "workers": workers, "runs": len(rows), "failed": len(swept.failed),
        "start": max(0.0, end - begin - flow), "first_to_last": flow, "inside": inside, "solving": solving,
        "baselines": baselines, "span": last - at, "solving_in_span": solving - _solving(one),
        "baselines_in_span": baselines - one["baselines_seconds"],
        "rows": [{name: row.get(name) for name in (*LABELS, *KNOWN, *FOUND)} for row in rows],
    }  # fmt: skip


def _solving(row: Any) -> float:
    """Seconds in which a run built and solved models."""
    return float((row["build_seconds"] or 0.0) + (row["solve_seconds"] or 0.0))


def together(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The rounds of one executor as one sweep."""
    added = {
        name: sum(part[name] for part in rounds)
        for name in (
            "runs", "failed", "first_to_last", "inside", "solving", "baselines", "span", "solving_in_span",
            "baselines_in_span",
        )
    }  # fmt: skip
    start, room = sum(part["start"] for part in rounds) / len(rounds), rounds[0]["workers"] * added["span"]
    used = added["solving_in_span"]
    return {
        **added, "executor": rounds[0]["executor"], "seconds": start + added["first_to_last"], "start": start,
        "mean_solve": added["solving"] / added["runs"],
        "overhead": 1 - used / room,
        "overhead_without_baselines": 1 - (used + added["baselines_in_span"]) / room,
        "overhead_in_worker": 1 - added["solving"] / added["inside"],
        "rows": [row for part in rounds for row in part["rows"]],
    }  # fmt: skip


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=6, help="a multiple of six is balanced")
    parser.add_argument("--work", type=float, default=1.0)
    parser.add_argument("--factor", type=float, default=0.1)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    ways: dict[str, tuple[Callable[[], Executor], int]] = {
        "one": (lambda: Pool(1), 1), "two": (lambda: Pool(2), 2), "dask": (lambda: Cluster("local", 2), 2)
    }  # fmt: skip
    parts: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as name:
        for number in range(asked.rounds):
            folder = Path(name) / str(number)
            folder.mkdir()
            file, seeds = folder / "speed.toml", list(range(number, asked.runs, asked.rounds))
            file.write_text(FILE.format(seeds=seeds, factor=asked.factor, work=asked.work), encoding="utf-8")
            for way in (list(ways)[place] for place in ORDERS[number % len(ORDERS)]):
                executor, workers = ways[way]
                part = made(file, folder / way, executor(), workers)
                parts[way].append(part)
                shown = {key: round(value, 4) if isinstance(value, float) else value for key, value in part.items()
                         if key != "rows"}  # fmt: skip
                print(json.dumps({"round": number, **shown}), flush=True)
    one, two, dask = (together(parts[way]) for way in ways)
    equal = one["rows"] == two["rows"] == dask["rows"]
    lines = list(_page(asked, one, two, dask, equal=equal, ratios=_ratios(parts["dask"], parts["two"])))
    print("\n".join(lines))
    if asked.write:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if equal else 1


def _ratios(some: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> list[float]:
    """Percent by which one way took longer than another, round by round."""
    pairs = zip(some, others, strict=True)
    return [100 * (one["first_to_last"] / other["first_to_last"] - 1) for one, other in pairs]


def _page(
    asked: argparse.Namespace, one: Any, two: Any, dask: Any, *, equal: bool, ratios: Sequence[float]
) -> list[str]:
    import highspy

    rows = [
        ("speed-up of two workers over one", f"{one['seconds'] / two['seconds']:.2f} ×", "≥ 1.8 ×"),
        ("Dask, two processes, against the pool", f"{100 * (dask['first_to_last'] / two['first_to_last'] - 1):+.1f} %",
         "≤ +10 %"),
        ("… in single rounds", f"{min(ratios):+.1f} to {max(ratios):+.1f} %", ""),
        ("overhead outside the solve, pool of one", f"{100 * one['overhead']:.1f} %", "≤ 10 %"),
        ("… without the baselines that start it", f"{100 * one['overhead_without_baselines']:.1f} %", ""),
        ("overhead outside the solve, pool of two", f"{100 * two['overhead']:.1f} %", "≤ 10 %"),
        ("all rows the same in the three", "yes" if equal else "NO", "yes"),
    ]  # fmt: skip
    return [
        "# Sweeps, measured", "",
        f"`python -m benchmarks.sweeps --runs {asked.runs} --rounds {asked.rounds} --work {asked.work:g} --factor "
        f"{asked.factor:g}`: {asked.runs} solves of weekly order books times {asked.factor:g} in {asked.rounds} rounds "
        f"with one worker, two, and Dask in turn, {asked.work:g} unit of work each, "
        f"{one['mean_solve']:.2f} s on average with one worker. HiGHS {highspy.Highs().version()}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}.", "",
        "| measure | reached | goal |", "|---|---|---|",
        *(f"| {name} | {value} | {goal} |" for name, value, goal in rows), "",
        "| where | seconds in all | first row to last | solving | baselines |", "|---|---|---|---|---|",
        *(
            f"| {way['executor']} | {way['seconds']:.1f} | {way['first_to_last']:.1f} | {way['solving']:.1f} "
            f"| {way['baselines']:.1f} |"
            for way in (one, two, dask)
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
