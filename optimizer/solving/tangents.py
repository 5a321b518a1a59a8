"""Local search over the values of some columns of a linear program, led by tangents.

With these columns held at y, the program's value V(y) is convex in y, so the reduced costs r of the held columns at one
point say something of all others,

    V(y') ≥ V(y) + r · (y' − y),

and a point without a solution gives a row that no point with one breaks (`farkas`). Of a neighbourhood that point is
valued next for which the largest of these tangents is least, and a neighbourhood is left when no tangent promises
anything: a few dozen linear programs stand for thousands, each solved by the simplex from the basis of the best point.

Sources: tangents as in Benders' decomposition (Numerische Mathematik 4, 1962) and Kelley's cutting planes (1960).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.matrix import Vector
from optimizer.solving.farkas import CLEARLY, Necessary, necessary
from optimizer.solving.highs import HotSimplex, Limits
from optimizer.solving.program import Program

Indices = npt.NDArray[np.int64]
WORTH_IT = 1e-6
"""Relative gain from which on another point is taken."""


class Tangents:
    """What the values of some points say of the others, below a convex function."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.slopes: list[Vector] = []
        self.constants: list[float] = []
        self.needs: list[Necessary] = []

    def add(self, value: float, at: Vector, slope: Vector) -> None:
        """The function has this value at a point, and lies nowhere below this slope through it."""
        self.slopes.append(slope)
        self.constants.append(value - float(slope @ at))

    def below(self, now: Vector, changes: sparse.csr_array, latest: tuple[int, int] = (0, 0)) -> Vector:
        """A lower bound of the function at now + every row of `changes`: −∞ if nothing is known, ∞ without a solution.

        `latest`: how many tangents and needs were known before; only those since are looked at.
        """
        slopes, constants, needs = self.slopes[latest[0] :], self.constants[latest[0] :], self.needs[latest[1] :]
        found = np.full(changes.shape[0], -np.inf)
        if slopes:
            matrix = np.array(slopes)
            found = np.asarray((matrix @ now + np.array(constants) + changes @ matrix.T).max(axis=1))
        if needs:
            matrix = np.array([need.slope for need in needs])
            least = np.array([need.least for need in needs])
            found[((matrix @ now - least + changes @ matrix.T) < -CLEARLY).any(axis=1)] = np.inf
        return found

    @property
    def known(self) -> tuple[int, int]:
        """How many tangents and needs there are."""
        return len(self.slopes), len(self.needs)


class TangentSearch:
    """The best point found so far, and what is known of others. `over` is polled."""

    def __init__(self, program: Program, columns: Indices, limits: Limits, over: Callable[[], bool]) -> None:
        """`columns`: those that are held; every other column is continuous."""
        self.columns, self.over, self.program = columns, over, program
        self.lower, self.upper = program.lower[columns].copy(), program.upper[columns].copy()
        self.simplex = HotSimplex(program, limits, over)
        self.tangents = Tangents()
        self.value, self.x, self.point = math.inf, np.zeros(0), np.zeros(0)
        self.basis: Any = None
        self.valued = 0

    def look(self, lower: Vector, upper: Vector | None = None, cutoff: float = math.inf) -> tuple[float, Vector] | None:
        """Value and solution with the columns at `lower`, or between the two; None if there is none below the cutoff.

        Columns left between bounds are held nowhere; what is learned of them is right as well.
        """
        self.valued += 1
        found = self.simplex.solve(self.columns, lower, upper, cutoff)
        if found is not None:
            self.tangents.add(found[0], found[1][self.columns], self.simplex.slopes(self.columns))
        return found

    def take(self, found: tuple[float, Vector]) -> None:
        """Makes what was found last the best point."""
        self.value, self.x = found
        self.point = self.x[self.columns]
        self.basis = self.simplex.keep()

    def worth_it(self) -> float:
        """The value below which another point is taken."""
        return self.value if math.isinf(self.value) else self.value - WORTH_IT * max(1.0, abs(self.value))

    def try_out(self, point: Vector) -> bool:
        """Values a point; takes it if it is better than the best."""
        if self.basis is not None:
            self.simplex.back(self.basis)
        found = self.look(point)
        if found is None:
            self._learn(point)
            return False
        if found[0] >= self.worth_it():
            return False
        self.take(found)
        return True

    def _learn(self, point: Vector) -> None:
        """What every point needs, if it was proven that this one has no solution."""
        ray = None if self.over() else self.simplex.ray()
        need = None if ray is None else necessary(self.program, self.columns, ray, point)
        if need is not None:
            self.tangents.needs.append(need)

    def improve(self, changes: sparse.csr_array, tried: Callable[[int], None] = lambda _: None) -> int | None:
        """Values best point + rows of `changes`, the most promising first, until one is better: the number of its row.

        None if no row can be better, or time is over. `tried` is told of every row that is valued.
        """
        if not changes.shape[0]:
            return None
        now = self.point
        below = self.tangents.below(now, changes)
        while not self.over():
            row = int(np.argmin(below))
            if below[row] >= self.worth_it():
                return None
            tried(row)
            known = self.tangents.known
            if self.try_out(now + changes[[row]].toarray()[0]):
                return row
            below = np.maximum(below, self.tangents.below(now, changes, known))
            below[row] = np.inf
        return None
