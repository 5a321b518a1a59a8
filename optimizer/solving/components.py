"""Method "components": parts of the problem that share nothing are solved one after the other.

Demands in different connected parts (`optimizer.solving.parts`) have no row in common, so solutions of all parts are
one of the whole, values and bounds add up, and a part without a solution leaves none to the whole. First come the
linear relaxations of all parts, then branch and bound on one after the other, those with the fewest decisions first,
each with a fair share of the time that is left. One part, or what gap the parts leave, goes to method "direct".

Source: decomposition of a separable program (block-diagonal matrix), as in Martin, "Large Scale Linear and Integer
Optimization" (1999), ch. 1.
"""

from __future__ import annotations

import logging

import numpy as np

from models.matrix import Vector
from optimizer.solving.direct import direct
from optimizer.solving.highs import Limits, run
from optimizer.solving.parts import Indices, Part, entities, parts
from optimizer.solving.program import Program
from optimizer.solving.search import Search

log = logging.getLogger(__name__)


def components(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    search.enter("parts")
    small, free = search.task.program.compressed()
    if free.size and bool((np.diff(small.A.indptr) > 0).all()):
        about = entities(search.task.exact)
        found = parts(small, [about[j] for j in free])
        if sum(bool(part.demands) for part in found) > 1:
            said = [part.told() for part in found if part.demands]
            search.messages.append(f"{len(said)} parts that share nothing: {'; '.join(said)}")
            Parts(search, small, free, found).run()
    if not search.over:
        direct(search)


class Parts:
    """The parts of one program, the best solution and bound of each."""

    def __init__(self, search: Search, program: Program, free: Indices, found: list[Part]) -> None:
        """`program`: the search's, compressed to the columns `free`; `found`: all its parts."""
        self.search, self.program, self.free, self.parts = search, program, free, found
        self.cut = [part.of(program) for part in found]
        best = search.best
        self.x: list[Vector | None] = [None if best is None else best[free][part.columns] for part in found]
        self.bounds: list[float | None] = [None] * len(found)

    def run(self) -> None:
        """Relaxations of all parts first, as their sum is a bound; then part after part with a fair share of time."""
        search = self.search
        for k, program in enumerate(self.cut):
            limits = search.limits(search.left / (len(self.cut) - k + 1), search.gap)
            self._raise(k, run(program.relaxed(), limits, stop=lambda: search.over).bound)
        for k, part in enumerate(self.parts):
            if search.over:
                return
            search.enter(f"part {k + 1} of {len(self.parts)}")
            self._solve(k, search.left / (len(self.parts) - k))
            log.debug("part %d: %s, %s of %d columns", k + 1, self.bounds[k], part.told(), part.columns.size)

    def _solve(self, k: int, seconds: float) -> None:
        """Branch and bound on a part, to its share of the gap that the whole may have."""
        search = self.search
        room = search.gap / 2 * abs(search.bound or 0.0) / len(self.parts)
        limits = Limits(seconds, 0.0, search.threads, search.seed, (("mip_abs_gap", max(1e-7, room)),))
        answer = run(
            self.cut[k],
            limits,
            start=self.x[k],
            on_solution=lambda x, _value: self._take(k, x),
            on_progress=lambda _incumbent, bound: self._raise(k, bound),
            stop=lambda: search.over,
        )
        if answer.x is not None:
            self._take(k, answer.x)
        self._raise(k, answer.bound)
        if answer.end == "infeasible" and search.best is None:
            search.infeasible = True

    def _raise(self, k: int, bound: float | None) -> None:
        """Takes a bound of a part; with one for every part, their sum is a bound of the whole."""
        before = self.bounds[k]
        if bound is None or (before is not None and bound <= before):
            return
        self.bounds[k] = bound
        known = [b for b in self.bounds if b is not None]
        if len(known) == len(self.bounds):
            self.search.raise_bound(sum(known) + self.program.offset)

    def _take(self, k: int, x: Vector) -> None:
        """Takes a solution of a part if it is better; with one for every part, they are one of the whole."""
        before = self.x[k]
        if before is not None and self.cut[k].value(x) >= self.cut[k].value(before):
            return
        self.x[k] = x
        whole = np.zeros(self.free.size)
        for part, values in zip(self.parts, self.x, strict=True):
            if values is None:
                return
            whole[part.columns] = values
        self.search.offer(self.search.task.program.completed(self.free, whole))
