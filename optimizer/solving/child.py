"""What happens inside the spawned solver process: build, solve stage by stage, read the plan back."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from models.build import Built, compile_model
from models.extract import extract
from models.matrix import Vector
from models.plan import Plan
from models.problem import TERMS
from optimizer.solving.bulk_work import BulkWork, takes
from optimizer.solving.checkpoint import Checkpoint, State, told_of
from optimizer.solving.clock import clock, clock_of, going_by, now, wall
from optimizer.solving.conflict import clashes
from optimizer.solving.effort import Effort, measured
from optimizer.solving.highs import Limits, run
from optimizer.solving.job import Job
from optimizer.solving.methods import METHODS
from optimizer.solving.outcome import (
    EXACT,
    Clash,
    MatrixSize,
    Outcome,
    Progress,
    Stage,
    Status,
    relative_gap,
    stages_bound,
    worst_gap,
)
from optimizer.solving.program import FEASIBLE, Program, program_of
from optimizer.solving.search import Search, Task, start_vector, whole_units
from optimizer.solving.sequencing import fits
from optimizer.solving.spawning import adds_with_one_thread

SOLUTION = "solution"
"""What a checkpoint calls the best solution, by the columns of its formulation."""
ALONE = "has no parts for other workers: --cluster and --workers are for order books (docs/methods.md)"
"""What is said where somebody says where parts are to be worked on, and there are none."""


def main(pipe: Connection, job: Job) -> None:
    """Entry of the spawned process: does the job, says ("outcome", …) or ("error", traceback) at the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    talk = _Talk(pipe)
    try:
        talk.say("outcome", _done(job, talk))
    except Exception:  # noqa: BLE001 - whatever it is, the parent must hear of it
        talk.say("error", traceback.format_exc())


class _Talk:
    """The child's side of the pipe: progress and solutions out, "stop" in."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.stopped = pipe, False
        self.last_progress = self.last_solution = 0.0
        self.phase = ""
        self.sent: float | None = None
        self.trace: list[Progress] = []

    def say(self, kind: str, content: Any) -> None:
        try:
            self.pipe.send((kind, content))
        except OSError:
            raise SystemExit(1) from None

    def stop(self) -> bool:
        if not self.stopped:
            try:
                self.stopped = self.pipe.poll()
            except OSError:
                self.stopped = True
        return self.stopped

    def heard(self, began: float, label: str, search: Search) -> None:
        """Reports the search: progress at most five times a second, solutions at most once in two seconds."""
        at = wall()
        phase = f"{label}{search.phase}"
        progress = Progress(phase, search.objective, search.bound, at - began)
        last = self.trace[-1] if self.trace else None
        if last is None or (last.incumbent, last.bound) != (progress.incumbent, progress.bound):
            self.trace.append(progress)
        if phase != self.phase or at - self.last_progress > 0.2:
            self.phase, self.last_progress = phase, at
            self.say("progress", progress)
        if search.objective is not None and search.objective != self.sent and at - self.last_solution > 2.0:
            self.sent, self.last_solution = search.objective, at
            self.say("solution", search.best)


class _Alone(_Talk):
    """Nobody to talk to but a function that says when to stop."""

    def __init__(self, asked: Callable[[], bool] | None) -> None:
        self.asked, self.stopped = asked, False
        self.last_progress = self.last_solution = 0.0
        self.phase = ""
        self.sent: float | None = None
        self.trace: list[Progress] = []

    def say(self, kind: str, content: Any) -> None:
        """Keeps it to itself."""

    def stop(self) -> bool:
        if not self.stopped and self.asked is not None:
            self.stopped = self.asked()
        return self.stopped


def alone(job: Job, stop: Callable[[], bool] | None = None) -> Outcome:
    """Does the job in this very process; see `optimizer.solving.here`."""
    return _done(job, _Alone(stop))


def _done(job: Job, talk: _Talk) -> Outcome:
    if takes(job):
        return BulkWork(job, talk.say, talk.stop).outcome()
    found = _Work(job, talk).outcome()
    return replace(found, messages=(*found.messages, f"method {found.method} {ALONE}")) if job.where.asked else found


class _Work:
    """One job."""

    def __init__(self, job: Job, talk: _Talk) -> None:
        self.job, self.talk = job, talk
        self.began = wall()
        self.messages: list[str] = []
        self.disturbed = False
        self.checkpoint = None if job.checkpoint is None else Checkpoint(job.checkpoint, job.problem)
        self.before: State | None = None if self.checkpoint is None else self.checkpoint.state()
        if self.before is not None:
            self.messages.append(told_of(self.before))
        self.kept: float | None = None
        """The objective of the solution that was kept last."""
        talk.say("progress", Progress("building the model", None, None, 0.0))
        self.exact = compile_model(job.problem, job.formulation.exact)
        self.method = self._method()
        self.guide = self._guide()
        self.build_seconds = wall() - self.began

    def _method(self) -> str:
        method = METHODS[self.job.formulation.method]
        count = int(self.exact.matrix.whole.sum())
        if method.name == "guided" and not self.job.cautious and fits(self.exact.draft.facts):
            method = METHODS["sequencing"]
        if self.job.cautious or count < method.least_whole:
            return "direct"
        if method.name != "direct":
            self.messages.append(f"{count} whole-number decisions: solved with method {method.name} ({method.summary})")
        return method.name

    def _guide(self) -> Built | None:
        guide = METHODS[self.method].guide
        if guide is None:
            return None
        if self.talk.stop():
            self.method = "direct"  # it will end at once; no use in building more
            return None
        return compile_model(self.job.problem, guide(self.job.formulation), self.exact.draft.facts)

    def outcome(self) -> Outcome:
        """Runs all stages and reads the plan back."""
        settings = self.job.settings
        with going_by(clock_of(settings.work, settings.seconds)) as spent, measured() as effort:
            found = replace(self._solved(), work=spent.spent())
        return self._with_effort(found, effort)

    def _solved(self) -> Outcome:
        job, settings = self.job, self.job.settings
        solving = wall()
        known = self._known()
        if job.finish:
            search = self._search(None, (), settings.limit, settings.gap)
            search.offer(known)
            stages: tuple[Stage, ...] = ()
        elif job.problem.objective.mode == "lexicographic":
            search, stages = self._lexicographic(known)
        else:
            search, stages = self._weighted(known), ()
        return self._finish(search, stages, solving)

    # --- objectives ---------------------------------------------------------------------------------------------------

    def _weighted(self, known: Vector | None) -> Search:
        settings = self.job.settings
        search = self._search(None, (), settings.limit, settings.gap)
        if self.before is not None:
            search.raise_bound(self.before.bound)
        self._begin(search, known)
        if not search.proven:
            self._run(search)
        return search

    def _lexicographic(self, known: Vector | None) -> tuple[Search, tuple[Stage, ...]]:
        """Stages in order, each held within its tolerance; what no stage names comes last, so that it stays sane."""
        policy, settings = self.job.problem.objective, self.job.settings
        plans: list[tuple[str, ...]] = [(stage,) for stage in policy.stages]
        rest = tuple(term for term in TERMS if term not in policy.stages)
        if rest:
            plans.append(rest)
        held: list[tuple[str, float]] = []
        found: list[Stage] = []
        total: Search | None = None
        began = now()
        for number, terms in enumerate(plans):
            left = settings.limit - (now() - began)
            share = left / (len(plans) - number) if number + 1 < len(plans) else left
            gap = min(settings.gap, EXACT)
            search = self._search(terms, tuple(held), max(0.0, share), gap, f"stage {number + 1}, ")
            self._begin(search, known)
            if not search.over:
                self._run(search)
            total = search
            if search.infeasible or search.best is None:
                break
            known = search.best
            value = search.task.program.value(search.best)
            if len(terms) == 1 and terms[0] in policy.stages:
                # a term is a sum of delays, shortfalls or changes, so 0 bounds it where nothing else is proven
                found.append(Stage(terms[0], value, max(0.0, min(value, search.bound or 0.0))))
            slack = max(policy.stage_tolerance * abs(value), 1e-6, 1e-9 * abs(value))
            held += [(term, self.exact.matrix.values(search.best)[term] + slack) for term in terms]
        assert total is not None
        return total, tuple(found)

    def _search(
        self,
        terms: tuple[str, ...] | None,
        held: tuple[tuple[str, float], ...],
        seconds: float,
        gap: float,
        label: str = "",
    ) -> Search:
        def program(built: Built) -> Program:
            found = program_of(built.matrix, None if terms is None else dict.fromkeys(terms, 1.0))
            for term, most in held:
                row, constant = built.matrix.cost({term: 1.0})
                scale = max(1.0, float(np.max(np.abs(row), initial=0.0)))
                found = found.with_row(row / scale, (most - constant) / scale)
            return found

        task = Task(
            self.exact, program(self.exact), self.guide, None if self.guide is None else program(self.guide), program
        )
        settings = self.job.settings
        return Search(
            task, seconds, gap, settings.threads, settings.seed,
            lambda search: self._heard(label, search, whole=terms is None), self.talk.stop,
        )  # fmt: skip

    def _heard(self, label: str, search: Search, *, whole: bool) -> None:
        """Tells the parent of a search, and keeps its best solution; its bound if it is of the `whole` objective."""
        self.talk.heard(self.began, label, search)
        kept = self.checkpoint
        if kept is None:
            return
        if search.best is not None and search.objective != self.kept and kept.due(SOLUTION):
            self.kept = search.objective
            kept.keep(SOLUTION, {}, {"x": search.best})
        if whole:
            plan = None if self.before is None else self.before.plan
            kept.keep_state(plan, search.objective, search.bound, search.phase)

    def _begin(self, search: Search, known: Vector | None) -> None:
        """Offers what is known; else the plans given as starts, completed by a linear program and checked."""
        search.enter("starting plans")
        if search.offer(known):
            return
        before = None if self.before is None else self.before.plan
        for name, plan in (*(() if before is None else (("of the checkpoint", before),)), *self.job.starts):
            x, mask = start_vector(self.exact, self.exact.start(plan))
            completed = search.complete(search.task.program, mask & search.task.program.whole, x)
            if not search.offer(completed) and completed is None:
                self.messages.append(f"the plan {name!r} could not be used as a start")
            search.held = self.job.hold and search.best is not None

    def _run(self, search: Search) -> None:
        METHODS[self.method].run(search)
        self.disturbed |= search.disturbed

    # --- the end ------------------------------------------------------------------------------------------------------

    def _known(self) -> Vector | None:
        known = self.job.known
        if known is None and self.checkpoint is not None:
            found = self.checkpoint.read(SOLUTION)
            known = None if found is None else found[1]["x"]
        return known if known is not None and len(known) == self.exact.matrix.shape[1] else None

    def _finish(self, search: Search, stages: tuple[Stage, ...], solving: float) -> Outcome:
        plan, objective, bound = None, None, search.bound
        found: tuple[Clash, ...] = ()
        if search.infeasible and search.best is None:
            search.enter("finding out what clashes")
            found = clashes(self.job.problem)
        elif search.best is not None:
            x = whole_units(search.task, search.best, search)
            plan = extract(self.exact, x)
            lexicographic = self.job.problem.objective.mode == "lexicographic"
            if lexicographic and not search.proven:
                x = self._tightened(search, plan, x)
                plan = extract(self.exact, x)
            objective = sum(self.exact.matrix.values(x).values())
            if lexicographic:
                bound = stages_bound(stages, objective)
        status = self._status(search, plan, objective, bound, stages)
        rows, columns = self.exact.matrix.shape
        matrix = self.exact.matrix
        self._say_late()
        chance = clock().late or self.talk.stopped or self.disturbed or not adds_with_one_thread()
        chance |= self.before is not None
        if self.checkpoint is not None:
            if plan is not None:
                self.checkpoint.keep(SOLUTION, {}, {"x": x})
            told = None if self.job.problem.objective.mode == "lexicographic" else bound
            self.checkpoint.keep_state(plan, objective, told, search.phase, soon=False)
            self.messages += self.checkpoint.messages
        root = None if bound is None or self.job.problem.objective.mode == "lexicographic" else search
        return Outcome(
            status, plan, objective, bound if status != "infeasible" else None, self.job.formulation.name, self.method,
            MatrixSize(rows, columns, int(matrix.A.nnz), int(matrix.whole.sum())),
            {"build": self.build_seconds, "solve": wall() - solving},
            stages, found, (*self.messages, *search.messages), tuple(self.talk.trace),
            root_bound=None if root is None else root.root_bound,
            root_seconds=None if root is None or root.root_at is None else root.root_at - self.began,
            repeatable=clock().counted and not chance,
        )  # fmt: skip

    def _say_late(self) -> None:
        if clock().late:
            self.messages.append(
                f"the net of {self.job.settings.seconds:g} s ended the solve before its {self.job.settings.work:g} "
                "units of work were done: another run may end elsewhere"
            )

    def _with_effort(self, outcome: Outcome, effort: Effort) -> Outcome:
        """The outcome with what its runs cost together."""
        seconds = outcome.seconds if effort.handover is None else {**outcome.seconds, "handover": effort.handover}
        return replace(outcome, nodes=effort.nodes, seconds=seconds)

    def _tightened(self, search: Search, plan: Plan, x: Vector) -> Vector:
        """The plan's values with every term at what it costs: a stage that was not finished leaves the others loose."""
        cost, offset = self.exact.matrix.cost()
        program = replace(search.task.program, cost=cost, offset=offset)
        task = Task(self.exact, program)
        start, mask = start_vector(self.exact, self.exact.start(plan))
        fixed = program.fixed(mask & program.whole, start)
        answer = run(fixed, Limits(20.0, 1e-6, 1, search.seed))
        if answer.x is None or program.violation(answer.x) > FEASIBLE or answer.objective is None:
            return x
        return whole_units(task, answer.x, search) if answer.objective < program.value(x) else x

    def _status(
        self, search: Search, plan: Plan | None, objective: float | None, bound: float | None,
        stages: tuple[Stage, ...],
    ) -> Status:  # fmt: skip
        if search.infeasible and plan is None:
            return "infeasible"
        if self.talk.stopped:
            return "interrupted"
        if plan is None:
            return "no_plan"
        if self.job.problem.objective.mode == "lexicographic":
            worst = worst_gap(stages, self.job.problem.objective.stages)
        else:
            worst = g if (g := relative_gap(objective, bound)) is not None else 1.0
        if worst <= EXACT:
            return "optimal"
        return "gap_reached" if worst <= self.job.settings.gap else "time_limit"
