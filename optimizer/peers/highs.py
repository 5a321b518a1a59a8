"""HiGHS as it comes: default options but for time, gap, threads and seed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from models.matrix import Matrix, Vector
from optimizer.peers.records import Job
from optimizer.peers.trace import Trace, known


@dataclass(frozen=True)
class Run:
    """How a run of HiGHS ended; `x` by its columns, unknown is None."""

    infeasible: bool
    x: Vector | None
    objective: float | None
    bound: float | None
    root_bound: float | None
    nodes: int | None
    seconds: float


def handed_over(matrix: Matrix) -> Any:
    """The arrays of a compiled model in HiGHS."""
    cost, constant = matrix.cost()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, lp.offset_ = cost, constant
    lp.col_lower_, lp.col_upper_ = matrix.lower, matrix.upper
    lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.A.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.A.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.A.data
    kind = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kind[int(w)] for w in matrix.whole]
    highs = _quiet()
    highs.passModel(lp)
    return highs


def read(file: Path) -> Any:
    """The model of a file in HiGHS.

    Raises:
        ValueError: HiGHS takes the file for no model, or not without a warning.
    """
    highs = _quiet()
    if highs.readModel(str(file)) != highspy.HighsStatus.kOk:
        raise ValueError(f"HiGHS does not read {file.name}")
    return highs


def column_names(highs: Any) -> list[str]:
    """Names of the columns that HiGHS holds, in its order."""
    return list(highs.getLp().col_names_)


def _quiet() -> Any:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("log_to_console", False)
    return highs


def run(highs: Any, job: Job, trace: Trace, constant: float = 0.0) -> Run:
    """Solves what HiGHS holds within the limits of the job; `constant`: of the objective, where HiGHS has none."""
    options = {
        "log_to_console": False,
        "output_flag": True,  # the progress callbacks speak only while logging is on
        "time_limit": job.seconds,
        "mip_rel_gap": job.gap,
        "threads": job.threads,
        "random_seed": job.seed,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    root: list[float] = []

    def shifted(value: float) -> float | None:
        return None if known(value) is None else float(value) + constant

    def logged(event: Any) -> None:
        out = event.data_out
        bound = shifted(out.mip_dual_bound)
        trace.add(shifted(out.mip_primal_bound), bound)
        if out.mip_node_count <= 1 and bound is not None:
            root.append(bound)

    def improved(event: Any) -> None:
        trace.add(shifted(event.data_out.objective_function_value), None)

    highs.cbMipLogging.subscribe(logged)
    highs.cbMipImprovingSolution.subscribe(improved)
    began = time.perf_counter()
    highs.run()
    seconds = time.perf_counter() - began
    info, solution, kinds = highs.getInfo(), highs.getSolution(), highspy.HighsModelStatus
    status = highs.getModelStatus()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    infeasible = status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible)
    if not (solution.value_valid and feasible):
        bound = None if infeasible else shifted(info.mip_dual_bound)
        return Run(infeasible, None, None, bound, max(root, default=None), _nodes(info), seconds)
    objective = float(info.objective_function_value) + constant
    bound = shifted(info.mip_dual_bound) if _nodes(info) is not None else objective
    return Run(False, np.array(solution.col_value), objective, bound, max(root, default=None), _nodes(info), seconds)


def _nodes(info: Any) -> int | None:
    """Nodes of branch and bound; None where there was none, as in a linear program."""
    return int(info.mip_node_count) if info.mip_node_count >= 0 else None
