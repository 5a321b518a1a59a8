"""Whole contents of packages: a dive, then a small master that knows the tangents of all that was tried.

With releases and payers held, the relaxation's value V(u) is convex in what the packages may hold at most, u. Whatever
was solved on the way of a dive says something of every u: V(u) ≥ v − r·x + min(r, 0)·u, where x is the solution, v its
value and r the reduced costs of the contents. The master is the model of whole contents that these payers can pay
(`models.settle.contents`) with the least θ above all of these; its solution is valued, which gives one more, until the
master promises nothing better.

Source: Benders' decomposition (Numerische Mathematik 4, 1962), whose master begins with the cuts of a dive.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.matrix import Vector
from optimizer.solving.diving import dive_in
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.tangents import TangentSearch

log = logging.getLogger(__name__)
Indices = npt.NDArray[np.int64]
LATEST = 80
"""Tangents in a master, the latest ones: those before are of relaxations far from whole contents."""
AROUND = (0, 1, 3)
"""By how many units contents may leave the centre, rounded up or down: as few as will do."""
NEAR = 0.02
"""Weight of what the model of contents asks for by itself, beside what the tangents say."""
WHOLE = 1e-6
BETTER = 3e-5
"""Relative gain that is worth another round, and from which on other contents are taken."""
SECONDS = 1.5
"""Seconds a master gets."""
EXACT = 0.1
"""Gap of a master, relative to what it costs beyond the relaxation."""


class ContentChoice:
    """Contents of a program in which releases and payers are held."""

    def __init__(self, program: Program, contents: Mask, limits: Limits, over: Callable[[], bool]) -> None:
        """`contents`: their columns, which need not be whole here; `over` is polled."""
        self.program, self.limits, self.over = program.relaxed(), limits, over
        small, self.free = self.program.compressed()
        self.search = TangentSearch(small, np.flatnonzero(contents[self.free]), limits, over)
        self.columns: Indices = self.free[self.search.columns]
        relaxed = self.search.look(self.search.lower, self.search.upper)
        self.relaxed = math.inf if relaxed is None else relaxed[0]

    def dive(self, weight: Vector, over: Callable[[], bool]) -> Vector | None:
        """A solution with fewer contents fractional; `weight` says how much a unit of every column matters."""
        found = dive_in(self.search, weight[self.columns], over)
        return None if found is None else self.program.completed(self.free, found[1])

    def value(self, most: Vector) -> float:
        """What the relaxation is worth if contents are at most so; infinite if there is no solution."""
        found = self.search.look(self.search.lower, np.clip(most, self.search.lower, self.search.upper))
        return math.inf if found is None else found[0]

    def best(self, model: Program, place: Indices, centre: Vector, most: Vector, over: Callable[[], bool]) -> Vector:
        """The best whole contents that masters near the centre lead to; `most`, those to begin with, if none is better.

        `model`, `place`, `centre`: as of `master`.
        """
        least, around, tried = self.value(most), 0, set[bytes]()
        while around < len(AROUND) and not over():
            chosen = self.master(model, place, centre, AROUND[around])
            # the master is solved roughly and knows the latest tangents only: it may choose the same again
            if chosen is None or chosen[1] >= least * (1 - BETTER) or chosen[0].tobytes() in tried:
                around += 1
                continue
            tried.add(chosen[0].tobytes())
            value = self.value(chosen[0])
            log.debug("contents: %s, promised %.0f, whole %s", least, chosen[1], value)
            if value < least * (1 - BETTER):
                most, least = chosen[0], value
        return most

    def master(self, model: Program, place: Indices, centre: Vector, around: int) -> tuple[Vector, float] | None:
        """Whole contents, no farther than `around` from a centre rounded, of which the tangents promise most; how much.

        `model`: who may pay for which contents; `place`: its column for each of the contents, −1 for none. None if the
        model has no solution there, none was found in time, or nothing is known of the contents.
        """
        if math.isinf(self.relaxed):
            return None  # no program was solved, so nothing is known
        tangents, base = self.search.tangents, self.relaxed
        inside = np.flatnonzero(place >= 0)
        falls = np.minimum(np.array(tangents.slopes[-LATEST:])[:, inside], 0.0)
        cuts = sparse.csr_array((falls.shape[0], model.A.shape[1] + 1)).tolil()
        cuts[:, place[inside]] = -falls
        cuts[:, -1] = 1.0
        lower, upper = model.lower.copy(), model.upper.copy()
        near = centre[inside]
        lower[place[inside]] = np.clip(np.floor(near + WHOLE) - around, lower[place[inside]], upper[place[inside]])
        upper[place[inside]] = np.clip(np.ceil(near - WHOLE) + around, lower[place[inside]], upper[place[inside]])
        wide = sparse.hstack([model.A, sparse.csr_array((model.A.shape[0], 1))])
        master = Program(
            np.append(NEAR * model.cost, 1.0), 0.0, sparse.csr_array(sparse.vstack([wide, cuts])),
            np.append(model.row_lower, np.array(tangents.constants[-LATEST:]) - base),
            np.append(model.row_upper, np.full(falls.shape[0], np.inf)),
            np.append(lower, 0.0), np.append(upper, np.inf), np.append(model.whole, False),
        )  # fmt: skip
        answer = run(master, replace(self.limits, seconds=min(SECONDS, self.limits.seconds), gap=EXACT), stop=self.over)
        log.debug("master: %s, %s of %s in %.1f s", answer.end, answer.objective, answer.bound, answer.seconds)
        if answer.x is None or answer.bound is None:
            return None
        found = np.zeros(place.size)
        found[inside] = np.round(answer.x[place[inside]])
        return found, base + answer.bound
