"""build(problem, formulation) -> a Pyomo model; compile_model -> arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from scipy import sparse

from models.draft import Block, Draft, linear
from models.facts import Facts
from models.formulation import Formulation
from models.matrix import Matrix, Vector
from models.plan import Plan
from models.problem import TERMS, Problem


@dataclass(frozen=True)
class Built:
    """A built and compiled model: the draft with its Pyomo model, the blocks behind it, and the arrays."""

    draft: Draft
    blocks: tuple[Block, ...]
    matrix: Matrix
    columns: dict[int, int]
    """Column by `id` of the Pyomo variable."""

    def start(self, plan: Plan) -> dict[int, float]:
        """Values of whole-number columns for a known plan, by column."""
        known: dict[int, float] = {}
        asked = self.draft.to_model(plan)
        for block in self.blocks:
            if block.start is not None:
                known |= block.start(self.draft, asked)
        for chain in self.draft.chains:
            if all(id(variable) in known for variable, _ in chain):
                steps = accumulate(known[id(variable)] for variable, _ in chain)
                known |= {id(total): value for (_, total), value in zip(chain, steps, strict=True)}
        return {self.columns[key]: value for key, value in known.items() if key in self.columns}

    def pieces(self, x: Vector) -> dict[str, list[Any]]:
        """What the solved values say, block by block: records by field of `Plan`, for the model's demands."""
        replaced = self.draft.replaced

        def value(variable: Any) -> float:
            if id(variable) in replaced:
                return sum(factor * value(total) for factor, total in replaced[id(variable)])
            column = self.columns.get(id(variable))
            if column is not None:
                return float(x[column])
            return float(max(variable.lb or 0.0, 0.0))

        found: dict[str, list[Any]] = {}
        for block in self.blocks:
            if block.read is not None:
                for name, rows in block.read(self.draft, value).items():
                    found.setdefault(name, []).extend(rows)
        return found


def build(problem: Problem, formulation: Formulation, facts: Facts | None = None) -> Draft:
    """The Pyomo model of a problem in a formulation; costs and constants by term stand in the draft.

    `facts`: what was derived of the same problem for another formulation, to be used again.
    """
    draft = Draft(Facts(problem) if facts is None else facts)
    for block in formulation.blocks():
        block.build(draft)
    return draft


def compile_model(problem: Problem, formulation: Formulation, facts: Facts | None = None) -> Built:
    """Builds and compiles: arrays by the standard-form compiler, with names kept."""
    from pyomo.common.gc_manager import PauseGC

    blocks = tuple(formulation.blocks())
    with PauseGC():  # many small objects that all stay: collecting garbage meanwhile finds none
        return compile_draft(build(problem, formulation, facts), blocks)


def compile_draft(draft: Draft, blocks: tuple[Block, ...] = ()) -> Built:
    """Compiles a draft, with one objective a term."""
    import pyomo.environ as pyo  # imported here, as in `models.draft`
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    for term in TERMS:
        expression = linear(draft.expanded(draft.costs[term])) + draft.constants[term]
        setattr(draft.model, f"objective_{term}", pyo.Objective(expr=expression))
    info = LinearStandardFormCompiler().write(draft.model, mixed_form=True, set_sense=None)
    count = len(info.rows)
    rhs = np.array(info.rhs, dtype=float)
    kind = np.fromiter((row.bound_type for row in info.rows), dtype=np.int64, count=count)
    lower = np.where(kind <= 0, rhs, -np.inf)
    upper = np.where(kind >= 0, rhs, np.inf)
    found = {objective.local_name: k for k, objective in enumerate(info.objectives)}
    order = [found[f"objective_{term}"] for term in TERMS]
    columns = info.columns
    A = sparse.csr_array(info.A)
    A.eliminate_zeros()
    matrix = Matrix(
        TERMS,
        np.asarray(info.c.todense())[order],
        np.asarray(info.c_offset, dtype=float)[order],
        A,
        lower,
        upper,
        np.array([-np.inf if v.lb is None else v.lb for v in columns], dtype=float),
        np.array([np.inf if v.ub is None else v.ub for v in columns], dtype=float),
        np.array([not v.is_continuous() for v in columns], dtype=bool),
        np.array([row.constraint.parent_component().local_name for row in info.rows], dtype=str),
        tuple(_key(row.constraint.index()) for row in info.rows),
        np.array([v.parent_component().local_name for v in columns], dtype=str),
        tuple(_key(v.index()) for v in columns),
    )
    return Built(draft, blocks, matrix, {id(v): k for k, v in enumerate(columns)})


def _key(index: Any) -> tuple[Any, ...]:
    if index is None:
        return ()
    return index if isinstance(index, tuple) else (index,)
