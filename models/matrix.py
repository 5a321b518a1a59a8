"""A compiled model: plain arrays, with the rule and index behind every row and the variable behind every column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Vector = npt.NDArray[np.float64]
Key = tuple[Any, ...]
IN_UNITS = frozenset(
    {
        "made", "dispatched", "sent", "replaced", "content", "undelivered", "unserved", "delivered", "served",
        "produced",
    }
)  # fmt: skip
"""Variables that are whole units in a plan, whether or not a formulation has to declare them whole."""


@dataclass(frozen=True)
class Matrix:
    """min Σ_term costs[term]·x + constants[term], row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, x whole where told.

    Shapes: `costs` (terms, n), `constants` (terms,), `A` (m, n) in CSR, `row_*` (m,), `lower`, `upper`, `whole` (n,).
    `rules[r]` is the rule (constraint name) of row r, `kinds[j]` the variable name of column j; `row_keys` and
    `column_keys` are their indices.
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
    row_keys: tuple[Key, ...]
    kinds: npt.NDArray[np.str_]
    column_keys: tuple[Key, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        m, n = self.A.shape
        return int(m), int(n)

    @property
    def row_names(self) -> list[str]:
        """`rule[index]` of every row, for people."""
        return [_name(rule, key) for rule, key in zip(self.rules, self.row_keys, strict=True)]

    @property
    def column_names(self) -> list[str]:
        """`variable[index]` of every column, for people."""
        return [_name(kind, key) for kind, key in zip(self.kinds, self.column_keys, strict=True)]

    @cached_property
    def column_of(self) -> dict[tuple[str, Key], int]:
        """Column by variable name and index."""
        return {(str(kind), key): j for j, (kind, key) in enumerate(zip(self.kinds, self.column_keys, strict=True))}

    @cached_property
    def in_units(self) -> npt.NDArray[np.bool_]:
        """Columns that are whole units in a plan, declared whole or not."""
        return np.isin(self.kinds, list(IN_UNITS)) | self.whole

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


def _name(component: str, key: Key) -> str:
    return f"{component}[{','.join(map(str, key))}]" if key else str(component)
