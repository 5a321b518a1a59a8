"""CP-SAT on a model of its own. It runs in a process without HiGHS: the two libraries cannot share one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ortools.sat.python import cp_model

from models.extract import trim
from models.facts import Facts
from models.plan import POOL, ApprovedCase, Content, Dispatch, Made, Payment, Plan, Release
from models.problem import Problem
from optimizer.peers.cpsat_model import Sketch, approvals, needs, offers, orders, stability, supply
from optimizer.peers.cpsat_packages import money_of, packages
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, begins, status_of

Value = Callable[[Any], int]


def sketch_of(problem: Problem) -> Sketch:
    """The whole model; rules that sum what others post come last."""
    sketch = Sketch(Facts(problem))
    for part in (approvals, orders, needs, packages, offers, supply, stability):
        part(sketch)
    sketch.model.minimize(sum(cost * variable for cost, variable in sketch.objective.scaled()))
    return sketch


class _Listener(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
    """Notes every better solution."""

    def __init__(self, trace: Trace, factor: float) -> None:
        super().__init__()
        self.trace, self.factor = trace, factor

    def on_solution_callback(self) -> None:
        self.trace.add(self.objective_value / self.factor, None)


def run(job: Job, problem: Problem) -> PeerAnswer:
    """CP-SAT with its defaults but for time, gap, threads and seed.

    The objective is scaled to whole numbers; the bound that is reported is lowered by what scaling can be off, and the
    objective is that of the plan with the true costs.
    """
    trace = Trace()
    begins("build")
    sketch = sketch_of(problem)
    build_seconds = trace.now
    factor, error = 10.0**sketch.objective.decimals, sketch.objective.error
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = job.seconds
    solver.parameters.relative_gap_limit = job.gap
    solver.parameters.num_workers = job.threads
    solver.parameters.random_seed = job.seed
    solver.best_bound_callback = lambda bound: trace.add(None, max(0.0, bound / factor - error))
    begins("solve")
    began = time.perf_counter()
    status = solver.solve(sketch.model, _Listener(trace, factor))
    seconds = time.perf_counter() - began
    if status == cp_model.MODEL_INVALID:
        return PeerAnswer("error", message=f"CP-SAT refuses the model: {sketch.model.validate()}")
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    infeasible = status == cp_model.INFEASIBLE
    bound = None if infeasible else max(0.0, solver.best_objective_bound / factor - error)
    objective = plan = None
    if found:
        objective = sum(c * solver.value(v) for terms in sketch.objective.groups.values() for c, v in terms)
        plan = plan_of(sketch, solver.value)
    trace.add(objective, bound)
    rows, columns, nonzeros = _size(sketch.model)
    scaling = f"objective scaled by {factor:g}, off by {error:.3g} at most"
    return PeerAnswer(
        status_of(infeasible, objective, bound, job.gap),
        objective,
        bound,
        None,
        None,
        rows,
        columns,
        nonzeros,
        columns,
        build_seconds,
        0.0,
        seconds,
        tuple(trace.points),
        "; ".join([f"{solver.num_branches} branches", scaling, *sketch.notes]),
        plan,
    )


def _size(model: Any) -> tuple[int, int, int]:
    """Constraints, variables, and coefficients of linear constraints."""
    proto = model.proto
    nonzeros = sum(len(constraint.linear.vars) for constraint in proto.constraints)
    return len(proto.constraints), len(proto.variables), nonzeros


def plan_of(sketch: Sketch, value: Value) -> Plan:
    """The plan behind a solution."""
    facts = sketch.facts
    chosen = {name: {key: value(v) for key, v in found.items()} for name, found in sketch.variables.items()}

    def positive(name: str) -> list[tuple[Any, int]]:
        return [(key, amount) for key, amount in chosen.get(name, {}).items() if amount > 0]

    new = {p for p, _ in chosen.get("content", {})}
    moves = [(facts.moves[k], amount) for k, amount in positive("sent")]
    dispatches = [
        *(Dispatch(o, "order", POOL, facts.orders[o].item, q, t, t) for (o, t), q in positive("dispatched")),
        *(
            Dispatch(m.need, "need", m.origin, m.item, q * m.ratio, m.period, m.arrival, m.route.lanes)
            for m, q in moves
        ),
        *(
            Dispatch(v, "replacement", POOL, facts.offers[v].replacement_item, q, t, t)
            for (v, t), q in positive("replaced")
        ),
    ]
    released = [Release(p, "new" if p in new else "proposed", t) for (p, t), _ in positive("is_released")]
    steps = money_of(facts).steps
    approved: dict[str, int] = {}
    for (c, t), _ in positive("is_approved"):
        approved[c] = min(t, approved.get(c, t))
    plan = Plan(
        tuple(sorted(dispatches)),
        tuple(sorted(Made(line, i, t, q) for (line, i, t), q in positive("made"))),
        tuple(sorted(Content(p, n, q) for (p, n), q in positive("content"))),
        tuple(sorted(released)),
        tuple(sorted(Payment(p, g, c, q / steps) for (g, p, c), q in positive("pays"))),
        tuple(sorted(v for v, _ in positive("is_accepted"))),
        tuple(sorted(ApprovedCase(c, t) for c, t in approved.items())),
    )
    return trim(facts, plan)
