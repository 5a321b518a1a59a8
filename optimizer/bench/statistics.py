"""The figures of the field, each with its definition and source; plain functions of plain numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import linregress
from scipy.stats import t as student

SHIFT = 10.0
"""Seconds added before the logarithm, so that runs of a second or two do not decide a mean."""
CONFIDENCE = 0.95
"""Level of every interval."""


def shifted_geometric_mean(values: Sequence[float], shift: float = SHIFT) -> float:
    """(Π (vᵢ + s))^(1/n) − s. Source: Mittelmann's benchmarks; Achterberg (2007), Constraint Integer Programming, A.3.

    Raises:
        ValueError: there are no values, or one is below −s.
    """
    if not values:
        raise ValueError("the mean of nothing")
    return math.exp(statistics.fmean(math.log(value + shift) for value in values)) - shift


def performance_profile(
    times: Mapping[str, Mapping[str, float | None]],
) -> dict[str, list[tuple[float, float]]]:
    """Share of problems that each solver solves within a factor τ of the fastest: steps (τ, share), τ from 1.

    `times[solver][problem]` is None where it was not solved. A problem that nobody solved counts in the
    denominator, so that no curve can reach 1 then.
    Source: Dolan & Moré (2002), Benchmarking optimization software with performance profiles.
    """
    problems = sorted({problem for of_one in times.values() for problem in of_one})
    best = {
        problem: min((t for of_one in times.values() if (t := of_one.get(problem)) is not None), default=None)
        for problem in problems
    }
    found: dict[str, list[tuple[float, float]]] = {}
    for solver, of_one in times.items():
        ratios = sorted(
            t / max(fastest, 1e-9)
            for problem in problems
            if (t := of_one.get(problem)) is not None and (fastest := best[problem]) is not None
        )
        steps = {1.0: 0.0}
        for number, ratio in enumerate(ratios, 1):
            steps[ratio] = number / len(problems)
        found[solver] = sorted(steps.items())
    return found


@dataclass(frozen=True, slots=True)
class Slope:
    """y ≈ factor · x^slope, fitted to logarithms; `low` … `high`: interval of the slope, None below 3 points."""

    slope: float
    factor: float
    low: float | None
    high: float | None
    points: int


def growth(sizes: Sequence[float], values: Sequence[float]) -> Slope | None:
    """Least squares of log(value) on log(size); None with fewer than two different sizes or a value that is not > 0."""
    if len(set(sizes)) < 2 or min(values) <= 0 or min(sizes) <= 0:
        return None
    fit = linregress([math.log(size) for size in sizes], [math.log(value) for value in values])
    count, slope = len(sizes), float(fit.slope)
    if count < 3:
        return Slope(slope, math.exp(float(fit.intercept)), None, None, count)
    half = float(student.ppf((1 + CONFIDENCE) / 2, count - 2)) * float(fit.stderr)
    return Slope(slope, math.exp(float(fit.intercept)), slope - half, slope + half, count)


@dataclass(frozen=True, slots=True)
class Change:
    """How times changed: `ratio` new to old, and its interval `low` … `high`, None where noise is not known."""

    ratio: float
    low: float | None
    high: float | None


def change(
    old: Mapping[object, Sequence[float]], new: Mapping[object, Sequence[float]], spread: float | None
) -> Change:
    """Ratio of times, from runs grouped by seed: seeds that both have are compared in pairs, on logarithms.

    With two or more common seeds the interval is Student's of the mean difference; with one, Welch's of its repeats;
    with single runs it comes from `spread`, the standard deviation of the logarithm of a time as measured elsewhere.

    Raises:
        ValueError: there is no common seed.
    """
    seeds = sorted(old.keys() & new.keys(), key=str)
    if not seeds:
        raise ValueError("no seed was run at both commits")
    before = {seed: [math.log(max(t, 1e-9)) for t in old[seed]] for seed in seeds}
    after = {seed: [math.log(max(t, 1e-9)) for t in new[seed]] for seed in seeds}
    differences = [statistics.fmean(after[seed]) - statistics.fmean(before[seed]) for seed in seeds]
    mean = statistics.fmean(differences)
    half = _half_width(differences, before[seeds[0]], after[seeds[0]], spread)
    if half is None:
        return Change(math.exp(mean), None, None)
    return Change(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def _half_width(
    differences: Sequence[float], before: Sequence[float], after: Sequence[float], spread: float | None
) -> float | None:
    count, level = len(differences), (1 + CONFIDENCE) / 2
    if count >= 2:
        error = statistics.stdev(differences) / math.sqrt(count)
        return float(student.ppf(level, count - 1)) * error
    if len(before) >= 2 and len(after) >= 2:
        parts = [statistics.variance(runs) / len(runs) for runs in (before, after)]
        if sum(parts) == 0.0:
            return 0.0
        freedom = sum(parts) ** 2 / sum(
            part**2 / (len(runs) - 1) for part, runs in zip(parts, (before, after), strict=True)
        )
        return float(student.ppf(level, freedom)) * math.sqrt(sum(parts))
    if spread is None:
        return None
    return 2.0 * spread * math.sqrt(1 / len(before) + 1 / len(after))


def pooled_spread(groups: Sequence[Sequence[float]]) -> float | None:
    """Standard deviation of the logarithm of a time within groups of equal runs; None without a group of two."""
    squares, freedom = 0.0, 0
    for group in groups:
        if len(group) >= 2:
            logs = [math.log(max(t, 1e-9)) for t in group]
            squares += statistics.variance(logs) * (len(logs) - 1)
            freedom += len(logs) - 1
    return math.sqrt(squares / freedom) if freedom else None
