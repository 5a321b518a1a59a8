"""linopy on the textbook model: its containers filled from arrays, and its direct hand-over to HiGHS.

The arrays are given, rule by rule and variable by variable, so that building is what linopy's containers cost and
nothing else: a lower bound of what somebody who writes the model in linopy waits for.
"""

from __future__ import annotations

import time
from typing import Any

import linopy
import numpy as np
import numpy.typing as npt
import xarray

from models.matrix import Matrix
from models.problem import Problem
from optimizer.peers import highs
from optimizer.peers.compiled import Ended, answer, compiled
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace

SMALL, LITTLE = 100_000, 4
"""Padded cells that never matter, and cells per coefficient beyond which rows are grouped by length."""
Indices = npt.NDArray[np.int64]


def run(job: Job, problem: Problem) -> PeerAnswer:
    """Building is from arrays to a linopy model; hand-over is `to_highspy`."""
    trace = Trace()
    built, _ = compiled(job, problem, "textbook")
    matrix = built.matrix
    began = time.perf_counter()
    model, labels = filled(matrix)
    build_seconds = time.perf_counter() - began
    began = time.perf_counter()
    solver = model.to_highspy(set_names=False)
    handover = time.perf_counter() - began
    constant = matrix.cost()[1]
    found = highs.run(solver, job, trace, constant)
    x = None
    if found.x is not None:
        place = {int(label): k for k, label in enumerate(model.matrices.vlabels)}
        x = found.x[[place[int(label)] for label in labels]]
    ended = Ended(found.infeasible, x, found.objective, found.bound, found.root_bound, found.nodes, found.seconds)
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)


def filled(matrix: Matrix) -> tuple[Any, Indices]:
    """The linopy model, and its label of every column."""
    model = linopy.Model()
    labels = _variables(model, matrix)
    cost, _ = matrix.cost()
    priced = np.flatnonzero(cost)
    model.add_objective(_expression(model, cost[priced][None, :], labels[priced][None, :]).sum())
    counts = np.diff(matrix.A.indptr)
    for rule in dict.fromkeys(matrix.rules.tolist()):
        rows = np.flatnonzero(matrix.rules == rule)
        for k, part in enumerate(_padded_alike(rows, counts[rows])):
            _constraints(model, matrix, labels, f"{rule}_{k}", part)
    return model, labels


def _padded_alike(rows: Indices, counts: Indices) -> list[Indices]:
    """The rows of a rule, together if padding them all to the longest costs little, else by powers of two."""
    if counts.max() * rows.size <= max(SMALL, LITTLE * counts.sum()):
        return [rows]
    widths = np.ceil(np.log2(np.maximum(counts, 1)))
    return [rows[widths == width] for width in np.unique(widths)]


def _variables(model: Any, matrix: Matrix) -> Indices:
    """One array of variables for every name, whole and continuous ones apart."""
    labels = np.full(matrix.shape[1], -1, dtype=np.int64)
    for kind in dict.fromkeys(matrix.kinds.tolist()):
        for whole in (False, True):
            columns = np.flatnonzero((matrix.kinds == kind) & (matrix.whole == whole))
            if columns.size:
                lower, upper = (
                    xarray.DataArray(side[columns], dims="index", coords={"index": np.arange(columns.size)})
                    for side in (matrix.lower, matrix.upper)
                )
                added = model.add_variables(lower, upper, name=f"{kind}_{int(whole)}", integer=whole)
                labels[columns] = added.labels.to_numpy()
    return labels


def _expression(model: Any, values: npt.NDArray[np.float64], variables: Indices) -> Any:
    """One linear expression a row; variable -1 fills rows that have fewer terms."""
    data = xarray.Dataset(
        {"coeffs": (("index", "_term"), values), "vars": (("index", "_term"), variables)},
        coords={"index": np.arange(len(values))},
    )
    return linopy.LinearExpression(data, model)


def _constraints(model: Any, matrix: Matrix, labels: Indices, name: str, rows: Indices) -> None:
    """The rows as arrays padded to the longest of them, once for every side that they have."""
    part = matrix.A[rows]
    counts = np.diff(part.indptr)
    inside = np.arange(counts.max()) < counts[:, None]
    values = np.full(inside.shape, np.nan)
    variables = np.full(inside.shape, -1, dtype=np.int64)
    values[inside], variables[inside] = part.data, labels[part.indices]
    lower, upper = matrix.row_lower[rows], matrix.row_upper[rows]
    equal = lower == upper
    for mask, sign, side in (
        (equal, "=", lower),
        (~equal & np.isfinite(lower), ">=", lower),
        (~equal & np.isfinite(upper), "<=", upper),
    ):
        if mask.any():
            right = xarray.DataArray(side[mask], dims="index", coords={"index": np.arange(int(mask.sum()))})
            model.add_constraints(_expression(model, values[mask], variables[mask]), sign, right, name=f"{name}{sign}")
