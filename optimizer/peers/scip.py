"""SCIP on the textbook model: an MPS file, as anybody would hand it over; one thread."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyscipopt

from models.problem import Problem
from optimizer.exporting.export import write_model
from optimizer.exporting.linear import linear_of
from optimizer.peers.compiled import Ended, answer, compiled
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, begins, known


class _Listener(pyscipopt.Eventhdlr):  # type: ignore[misc]
    """Notes every better solution, and the bound after every linear program."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        events = pyscipopt.SCIP_EVENTTYPE
        self.kinds = (events.BESTSOLFOUND, events.LPSOLVED, events.NODESOLVED)

    def eventinit(self) -> None:
        for kind in self.kinds:
            self.model.catchEvent(kind, self)

    def eventexit(self) -> None:
        for kind in self.kinds:
            self.model.dropEvent(kind, self)

    def eventexec(self, _event: Any) -> None:
        best = self.model.getPrimalbound() if self.model.getNSols() else None
        self.trace.add(best, self.model.getDualbound())


def run(job: Job, problem: Problem) -> PeerAnswer:
    """SCIP with its defaults but for time, gap and seed. Hand-over is writing the file and reading it."""
    trace = Trace()
    built, build_seconds = compiled(job, problem, "textbook")
    begins("hand over")
    began = time.perf_counter()
    linear = linear_of(built)
    model = pyscipopt.Model()
    model.hideOutput()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.mps"
        write_model(linear, file)
        model.readProblem(str(file))
    handover = time.perf_counter() - began
    model.setParam("limits/time", job.seconds)
    model.setParam("limits/gap", job.gap)
    model.setParam("randomization/randomseedshift", job.seed)
    model.includeEventhdlr(_Listener(trace), "trace", "notes bounds over time")
    begins("solve")
    began = time.perf_counter()
    model.optimize()
    seconds = time.perf_counter() - began
    found, status = model.getNSols() > 0, model.getStatus()
    x = None
    if found:
        best = model.getBestSol()
        value = {variable.name: model.getSolVal(best, variable) for variable in model.getVars()}
        x = np.array([value[name] for name in linear.column_names[: built.matrix.shape[1]]])
    infeasible = status in ("infeasible", "inforunbd")
    bound = None if infeasible else known(model.getDualbound())
    nodes = int(model.getNTotalNodes())
    ended = Ended(
        infeasible,
        x,
        float(model.getObjVal()) if found else None,
        bound,
        bound if nodes <= 1 else known(model.getDualboundRoot()),
        nodes,
        seconds,
        "SCIP uses one thread" if job.threads > 1 else "",
    )
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)
