"""Work of one run of the solver: units from what it counts itself, about a second of one thread each.

What is counted comes at the same places of every run: iterations of the simplex and the interior point method, looks of
branch and bound at its limits (after a linear program, a round of cuts, a heuristic, a node), and the size of the
program. The rates were fitted to processor seconds of some 250 runs of the methods on `instances/purl-2026-w02` and a
generated weekly order book. `python -m benchmarks.determinism INSTANCE --rates` sets units against processor seconds
again, over the runs of four methods on one instance; what it found elsewhere stands in docs/determinism.md. A rate that
is off by a factor of two or three costs fairness between methods, never sameness.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.solving.clock import clock
from optimizer.solving.program import Program

RUN, NONZERO = 6e-4, 4e-7
"""Of any run; by nonzero: hand-over, presolve, the solution back."""
ITERATION, ITERATION_ROW = 5e-5, 1.4e-8
"""Of a simplex iteration; and by row."""
STEP_NONZERO = 2.7e-9
"""Of a step of the interior point method, by nonzero."""
LOOK, LOOK_NONZERO = 3e-3, 3.2e-6
"""Of a look of branch and bound; and by nonzero."""
INSIDE = 4e-4
"""Of a simplex iteration inside branch and bound, heuristics and cuts included."""
CALL, NUMBER = 1e-5, 2e-8
"""Of a step that numpy does for us; and by number that it handles. For searches that go without the solver."""


@dataclass
class Tally:
    """What one run has counted so far, and how much of it the clock knows."""

    rows: int
    nonzeros: int
    iterations: int = 0
    steps: int = 0
    looks: int = 0
    inside: int = 0
    _told: float = field(default=0.0)

    @staticmethod
    def of(program: Program) -> Tally:
        """The tally of a run on a program, with what any run costs told to the clock."""
        tally = Tally(int(program.A.shape[0]), int(program.A.nnz))
        tally.tell()
        return tally

    @property
    def work(self) -> float:
        """Units so far."""
        return (
            RUN
            + NONZERO * self.nonzeros
            + self.iterations * (ITERATION + ITERATION_ROW * self.rows)
            + self.steps * STEP_NONZERO * self.nonzeros
            + self.looks * (LOOK + LOOK_NONZERO * self.nonzeros)
            + self.inside * INSIDE
        )

    def tell(self) -> None:
        """Gives the clock what is new."""
        work = self.work
        if work > self._told:
            clock().spend(work - self._told)
            self._told = work

    def again(self) -> None:
        """Begins another run on the same program."""
        self.iterations = self.steps = self.looks = self.inside = 0
        self._told = 0.0
        self.tell()


def counted(calls: int, numbers: int) -> None:
    """Tells the clock of steps that went without the solver."""
    clock().spend(CALL * calls + NUMBER * numbers)


def least_relaxed(program: Program) -> float:
    """Units that the linear relaxation takes at a guess: an iteration a row."""
    rows = int(program.A.shape[0])
    return RUN + NONZERO * int(program.A.nnz) + rows * (ITERATION + ITERATION_ROW * rows)
