"""Diving: whole columns are rounded a few at a time, the linear program solved again from its basis in between.

The weightiest fractional columns come first, since the light ones can then make up for what rounding took or gave. What
is still fractional when time is over is light, and left to whoever asked.
Source: diving heuristics as in Berthold, "Primal heuristics for mixed integer programs" (2006), ch. 3.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from models.matrix import Vector
from optimizer.solving.highs import Limits
from optimizer.solving.program import Mask, Program
from optimizer.solving.tangents import TangentSearch

log = logging.getLogger(__name__)
SHARE = 0.2
"""Share of the fractional columns that are rounded between two linear programs."""
CHEAP = 2e-5
"""Relative to the objective: what rounding may cost without a look at the other way."""
MOST = 200
"""Linear programs after which it is enough."""
FRACTIONAL = 1e-6


def dive(
    program: Program, columns: Mask, weight: Vector, limits: Limits, over: Callable[[], bool]
) -> tuple[float, Vector] | None:
    """A solution of the relaxation with hardly any masked column fractional, and its value; None if there is none.

    `weight`: per column of the program, how much a unit of it matters.
    """
    small, free = program.relaxed().compressed()
    search = TangentSearch(small, np.flatnonzero(columns[free]), limits, over)
    found = dive_in(search, weight[free][search.columns], over)
    return None if found is None else (found[0], program.completed(free, found[1]))


def dive_in(search: TangentSearch, weight: Vector, over: Callable[[], bool]) -> tuple[float, Vector] | None:
    """The same for the columns of a search, of these weights; what its programs say of others stays with the search."""
    return _Dive(search, weight, over).run()


class _Dive:
    """One dive in a linear program."""

    def __init__(self, search: TangentSearch, weight: Vector, over: Callable[[], bool]) -> None:
        self.search, self.simplex, self.chosen, self.over = search, search.simplex, search.columns, over
        self.weight = weight
        self.lower, self.upper = search.lower.copy(), search.upper.copy()
        self.solved = 0
        self.size = max(1, len(self.chosen))

    def run(self) -> tuple[float, Vector] | None:
        last = found = self._solve(self.lower, self.upper)
        while found is not None and not self.over():
            last = found
            at = found[1][self.chosen]
            loose = np.flatnonzero((np.abs(at - np.round(at)) > FRACTIONAL) & (self.lower < self.upper))
            log.debug("dive: %.0f, %d columns loose after %d programs", found[0], loose.size, self.solved)
            if not loose.size or self.solved >= MOST:
                break
            found = self._step(found[0], at, loose)
        return last

    def _solve(self, lower: Vector, upper: Vector, cutoff: float = math.inf) -> tuple[float, Vector] | None:
        self.solved += 1
        return self.search.look(lower, upper, cutoff)

    def _step(self, before: float, at: Vector, loose: npt.NDArray[np.int64]) -> tuple[float, Vector] | None:
        """Rounds some of the loose columns to the nearest whole number, fewer if that costs much or cannot be.

        What costs much by itself is rounded the other way if that costs less.
        """
        basis = self.simplex.keep()
        size = min(self.size, max(1, int(SHARE * loose.size)))
        batch = loose[np.argsort(-self.weight[loose], kind="stable")][:size]
        while batch.size > 1 and not self.over():
            bounds = self._rounded(np.round(at), batch)
            found = self._solve(*bounds, cutoff=before + CHEAP * abs(before))
            if found is not None:
                self.lower, self.upper = bounds
                self.size = 2 * batch.size
                return found
            self.simplex.back(basis)
            batch = batch[: batch.size // 4 + 1] if batch.size > 2 else batch[:1]
        self.size = 2
        nearest = np.round(at)
        return self._better([nearest, np.where(nearest < at, np.ceil(at), np.floor(at))], batch, before, basis)

    def _better(
        self, ways: list[Vector], one: npt.NDArray[np.int64], before: float, basis: Any
    ) -> tuple[float, Vector] | None:
        """Rounds a column in the way that costs less; the first of them if that is cheap."""
        best: tuple[float, Vector] | None = None
        kept, bounds = basis, (self.lower, self.upper)
        for values in ways:
            tried = self._rounded(values, one)
            found = self._solve(*tried, cutoff=math.inf if best is None else best[0])
            if found is not None:
                best, bounds, kept = found, tried, self.simplex.keep()
                if best[0] <= before + CHEAP * abs(before):
                    break
            self.simplex.back(basis)
        self.simplex.back(kept)
        self.lower, self.upper = bounds
        return best

    def _rounded(self, values: Vector, batch: npt.NDArray[np.int64]) -> tuple[Vector, Vector]:
        low, high = self.lower.copy(), self.upper.copy()
        low[batch] = high[batch] = np.clip(values[batch], self.lower[batch], self.upper[batch])
        return low, high
