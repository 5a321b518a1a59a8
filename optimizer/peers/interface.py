"""Pyomo's own HiGHS interface on our Pyomo model: what hand-over costs without the path of ours."""

from __future__ import annotations

import time

import numpy as np
from pyomo.contrib.solver.solvers.highs import Highs

from models.build import build, compile_draft
from models.concrete import PyomoWriter, objective_of
from models.problem import Problem
from optimizer.peers import highs
from optimizer.peers.compiled import Ended, answer, formulation_of
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace


def run(job: Job, problem: Problem) -> PeerAnswer:
    """Building is the Pyomo model without compiling it; hand-over is the interface's `set_instance`."""
    trace = Trace()
    formulation = formulation_of(job, "textbook")
    blocks = tuple(formulation.blocks())
    began = time.perf_counter()
    draft = build(problem, formulation, writer=PyomoWriter())
    draft.model.weighted = objective_of(draft)
    build_seconds = time.perf_counter() - began
    began = time.perf_counter()
    interface = Highs()
    interface.set_instance(draft.model)
    handover = time.perf_counter() - began
    found = highs.run(interface._solver_model, job, trace)
    column = interface._pyomo_var_to_solver_var_map
    draft.model.del_component("weighted")
    built = compile_draft(draft, blocks)  # not measured: it reads the plan back
    x = None
    if found.x is not None:
        x = np.zeros(built.matrix.shape[1])
        for variable, j in built.columns.items():
            x[j] = found.x[column[variable]] if variable in column else built.matrix.lower[j]
    ended = Ended(found.infeasible, x, found.objective, found.bound, found.root_bound, found.nodes, found.seconds)
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)
