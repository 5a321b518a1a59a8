"""What a solver process is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.formulation import Formulation
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving.places.where import BESIDE, Where


@dataclass(frozen=True)
class Job:
    """What the child is asked. `known`: a solution a child before it had found; `finish`: only read that one back.

    `hold`: the first start that is a legal plan stands, and only its bound is proven. `checkpoint`: the folder in which
    what is found is kept, and what a run before has found.
    `where`: parts are worked on.
    """

    problem: Problem
    formulation: Formulation
    settings: Settings
    starts: tuple[tuple[str, Plan], ...] = ()
    known: Vector | None = None
    finish: bool = False
    cautious: bool = False
    hold: bool = False
    checkpoint: Path | None = None
    where: Where = BESIDE
