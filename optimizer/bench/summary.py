"""What the records of a suite say together: a row for every entry, and what cannot all be true."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from optimizer.bench.records import Record
from optimizer.bench.statistics import shifted_geometric_mean
from optimizer.bench.trace import primal_integral

_AGREEMENT = 1e-5
"""Relative difference by which a plan may lie below a proven bound: tolerances of solvers, not a contradiction."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry at one setting, over all its runs. Unknown is None.

    Attributes:
        entry: formulation, peer or baseline, with what was changed in it.
        kind: which of the three.
        setting: the limits.
        runs: records there are.
        solved: runs that reached the gap asked for, with a plan that the checker passes, or proved that there is none.
        unsolved: runs that ended at a limit before.
        failed: runs ended by force, by an error, or with a plan that breaks a rule.
        total_seconds: shifted geometric mean; a run that is not solved counts at least the limit.
        to_gap_01: the same of the time until 0.1 % was proven; a run that never got there counts at least the limit.
        reached_gap_01: runs that got there.
        median_gap: of the proven gap; a run without a plan or a bound counts as infinite.
        to_best_bound: median distance of the plan from the best bound that any run proved for the instance, relative.
        primal_integral: shifted geometric mean, against the best plan of any run for the instance; seconds.
        peak_memory_mib: the highest of any run.
        ratio: `total_seconds` over that of the fastest entry at this setting; None where nothing was solved.
    """

    entry: str
    kind: str
    setting: str
    runs: int
    solved: int
    unsolved: int
    failed: int
    total_seconds: float
    to_gap_01: float
    reached_gap_01: int
    median_gap: float | None
    to_best_bound: float | None
    primal_integral: float | None
    peak_memory_mib: float | None
    ratio: float | None

    def as_dict(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Best:
    """The best plan and the best bound that any run has for an instance."""

    objective: float | None
    objective_by: str
    bound: float | None
    bound_by: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All rows, what is best for every instance, and contradictions in words."""

    rows: tuple[Row, ...]
    best: Mapping[tuple[str, str], Best]
    contradictions: tuple[str, ...]
    notes: tuple[str, ...]


def summarise(records: Sequence[Record]) -> Summary:
    """The summary of records of one state of the program."""
    best = {problem: _best(runs) for problem, runs in groups(records, lambda r: r.problem).items()}
    by_entry = groups(records, lambda r: (r.kind, r.entry, r.setting))
    rows = [_row(runs, best) for runs in by_entry.values()]
    rows = [_with_ratio(row, rows) for row in rows]
    rows.sort(key=lambda row: (row.setting, row.kind == "baseline", row.ratio is None, row.ratio or 0.0, row.entry))
    return Summary(tuple(rows), best, tuple(_contradictions(best)), tuple(_notes(rows)))


def groups(records: Iterable[Record], key: Callable[[Record], Any]) -> dict[Any, list[Record]]:
    """Records by key, in their order."""
    found: dict[Any, list[Record]] = {}
    for record in records:
        found.setdefault(key(record), []).append(record)
    return found


def counted_seconds(record: Record, seconds: float | None) -> float:
    """Seconds as they count in a mean: what was not reached counts the limit, or what it took, if that is more."""
    return seconds if seconds is not None else max(record.total_seconds, record.seconds_limit)


def solved_seconds(record: Record) -> float:
    """`total_seconds` as it counts in a mean."""
    return counted_seconds(record, record.total_seconds if record.solved else None)


def _best(runs: Sequence[Record]) -> Best:
    """Of lexicographic instances, whose order of plans is another one, no bound is taken."""
    plans = [r for r in runs if r.plan_ok and r.objective is not None]
    bounds = [r for r in runs if r.bound is not None and r.mode != "lexicographic"]
    plan = min(plans, key=lambda r: r.objective or 0.0, default=None)
    bound = max(bounds, key=lambda r: r.bound or 0.0, default=None)
    return Best(
        None if plan is None else plan.objective, "" if plan is None else plan.entry,
        None if bound is None else bound.bound, "" if bound is None else bound.entry,
    )  # fmt: skip


def _row(runs: Sequence[Record], best: Mapping[tuple[str, str], Best]) -> Row:
    first, solved, failed = runs[0], sum(r.solved for r in runs), sum(r.failed for r in runs)
    gaps = [math.inf if r.gap is None else r.gap for r in runs]
    distances = [_distance(r, best[r.problem]) for r in runs]
    known = [distance for distance in distances if distance is not None]
    integrals = [
        i for r in runs if (i := primal_integral(r.points, best[r.problem].objective, r.seconds_limit)) is not None
    ]
    return Row(
        entry=first.entry, kind=first.kind, setting=first.setting, runs=len(runs), solved=solved,
        unsolved=len(runs) - solved - failed, failed=failed,
        total_seconds=shifted_geometric_mean([_seconds(r) for r in runs]),
        to_gap_01=shifted_geometric_mean([counted_seconds(r, r.to_gap_01) for r in runs]),
        reached_gap_01=sum(r.to_gap_01 is not None for r in runs),
        median_gap=_finite(statistics.median(gaps)), to_best_bound=_finite(statistics.median(known)) if known else None,
        primal_integral=shifted_geometric_mean(integrals) if integrals else None,
        peak_memory_mib=max((r.peak_memory_mib for r in runs if r.peak_memory_mib is not None), default=None),
        ratio=None,
    )  # fmt: skip


def _seconds(record: Record) -> float:
    """A baseline is done when it has its plan; there is nothing for it to solve."""
    return record.total_seconds if record.kind == "baseline" and not record.failed else solved_seconds(record)


def _distance(record: Record, best: Best) -> float | None:
    """(objective − best bound) / |objective|; infinite without a legal plan, None where no bound is known."""
    if best.bound is None:
        return None
    if record.plan_ok is not True or record.objective is None:
        return math.inf
    return max(0.0, record.objective - best.bound) / max(abs(record.objective), 1e-9)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _with_ratio(row: Row, rows: Sequence[Row]) -> Row:
    rivals = [other.total_seconds for other in rows if other.setting == row.setting and other.solved]
    if row.solved == 0 or not rivals:
        return row
    return Row(**{**row.as_dict(), "ratio": row.total_seconds / min(rivals)})


def _contradictions(best: Mapping[tuple[str, str], Best]) -> Iterable[str]:
    """A plan that is better than what was proven: one of the two is wrong."""
    for (instance, _), one in best.items():
        if one.objective is not None and one.bound is not None:
            slack = _AGREEMENT * max(1.0, abs(one.objective))
            if one.bound > one.objective + slack:
                yield (
                    f"{instance}: {one.bound_by} proves at least {one.bound:.9g}, "
                    f"and {one.objective_by} has a legal plan of {one.objective:.9g}"
                )


def _notes(rows: Sequence[Row]) -> Iterable[str]:
    for setting, of_one in _by_setting(rows).items():
        counts = {row.runs for row in of_one if row.kind != "baseline"}
        if len(counts) > 1:
            yield f"{setting}: not all entries have the same number of runs; their means are not of the same problems"


def _by_setting(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.setting, []).append(row)
    return found
