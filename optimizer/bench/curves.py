"""What the charts show, as rows of plain numbers."""

from __future__ import annotations

import bisect
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.bench.records import Record, gap_of
from optimizer.bench.statistics import Slope, growth, performance_profile
from optimizer.bench.summary import groups, solved_seconds
from optimizer.bench.trace import best_so_far

Rows = list[dict[str, Any]]
NO_GAP = 1.0
"""Where a plan or a bound is missing, a chart shows a gap of 100 %; greater gaps, too."""
LEAST_GAP = 1e-6
"""Smaller gaps are drawn here, as a logarithmic axis has no 0."""
LEAST_SPAN = 3
"""Growth is shown where the greatest instance has this many times the demands of the smallest."""
_STEPS = 120


def profile_rows(records: Sequence[Record]) -> Rows:
    """Steps of the performance profile of `total_seconds`, carried on to the greatest factor of all."""
    times = {
        entry: {(*r.problem, r.seed, r.repeat): r.total_seconds if r.solved else None for r in runs}
        for entry, runs in groups(_measured(records), lambda r: r.entry).items()
    }
    named = {entry: {str(key): value for key, value in of_one.items()} for entry, of_one in times.items()}
    curves = performance_profile(named)
    end = 1.1 * max((tau for curve in curves.values() for tau, _ in curve), default=1.0)
    return [
        {"entry": entry, "factor": tau, "share": share}
        for entry, curve in curves.items()
        for tau, share in [*curve, (end, curve[-1][1])]
    ]


def median_gap_rows(records: Sequence[Record]) -> Rows:
    """Median over all runs of an entry of the proven gap at each moment."""
    runs = [r for r in _measured(records) if r.kind != "baseline"]
    if not runs:
        return []
    end = max(max(r.total_seconds, r.seconds_limit if not r.solved else 0.0) for r in runs)
    first = min((at for r in runs for at, _, _ in r.points), default=1.0)
    low, high = math.log(max(0.1, 0.9 * first)), math.log(max(end, 1.0))
    moments = [math.exp(low + (high - low) * step / _STEPS) for step in range(_STEPS + 1)]
    found: Rows = []
    for entry, of_one in groups(runs, lambda r: r.entry).items():
        curves = [_gap_curve(r) for r in of_one]
        for moment in moments:
            gaps = [_at(curve, moment) for curve in curves]
            found.append({"entry": entry, "seconds": moment, "gap": statistics.median(gaps)})
    return found


def gap_rows(records: Sequence[Record]) -> Rows:
    """Gap over time of every run, one line a run."""
    return [
        {"entry": r.entry, "run": f"{r.entry}, seed {r.seed}, {r.repeat}", "seconds": at, "gap": gap}
        for r in _measured(records)
        for at, gap in [*_gap_curve(r), (r.total_seconds, _last(r))]
        if r.kind != "baseline" and at > 0
    ]


def _gap_curve(record: Record) -> list[tuple[float, float]]:
    if record.plan_ok is False:
        return []
    return [(at, _drawn(gap_of(plan, bound))) for at, plan, bound in best_so_far(record.points)]


def _last(record: Record) -> float:
    curve = _gap_curve(record)
    return curve[-1][1] if curve else NO_GAP


def _drawn(gap: float | None) -> float:
    return NO_GAP if gap is None else min(NO_GAP, max(LEAST_GAP, gap))


def _at(curve: Sequence[tuple[float, float]], moment: float) -> float:
    place = bisect.bisect_right(curve, moment, key=lambda point: point[0])
    return curve[place - 1][1] if place else NO_GAP


def scatter_rows(records: Sequence[Record], one: str, other: str) -> Rows:
    """Times of two entries on the same instance, seed and repeat; unsolved runs stand at the limit."""
    first, second = (
        {(*r.problem, r.seed, r.repeat): r for r in _measured(records) if r.entry == entry} for entry in (one, other)
    )
    found: Rows = []
    for key in first.keys() & second.keys():
        mine, theirs = first[key], second[key]
        solved = ("none", "one", "both")[mine.solved + theirs.solved]
        times = {"x": solved_seconds(mine), "y": solved_seconds(theirs)}
        found.append({**times, "solved by": solved, "instance": mine.instance})
    return sorted(found, key=lambda row: (row["x"], row["y"]))


@dataclass(frozen=True, slots=True)
class Grown:
    """How an entry's times grow with the number of demands: points, and the line through those that were solved."""

    entry: str
    rows: Rows
    fit: Slope | None

    @property
    def sentence(self) -> str:
        """The slope in words."""
        if self.fit is None:
            return f"{self.entry}: solved at fewer than two sizes, so there is no slope"
        band = "" if self.fit.low is None else f" (95 % interval {self.fit.low:.2f} … {self.fit.high:.2f})"
        left_out = sum(not row["solved"] for row in self.rows)
        missing = f"; {left_out} unsolved runs are left out of the fit" if left_out else ""
        return f"{self.entry}: time ∝ demands^{self.fit.slope:.2f}{band}, {self.fit.points} runs{missing}"


def growth_of(records: Sequence[Record]) -> list[Grown]:
    """One for every entry; empty where instances hardly differ in size."""
    runs = [r for r in _measured(records) if r.kind != "baseline" and r.demands]
    sizes = [r.demands for r in runs if r.demands is not None]
    if not sizes or max(sizes) < LEAST_SPAN * min(sizes):
        return []
    found = []
    for entry, of_one in groups(runs, lambda r: r.entry).items():
        rows = [
            {"entry": entry, "demands": r.demands, "seconds": solved_seconds(r), "solved": r.solved} for r in of_one
        ]
        solved = [row for row in rows if row["solved"]]
        fit = growth([row["demands"] for row in solved], [row["seconds"] for row in solved]) if solved else None
        found.append(Grown(entry, rows, fit))
    return found


def _measured(records: Sequence[Record]) -> list[Record]:
    return [r for r in records if r.kind != "baseline"]
