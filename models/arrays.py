"""A draft written straight into arrays: what the solver needs and nothing else, in the order of Pyomo's compiler.

Pyomo's objects cost more than half of building and compiling; whoever only wants to solve need not make them. That both
ways give the same matrix, row for row and column for column, is tested on every formulation.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.matrix import Key, Matrix, Vector
from models.writer import Row, Terms_, key_of

Numbers = npt.NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Column:
    """A variable: its number in the order of declaration, its bounds, and whether it is declared whole."""

    number: int
    lb: float
    ub: float | None
    whole: bool

    def is_continuous(self) -> bool:
        """Whether the variable may take fractions."""
        return not self.whole


class ArrayWriter:
    """Collects columns and rows, and gives them as a `Matrix`."""

    def __init__(self) -> None:
        """Without a column or a row."""
        self.model: Any = SimpleNamespace()
        self._columns: list[Column] = []
        self._of: list[tuple[str, Any]] = []
        self._component: list[int] = []
        self._rows = _Rows()
        self._rules: list[str] = []
        self._keys: list[Key] = []
        self._lower: list[float] = []
        self._upper: list[float] = []

    def variables(
        self, name: str, bounds: Mapping[Any, tuple[float, float | None]], whole: bool | Container[Any]
    ) -> dict[Any, Column]:
        """Adds `model.name`; see `Writer`."""
        first = len(self._columns)
        found: dict[Any, Column] = {}
        for number, (index, (lower, upper)) in enumerate(bounds.items(), start=first):
            found[index] = Column(number, lower, upper, whole if isinstance(whole, bool) else index in whole)
            self._of.append((name, index))
        self._columns.extend(found.values())
        self._component.extend([first] * len(found))
        setattr(self.model, name, found)
        return found

    def rule(self, name: str, rows: Mapping[Any, Row]) -> None:
        """Adds rows; one with two different bounds becomes two, upper first."""
        for index, (lower, terms, upper) in rows.items():
            if lower is not None and upper is not None and lower == upper:
                self._row(name, index, terms, lower, lower)
                continue
            if upper is not None:
                self._row(name, index, terms, -np.inf, upper)
            if lower is not None:
                self._row(name, index, terms, lower, np.inf)

    def _row(self, name: str, index: Any, terms: Terms_, lower: float, upper: float) -> None:
        self._rows.add(terms)
        self._rules.append(name)
        self._keys.append(key_of(index))
        self._lower.append(lower)
        self._upper.append(upper)

    def compiled(self, costs: Mapping[str, Terms_], constants: Mapping[str, float]) -> tuple[Matrix, dict[int, int]]:
        """The arrays; columns of a name stand together, names as objectives and rows name them first."""
        objective = _Rows()
        for terms in costs.values():
            objective.add(terms)
        count = len(self._columns)
        c, A = objective.matrix(count), self._rows.matrix(count)
        order = _first_named([objective, self._rows], np.array(self._component, dtype=np.int64))
        order = order[(np.diff(c.tocsc().indptr)[order] > 0) | (np.diff(A.tocsc().indptr)[order] > 0)]
        used = [self._columns[number] for number in order]
        named = [self._of[number] for number in order]
        place = np.full(count, -1, dtype=np.int64)
        place[order] = np.arange(order.size)
        matrix = Matrix(
            tuple(costs),
            _renumbered(c, place, order.size).toarray(),
            np.array([constants[term] for term in costs], dtype=float),
            _renumbered(A, place, order.size),
            np.array(self._lower, dtype=float),
            np.array(self._upper, dtype=float),
            np.array([v.lb for v in used], dtype=float),
            np.array([np.inf if v.ub is None else v.ub for v in used], dtype=float),
            np.array([v.whole for v in used], dtype=bool),
            np.array(self._rules, dtype=str),
            tuple(self._keys),
            np.array([name for name, _ in named], dtype=str),
            tuple(key_of(index) for _, index in named),
        )
        return matrix, {id(v): k for k, v in enumerate(used)}


class _Rows:
    """Rows as they come: coefficients and column numbers, one after another."""

    def __init__(self) -> None:
        """Without a row."""
        self.coefficients: list[float] = []
        self.numbers: list[int] = []
        self.ends = [0]

    def add(self, terms: Terms_) -> None:
        self.coefficients += [coefficient for coefficient, _ in terms if coefficient]
        self.numbers += [variable.number for coefficient, variable in terms if coefficient]
        self.ends.append(len(self.numbers))

    def matrix(self, columns: int) -> sparse.csr_array:
        """The rows in CSR; a variable that a row names several times stands there once, with the sum."""
        parts: tuple[Vector, Numbers, Numbers] = (
            np.array(self.coefficients, dtype=float),
            np.array(self.numbers, dtype=np.int64),
            np.array(self.ends, dtype=np.int64),
        )
        A = sparse.csr_array(parts, shape=(len(self.ends) - 1, columns))
        A.sum_duplicates()
        A.eliminate_zeros()
        return A


def _first_named(parts: Iterable[_Rows], component: Numbers) -> Numbers:
    """Column numbers, all of a component together, components in the order in which one of theirs is named first."""
    named = component[np.concatenate([np.array(part.numbers, dtype=np.int64) for part in parts])]
    components, first = np.unique(named, return_index=True)
    rank = np.full(component.max(initial=-1) + 1, components.size)
    rank[components[np.argsort(first)]] = np.arange(components.size)
    return np.argsort(rank[component], kind="stable")


def _renumbered(A: sparse.csr_array, place: Numbers, columns: int) -> sparse.csr_array:
    """The same rows with columns at their new places, sorted."""
    moved = sparse.csr_array((A.data, place[A.indices], A.indptr), shape=(A.shape[0], columns))
    moved.sort_indices()
    return moved
