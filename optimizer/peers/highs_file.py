"""HiGHS on the textbook model: an MPS file, as anybody would hand it over."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from models.problem import Problem
from optimizer.exporting.export import write_model
from optimizer.exporting.linear import linear_of
from optimizer.peers import highs
from optimizer.peers.compiled import Ended, answer, compiled
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, begins


def run(job: Job, problem: Problem) -> PeerAnswer:
    """HiGHS with its defaults but for time, gap, threads and seed. Hand-over is writing the file and reading it.

    The constant of the objective is a column of the file, so that HiGHS counts it.
    """
    trace = Trace()
    built, build_seconds = compiled(job, problem, "textbook")
    begins("hand over")
    began = time.perf_counter()
    linear = linear_of(built)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.mps"
        write_model(linear, file)
        model = highs.read(file)
    handover = time.perf_counter() - began
    begins("solve")
    found = highs.run(model, job, trace)
    x = None
    if found.x is not None:
        value = dict(zip(highs.column_names(model), found.x.tolist(), strict=True))
        x = np.array([value[name] for name in linear.column_names[: built.matrix.shape[1]]])
    ended = Ended(found.infeasible, x, found.objective, found.bound, found.root_bound, found.nodes, found.seconds)
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)
