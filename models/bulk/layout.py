"""Rows numbered rule by rule, and columns as arrays: what a large linear program is written with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from models.bulk.tables import Floats, Ints


class Layout:
    """Numbers rows rule by rule: `layout.rows[rule]` is an array of any shape of row numbers."""

    def __init__(self) -> None:
        """No rows yet."""
        self.rows: dict[str, Ints] = {}
        self.count = 0
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []

    def add(self, rule: str, lower: Floats, upper: Floats) -> Ints:
        """New rows of the rule with these sides (arrays of one shape); their numbers in that shape."""
        lower, upper = np.broadcast_arrays(np.asarray(lower, dtype=float), np.asarray(upper, dtype=float))
        found = np.arange(self.count, self.count + lower.size, dtype=np.int64).reshape(lower.shape)
        self._lower.append(lower.ravel())
        self._upper.append(upper.ravel())
        self.count += lower.size
        self.rows[rule] = found
        return found

    @property
    def sides(self) -> tuple[Floats, Floats]:
        """Lower and upper sides of all rows."""
        if not self._lower:
            return np.zeros(0), np.zeros(0)
        return np.concatenate(self._lower), np.concatenate(self._upper)


@dataclass(frozen=True)
class Columns:
    """Some columns: cost, bounds, and entries (row, column within these, value)."""

    cost: Floats
    lower: Floats
    upper: Floats
    row: Ints
    column: Ints
    value: Floats

    @property
    def count(self) -> int:
        """How many."""
        return int(self.cost.size)

    def matrix(self, rows: int) -> sparse.csc_array:
        """As a sparse matrix with that many rows."""
        return sparse.csc_array((self.value, (self.row, self.column)), shape=(rows, self.count))


class Writer:
    """Collects columns of one kind after the other."""

    def __init__(self) -> None:
        """No columns yet."""
        self.parts: list[tuple[Floats, Floats, Floats]] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.count = 0
        self.names: dict[str, Ints] = {}

    def add(self, name: str, cost: Floats, lower: Floats, upper: Floats) -> Ints:
        """Columns with these costs and bounds (arrays of one shape); their numbers in that shape."""
        cost, lower, upper = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (cost, lower, upper)))
        found = np.arange(self.count, self.count + cost.size, dtype=np.int64).reshape(cost.shape)
        self.parts.append((cost.ravel(), lower.ravel(), upper.ravel()))
        self.count += cost.size
        self.names[name] = found
        return found

    def put(self, row: Ints, column: Ints, value: Floats | float) -> None:
        """Entries, arrays that fit together."""
        row, column, values = np.broadcast_arrays(row, column, np.asarray(value, dtype=float))
        self.entries.append((row.ravel(), column.ravel(), values.ravel()))

    def columns(self) -> Columns:
        """What was collected."""
        cost, lower, upper = (np.concatenate(v) for v in zip(*self.parts, strict=True)) if self.parts else _EMPTY3
        row, column, value = (np.concatenate(v) for v in zip(*self.entries, strict=True)) if self.entries else _NONE3
        return Columns(cost, lower, upper, row, column, value)


_EMPTY3 = (np.zeros(0), np.zeros(0), np.zeros(0))
_NONE3 = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
