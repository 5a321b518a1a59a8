"""The peers by name. A peer is imported when it runs, in a process of its own: some solvers cannot share one."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from models.problem import Problem
from optimizer.peers.records import Job, PeerAnswer

EXTRA = "pip install 'burdenshare[peers]'"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: `package` is what has to be installed for it, `target` the `module:function` that runs it."""

    name: str
    summary: str
    package: str
    target: str

    @property
    def missing(self) -> str | None:
        """What to install, in one line; None if the peer can run."""
        if find_spec(self.package) is not None:
            return None
        return f"the peer {self.name!r} needs the package {self.package!r}: {EXTRA}"

    def run(self, job: Job, problem: Problem) -> PeerAnswer:
        """Solves the problem within the limits of the job, in this process; time counts from here.

        What a peer cannot do is an answer with status "error" and a message. Stages are not minimised by any peer.
        """
        if self.missing is not None:
            return PeerAnswer("error", message=self.missing)
        if problem.objective.mode == "lexicographic":
            return PeerAnswer("error", message="peers minimise the sum of the terms, and this instance has stages")
        module, function = self.target.split(":")
        answer: PeerAnswer = getattr(import_module(module), function)(job, problem)
        return answer


def _peer(name: str, summary: str, package: str, target: str) -> Peer:
    return Peer(name, summary, package, f"optimizer.peers.{target}")


PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        _peer("highs_textbook", "HiGHS on the textbook model, through MPS", "highspy", "highs_file:run"),
        _peer("scip_textbook", "SCIP on the textbook model, through MPS", "pyscipopt", "scip:run"),
        _peer("cbc_textbook", "CBC on the textbook model, through MPS", "pulp", "cbc:run"),
        _peer(
            "gurobi_textbook", "Gurobi on the textbook model, where its free licence allows", "gurobipy", "gurobi:run"
        ),
        _peer("cpsat", "CP-SAT on a model of its own, all in whole numbers", "ortools", "cpsat:run"),
        _peer("linopy_textbook", "linopy's containers and hand-over of the textbook model", "linopy", "containers:run"),
        _peer("pyomo_highs", "Pyomo's own HiGHS interface on the textbook model", "highspy", "interface:run"),
        _peer(
            "numpy_pass", "arrays of the default formulation given to HiGHS: the floor", "highspy", "arrays:numpy_pass"
        ),
        _peer("own_arrays", "the same model by our own path to HiGHS, in one run", "highspy", "arrays:own_arrays"),
        _peer("own_pyomo", "the same model by way of Pyomo", "highspy", "arrays:own_pyomo"),
    )
}
"""Every peer by name."""
