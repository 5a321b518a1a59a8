"""What values of some columns need for any solution: a row from a ray that proves that others have none.

Source: Farkas' lemma; as feasibility cuts in Benders' decomposition (Numerische Mathematik 4, 1962).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.matrix import Vector
from optimizer.solving.program import Program

ZERO = 1e-9
"""Numbers of a ray below this are rounding."""
CLEARLY = 1e-6
"""How far values break a row, whose largest coefficient is 1, to be told that they do."""


@dataclass(frozen=True)
class Necessary:
    """slope · y ≥ least, with a largest coefficient of 1."""

    slope: Vector
    least: float

    def broken(self, at: Vector) -> bool:
        """Whether values break it."""
        return float(self.slope @ at) < self.least - CLEARLY


def necessary(program: Program, columns: npt.NDArray[np.int64], ray: Vector, at: Vector) -> Necessary | None:
    """A row that values `at` of the columns break and no values with a solution do.

    With d = Aᵀ ray, Σ_j d_j x_j ≥ L for all x that keep the rows, L from their sides; the columns that are not held
    make up at most U of it, from their bounds. Both signs of the ray are tried.

    Args:
        ray: multipliers of rows that prove that the program has no solution at `at`.

    Returns:
        None if rounding, or a column without a bound, has spoilt the proof.
    """
    held = np.zeros(program.A.shape[1], dtype=bool)
    held[columns] = True
    for sign in (1.0, -1.0):
        weights = np.where(np.abs(ray) < ZERO, 0.0, sign * ray)
        falls = np.asarray(program.A.T @ weights)
        falls[np.abs(falls) < ZERO] = 0.0
        least = _least(weights, program.row_lower, program.row_upper)
        least += _least(-falls[~held], program.lower[~held], program.upper[~held])
        slope, size = falls[columns], float(np.abs(falls[columns]).max(initial=0.0))
        if np.isfinite(least) and size > ZERO:
            found = Necessary(slope / size, least / size)
            if found.broken(at):
                return found
    return None


def _least(weights: Vector, lower: Vector, upper: Vector) -> float:
    """The least of weights · v over lower ≤ v ≤ upper."""
    up, down = weights > 0, weights < 0
    return float(weights[up] @ lower[up] + weights[down] @ upper[down])
