"""What every method shares: the task, the clock, the best plan and bound so far, and completing starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.build import Built
from models.matrix import Vector
from optimizer.solving.clock import now, wall
from optimizer.solving.highs import Limits, run
from optimizer.solving.outcome import relative_gap
from optimizer.solving.program import FEASIBLE, Mask, Program


@dataclass(frozen=True)
class Task:
    """One objective to minimise: the exact model with its program, and a relaxation that guides (or None).

    `as_program`: the program of another model with this objective, for methods that build models as they go (None: the
    weighted sum of all terms).
    """

    exact: Built
    program: Program
    guide: Built | None = None
    guide_program: Program | None = None
    as_program: Callable[[Built], Program] | None = None


@dataclass
class Search:
    """The state of one search. `report` hears of every change; `stop` ends the search soon after it is true.

    `seconds`: its limit, on the clock of the process (`optimizer.solving.clock`): seconds, or units of work.
    `root_bound`: the first bound taken, that of the first relaxation of the whole task; `root_at`: when, in monotonic
    seconds of the wall. `messages`: what the reader of the outcome should know. `held`: the solution in hand stands, no
    other one is taken, only its bound is still raised. `disturbed`: something happened that would not happen again, as
    a process that ended by itself.
    """

    task: Task
    seconds: float
    gap: float
    threads: int
    seed: int
    report: Callable[[Search], None]
    stop: Callable[[], bool]
    phase: str = "start"
    best: Vector | None = None
    objective: float | None = None
    bound: float | None = None
    infeasible: bool = False
    root_bound: float | None = None
    root_at: float | None = None
    messages: list[str] = field(default_factory=list)
    held: bool = False
    disturbed: bool = False
    began: float = field(default_factory=now)

    @property
    def left(self) -> float:
        """Seconds or units left."""
        return self.seconds - (now() - self.began)

    @property
    def proven(self) -> bool:
        """Whether the gap asked for is proven."""
        gap = relative_gap(self.objective, self.bound)
        return gap is not None and gap <= self.gap

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do: proven, out of time, stopped, or infeasible."""
        return self.proven or self.left <= 0 or self.stop() or self.infeasible

    def limits(self, seconds: float, gap: float, **options: object) -> Limits:
        """Limits of one run within this search."""
        return Limits(min(seconds, self.left), gap, 1, self.seed, tuple(options.items()))

    def enter(self, phase: str) -> None:
        """Names what is being done now."""
        self.phase = phase
        self.report(self)

    def raise_bound(self, bound: float | None) -> None:
        """Takes a lower bound valid for the whole task."""
        if bound is not None and (self.bound is None or bound > self.bound):
            if self.bound is None:
                self.root_bound, self.root_at = bound, wall()
            self.bound = bound
            self.report(self)

    def offer(self, x: Vector | None) -> bool:
        """Takes a solution if it is feasible and better; returns whether it was."""
        if x is None or (self.held and self.best is not None):
            return False
        x = np.where(self.task.program.whole, np.round(x), x)
        value = self.task.program.value(x)
        if self.objective is not None and value >= self.objective - 1e-9 * max(1.0, abs(self.objective)):
            return False
        if self.task.program.violation(x) > FEASIBLE:
            return False
        self.best, self.objective = x, value
        self.report(self)
        return True

    def complete(self, program: Program, mask: Mask, x: Vector, seconds: float = 20.0) -> Vector | None:
        """The best solution of a program with the masked columns fixed at x, the rest as a linear program if it can be.

        All whole columns masked: one linear program, which also finds better continuous values than x has.
        """
        fixed = program.fixed(mask, x)
        if not (fixed.whole & (fixed.lower < fixed.upper)).any():
            fixed = fixed.relaxed()
        return run(fixed, self.limits(seconds, 1e-6), stop=self.stop).x


def start_vector(built: Built, values: dict[int, float]) -> tuple[Vector, Mask]:
    """A vector with the given values by column, and the mask of those columns."""
    n = built.matrix.shape[1]
    x, mask = np.zeros(n), np.zeros(n, dtype=bool)
    for column, value in values.items():
        x[column], mask[column] = value, True
    return x, mask


def whole_units(task: Task, x: Vector, search: Search | None = None) -> Vector:
    """x with all units whole: whole columns stay; the others are settled by the simplex, whose vertices are whole.

    Where they are not (the structure did not make them so), units are declared whole and the rest solved again.

    Raises:
        ArithmeticError: no whole plan exists beside these whole columns, though the solver called x a solution.
    """
    seconds, seed = (30.0, 0) if search is None else (30.0, search.seed)
    program, units = task.program, task.exact.matrix.in_units
    fixed = program.fixed(program.whole, x)
    answer = run(fixed.relaxed(), Limits(seconds, 1e-9, 1, seed, (("solver", "simplex"),)))
    if answer.x is not None and _whole(answer.x, units):
        return answer.x
    if _whole(x, units):
        return x
    whole = Program(
        fixed.cost, fixed.offset, fixed.A, fixed.row_lower, fixed.row_upper, fixed.lower, fixed.upper, units
    )
    answer = run(whole, Limits(seconds, 1e-6, 1, seed))
    if answer.x is None:
        loose = Program(
            program.cost, program.offset, program.A, program.row_lower, program.row_upper, program.lower,
            program.upper, units,
        )  # fmt: skip
        answer = run(loose, Limits(4 * seconds, 1e-4, 1, seed), start=None)
    if answer.x is None:
        raise ArithmeticError("the solution could not be brought to whole units")
    return answer.x


def _whole(x: Vector, units: Mask) -> bool:
    return bool(np.max(np.abs(x - np.round(x))[units], initial=0.0) < 1e-6)
