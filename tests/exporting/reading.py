"""How other solvers read an exported file, and what they make of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import highspy
import numpy as np
import pyscipopt
from scipy import sparse

from optimizer.peers.cbc import executable

CBC = str(executable())


def scip_optimum(file: Path) -> float | None:
    """The optimum that SCIP proves; None if it proves that there is no solution."""
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(file))
    model.setParam("limits/time", 60.0)
    model.optimize()
    assert model.getStatus() in ("optimal", "infeasible")
    return float(model.getObjVal()) if model.getStatus() == "optimal" else None


def cbc_optimum(file: Path) -> float | None:
    """The optimum that CBC proves; None if it proves that there is no solution."""
    words = [CBC, str(file), "-seconds", "60", "-ratio", "0", "-solve", "-quit"]
    log = subprocess.run(words, capture_output=True, text=True, check=True, cwd=file.parent).stdout
    assert "warning" not in log.lower(), log
    if re.search(r"(?i)problem is infeasible|problem proven infeasible|primal infeasible", log):
        return None
    assert "Result - Optimal solution found" in log, log
    return float(re.findall(r"(?m)^Objective value:\s+(\S+)", log)[0])


def highs_model(file: Path) -> highspy.HighsLp:
    """The model as HiGHS reads it."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    return highs.getLp()


def rows_of(model: highspy.HighsLp) -> sparse.csr_array:
    """The matrix of a model that was read."""
    part = model.a_matrix_
    shape = (model.num_row_, model.num_col_)
    columnwise = part.format_ == highspy.MatrixFormat.kColwise
    kind = sparse.csc_array if columnwise else sparse.csr_array
    return sparse.csr_array(kind((np.array(part.value_), np.array(part.index_), np.array(part.start_)), shape=shape))
