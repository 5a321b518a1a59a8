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

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.tangents import Indices, Tangents

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

    def best(
        self, tangents: Tangents, point: Vector, value: float, radius: int, stop: Callable[[], bool]
    ) -> tuple[Vector, float] | None:
        """The schedule within the radius of `point` of which tangents promise most, and what no such one is below.

        `value`: of the point. None if there is none, or none was found in time.
        """
        n, unit = len(self.columns), max(1.0, abs(value))
        slopes = np.array(tangents.slopes) / unit
        rows = sparse.vstack([
            sparse.hstack([self.rules.A, sparse.csr_array((self.rules.A.shape[0], 1))]),
            sparse.csr_array(np.append(np.where(point > 0.5, -1.0, 1.0), 0.0).reshape(1, -1)),
            sparse.csr_array(np.hstack([-slopes, np.ones((len(slopes), 1))])),
            *(sparse.csr_array(np.append(need.slope, 0.0).reshape(1, -1)) for need in tangents.needs),
        ])  # fmt: skip
        lower = [-np.inf, *((np.array(tangents.constants) - value) / unit), *(need.least for need in tangents.needs)]
        upper = [radius - float(np.round(point).sum()), *[np.inf] * (len(slopes) + len(tangents.needs))]
        master = Program(
            np.append(self.rules.cost, 1.0), 0.0, sparse.csr_array(rows),
            np.append(self.rules.row_lower, lower), np.append(self.rules.row_upper, upper),
            np.append(self.rules.lower, -1.0), np.append(self.rules.upper, 1.0), np.append(self.rules.whole, False),
        )  # fmt: skip
        answer = run(master, replace(self.limits, seconds=min(SECONDS, self.limits.seconds), gap=EXACT), stop=stop)
        if answer.x is None or answer.bound is None:
            return None
        return np.round(answer.x[:n]), value + unit * answer.bound
