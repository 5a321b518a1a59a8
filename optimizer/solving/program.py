"""A linear program with whole columns as plain arrays, and the cuts of it that the methods solve."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.matrix import Matrix, Vector

FEASIBLE = 1e-5
"""Largest relative violation of a row at which a solution still counts; the checker judges the plan itself."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Program:
    """min cost·x + offset, row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, x whole where `whole`."""

    cost: Vector
    offset: float
    A: sparse.csr_array
    row_lower: Vector
    row_upper: Vector
    lower: Vector
    upper: Vector
    whole: Mask

    def value(self, x: Vector) -> float:
        """Objective at x."""
        return float(self.cost @ x + self.offset)

    def violation(self, x: Vector) -> float:
        """Largest amount by which x breaks a row (relative to its size), a bound or wholeness."""
        ax = self.A @ x
        with np.errstate(invalid="ignore"):
            low = np.where(np.isinf(self.row_lower), 0, self.row_lower - ax) / np.maximum(1, np.abs(ax))
            high = np.where(np.isinf(self.row_upper), 0, ax - self.row_upper) / np.maximum(1, np.abs(ax))
        return float(
            max(
                np.max(low, initial=0.0),
                np.max(high, initial=0.0),
                np.max(self.lower - x, initial=0.0),
                np.max(x - self.upper, initial=0.0),
                np.max(np.abs(x - np.round(x))[self.whole], initial=0.0),
            )
        )

    def fixed(self, mask: Mask, x: Vector) -> Program:
        """The program with the masked columns fixed at x (whole ones rounded)."""
        values = np.where(self.whole, np.round(x), x)
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[mask] = upper[mask] = np.clip(values[mask], self.lower[mask], self.upper[mask])
        return replace(self, lower=lower, upper=upper)

    def held(self, columns: npt.NDArray[np.int64], values: Vector) -> Program:
        """The program with these columns at just these values, even outside their bounds."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[columns] = upper[columns] = values
        return replace(self, lower=lower, upper=upper)

    def relaxed(self, keep: Mask | None = None) -> Program:
        """The program with only the columns of `keep` still whole (none by default): a relaxation."""
        whole = np.zeros_like(self.whole) if keep is None else self.whole & keep
        return replace(self, whole=whole)

    def compressed(self) -> tuple[Program, npt.NDArray[np.int64]]:
        """The program of the columns that are not fixed, and which these are; the fixed ones go into the sides.

        Rows without a free column are left out, but for those that the fixed ones break: these keep it infeasible.
        """
        free, touched = np.flatnonzero(self.lower < self.upper), self.live_rows()
        held = np.where(self.lower < self.upper, 0.0, self.lower)
        shift = self.A @ held
        part = sparse.csr_array(self.A.tocsc()[:, free])
        small = Program(
            self.cost[free],
            self.offset + float(self.cost @ held),
            sparse.csr_array(part[touched]),
            (self.row_lower - shift)[touched],
            (self.row_upper - shift)[touched],
            self.lower[free],
            self.upper[free],
            self.whole[free],
        )
        return small, free

    def part(self, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Program:
        """The program of some rows and columns only, without the constant of the whole."""
        return Program(
            self.cost[columns], 0.0, sparse.csr_array(self.A[rows][:, columns]), self.row_lower[rows],
            self.row_upper[rows], self.lower[columns], self.upper[columns], self.whole[columns],
        )  # fmt: skip

    def live_rows(self) -> npt.NDArray[np.int64]:
        """Rows that `compressed` keeps: with a free column, or broken by the fixed ones."""
        free = self.lower < self.upper
        shift = self.A @ np.where(free, 0.0, self.lower)
        room = FEASIBLE * np.maximum(1.0, np.abs(shift))
        broken = (self.row_lower - shift > room) | (shift - self.row_upper > room)
        return np.flatnonzero((np.diff(self.A[:, free].indptr) > 0) | broken)

    def completed(self, columns: npt.NDArray[np.int64], x: Vector) -> Vector:
        """A solution of the compressed program with the fixed columns at their values."""
        full = np.where(self.lower < self.upper, 0.0, self.lower)
        full[columns] = x
        return full

    def with_row(self, row: Vector, upper: float) -> Program:
        """The program with one more row: row·x ≤ upper."""
        return self.with_rows(sparse.csr_array(row.reshape(1, -1)), np.array([-np.inf]), np.array([upper]))

    def with_rows(self, rows: sparse.csr_array, lower: Vector, upper: Vector) -> Program:
        """The program with more rows: lower ≤ rows · x ≤ upper."""
        return replace(
            self,
            A=sparse.csr_array(sparse.vstack([self.A, rows])),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
        )


def program_of(matrix: Matrix, weights: dict[str, float] | None = None) -> Program:
    """The program of a compiled model with the weighted sum of terms as objective (all weights 1 by default)."""
    cost, offset = matrix.cost(weights)
    return Program(cost, offset, matrix.A, matrix.row_lower, matrix.row_upper, matrix.lower, matrix.upper, matrix.whole)
