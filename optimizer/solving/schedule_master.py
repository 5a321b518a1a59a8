"""Schedules of releases from a master program that knows the tangents of all schedules valued so far.

Local search (`schedule`) moves one or two releases at a time. Where few packages are allowed, or money comes late, all
of them may have to move together. The master is a small program over the releases y alone: the rules that concern
releases only, and

    θ ≥ V(z) + r · (y − z)    for every schedule z that was valued, with reduced costs r (`tangents`)
    d · y ≥ least             for every schedule that had no solution (`farkas`)
    Σ |y − best| ≤ radius     near the best schedule; wider where nothing near promises anything

Its least θ bounds the value of every schedule within the radius; the schedule that reaches it is valued next.

Sources: Benders' decomposition (Numerische Mathematik 4, 1962), with both kinds of cuts; kept near the best point as by
local branching (Fischetti & Lodi, Mathematical Programming 98, 2003).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.tangents import Indices, Tangents, TangentSearch

RADII = (4, 8, 16)
"""By how many releases schedules of the master differ from the best: a release moved counts twice."""
SECONDS = 2.0
"""Seconds a master gets."""
EXACT = 1e-3
"""Gap of a master, relative to what it may promise."""


@dataclass
class ScheduleMaster:
    """The master of a program: `columns` are its releases, and the columns of all that is handed in and out."""

    program: Program
    columns: Indices
    limits: Limits
    rules: Program = field(init=False)

    def __post_init__(self) -> None:
        """Finds the rows that concern releases only."""
        outside = np.ones(self.program.A.shape[1])
        outside[self.columns] = 0.0
        count = abs(self.program.A).sign() @ outside  # of entries in columns that are not releases
        own = np.flatnonzero((count == 0) & (np.diff(self.program.A.indptr) > 0))
        rules = self.program.part(own, self.columns)
        self.rules = replace(rules, cost=np.zeros(len(self.columns)), whole=np.ones(len(self.columns), dtype=bool))

    def candidates(self, search: TangentSearch, over: Callable[[], bool]) -> Iterator[Vector]:
        """Points to be tried out in the search, the nearest first, as long as the master promises something better.

        To be left once one of them is better: what is asked for next lies around the best point of the search.
        """
        for radius in RADII:
            while not over():
                found = self.best(search.tangents, search.point, search.value, radius, over)
                if found is None or found[1] >= search.worth_it():
                    break
                known = search.tangents.known
                yield found[0]
                if search.tangents.known == known:
                    break  # nothing was learned, so the same would be chosen again

    def best(
        self, tangents: Tangents, point: Vector, value: float, radius: int, stop: Callable[[], bool]
    ) -> tuple[Vector, float] | None:
        """The schedule within the radius of `point` of which tangents promise most, and what no such one is below.

        `value`: of the point. None if there is none, or none was found in time.
        """
        n, unit = len(self.columns), max(1.0, abs(value))
        slopes, needs = np.array(tangents.slopes).reshape(-1, n) / unit, tangents.needs
        near, start, distance, apart = self._distance(np.round(point))
        width = near.shape[1]  # releases, θ, then distances of those that may go either way
        rows = sparse.vstack([
            _wide(self.rules.A, width), near, sparse.csr_array(distance.reshape(1, -1)),
            _wide(np.hstack([-slopes, np.ones((len(slopes), 1))]), width),
            _wide(np.array([need.slope for need in needs]).reshape(-1, n), width),
        ])  # fmt: skip
        lower = [*start, -np.inf, *((np.array(tangents.constants) - value) / unit), *(need.least for need in needs)]
        upper = [*[np.inf] * len(start), radius - apart, *[np.inf] * (len(slopes) + len(needs))]
        more = width - n - 1
        master = Program(
            np.concatenate([self.rules.cost, [1.0], np.zeros(more)]), 0.0, sparse.csr_array(rows),
            np.append(self.rules.row_lower, lower), np.append(self.rules.row_upper, upper),
            np.concatenate([self.rules.lower, [-1.0], np.zeros(more)]),
            np.concatenate([self.rules.upper, [1.0], np.full(more, np.inf)]),
            np.concatenate([self.rules.whole, np.zeros(1 + more, dtype=bool)]),
        )  # fmt: skip
        answer = run(master, replace(self.limits, seconds=min(SECONDS, self.limits.seconds), gap=EXACT), stop=stop)
        if answer.x is None or answer.bound is None:
            return None
        return np.round(answer.x[:n]), value + unit * answer.bound

    def _distance(self, point: Vector) -> tuple[sparse.csr_array, Vector, Vector, float]:
        """Rows near · (y, θ, d) ≥ start that make d no less than |y − point| where y may go either way, and
        coefficients of all columns in the distance from the point, less its constant.
        """
        n = len(point)
        high = point > self.rules.lower
        either = np.flatnonzero(high & (point < self.rules.upper))
        here = sparse.csr_array((np.ones(len(either)), (np.arange(len(either)), either)), shape=(len(either), n + 1))
        own = sparse.eye_array(len(either), format="csr")
        near = sparse.vstack([sparse.hstack([-here, own]), sparse.hstack([here, own])]).tocsr()
        signs = np.where(high, -1.0, 1.0)
        signs[either] = 0.0
        coefficients = np.concatenate([signs, [0.0], np.ones(len(either))])
        return near, np.concatenate([-point[either], point[either]]), coefficients, -float(signs @ point)


def _wide(rows: Any, width: int) -> sparse.csr_array:
    """The rows with as many columns, zeros in those that they do not have."""
    found = sparse.csr_array(rows)
    found.resize(found.shape[0], width)
    return found
