"""What peers share that solve one of our compiled models: building it, and an answer from a vector of values."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from models.build import Built, compile_model
from models.catalog import FORMULATIONS
from models.concrete import PyomoWriter
from models.extract import extract
from models.formulation import Formulation
from models.matrix import Matrix, Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, begins, status_of

READING_SECONDS = 60.0
"""For the linear program that reads a plan back; it is not part of what is measured."""


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


def compiled(job: Job, problem: Problem, name: str, *, by_pyomo: bool = False) -> tuple[Built, float]:
    """The compiled model and the seconds it took, by way of Pyomo if wanted; importing Pyomo is not counted."""
    formulation = formulation_of(job, name)
    if by_pyomo:
        import pyomo.environ  # noqa: F401
        from pyomo.repn.plugins import standard_form  # noqa: F401
    begins("build")
    began = time.perf_counter()
    built = compile_model(problem, formulation, writer=PyomoWriter() if by_pyomo else None)
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
