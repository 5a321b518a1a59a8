"""One block of a settled order book by itself: dived into, or by branch and bound, near a relaxation first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.bulk.tables import Flags, Ints
from models.matrix import Vector
from optimizer.solving.clock import WallClock, WorkClock, going_by, now
from optimizer.solving.diving import dive
from optimizer.solving.effort import measured
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import FEASIBLE, Program
from optimizer.solving.spawning import adds_with_one_thread

NEAR = 0.4
"""Share of a block's time for what is near."""
DIVING, WITHIN = 8.0, 6.0
"""Seconds (or units) that a dive has at least, so that no block is without a solution because others were slow; and
that the look around its end has at most."""
SERVING_LESS, ROUGH = 10.0, 1e-3
"""Seconds, and relative gap, for a solution that serves less than the dive where that did not end in one."""
_WHOLE = 1e-6


@dataclass(frozen=True)
class Part:
    """A block as a program of its own, with the columns of the whole that it decides.

    `start`: a solution of it, if there is one. `near`: tighter bounds, tried first. `weight`: its share of the time.
    `quick`: it is only dived into. `serving`: which columns of the program serve demands.
    """

    program: Program
    columns: Ints
    start: Vector | None
    near: tuple[Vector, Vector] | None = None
    weight: float = 1.0
    quick: bool = False
    serving: Flags | None = None

    @property
    def bounded(self) -> Program:
        """The program within the tighter bounds."""
        return self.program if self.near is None else replace(self.program, lower=self.near[0], upper=self.near[1])


def solve_part(part: Part, limits: Limits, stop: Callable[[], bool] | None = None) -> Vector | None:
    """The best solution of a block found in time, better than its start; None if there is none. `stop` ends it soon."""
    began, start = now(), part.start
    if part.quick:
        found = dived(part, limits, stop)
        return None if found is None else found[: len(part.columns)]
    best = np.inf if start is None else part.program.value(start)
    if part.near is not None:
        answer = run(part.bounded, replace(limits, seconds=NEAR * limits.seconds), start=start, stop=stop)
        start, best = _better(part.program, answer.x, start, best)
    left = limits.seconds - (now() - began)
    if left > 0 or start is None:
        answer = run(part.program, replace(limits, seconds=max(0.5, left)), start=start, stop=stop)
        start, best = _better(part.program, answer.x, start, best)
    return None if start is part.start or start is None else start[: len(part.columns)]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part as it is sent to whoever works on it. `net`: wall-clock seconds, where its limit is `counted` work."""

    part: Part
    limits: Limits
    counted: bool
    net: float = math.inf


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of a part: values as of `solve_part`, the work it took if that is counted, and nodes of the search.

    `late`: the net ended it; `alone`: sums were made with one thread. Where either is not as it should be, another run
    may end elsewhere.
    """

    x: Vector | None
    spent: float
    nodes: int | None
    late: bool
    alone: bool


def solve_piece(piece: Piece, stop: Callable[[], bool]) -> Solved:
    """Solves a part by a clock of its own, so that it is the same wherever that is; `stop` ends it soon."""
    own = WorkClock(piece.net) if piece.counted else WallClock()
    with going_by(own), measured() as effort:
        x = solve_part(piece.part, piece.limits, stop)
        spent = own.now() if piece.counted else 0.0
    return Solved(x, spent, effort.nodes, own.late, adds_with_one_thread())


def dived(part: Part, limits: Limits, stop: Callable[[], bool] | None = None) -> Vector | None:
    """A solution of a block by diving, and the best within a unit of where the dive ended; None if there is none.

    What costs most is made whole first; what is made comes last, and sometimes cannot be whole any more beside all
    that is decided. Then one that serves no more than that is soon found, and a start of what is better.
    """
    began = now()

    def left(least: float = 0.0) -> float:
        return max(least, limits.seconds) - (now() - began)

    def over() -> bool:
        return left(DIVING) <= 0 or (stop is not None and stop())

    best, ended = None, None
    diving = replace(limits, seconds=max(DIVING, limits.seconds))
    for program in (part.bounded, part.program):
        x = run(program.relaxed(), diving, stop=stop).x
        if x is None or over():
            continue
        if np.abs(x - np.round(x))[program.whole].max(initial=0.0) > _WHOLE:
            found = dive(program, program.whole, np.abs(program.cost) + _WHOLE, diving, over)
            if found is None:
                continue
            x = found[1]
        ended = x if ended is None else ended
        x = np.where(program.whole, np.round(x), x)
        if part.program.violation(x) <= FEASIBLE:
            best = ended = x
            break
    if best is None and ended is not None and not over():
        less = _serving_less(part, ended)
        answer = run(less, replace(limits, seconds=min(SERVING_LESS, left(DIVING)), gap=ROUGH), stop=stop)
        best = _better(part.program, answer.x, None, np.inf)[0]
    if ended is None or over() or left() <= 0:
        return best
    beside = replace(limits, seconds=min(WITHIN, left()))
    answer = run(within_a_unit(part.program, ended), beside, start=best, stop=stop)
    value = np.inf if best is None else part.program.value(best)
    return _better(part.program, answer.x, best, value)[0]


def _serving_less(part: Part, x: Vector) -> Program:
    """The program with no demand served more than in x, and what is made at most a unit from x."""
    program = within_a_unit(part.program, x)
    if part.serving is None:
        return program
    mine = part.serving & program.whole
    lower = np.where(mine, part.program.lower, program.lower)
    return replace(program, lower=lower, upper=np.where(mine, np.maximum(lower, np.floor(x + _WHOLE)), program.upper))


def within_a_unit(program: Program, x: Vector) -> Program:
    """The program with whole columns at most a unit from x."""
    lower = np.where(program.whole, np.maximum(program.lower, np.floor(x + _WHOLE) - 1), program.lower)
    upper = np.where(program.whole, np.minimum(program.upper, np.ceil(x - _WHOLE) + 1), program.upper)
    return replace(program, lower=lower, upper=upper)


def _better(program: Program, x: Vector | None, start: Vector | None, best: float) -> tuple[Vector | None, float]:
    """The better of a solver's answer and what there is, and its value."""
    if x is None:
        return start, best
    x = np.where(program.whole, np.round(x), x)
    value = program.value(x)
    better = start is None or value < best - 1e-9 * abs(best)
    return (x, value) if better else (start, best)
