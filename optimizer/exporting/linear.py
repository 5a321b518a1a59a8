"""A compiled model as it is written: one objective, its constant as a column, and names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.build import Built
from models.matrix import Vector
from models.problem import Problem
from optimizer.exporting.names import CONSTANT, column_names, row_names, safe


@dataclass(frozen=True)
class Linear:
    """min cost·x, row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, x whole where told; everything has a name.

    Columns are those of the compiled model, in its order, and one more at the end if the objective has a constant.
    `comments` are lines for people at the head of a file.
    """

    name: str
    objective: str
    cost: Vector
    A: sparse.csr_array
    row_lower: Vector
    row_upper: Vector
    lower: Vector
    upper: Vector
    whole: npt.NDArray[np.bool_]
    column_names: list[str]
    row_names: list[str]
    comments: tuple[str, ...] = ()


def stage_of(problem: Problem) -> str | None:
    """The term that a model of the problem minimises: the first stage, or None for the sum of all terms."""
    return problem.objective.stages[0] if problem.objective.mode == "lexicographic" else None


def linear_of(built: Built, remarks: tuple[str, ...] = ()) -> Linear:
    """The model behind the compiled arrays; a lexicographic problem is exported with its first stage as objective.

    `remarks` are added to the comments.
    """
    matrix, problem = built.matrix, built.draft.facts.problem
    stage = stage_of(problem)
    cost, constant = matrix.cost(None if stage is None else {stage: 1.0})
    columns, A = column_names(built), matrix.A
    lower, upper, whole = matrix.lower, matrix.upper, matrix.whole
    if constant:
        columns = [*columns, CONSTANT]
        A = sparse.csr_array(sparse.hstack([A, sparse.csr_array((A.shape[0], 1))]))
        cost, lower, upper = np.append(cost, constant), np.append(lower, 1.0), np.append(upper, 1.0)
        whole = np.append(whole, False)
    return Linear(
        safe(problem.name) or "instance",
        "objective",
        cost,
        A,
        matrix.row_lower,
        matrix.row_upper,
        lower,
        upper,
        whole,
        columns,
        row_names(built),
        (*remarks, *_comments(built, stage)),
    )


def _comments(built: Built, stage: str | None) -> tuple[str, ...]:
    calendar = built.draft.facts.calendar
    aim = f"the first stage, {stage}" if stage else "the sum of all terms"
    return (
        f"minimises {aim}, in weight x million USD x weeks",
        "name(index,...): variables and rules as in docs/glossary.md; periods by number, from their first days:",
        *(f"period {t}: {calendar.day(t).isoformat()}" for t in range(calendar.count)),
    )
