"""How many packages an order book releases by period: local search and a master, both led by tangents.

With releases held, a relaxation of money and needs (orders held) is a linear program that a dual simplex solves from
the basis before in a fraction of a second; its value is convex in the releases (`tangents`). Branch and bound for the
releases finds its way to good ones and then stays: one package in another period costs little or much, which its
heuristics do not see.

Sources: as of `schedule` and `schedule_master`, which do the same for smaller instances.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
from scipy import sparse

from models.bulk.rows import Rows
from models.bulk.tables import Floats, Ints
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits
from optimizer.solving.program import Program
from optimizer.solving.schedule_master import ScheduleMaster
from optimizer.solving.tangents import TangentSearch

log = logging.getLogger(__name__)
SHIFTS = (1, 2, 3, 5, 8)
"""By how many of the periods that may hold a release one is moved."""
BOTH = (1, 2, 3)
"""By how many two are moved at once, each to either side."""
FARTHER = 1.0
"""How long the master looks for better releases, as a multiple of the time until then."""


class ReleaseSearch:
    """New packages by period in a program of an order book; `over` is polled."""

    def __init__(self, program: Program, rows: Rows, limits: Limits, over: Callable[[], bool]) -> None:
        """`program`: linear but for releases; those that it holds stay."""
        self.rows, self.over = rows, over
        small, free = program.compressed()
        place = np.full(len(program.cost), -1, dtype=np.int64)
        place[free] = np.arange(len(free))
        released = rows.names["released"].ravel()
        self.open: Ints = np.flatnonzero(place[released] >= 0)
        """Numbers of the releases that are not held, as in `rows.releases`."""
        self._held: Floats = program.lower[released]
        self.search = TangentSearch(small.relaxed(), place[released[self.open]], limits, over)
        self.master = ScheduleMaster(small, self.search.columns, limits)
        policy = rows.policy
        self.most = 0 if policy is None else policy.max_new

    @property
    def counts(self) -> Floats:
        """The best so far: new packages by release."""
        found = self._held.copy()
        found[self.open] = np.round(self.search.point)
        return found

    def run(self, ways: Iterable[Floats]) -> float | None:
        """The value of the best that is found from several ways on; None if none of them can be."""
        began, tried = now(), set[bytes]()
        if self.search.look(self.search.lower, self.search.upper) is not None:
            self.search.basis = self.search.simplex.keep()
        for counts in ways:
            point = np.clip(counts[self.open], self.search.lower, self.search.upper)
            if not self.over() and point.tobytes() not in tried:
                tried.add(point.tobytes())
                self.search.try_out(point)
        if not self.search.point.size:
            return None
        log.debug("releases: %.6g, the best of %d ways", self.search.value, len(tried))
        self._near()
        while self._farther(now() + FARTHER * (now() - began)):
            self._near()
        log.debug("releases: %.6g, %d programs", self.search.value, self.search.valued)
        return self.search.value

    def _near(self) -> None:
        """Moves one release or two as long as that makes the best one better."""
        pools, widest = (self._single, self._double), 0
        while widest < len(pools) and not self.over():
            moves = list(pools[widest](np.round(self.search.point)))
            found = self.search.improve(sparse.csr_array(np.array(moves))) if moves else None
            widest = widest + 1 if found is None else 0

    def _farther(self, until: float) -> bool:
        """Whether the master is led to something better by then."""
        points = self.master.candidates(self.search, lambda: now() > until or self.over())
        return any(self.search.try_out(point) for point in points)

    def _single(self, point: Floats) -> Iterator[Floats]:
        """One release in another period, added, or left out."""
        yield from self._moved(point, [*SHIFTS, *(-step for step in SHIFTS)])
        for k in np.flatnonzero(point > self.search.lower):
            yield _step(len(point), {int(k): -1.0})
        if point.sum() + self._held.sum() - self._held[self.open].sum() < self.most:
            for k in np.flatnonzero(point < self.search.upper):
                yield _step(len(point), {int(k): 1.0})

    def _double(self, point: Floats) -> Iterator[Floats]:
        """Two releases moved at once."""
        moves = list(self._moved(point, [*BOTH, *(-step for step in BOTH)]))
        for one, other in combinations(moves, 2):
            step, there = one + other, point + one + other
            if step.any() and (there >= self.search.lower).all() and (there <= self.search.upper).all():
                yield step

    def _moved(self, point: Floats, steps: Sequence[int]) -> Iterator[Floats]:
        for k in np.flatnonzero(point > self.search.lower).tolist():
            for step in steps:
                if 0 <= k + step < len(point) and point[k + step] < self.search.upper[k + step]:
                    yield _step(len(point), {k: -1.0, k + step: 1.0})


def _step(size: int, changes: dict[int, float]) -> Floats:
    found = np.zeros(size)
    for k, change in changes.items():
        found[k] = change
    return found
