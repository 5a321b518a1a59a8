"""A higher bound of an order book, in a process of its own: blocks whole at the relaxation's prices.

The relaxation leaves whole orders and units out. At its prices of what all share, every block (`models.bulk.apart`) is
a small mixed-integer program, and what its best solution costs more than its relaxation raises the bound of the whole.

A block is not solved to its end at once. With z its relaxation's value, columns that cost more than a step above z
cannot be used by a solution below z + step, and others only so far (reduced cost fixing). What is left is small: if it
has no solution, z + step is a bound, and the next step is wider. All blocks get a little time first, as most have
little to gain; then those that go on gaining get more.
"""

from __future__ import annotations

import logging
import math
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import numpy as np

from models.bulk.apart import Piece, apart
from models.bulk.pricing import Pricing
from models.bulk.rows import Rows
from models.bulk.tables import Tables
from models.facts import Facts
from models.matrix import Vector
from models.problem import Problem
from optimizer.solving.clock import WallClock, going_by, now
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.spawning import QuietContext

log = logging.getLogger(__name__)
WRITTEN = 1e-3
"""Columns with reduced costs up to this share of the bound are written down: no block can gain more."""
STEP, WIDER = 1.5e-5, 3.0
"""The first step, as a share of the bound, and how much wider each is than the one before."""
CLOSE = 6e-7
"""To this share of the bound a block is solved."""
TIMES = (0.3, 1.0, 3.0, 9.0, 27.0)
"""Seconds a block gets at a time."""
LARGEST, WIDEST = 6_000, 600_000
"""Columns of a block that is still solved, and ways to serve demands (by period) of an instance that has its blocks
solved: with larger ones nothing was gained in a few minutes."""
GIVING_WAY = 10
"""Niceness of the process: plans are worth more than the bound where processors are scarce."""
ROUNDED = 1e-6
"""By how much more than a step's width the columns in it may move."""


@dataclass
class _Block:
    """A block, how far it is proven, and its next step."""

    piece: Piece
    program: Program
    bound: float
    value: float = -math.inf
    reduced: Vector | None = None
    step: float = 0.0
    done: bool = False

    @property
    def gain(self) -> float:
        """By how much the block is proven to cost more than its relaxation."""
        return self.bound - max(self.piece.least, self.value)


class Blocks:
    """The bound of the whole by blocks; it only rises."""

    def __init__(
        self, problem: Problem, dual: Vector, bound: float, limits: Limits, stop: Callable[[], bool] = lambda: False
    ) -> None:
        """`dual`, `bound`: of the relaxation's rows; `limits`: of all blocks together; `stop` is polled."""
        tables = Tables(Facts(problem))
        rows = Rows(tables)
        self.unit, self.limits, self.stop = max(1e-9, abs(bound)), limits, stop
        self.until = now() + limits.seconds
        parts = apart(Pricing(rows), tables.never + rows.committed_cost, dual, WRITTEN * self.unit)
        self.bound = parts.constant + sum(piece.least for piece in parts.pieces)
        self.blocks = [
            _Block(
                piece,
                Program(
                    piece.cost, 0.0, piece.A, piece.row_lower, piece.row_upper, piece.lower, piece.upper, piece.whole
                ),
                piece.least,
                step=STEP * self.unit,
            )
            for piece in parts.pieces
        ]

    def run(self) -> Iterator[float]:
        """Bounds of the whole, each above the one before."""
        for seconds in TIMES:
            left = [block for block in self.blocks if not block.done]
            for block in sorted(left, key=lambda block: -block.gain):
                if self.stop() or now() > self.until:
                    return
                before = block.bound
                self._raise(block, min(now() + seconds, self.until))
                if block.bound > before:
                    self.bound += block.bound - before
                    yield self.bound
            gained = sum(block.gain for block in self.blocks)
            log.debug("blocks of the bound: %.6g, %.4f %% gained", self.bound, 100 * gained / self.unit)

    def _raise(self, block: _Block, until: float) -> None:
        """Proves more of a block, until then."""
        if block.reduced is None:
            self._relax(block, until)
        while not block.done and block.reduced is not None and now() < until and not self.stop():
            room = block.piece.most - block.value
            step = min(block.step, room)
            program, _ = within(block.program, block.reduced, step).compressed()
            if room <= 0 or len(program.cost) > LARGEST:
                block.done = True
                return
            limit = block.value + step
            proven, end = self._proven(program, limit, until)
            _lift(block, min(proven, limit))
            block.done = end == "solved" or (end == "passed" and step == room)
            if end != "passed":
                return
            block.step *= WIDER

    def _relax(self, block: _Block, until: float) -> None:
        """Its linear relaxation: solved once, as far as the time of all goes."""
        seconds = max(self.until - now(), until - now())
        limits = replace(self.limits, seconds=seconds, options=(*self.limits.options, ("solver", "simplex")))
        answer = run(block.program.relaxed(), limits, stop=self.stop)
        if answer.end != "optimal" or answer.x is None or answer.duals is None or answer.objective is None:
            block.done = True
            return
        block.value = answer.objective
        block.reduced = block.program.cost - block.program.A.T @ answer.duals
        _lift(block, answer.objective)
        torn = np.abs(answer.x - np.round(answer.x))[block.program.whole]
        block.done = bool(np.max(torn, initial=0.0) < 1e-6)

    def _proven(self, program: Program, limit: float, until: float) -> tuple[float, str]:
        """A bound of what is within a step, and whether it is passed, solved, or time was over."""
        best = -math.inf

        def heard(_objective: float | None, bound: float | None) -> None:
            nonlocal best
            best = best if bound is None else max(best, bound)

        close = (("mip_abs_gap", CLOSE * self.unit), ("objective_bound", limit))
        limits = replace(self.limits, seconds=until - now(), gap=0.0, options=(*self.limits.options, *close))
        answer = run(program, limits, on_progress=heard, stop=self.stop)
        if answer.end == "infeasible" or (answer.end == "optimal" and (answer.objective or -math.inf) > limit):
            return limit, "passed"
        best = best if answer.bound is None else max(best, answer.bound)
        return best, "solved" if answer.end == "optimal" else "open"


def within(program: Program, reduced: Vector, step: float) -> Program:
    """The program with bounds that every solution keeps that costs at most `step` more than the relaxation.

    Args:
        reduced: reduced costs of the columns in the relaxation's best solution.
        step: at least 0, in units of the objective.
    """
    slope = np.maximum(np.abs(reduced), 1e-12)
    room = step / slope * (1 + ROUNDED) + ROUNDED
    upper = np.where(reduced > 0, program.lower + room, np.inf)
    lower = np.where((reduced < 0) & np.isfinite(program.upper), program.upper - room, -np.inf)
    upper = np.minimum(program.upper, np.where(program.whole, np.floor(upper), upper))
    lower = np.maximum(program.lower, np.where(program.whole, np.ceil(lower), lower))
    return replace(program, lower=lower, upper=upper)


def _lift(block: _Block, bound: float) -> None:
    """Takes a bound of a block, as far as the columns that are left out let it."""
    block.bound = max(block.bound, min(bound, block.piece.most))


def worthwhile(tables: Tables) -> bool:
    """Whether blocks are small enough to gain anything."""
    return (len(tables.orders.names) + len(tables.ways.need)) * tables.T <= WIDEST


def _work(pipe: Connection, problem: Problem, dual: Vector, bound: float, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(GIVING_WAY)
    with going_by(WallClock()):
        try:
            for raised in Blocks(problem, dual, bound, limits).run():
                pipe.send(raised)
        except (BrokenPipeError, EOFError):
            return  # the search is over
        finally:
            pipe.close()


class Bounds:
    """The blocks' bound in a process beside the search. `hear()` says the best bound so far; `close()` ends it."""

    def __init__(self, problem: Problem, dual: Vector, bound: float, limits: Limits) -> None:
        """Starts the process; see `Blocks`."""
        context = QuietContext()
        self._pipe, other = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(other, problem, dual, bound, limits), daemon=True)
        self._process.start()
        other.close()
        self._best: float | None = None
        self._open = True

    def hear(self) -> float | None:
        """The best bound said so far."""
        try:
            while self._open and self._pipe.poll():
                said = self._pipe.recv()
                self._best = said if self._best is None else max(self._best, said)
        except (EOFError, OSError):
            self._open = False
        return self._best

    def join(self, seconds: float) -> None:
        """Waits until the process has ended by itself, so many seconds at most."""
        self._process.join(seconds)

    def close(self) -> None:
        """Ends the process, wherever it is: what it has said is kept."""
        self.hear()
        self._open = False
        self._process.kill()
        self._process.join()
        self._pipe.close()
