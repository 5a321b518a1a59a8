"""One run in a process of its own: `python -m optimizer.bench.job JOBFILE RESULTFILE`.

Reads the instance, runs what the job names, lets the checker judge the plan, and writes what was measured as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.bench.extras import extra
from optimizer.bench.names import BASELINES, peers
from optimizer.bench.records import ERROR, PLAN
from optimizer.peers.records import Job, PeerAnswer, TracePoint
from optimizer.reading.instance import read_instance
from optimizer.reporting.output import instance_in
from optimizer.solving.outcome import Outcome, Progress

_AGREEMENT = 1e-4
"""Relative difference between a solver's and the checker's value of a plan that is worth a message."""


def main(words: Sequence[str]) -> int:
    """Does the job of the first file and writes the second, whatever happens."""
    source, target = Path(words[0]), Path(words[1])
    order = json.loads(source.read_text(encoding="utf-8"))
    launched = float(order["launched"])
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    try:
        result = measured(Job(**order["job"]), launched)
    except Exception as failure:  # noqa: BLE001 - whatever it is, it belongs into the record
        lines = traceback.format_exception_only(failure)
        result = {"status": ERROR, "message": "".join(lines).strip()[-2000:]}
        traceback.print_exc()
    part = target.with_suffix(".part")
    part.write_text(json.dumps({**result, **_own_peaks()}), encoding="utf-8")
    os.replace(part, target)
    return 0


def measured(job: Job, launched: float) -> dict[str, Any]:
    """Runs the job; fields of a `Record`. `launched`: monotonic seconds when the process was started.

    Raises:
        ValueError: the instance cannot be used; the message holds its errors.
    """
    reading = read_instance(instance_in(Path(job.instance)))
    problem = reading.problem
    if problem is None:
        errors = [finding.line() for finding in reading.findings if finding.severity == "error"]
        raise ValueError("the instance cannot be used: " + "; ".join(errors[:5]))
    size = {"demands": len(problem.orders) + len(problem.needs), "periods": _periods(problem)}
    mode = {"mode": problem.objective.mode}
    answer = {"formulation": _formulation, "peer": _peer, "baseline": _baseline}[job.kind](job, problem, launched)
    return {**size, **mode, **_judged(problem, answer)}


def _periods(problem: Problem) -> int:
    return sum(count for count, _ in problem.periods)


def _judged(problem: Problem, answer: PeerAnswer) -> dict[str, Any]:
    """The answer as fields of a record; the checker's value of the plan is the one that counts."""
    objective, plan_ok, message = answer.objective, None, answer.message
    if answer.plan is not None:
        verdict = check_plan(problem, answer.plan)
        plan_ok = verdict.passed
        value = verdict.terms.total
        if not plan_ok:
            broken = sorted({violation.rule for violation in verdict.violations})
            message = _joined(message, f"the plan breaks {', '.join(broken)}")
        elif objective is not None and abs(value - objective) > _AGREEMENT * max(1.0, abs(value)):
            message = _joined(message, f"the solver says {objective:.9g}, the checker {value:.9g}")
        objective = value
    return {
        "status": answer.status, "objective": objective, "bound": answer.bound, "root_bound": answer.root_bound,
        "root_seconds": answer.root_seconds,
        "nodes": answer.nodes, "rows": answer.rows, "columns": answer.columns, "nonzeros": answer.nonzeros,
        "integers": answer.integers, "build_seconds": answer.build_seconds,
        "handover_seconds": answer.handover_seconds, "solve_seconds": answer.solve_seconds, "plan_ok": plan_ok,
        "trace": [list(point) for point in answer.trace], "message": message,
    }  # fmt: skip


def _joined(*messages: str) -> str:
    return "; ".join(message for message in messages if message)


# --- the three kinds ------------------------------------------------------------------------------------------------


def _formulation(job: Job, problem: Problem, launched: float) -> PeerAnswer:
    """One of ours, as `burdenshare solve` does it: baselines, then the solver process, which starts from them."""
    from models.catalog import FORMULATIONS
    from optimizer.judging import judged_baselines, with_best_start
    from optimizer.settings import Settings
    from optimizer.solving.solve import solve

    formulation = replace(FORMULATIONS[job.name], **job.changes)
    settings = Settings(seconds=job.seconds, gap=job.gap, threads=job.threads, seed=job.seed)
    _, starts = judged_baselines(problem)
    clock = _ChildClock(launched)
    outcome = solve(problem, formulation, settings, starts=starts, progress=clock.heard)
    ended = time.monotonic() - launched
    if outcome.plan is None and outcome.status == "no_plan":
        outcome = with_best_start(problem, outcome, starts, stopped=False)
    matrix, root = outcome.matrix, outcome.root_seconds
    return PeerAnswer(
        status=outcome.status,
        objective=outcome.objective,
        bound=outcome.bound,
        root_bound=outcome.root_bound,
        root_seconds=None if root is None else clock.began + root,
        nodes=outcome.nodes,
        rows=None if matrix is None else matrix.rows,
        columns=None if matrix is None else matrix.columns,
        nonzeros=None if matrix is None else matrix.nonzeros,
        integers=None if matrix is None else matrix.integers,
        build_seconds=outcome.seconds.get("build"),
        handover_seconds=outcome.seconds.get("handover"),
        solve_seconds=outcome.seconds.get("solve"),
        trace=_trace(problem, outcome, clock.began, ended),
        message="; ".join(outcome.messages),
        plan=outcome.plan,
    )


class _ChildClock:
    """When the solver process began its own clock, seen from the start of this process."""

    def __init__(self, launched: float) -> None:
        self.launched = launched
        self.began = time.monotonic() - launched

    def heard(self, progress: Progress) -> None:
        """A process says 0.0 seconds when it begins; one that follows a broken one says so again."""
        if progress.seconds == 0.0:
            self.began = time.monotonic() - self.launched


def _trace(problem: Problem, outcome: Outcome, began: float, ended: float) -> tuple[TracePoint, ...]:
    """Improvements and the end. The stages of a lexicographic solve have different units: then only the end counts."""
    last = (ended, outcome.objective, outcome.bound)
    if problem.objective.mode == "lexicographic":
        if outcome.status == "optimal":
            last = (ended, outcome.objective, outcome.objective)
        return (last,) if outcome.objective is not None else ()
    points = tuple((began + step.seconds, step.incumbent, step.bound) for step in outcome.trace)
    return (*points, last) if outcome.objective is not None else points


def _peer(job: Job, problem: Problem, launched: float) -> PeerAnswer:
    """Another solver; its trace counts from the call."""
    called = time.monotonic() - launched
    answer = peers()[job.name].run(job, problem)
    ended = time.monotonic() - launched
    points = tuple((called + at, plan, bound) for at, plan, bound in answer.trace)
    if answer.objective is not None or answer.bound is not None:
        points = (*points, (ended, answer.objective, answer.bound))
    return replace(answer, trace=points)


def _baseline(job: Job, problem: Problem, launched: float) -> PeerAnswer:
    """A case to compare with: a plan, and nothing proven."""
    began = time.monotonic()
    plan: Plan = BASELINES[job.name](problem)
    took = time.monotonic() - began
    value = check_plan(problem, plan).terms.total
    return PeerAnswer(
        status=PLAN, objective=value, solve_seconds=took, plan=plan, trace=((time.monotonic() - launched, value, None),)
    )


# --- the process ----------------------------------------------------------------------------------------------------


def _own_peaks() -> dict[str, float]:
    """The system's own account of the greatest memory of this process, and of its greatest child; in MiB."""
    try:
        import resource
    except ImportError:
        return {}
    unit = 2**20 if sys.platform == "darwin" else 2**10
    greatest: Callable[[int], int] = lambda who: resource.getrusage(who).ru_maxrss  # noqa: E731
    peak = max(greatest(resource.RUSAGE_SELF), greatest(resource.RUSAGE_CHILDREN)) / unit
    return {"own_peak_mib": peak}


def _end_with_parent(parent: int) -> None:
    """A run whose bench was killed must not go on, nor its children."""
    while os.getppid() == parent:
        time.sleep(1.0)
    psutil = extra("psutil")
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
