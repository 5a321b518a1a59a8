"""Where a draft is written to: Pyomo, for modelers and other tools, or plain arrays, for the solver. One interface."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, Protocol

from models.matrix import Matrix

Term = tuple[float, Any]
"""A coefficient and the variable it multiplies."""
Terms_ = list[Term]
Row = tuple[float | None, Terms_, float | None]
"""Lower bound, terms, upper bound; None where there is no bound."""
Rows = dict[Any, Row]
"""Rows of a rule by index."""


class Writer(Protocol):
    """What a draft needs of the place that it is written to.

    Variables are objects with `lb`, `ub` (None where there is no bound) and `is_continuous()`; `model.<name>[index]` is
    the variable of that name and index.
    """

    model: Any

    def variables(
        self, name: str, bounds: Mapping[Any, tuple[float, float | None]], whole: bool | Container[Any]
    ) -> Any:
        """Adds `model.name`, one variable an index; `whole`: all or none of them, or which."""

    def rule(self, name: str, rows: Mapping[Any, Row]) -> None:
        """Adds rows, each with at least one term whose coefficient is not 0."""

    def compiled(self, costs: Mapping[str, Terms_], constants: Mapping[str, float]) -> tuple[Matrix, dict[int, int]]:
        """The arrays with one objective a term, and the column by `id` of every variable that is used."""


def key_of(index: Any) -> tuple[Any, ...]:
    """An index as a tuple, the form in which `Matrix` keeps it."""
    return index if isinstance(index, tuple) else (index,)
