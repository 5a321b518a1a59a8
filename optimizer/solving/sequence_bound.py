"""A bound on the cost of a sequence of jobs: Lagrangian relaxation of "every job once".

The jobs of 1||Σ f_j(C_j) follow each other without a break, so a sequence is a path over the units of the line, from 0
to Σ work, of steps of length work[j] and cost f_j at their end. Relaxed with a price u_j for every job, a path may take
a job several times or never, only not twice running:

    L(u) = Σ u_j + min over paths of Σ (f_j(C) − u_j)  ≤  least cost.

Without the exclusion max L is the bound of the time-indexed linear program (Sousa & Wolsey 1992; van den Akker et al.
2000); with it, it is at least that (Abdul-Razaq & Potts 1988; Tanaka, Fujikuma & Araki 2009). u comes from that program
on a coarse grid, then subgradient steps. What is left from a unit to the end, `Rest`, is reused as the completion bound
of partial sequences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.work import counted

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
GRIDS = (100, 250)
"""Stretches of the coarse programs."""


@dataclass(frozen=True)
class Jobs:
    """Jobs of one line. `work[j]`: units of job j, at least 1; `cost[j, c]`: cost of job j if completed by unit c.

    c runs from 0 to Σ work; costs are not negative and nondecreasing in c.
    """

    work: Counts
    cost: Floats

    @property
    def total(self) -> int:
        """Units of all jobs."""
        return int(self.work.sum())

    def value(self, sequence: Counts) -> float:
        """What a sequence costs."""
        return float(self.cost[sequence, np.cumsum(self.work[sequence])].sum())


@dataclass(frozen=True)
class Rest:
    """For prices u: the least reduced cost from a unit to the end, over the first job, and over those but the first.

    Arrays over units 0 … Σ work: `best` with first job `job`, `second` with first job `other` ≠ `job`; infinite where
    no path leads to the end.
    """

    prices: Floats
    best: Floats
    second: Floats
    job: Counts
    other: Counts

    @property
    def bound(self) -> float:
        """L(u), a lower bound on the cost of any sequence."""
        return float(self.best[0] + self.prices.sum())

    def after(self, end: Counts, last: int) -> Floats:
        """Least reduced cost from units `end` to the end if `last` was made just before."""
        return np.where(self.job[end] == last, self.second[end], self.best[end])

    def taken(self, work: Counts) -> Counts:
        """How often every job is on a best path."""
        times, c, last, total = np.zeros(len(work), dtype=np.int64), 0, -1, len(self.best) - 1
        while c < total:
            last = int(self.other[c] if self.job[c] == last else self.job[c])
            times[last] += 1
            c += int(work[last])
        return times


def rest(jobs: Jobs, prices: Floats) -> Rest:
    """Solves the relaxed problem backwards, unit by unit."""
    work, total = jobs.work, jobs.total
    counted(total, total * len(work))
    size = total + int(work.max()) + 1
    best, second = np.full(size, np.inf), np.full(size, np.inf)
    job, other = np.full(size, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    best[total] = second[total] = 0.0
    ends = np.minimum(np.arange(total)[:, None] + work, total)  # beyond the end `best` is infinite anyway
    reduced = np.take_along_axis(jobs.cost.T, ends, axis=0) - prices
    names = np.arange(len(work))
    for c in range(total - int(work.min()), -1, -1):
        at = c + work
        value = np.where(job[at] == names, second[at], best[at])
        value += reduced[c]
        j = int(value.argmin())
        best[c], job[c] = value[j], j
        value[j] = np.inf
        k = int(value.argmin())
        second[c], other[c] = value[k], k
    return Rest(prices, best[: total + 1], second[: total + 1], job[: total + 1], other[: total + 1])


def coarse_prices(jobs: Jobs, step: int, seconds: float = 20.0) -> Floats:
    """Prices from the time-indexed linear program with completions at every `step`-th unit only; zeros if it fails.

    Jobs load every stretch of `step` units by their overlap with it. The duals of "every job once" are prices: any
    prices give a valid bound, these a good one.
    """
    work, n, total = jobs.work, len(jobs.work), jobs.total
    grid = np.append(np.arange(step, total, step), total)
    pairs = [(j, int(end)) for j in range(n) for end in grid if end >= work[j]]
    rows, columns, values = list[int](), list[int](), list[float]()
    for k, (j, end) in enumerate(pairs):
        begin = end - int(work[j])
        stretches = np.arange(begin // step, -(-end // step))
        overlap = np.minimum(end, (stretches + 1) * step) - np.maximum(begin, stretches * step)
        rows += [j, *(n + stretches).tolist()]
        columns += [k] * (len(stretches) + 1)
        values += [1.0, *overlap.tolist()]
    height, size = n + -(-total // step), len(pairs)
    A = sparse.csr_array((values, (rows, columns)), shape=(height, size))
    lower = np.append(np.ones(n), np.full(height - n, -np.inf))
    upper = np.append(np.ones(n), np.full(height - n, float(step)))
    costs = np.array([jobs.cost[j, end] for j, end in pairs])
    none, most = np.zeros(size), np.full(size, np.inf)
    duals = run(Program(costs, 0.0, A, lower, upper, none, most, np.zeros(size, dtype=bool)), Limits(seconds)).duals
    return np.zeros(n) if duals is None else duals[:n]


def best_rest(
    jobs: Jobs, upper: float, over: Callable[[], bool], heard: Callable[[float], None], *, steps: int = 150
) -> Rest:
    """The relaxed problem at good prices: those of coarse programs, then subgradient steps.

    Args:
        jobs: the jobs.
        upper: the cost of a known sequence.
        over: polled between steps; true ends the search for prices.
        heard: told of every better bound.
        steps: subgradient steps at most.
    """
    n = len(jobs.work)
    kept = rest(jobs, np.zeros(n))
    heard(kept.bound)

    def closed() -> bool:
        return over() or kept.bound >= upper - 1e-9 * max(1.0, abs(upper))

    for stretches in GRIDS:
        if not closed() and n > 1:
            found = rest(jobs, coarse_prices(jobs, max(1, jobs.total // stretches)))
            if found.bound > kept.bound:
                kept = found
                heard(kept.bound)
    direction: Floats = np.zeros(n)
    found, scale, idle = kept, 0.2, 0
    for _ in range(steps):
        slope: Floats = np.asarray(1.0 - found.taken(jobs.work), dtype=np.float64)
        if closed() or not slope.any() or scale < 1e-3:
            break
        direction = slope + 0.7 * direction
        if float(direction @ slope) <= 0:
            direction = slope
        length = scale * (upper + 0.001 * abs(upper) - found.bound) / float(direction @ direction)
        found = rest(jobs, found.prices + length * direction)
        if found.bound > kept.bound:
            kept, idle = found, 0
            heard(kept.bound)
        elif (idle := idle + 1) >= 8:
            found, direction, scale, idle = kept, np.zeros(n), 0.5 * scale, 0
    return kept
