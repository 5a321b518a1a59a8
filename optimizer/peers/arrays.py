"""Peers that give HiGHS the arrays of the default formulation: what building and hand-over cost."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from scipy import sparse

from models.build import Built
from models.catalog import DEFAULT
from models.matrix import Matrix
from models.problem import Problem
from optimizer.peers import highs
from optimizer.peers.compiled import Ended, answer, compiled
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, begins


def own_arrays(job: Job, problem: Problem) -> PeerAnswer:
    """Our own path from the instance through arrays to HiGHS."""
    return _whole(job, problem)


def own_pyomo(job: Job, problem: Problem) -> PeerAnswer:
    """The same model by way of Pyomo."""
    return _whole(job, problem, by_pyomo=True)


def numpy_pass(job: Job, problem: Problem) -> PeerAnswer:
    """The same matrix as `own_arrays`, from coordinates: the least that any modelling layer can cost.

    `build_seconds` is the time from arrays of (row, column, value) to compressed rows, with vectors copied; how the
    arrays came about is left out.
    """
    trace = Trace()
    built, _ = compiled(job, problem, DEFAULT)
    coordinates = built.matrix.A.tocoo()
    shuffled = np.random.default_rng(job.seed).permutation(coordinates.nnz)
    row, column, value = (part[shuffled] for part in (coordinates.row, coordinates.col, coordinates.data))
    began = time.perf_counter()
    matrix = _assembled(built.matrix, row, column, value)
    return _solved(job, replace(built, matrix=matrix), trace, time.perf_counter() - began)


def _assembled(matrix: Matrix, row: object, column: object, value: object) -> Matrix:
    A = sparse.csr_array((value, (row, column)), shape=matrix.shape)
    vectors = ("costs", "constants", "row_lower", "row_upper", "lower", "upper", "whole")
    return replace(matrix, A=A, **{name: getattr(matrix, name).copy() for name in vectors})


def _whole(job: Job, problem: Problem, *, by_pyomo: bool = False) -> PeerAnswer:
    trace = Trace()
    built, build_seconds = compiled(job, problem, DEFAULT, by_pyomo=by_pyomo)
    return _solved(job, built, trace, build_seconds)


def _solved(job: Job, built: Built, trace: Trace, build_seconds: float) -> PeerAnswer:
    begins("hand over")
    began = time.perf_counter()
    model = highs.handed_over(built.matrix)
    handover = time.perf_counter() - began
    begins("solve")
    found = highs.run(model, job, trace)
    ended = Ended(found.infeasible, found.x, found.objective, found.bound, found.root_bound, found.nodes, found.seconds)
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)
