"""Gurobi on the textbook model, where the licence that comes with the package allows its size."""

from __future__ import annotations

import time
from typing import Any

import gurobipy
import numpy as np

from models.matrix import Matrix
from models.problem import Problem
from optimizer.peers.compiled import Ended, answer, compiled
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, known

MOST = 2000
"""Rows, and columns, that the licence allows."""


def run(job: Job, problem: Problem) -> PeerAnswer:
    """Gurobi with its defaults but for time, gap, threads and seed; too large a model is answered, not tried."""
    trace = Trace()
    built, build_seconds = compiled(job, problem, "textbook")
    rows, columns = built.matrix.shape
    began = time.perf_counter()
    try:
        with gurobipy.Env(params={"OutputFlag": 0}) as env, gurobipy.Model(env=env) as model:
            x = _filled(model, built.matrix)
            model.update()
            handover = time.perf_counter() - began
            ended = _solved(model, x, job, trace)
    except gurobipy.GurobiError as refused:
        if refused.errno != gurobipy.GRB.Error.SIZE_LIMIT_EXCEEDED:
            raise
        return PeerAnswer(
            "too_large",
            rows=rows,
            columns=columns,
            nonzeros=int(built.matrix.A.nnz),
            integers=int(built.matrix.whole.sum()),
            build_seconds=build_seconds,
            message=f"too large for the licence: {rows} rows and {columns} columns, of each {MOST} at most",
        )
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)


def _filled(model: Any, matrix: Matrix) -> Any:
    cost, constant = matrix.cost()
    kind = np.where(matrix.whole, gurobipy.GRB.INTEGER, gurobipy.GRB.CONTINUOUS)
    x = model.addMVar(matrix.shape[1], lb=matrix.lower, ub=matrix.upper, vtype=kind, obj=cost)
    model.ObjCon = constant
    equal = matrix.row_lower == matrix.row_upper
    for rows, sense, side in (
        (equal, "=", matrix.row_lower),
        (~equal & np.isfinite(matrix.row_lower), ">", matrix.row_lower),
        (~equal & np.isfinite(matrix.row_upper), "<", matrix.row_upper),
    ):
        if rows.any():
            model.addMConstr(matrix.A[np.flatnonzero(rows)], x, sense, side[rows])
    return x


def _solved(model: Any, x: Any, job: Job, trace: Trace) -> Ended:
    GRB = gurobipy.GRB
    root: list[float] = []

    def listen(_model: Any, where: int) -> None:
        if where == GRB.Callback.MIP:
            bound = known(model.cbGet(GRB.Callback.MIP_OBJBND))
            trace.add(known(model.cbGet(GRB.Callback.MIP_OBJBST)), bound)
            if bound is not None and model.cbGet(GRB.Callback.MIP_NODCNT) == 0:
                root.append(bound)
        elif where == GRB.Callback.MIPSOL:
            trace.add(known(model.cbGet(GRB.Callback.MIPSOL_OBJBST)), known(model.cbGet(GRB.Callback.MIPSOL_OBJBND)))

    for name, value in (
        ("TimeLimit", job.seconds),
        ("MIPGap", job.gap),
        ("Threads", job.threads),
        ("Seed", job.seed),
    ):
        model.setParam(name, value)
    began = time.perf_counter()
    model.optimize(listen)
    seconds = time.perf_counter() - began
    infeasible = model.Status in (GRB.INFEASIBLE, GRB.INF_OR_UNBD)
    found, whole = model.SolCount > 0, bool(model.IsMIP)
    objective = float(model.ObjVal) if found else None
    bound = None if infeasible else (known(model.ObjBound) if whole else objective)
    nodes = int(model.NodeCount) if whole else None
    return Ended(
        infeasible,
        np.array(x.X) if found else None,
        objective,
        bound,
        bound if nodes is not None and nodes <= 1 else max(root, default=None),
        nodes,
        seconds,
    )
