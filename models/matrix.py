"""A compiled model: plain arrays, with the rule and index behind every row and the variable behind every column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """min Σ_term costs[term]·x + constants[term], row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, x whole where told.

    Shapes: `costs` (terms, n), `constants` (terms,), `A` (m, n) in CSR, `row_*` (m,), `lower`, `upper`, `whole` (n,).
    `rules[r]` is the rule (constraint name) of row r, `row_names` and `column_names` are for people.
    """

    terms: tuple[str, ...]
    costs: npt.NDArray[np.float64]
    constants: Vector
    A: sparse.csr_array
    row_lower: Vector
    row_upper: Vector
    lower: Vector
    upper: Vector
    whole: npt.NDArray[np.bool_]
    rules: npt.NDArray[np.str_]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        m, n = self.A.shape
        return int(m), int(n)

    def cost(self, weights: dict[str, float] | None = None) -> tuple[Vector, float]:
        """Objective vector and constant of the weighted sum of terms (all 1 by default)."""
        w = np.array([1.0 if weights is None else weights.get(term, 0.0) for term in self.terms])
        return w @ self.costs, float(w @ self.constants)

    def values(self, x: Vector) -> dict[str, float]:
        """The objective by term at x."""
        found = self.costs @ x + self.constants
        return {term: float(value) for term, value in zip(self.terms, found, strict=True)}

    def violation(self, x: Vector) -> float:
        """Largest amount by which x breaks a row, a bound or wholeness."""
        ax = self.A @ x
        parts = [
            np.max(self.row_lower - ax, initial=0.0),
            np.max(ax - self.row_upper, initial=0.0),
            np.max(self.lower - x, initial=0.0),
            np.max(x - self.upper, initial=0.0),
            np.max(np.abs(x - np.round(x))[self.whole], initial=0.0),
        ]
        return float(max(parts))


