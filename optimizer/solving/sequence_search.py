"""Least cost of a sequence: partial sequences layer by layer, those that cannot beat the best one left out.

Dynamic programming over sets of jobs done (Held & Karp 1962): of two partial sequences of one set only the cheaper is
kept, and one whose cost and completion bound (`sequence_bound.Rest`) reach the cost of a known sequence is dropped. At
most so many sets a layer are kept, those with the least bounds (a beam); the least bound of what was dropped for want
of room keeps the answer's bound valid. Up to some twelve jobs nothing is ever dropped and the answer is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from optimizer.solving.sequence_bound import Counts, Floats, Jobs, Rest, best_rest, rest
from optimizer.solving.work import counted

MOST_JOBS = 62
"""A set of jobs is one whole number of 64 bits."""
MOST_UNITS = 20_000
FEW_JOBS = 12
"""So many jobs need no prices: there are few sets."""
KICKS = 150
"""Restarts of the local search."""
WIDTHS = (1_000, 20_000, 150_000)
"""Sets kept a layer, pass after pass, until nothing has to be dropped."""


@dataclass(frozen=True)
class Sequenced:
    """Jobs in the order in which they are made, what that costs, and a lower bound on what any order costs."""

    sequence: Counts
    value: float
    bound: float

    @property
    def closed(self) -> bool:
        """Whether no sequence costs less, up to rounding."""
        return self.bound >= less(self.value)


def less(value: float) -> float:
    """The largest cost that counts as less."""
    return value - 1e-9 * max(1.0, abs(value))


@dataclass
class _Hunt:
    """The best sequence and bound so far."""

    jobs: Jobs
    found: Sequenced
    over: Callable[[], bool]
    heard: Callable[[Sequenced], None]

    @property
    def ended(self) -> bool:
        return self.found.closed or self.over()

    def raise_bound(self, bound: float) -> None:
        bound = min(bound, self.found.value)
        if bound > self.found.bound:
            self.found = replace(self.found, bound=bound)
            self.heard(self.found)

    def offer(self, sequence: Counts) -> None:
        value = self.jobs.value(sequence)
        if value < less(self.found.value):
            self.found = Sequenced(sequence, value, min(self.found.bound, value))
            self.heard(self.found)


def sequenced(
    jobs: Jobs, over: Callable[[], bool] = lambda: False, heard: Callable[[Sequenced], None] = lambda _: None
) -> Sequenced:
    """Puts jobs in sequence; no cost is below 0.

    Args:
        jobs: their work and costs.
        over: polled; true ends the search with what is in hand.
        heard: told of every better sequence or bound.

    Raises:
        ValueError: more jobs or units than this method takes.
    """
    n = len(jobs.work)
    if n > MOST_JOBS or jobs.total > MOST_UNITS:
        raise ValueError(f"more than {MOST_JOBS} jobs or {MOST_UNITS} units")
    around = _around(n)
    first = _improved(jobs, _greedy(jobs), around)
    hunt = _Hunt(jobs, Sequenced(first, jobs.value(first), 0.0), over, heard)
    heard(hunt.found)
    if n <= FEW_JOBS:
        prices = rest(jobs, np.zeros(n))
    else:
        prices = best_rest(jobs, hunt.found.value, over, hunt.raise_bound)
        _kicked(hunt, around)
    for width in WIDTHS:
        if hunt.ended or not _layers(hunt, prices, width, around):
            break
    return hunt.found


# --- layers of partial sequences --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layer:
    """Partial sequences of equally many jobs: index in the layer before, last job, set of jobs done (bits), units done,
    cost so far, prices of the jobs left, bound on the cost of all that begin so."""

    parent: Counts
    job: Counts
    done: Counts
    end: Counts
    value: Floats
    owed: Floats
    bound: Floats

    def __len__(self) -> int:
        return len(self.done)

    def at(self, index: Counts) -> _Layer:
        return _Layer(*(getattr(self, f.name)[index] for f in fields(self)))

    def cheapest_of_each_set(self) -> _Layer:
        order = np.lexsort((self.value, self.done))
        sets = self.done[order]
        return self.at(order[np.flatnonzero(np.diff(sets, prepend=-1))])

    @staticmethod
    def joined(parts: list[_Layer]) -> _Layer:
        return _Layer(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(_Layer)))


def _layers(hunt: _Hunt, prices: Rest, width: int, around: Counts) -> bool:
    """One pass over all layers; true if a wider one could tell more."""
    n = len(hunt.jobs.work)
    nothing, zero = np.zeros(1, dtype=np.int64), np.zeros(1)
    layer = _Layer(nothing, nothing - 1, nothing, nothing, zero, zero + prices.prices.sum(), zero)
    history: list[_Layer] = []
    dropped = np.inf
    for _ in range(n):
        if hunt.over():
            return False
        following = [_with_job(hunt, layer, prices, j) for j in range(n)]
        layer = _Layer.joined(following).cheapest_of_each_set()
        if len(layer) > width:
            chosen = np.argpartition(layer.bound, width)
            dropped = min(dropped, float(layer.bound[chosen[width:]].min()))
            layer = layer.at(chosen[:width])
        history.append(layer)
        if not len(layer):
            break
    if len(layer):
        at, taken = int(layer.value.argmin()), list[int]()
        for passed in reversed(history):
            taken.append(int(passed.job[at]))
            at = int(passed.parent[at])
        hunt.offer(_improved(hunt.jobs, np.array(taken[::-1], dtype=np.int64), around))
    # what was not dropped for want of room cannot beat the best sequence, or is the best
    hunt.raise_bound(dropped)
    return bool(np.isfinite(dropped))


def _with_job(hunt: _Hunt, layer: _Layer, prices: Rest, j: int) -> _Layer:
    """The partial sequences with job j appended that may still cost less than the best sequence."""
    bit = np.int64(1 << j)
    parent = np.flatnonzero((layer.done & bit) == 0)
    counted(10, 10 * len(parent))
    end = layer.end[parent] + hunt.jobs.work[j]
    value = layer.value[parent] + hunt.jobs.cost[j, end]
    owed = layer.owed[parent] - prices.prices[j]
    bound = value + owed + prices.after(end, j)
    made = _Layer(parent, np.full(len(parent), j), layer.done[parent] | bit, end, value, owed, bound)
    return made.at(np.flatnonzero(bound < less(hunt.found.value)))


# --- sequences by local search ----------------------------------------------------------------------------------------


def _greedy(jobs: Jobs) -> Counts:
    """From the end backwards, the job that costs least there for its work goes last."""
    left, end, taken = set(range(len(jobs.work))), jobs.total, list[int]()
    while left:
        j = min(left, key=lambda j: (jobs.cost[j, end] / jobs.work[j], -jobs.work[j], j))
        taken.append(j)
        left.remove(j)
        end -= int(jobs.work[j])
    return np.array(taken[::-1], dtype=np.int64)


def _improved(jobs: Jobs, sequence: Counts, around: Counts) -> Counts:
    """The sequence after swaps and moves of single jobs, the best of all each time, until none helps."""
    best = jobs.value(sequence)
    while len(around):
        counted(10, around.size)
        tried = sequence[around]
        values = jobs.cost[tried, np.cumsum(jobs.work[tried], axis=1)].sum(axis=1)
        k = int(values.argmin())
        if values[k] >= less(best):
            break
        sequence, best = tried[k], float(values[k])
    return sequence


def _kicked(hunt: _Hunt, around: Counts) -> None:
    """Iterated local search: three random moves from the best sequence, improved again; always the same ones."""
    random, n = np.random.default_rng(0), len(hunt.jobs.work)
    for _ in range(KICKS):
        if hunt.ended:
            return
        kicked = hunt.found.sequence
        for _ in range(3):
            kicked = kicked[_moved(n, *random.choice(n, 2, replace=False).tolist())]
        hunt.offer(_improved(hunt.jobs, kicked, around))


def _around(n: int) -> Counts:
    """All swaps of two jobs and all moves of one, as reorderings."""
    pairs = [(a, b) for a in range(n) for b in range(n) if a != b]
    return np.array(
        [_swapped(n, a, b) for a, b in pairs if a < b] + [_moved(n, a, b) for a, b in pairs], dtype=np.int64
    )


def _swapped(n: int, a: int, b: int) -> list[int]:
    order = list(range(n))
    order[a], order[b] = order[b], order[a]
    return order


def _moved(n: int, a: int, b: int) -> list[int]:
    order = list(range(n))
    order.insert(b, order.pop(a))
    return order
