"""A draft written as a Pyomo model: for modelers who read and change it, and for everything that takes Pyomo models."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from models.draft import Draft
from models.matrix import Matrix
from models.writer import Row, Term, Terms_, key_of


def _pyomo() -> Any:
    """Pyomo, imported when a model is built: whoever only solves need not wait for it."""
    import pyomo.environ

    return pyomo.environ


def linear(terms: Iterable[Term]) -> Any:
    """Σ coefficient · variable, as Pyomo's fastest linear expression."""
    from pyomo.core.expr.numeric_expr import LinearExpression

    kept = [(coefficient, variable) for coefficient, variable in terms if coefficient]
    return LinearExpression(linear_coefs=[c for c, _ in kept], linear_vars=[v for _, v in kept])


def objective_of(draft: Draft) -> Any:
    """The weighted sum of the draft's terms as a Pyomo objective; weights are in the costs."""
    terms = [term for stated in draft.costs.values() for term in draft.expanded(stated)]
    return _pyomo().Objective(expr=linear(terms) + sum(draft.constants.values()))


class PyomoWriter:
    """Writes variables and rules into a `ConcreteModel`, under the names that the blocks give them."""

    def __init__(self) -> None:
        """An empty `ConcreteModel`."""
        self.model: Any = _pyomo().ConcreteModel()

    def variables(
        self, name: str, bounds: Mapping[Any, tuple[float, float | None]], whole: bool | Container[Any]
    ) -> Any:
        """Adds the component `model.name`; see `Writer`."""
        pyo = _pyomo()
        within: Any
        if isinstance(whole, bool):
            within = pyo.Integers if whole else pyo.Reals
        else:
            within = lambda _m, *i: pyo.Integers if _index(i) in whole else pyo.Reals  # noqa: E731
        component = pyo.Var(list(bounds), within=within, bounds=lambda _m, *i: bounds[_index(i)], dense=True)
        setattr(self.model, name, component)
        return component

    def rule(self, name: str, rows: Mapping[Any, Row]) -> None:
        """Adds the component `model.name`, one constraint an index."""
        kept = {index: (lower, linear(terms), upper) for index, (lower, terms, upper) in rows.items()}
        setattr(self.model, name, _pyomo().Constraint(list(kept), rule=lambda _m, *i: _bounded(*kept[_index(i)])))

    def compiled(self, costs: Mapping[str, Terms_], constants: Mapping[str, float]) -> tuple[Matrix, dict[int, int]]:
        """The arrays by Pyomo's own compiler, which keeps names; the model gets an objective a term."""
        pyo = _pyomo()
        from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

        for term, terms in costs.items():
            setattr(self.model, f"objective_{term}", pyo.Objective(expr=linear(terms) + constants[term]))
        info = LinearStandardFormCompiler().write(self.model, mixed_form=True, set_sense=None)
        rhs = np.array(info.rhs, dtype=float)
        kind = np.fromiter((row.bound_type for row in info.rows), dtype=np.int64, count=len(info.rows))
        found = {objective.local_name: k for k, objective in enumerate(info.objectives)}
        order = [found[f"objective_{term}"] for term in costs]
        columns = info.columns
        A = sparse.csr_array(info.A)
        A.eliminate_zeros()
        matrix = Matrix(
            tuple(costs),
            np.asarray(info.c.todense())[order],
            np.asarray(info.c_offset, dtype=float)[order],
            A,
            np.where(kind <= 0, rhs, -np.inf),
            np.where(kind >= 0, rhs, np.inf),
            np.array([-np.inf if v.lb is None else v.lb for v in columns], dtype=float),
            np.array([np.inf if v.ub is None else v.ub for v in columns], dtype=float),
            np.array([not v.is_continuous() for v in columns], dtype=bool),
            np.array([row.constraint.parent_component().local_name for row in info.rows], dtype=str),
            tuple(key_of(row.constraint.index()) for row in info.rows),
            np.array([v.parent_component().local_name for v in columns], dtype=str),
            tuple(key_of(v.index()) for v in columns),
        )
        return matrix, {id(v): k for k, v in enumerate(columns)}


def _index(parts: tuple[Any, ...]) -> Any:
    return parts if len(parts) > 1 else parts[0]


def _bounded(lower: float | None, body: Any, upper: float | None) -> Any:
    if lower is not None and upper is not None and lower == upper:
        return body == lower
    return (lower, body, upper)
