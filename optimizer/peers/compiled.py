"""What peers share that solve one of our compiled models: building it, and an answer from a vector of values."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np

from models.build import Built, compile_model
from models.catalog import FORMULATIONS
from models.extract import extract
from models.formulation import Formulation
from models.matrix import Matrix, Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.peers.records import Job, PeerAnswer, TracePoint
from optimizer.solving.outcome import relative_gap

EXACT = 1e-6
"""A relative gap below this counts as proven optimal, as in our own solves."""
READING_SECONDS = 60.0
"""For the linear program that reads a plan back; it is not part of what is measured."""


@dataclass
class Trace:
    """Improvements of a run, in seconds since it was made."""

    began: float = field(default_factory=time.perf_counter)
    points: list[TracePoint] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.began

    def add(self, incumbent: float | None, bound: float | None, at: float | None = None) -> None:
        """Notes what is known now (or `at` seconds); what is unknown stays as it was, what is no news is left out."""
        last = self.points[-1] if self.points else (0.0, None, None)
        best = _less(last[1], known(incumbent))
        proven = _more(last[2], known(bound))
        if best is not None and proven is not None:
            proven = min(best, proven)  # a log rounds
        if (best, proven) != last[1:]:
            self.points.append((max(last[0], self.now if at is None else at), best, proven))


def known(value: float | None) -> float | None:
    """The value, or None for what solvers say instead of nothing: infinity, NaN, numbers from 1e20 on."""
    return float(value) if value is not None and math.isfinite(value) and abs(value) < 1e20 else None


def _less(old: float | None, new: float | None) -> float | None:
    return min((value for value in (old, new) if value is not None), default=None)


def _more(old: float | None, new: float | None) -> float | None:
    return max((value for value in (old, new) if value is not None), default=None)


@dataclass(frozen=True)
class Ended:
    """How a solver ended: `x` by column of the compiled model, `objective` and `bound` with the constant."""

    infeasible: bool
    x: Vector | None
    objective: float | None
    bound: float | None
    root_bound: float | None
    nodes: int | None
    solve_seconds: float
    message: str = ""


def formulation_of(job: Job, name: str) -> Formulation:
    """The formulation of that name, with the changes that the job asks for."""
    return replace(FORMULATIONS[name], **dict(job.changes))


def compiled(job: Job, problem: Problem, name: str) -> tuple[Built, float]:
    """The compiled model and the seconds it took; importing Pyomo is not counted."""
    import pyomo.environ  # noqa: F401
    from pyomo.repn.plugins import standard_form  # noqa: F401

    began = time.perf_counter()
    built = compile_model(problem, formulation_of(job, name))
    return built, time.perf_counter() - began


def answer(
    job: Job, built: Built, ended: Ended, trace: Trace, *, build_seconds: float, handover_seconds: float
) -> PeerAnswer:
    """The answer of a peer that solved a compiled model."""
    trace.add(ended.objective, ended.bound)
    matrix = built.matrix
    rows, columns = matrix.shape
    plan = None if ended.x is None else plan_of(built, ended.x)
    return PeerAnswer(
        status_of(ended.infeasible, ended.objective, ended.bound, job.gap),
        ended.objective,
        ended.bound,
        ended.root_bound,
        ended.nodes,
        rows,
        columns,
        int(matrix.A.nnz),
        int(matrix.whole.sum()),
        build_seconds,
        handover_seconds,
        ended.solve_seconds,
        tuple(trace.points),
        ended.message,
        plan,
    )


def status_of(infeasible: bool, objective: float | None, bound: float | None, gap: float) -> str:
    """The word for how far a solve came."""
    if objective is None:
        return "infeasible" if infeasible else "no_plan"
    proven = relative_gap(objective, bound)
    if proven is None or proven > max(gap, EXACT):
        return "time_limit"
    return "optimal" if proven <= EXACT else "gap_reached"


def plan_of(built: Built, x: Vector) -> Plan:
    """The plan behind a solver's values, which are whole within its tolerance only."""
    return extract(built, settled(built.matrix, x))


def settled(matrix: Matrix, x: Vector) -> Vector:
    """The values with whole columns rounded and the others computed anew for these.

    The simplex method ends at a vertex, where units that need not be declared whole are whole.
    """
    from optimizer.solving.highs import Limits, run
    from optimizer.solving.program import program_of

    rounded = np.where(matrix.whole, np.round(x), x)
    fixed = program_of(matrix).fixed(matrix.whole, rounded).relaxed()
    found = run(fixed, Limits(READING_SECONDS, options=(("solver", "simplex"),)))
    return rounded if found.x is None else np.where(matrix.whole, rounded, found.x)
