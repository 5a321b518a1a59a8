"""What is asked of a robust solve, and what its processes say: plain records that travel between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.formulation import Formulation
from models.matrix import Vector
from models.plan import Plan
from models.stochastic.first_weeks import Decision
from models.stochastic.scenario import Stochastic

Firsts = dict[Decision, float]
"""Decisions of the first weeks with their values; what is not in it is 0."""
Lead = dict[tuple[str, Any], float]
"""Values of deciding columns by variable name and index, for another scenario to follow; what is not in it is 0."""


@dataclass(frozen=True, slots=True)
class RobustJob:
    """A stochastic program and how it is modelled. `seed`: of the solver. `starts`: known plans of the nominal one.

    `net`: where processes count work, the seconds after which they end all the same; None: they go by seconds.
    """

    program: Stochastic
    formulation: Formulation
    seed: int = 0
    starts: tuple[tuple[str, Plan], ...] = ()
    net: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a process says of a task: its answer, the units of work that it took (None: not counted), and whether the
    net of seconds ended it."""

    answer: Any
    work: float | None
    late: bool


@dataclass(frozen=True, slots=True)
class Solved:
    """A scenario solved, alone or with given first weeks.

    Attributes:
        number: of the scenario.
        x: the best solution found; None if there is none in hand.
        cost: of x, delay and prices.
        penalty: the part of `cost` that is prices.
        bound: a proven lower bound of what was asked; None if nothing is proven.
        infeasible: there is no solution.
        firsts, lead: of x.
        whole: how many whole columns the model has.
        shape: rows, columns, nonzeros.
    """

    number: int
    x: Vector | None
    cost: float | None
    penalty: float
    bound: float | None
    infeasible: bool
    firsts: Firsts
    lead: Lead
    whole: int
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Together:
    """The extensive form solved: solutions by scenario, objective, proven bound."""

    xs: tuple[Vector, ...] | None
    costs: tuple[float, ...]
    penalties: tuple[float, ...]
    objective: float | None
    bound: float | None
    infeasible: bool
    firsts: Firsts
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Priced:
    """A scenario with prices on its first weeks: `bound` of its priced cost, and the first weeks that attain it."""

    number: int
    bound: float | None
    cost: float
    firsts: Firsts
