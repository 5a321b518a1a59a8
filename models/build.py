"""build(problem, formulation) -> a draft, in Pyomo or in arrays; compile_model -> arrays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from models.arrays import ArrayWriter
from models.concrete import PyomoWriter, objective_of
from models.draft import Block, Draft
from models.facts import Facts
from models.formulation import Formulation
from models.matrix import Matrix, Vector
from models.plan import Plan
from models.problem import TERMS, Problem
from models.writer import Writer


@dataclass(frozen=True)
class Built:
    """A built and compiled model: the draft, the blocks behind it, and the arrays."""

    draft: Draft
    blocks: tuple[Block, ...]
    matrix: Matrix
    columns: dict[int, int]
    """Column by `id` of the variable."""

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


def build(
    problem: Problem, formulation: Formulation, facts: Facts | None = None, writer: Writer | None = None
) -> Draft:
    """The draft of a problem in a formulation: variables, rules, and costs and constants by term.

    `facts`: what was derived of the same problem for another formulation, to be used again. `writer`: what the draft
    is written into; `models.concrete.PyomoWriter()` makes `draft.model` a Pyomo model. Plain arrays by default.
    """
    draft = Draft(Facts(problem) if facts is None else facts, ArrayWriter() if writer is None else writer)
    for block in formulation.blocks():
        block.build(draft)
    return draft


def pyomo_model(problem: Problem, formulation: Formulation) -> Any:
    """The problem as a Pyomo `ConcreteModel`: `model.<variable>[index]`, `model.<rule>[index]`, objective `weighted`.

    The weighted sum of the terms also where the instance is lexicographic: its stages are solves, not a model.
    """
    draft = build(problem, formulation, writer=PyomoWriter())
    draft.model.weighted = objective_of(draft)
    return draft.model


def compile_model(
    problem: Problem, formulation: Formulation, facts: Facts | None = None, writer: Writer | None = None
) -> Built:
    """Builds and compiles to arrays, with the names of variables and rules kept; arguments as of `build`."""
    blocks = tuple(formulation.blocks())
    with _collecting_later():
        return compile_draft(build(problem, formulation, facts, writer), blocks)


def compile_draft(draft: Draft, blocks: tuple[Block, ...] = ()) -> Built:
    """Compiles a draft, with one objective a term."""
    costs = {term: draft.expanded(draft.costs[term]) for term in TERMS}
    matrix, columns = draft.writer.compiled(costs, draft.constants)
    return Built(draft, blocks, matrix, columns)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """No collection of garbage while many small objects are made that all stay: it would find none."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
