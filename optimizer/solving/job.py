"""What a solver process is asked, and its entry. Kept light: the parent needs neither Pyomo nor HiGHS to ask."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection

from models.formulation import Formulation
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.settings import Settings


@dataclass(frozen=True)
class Job:
    """What the child is asked. `known`: a solution a child before it had found; `finish`: only read that one back."""

    problem: Problem
    formulation: Formulation
    settings: Settings
    starts: tuple[tuple[str, Plan], ...] = ()
    known: Vector | None = None
    finish: bool = False
    cautious: bool = False


def work(pipe: Connection, job: Job) -> None:
    """Target of the spawned process: what it needs is imported there."""
    from optimizer.solving.child import main

    main(pipe, job)
