"""Solves a small problem in a formulation, and settles what need not be whole at a vertex."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from models.build import Built, compile_model
from models.catalog import FORMULATIONS
from models.extract import extract
from models.formulation import CHOICES, Formulation
from models.matrix import Matrix, Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of

LIMITS = Limits(seconds=60.0, gap=1e-9, options=(("mip_feasibility_tolerance", 1e-9),))
TEXTBOOK, SLOTS = FORMULATIONS["textbook"], FORMULATIONS["slots"]


@dataclass(frozen=True)
class Solved:
    """The optimum of a built model: `value` None if it has no solution; `terms` by name."""

    built: Built
    value: float | None
    x: Vector | None

    @property
    def terms(self) -> dict[str, float]:
        """The objective by term."""
        assert self.x is not None
        return self.built.matrix.values(self.x)

    @property
    def plan(self) -> Plan:
        """The plan behind the optimum."""
        assert self.x is not None
        return extract(self.built, settled(self.built.matrix, self.x))


def settled(matrix: Matrix, x: Vector) -> Vector:
    """The values with whole columns rounded; where units are split, the rest is solved again as a linear program.

    With whole columns fixed the rest is a network, whose vertices are whole: the simplex method ends at one.
    """
    fixed = program_of(matrix).fixed(matrix.whole, x)
    split = np.abs(x - np.round(x))[matrix.in_units]
    if split.size == 0 or split.max() <= 1e-6:
        return np.where(matrix.whole, np.round(x), x)
    answer = run(fixed.relaxed(), replace(LIMITS, options=(("solver", "simplex"),)))
    assert answer.end == "optimal"
    assert answer.x is not None
    assert np.abs(answer.x - np.round(answer.x))[matrix.in_units].max() <= 1e-6, "a vertex that splits units"
    return answer.x


def solve_built(built: Built) -> Solved:
    """Solves a built model to proven optimality.

    Infeasible is believed without presolve only: presolve (of HiGHS 1.15.1) says so of a few feasible programs too.
    """
    answer = run(program_of(built.matrix), LIMITS)
    if answer.end == "infeasible":
        answer = run(program_of(built.matrix), replace(LIMITS, options=(*LIMITS.options, ("presolve", "off"))))
    assert answer.end in ("optimal", "infeasible"), answer.end
    return Solved(built, answer.objective if answer.end == "optimal" else None, answer.x)


def solved(problem: Problem, formulation: Formulation) -> Solved:
    """Builds and solves."""
    return solve_built(compile_model(problem, formulation))


def lp_bound(built: Built) -> float | None:
    """The optimum of the linear relaxation; None if it has no solution."""
    answer = run(program_of(built.matrix).relaxed(), LIMITS)
    assert answer.end in ("optimal", "infeasible"), answer.end
    return answer.objective if answer.end == "optimal" else None


def without_rule(built: Built, rule: str) -> Built:
    """The built model without the rows of a rule."""
    matrix = built.matrix
    keep = np.flatnonzero(matrix.rules != rule)
    assert keep.size < matrix.rules.size, f"the model has no row of {rule}"
    return replace(
        built,
        matrix=replace(
            matrix,
            A=matrix.A[keep],
            row_lower=matrix.row_lower[keep],
            row_upper=matrix.row_upper[keep],
            rules=matrix.rules[keep],
            row_keys=tuple(matrix.row_keys[r] for r in keep),
        ),
    )


def mixtures() -> list[Formulation]:
    """`textbook` with one choice of `slots` at a time, and the other way round; packages and funding go together."""
    found = []
    pairs = {"packages": ("packages", "funding")}
    for base, other in ((TEXTBOOK, SLOTS), (SLOTS, TEXTBOOK)):
        for part in (f.name for f in fields(Formulation) if f.name in CHOICES and f.name != "funding"):
            changes = {name: getattr(other, name) for name in pairs.get(part, (part,))}
            if any(getattr(base, name) != choice for name, choice in changes.items()):
                found.append(replace(base, name=f"{base.name} with {part} of {other.name}", **changes))
    return found
