"""What a solve says: why it stopped and what is in hand are two facts; unknown is `None`, never infinity or 0."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from models.plan import Plan
from models.problem import TERMS

EXACT = 1e-6
"""A relative gap below this counts as proven optimal; it is the solver's own tolerance."""

Status = Literal["optimal", "gap_reached", "time_limit", "interrupted", "infeasible", "no_plan"]
"""`no_plan`: time ran out (or the user stopped it) with nothing in hand. The words of `summary.json`."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a running solve; `None` where nothing is known yet. `seconds` since the solve began."""

    phase: str
    incumbent: float | None
    bound: float | None
    seconds: float

    @property
    def gap(self) -> float | None:
        """(incumbent − bound) / |incumbent|, or None."""
        return relative_gap(self.incumbent, self.bound)


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase of a solve took in all: seconds, those of its linear programs that grow, and how often these ran.

    The latter count the solver process alone; what works beside it is in `seconds` only.
    """

    phase: str
    seconds: float
    simplex_seconds: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a lexicographic solve: the value reached and the bound proven for it."""

    term: str
    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class Clash:
    """One promise or limit that has to give for any plan to exist: `rule` of `problem.md`, `entities`, by how much.

    `kind`: "promise" (what could not be kept) or "limit" (what would have to be more for all promises to hold).
    """

    kind: Literal["promise", "limit"]
    rule: str
    entities: tuple[str, ...]
    amount: float
    unit: str
    message: str


@dataclass(frozen=True, slots=True)
class MatrixSize:
    """Size of the model that was solved."""

    rows: int
    columns: int
    nonzeros: int
    integers: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a solve.

    Attributes:
        status: why it stopped.
        plan: the best one found.
        objective: its value, in the objective's units.
        bound: proven lower bound, in the same units.
        formulation: name of the formulation.
        method: name of the method that was taken, see `optimizer.solving.methods`.
        matrix: size of the exact model.
        seconds: by part: `build`, `solve`, and `handover` where it is known, the part of `solve` in which the arrays of
            the whole model were given to the solver for the first time.
        stages: of a lexicographic solve.
        clashes: why there is no plan.
        messages: what the reader should know.
        trace: improvements in order of time.
        nodes: of branch and bound, over all runs of the solver in all processes; None where nothing was branched.
        root_bound: the first bound proven for the whole problem, which is that of a linear relaxation: of the exact
            model after presolve, of the guide, or of the parts together; None with stages, which differ in units.
        root_seconds: when that was, on the clock of `trace`.
        repeatable: whether the same inputs and settings give the same plan again: the limit was work, and nothing else
            ended the solve.
        phases: what each phase took, in order of their first beginning; only method `bulk` says so.
        work: units of work that were counted; None where seconds were the limit.
    """

    status: Status
    plan: Plan | None
    objective: float | None
    bound: float | None
    formulation: str
    method: str
    matrix: MatrixSize | None
    seconds: dict[str, float]
    stages: tuple[Stage, ...] = ()
    clashes: tuple[Clash, ...] = ()
    messages: tuple[str, ...] = ()
    trace: tuple[Progress, ...] = ()
    nodes: int | None = None
    root_bound: float | None = None
    root_seconds: float | None = None
    repeatable: bool = False
    phases: tuple[Phase, ...] = ()
    work: float | None = None

    @property
    def gap(self) -> float | None:
        """(objective − bound) / |objective|, or None."""
        return relative_gap(self.objective, self.bound)


def worst_gap(stages: Sequence[Stage], asked: Collection[str]) -> float:
    """The largest relative gap of the stages; 1 where one that was asked for is missing."""
    if {stage.term for stage in stages} != set(asked):
        return 1.0
    return max((relative_gap(stage.value, stage.bound) or 0.0 for stage in stages), default=0.0)


def stages_bound(stages: Sequence[Stage], objective: float) -> float | None:
    """The sum of the stages' bounds where every term is a stage: what is proven of their values together."""
    if {stage.term for stage in stages} != set(TERMS):
        return None
    return min(objective, sum(stage.bound for stage in stages))


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """(objective − bound) / |objective|, 0 where both are 0, None where one is unknown."""
    if objective is None or bound is None:
        return None
    if abs(objective - bound) <= 1e-9 * max(1.0, abs(objective)):
        return 0.0
    return max(0.0, objective - bound) / max(abs(objective), 1e-9)
