"""A higher bound of an order book, in a process of its own: blocks whole at the relaxation's prices.

The relaxation leaves whole orders, units and releases out. At its prices of what all share, every block of items
(`models.bulk.apart`) is a small mixed-integer program, and so are money and packages (`models.bulk.money`). What the
best solution of one costs more than its relaxation raises the bound of the whole.

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

from models.bulk.apart import apart
from models.bulk.money import money
from models.bulk.piece import Piece
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
CLOSE_PACKAGES = 1e-5
"""The same of money and packages."""
EXACT = 1e-9
"""Share of a bound that is the solver's rounding."""
DECIDING = 0.1
"""Share of the time that they get, before all other blocks."""
TIMES = (0.3, 1.0, 3.0, 9.0, 27.0)
"""Seconds a block gets at a time."""
LARGEST, WIDEST = 6_000, 600_000
"""Columns of a block that is still solved, and ways to serve demands (by period) of an instance that has its blocks
solved: with larger ones nothing was gained in a few minutes."""
GIVING_WAY = 15
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
        self,
        problem: Problem,
        given: Vector,
        limits: Limits,
        stop: Callable[[], bool] = lambda: False,
        *,
        wide: bool = False,
    ) -> None:
        """`given`: duals of the relaxation's rows; `limits`: of all blocks together; `stop` is polled.

        `wide`: blocks of items are too large to gain anything, so only money and packages are one.
        """
        tables = Tables(Facts(problem))
        rows = Rows(tables)
        pricing, offset = Pricing(rows), tables.never + rows.committed_cost
        self.limits, self.stop = limits, stop
        self.until = now() + limits.seconds
        priced = pricing.price(given, given, 1, np.inf)
        self.bound = priced.bound + offset
        self.unit = max(1e-9, abs(self.bound))
        dual: Vector = priced.dual
        pieces: list[Piece] = []
        if not wide:
            # duals of demands' own rows as the relaxation has them, or as good as pricing makes them by themselves
            ways = [
                (dual, apart(pricing, offset, dual, WRITTEN * self.unit))
                for dual in (pricing.legal(given), priced.dual)
            ]
            dual, parts = max(ways, key=lambda way: way[1].bound)
            self.bound, pieces = parts.bound, list(parts.pieces)
        packages = money(rows, dual)
        self.packages = None if packages is None else self._block(packages)
        self.blocks = [self._block(piece) for piece in pieces]

    def _block(self, piece: Piece) -> _Block:
        program = Program(
            piece.cost, 0.0, piece.A, piece.row_lower, piece.row_upper, piece.lower, piece.upper, piece.whole
        )
        return _Block(piece, program, piece.least, step=STEP * self.unit)

    def run(self) -> Iterator[float]:
        """Bounds of the whole, each above the one before."""
        if self.packages is not None and not self.stop():
            self._decide(self.packages)
            if self.packages.gain > 0:
                self.bound += self.packages.gain
                yield self.bound
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

    def _decide(self, block: _Block) -> None:
        """Solves a block at once, as well as a share of the time lets it: the bound of what is left open counts."""
        share = min(DECIDING * self.limits.seconds, self.until - now())
        limits = replace(self.limits, seconds=max(1.0, share), gap=0.0)
        close = (("mip_abs_gap", CLOSE_PACKAGES * self.unit),)
        answer = run(block.program, replace(limits, options=(*limits.options, *close)), stop=self.stop)
        if answer.bound is not None:
            # solved to the solver's tolerance of rows
            _lift(block, answer.bound - EXACT * max(1.0, abs(answer.bound)))
        log.debug("packages of the bound: %.4f %% gained", 100 * block.gain / self.unit)

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
        value = math.inf if answer.objective is None else answer.objective
        if answer.end == "infeasible" or (answer.end == "optimal" and value > limit):
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


def is_wide(tables: Tables) -> bool:
    """Whether blocks of items are too large to gain anything."""
    return (len(tables.orders.names) + len(tables.ways.need)) * tables.T > WIDEST


def _work(pipe: Connection, problem: Problem, dual: Vector, limits: Limits, wide: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(GIVING_WAY)
    with going_by(WallClock()):
        try:
            for raised in Blocks(problem, dual, limits, wide=wide).run():
                pipe.send(raised)
        except (BrokenPipeError, EOFError):
            return  # the search is over
        finally:
            pipe.close()


class Bounds:
    """The blocks' bound in a process beside the search."""

    def __init__(self, problem: Problem, dual: Vector, limits: Limits, *, wide: bool = False) -> None:
        """Starts the process; see `Blocks`."""
        context = QuietContext()
        self._pipe, other = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(other, problem, dual, limits, wide), daemon=True)
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

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self._open and self._process.is_alive()

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
