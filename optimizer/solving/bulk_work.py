"""What happens inside the spawned solver process for an order book: method "bulk" from start to outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from models.bulk.size import is_book
from models.bulk.worth import worth
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan
from optimizer.solving.bulk import Bulk, Found
from optimizer.solving.bulk_saved import Saved
from optimizer.solving.bulk_staged import TOLD, Staged
from optimizer.solving.checkpoint import Checkpoint, State, told_of
from optimizer.solving.clock import clock, clock_of, going_by, now, wall
from optimizer.solving.conflict import NotConfirmedError, clashes, promises_only
from optimizer.solving.effort import measured
from optimizer.solving.highs import Limits
from optimizer.solving.job import Job
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
from optimizer.solving.phases import Phases
from optimizer.solving.places.where import Where

METHOD = "bulk"
EXPLAINING = 60.0
"""Seconds for every step of finding out what clashes where no plan was found, as far as time is left."""
WRITABLE = 60_000
"""Firm orders times periods for which that is tried."""


def takes(job: Job) -> bool:
    """Whether the method does the job: a large instance in a formulation that leaves the method open."""
    return job.formulation.method == "guided" and is_book(job.problem)


class BulkWork:
    """One job. `say` takes what the parent hears, `stop` says when to end."""

    def __init__(self, job: Job, say: Callable[[str, Any], None], stop: Callable[[], bool]) -> None:
        """Its clock begins now."""
        self.job, self.say, self.stop = job, say, stop
        self.began = self.last = wall()
        self.phase = ""
        self.phases = Phases("start", self.began)
        self.trace: list[Progress] = []
        self.messages: list[str] = []
        self.root: tuple[float, float] | None = None
        self.saved = Saved(None if job.checkpoint is None else Checkpoint(job.checkpoint, job.problem))
        self.staged = Staged(job.problem) if job.problem.objective.mode == "lexicographic" else None
        self._told: tuple[Plan | None, float | None] = None, None
        """The best plan of an instance with stages, and the sum of its terms."""

    def outcome(self) -> Outcome:
        """Runs the method and says what came out."""
        settings = self.job.settings
        with going_by(clock_of(settings.work, settings.seconds)) as counting, measured() as effort:
            began = now()
            facts = Facts(self.job.problem if self.staged is None else self.staged.weighed)
            before = self._before()
            starts = self._legal(facts, before)
            limits = Limits(settings.limit, settings.gap if self.staged is None else EXACT, 1, settings.seed)
            where = Where(workers=1) if self.job.cautious else self.job.where.usually(settings.threads)
            if self.staged is not None and not self.job.finish:
                self.staged.prove(limits, where, self._heard, self.stop)
                limits = replace(limits, seconds=settings.limit - (now() - began))
            method = Bulk(facts, limits, where, self._heard, self.stop, saved=self.saved)
            built = wall()
            bound = None if before is None or self.staged is not None else before.bound
            hold = self.job.hold and bool(starts)
            starts = starts[:1] if hold else starts
            run = method.stand if hold else method.run
            if self.job.finish or (hold and self.staged is not None):
                run = method.offered
            found = self._kept(run(starts, bound), method.taken)
            stages: tuple[Stage, ...] = ()
            if self.staged is not None:
                found, stages = self._in_stages(self.staged, found, starts)
            clashing = self._clashes(found, method.left) if found.plan is None else ()
            chance = clock().late or self.stop() or method.disturbed or before is not None
            repeatable = clock().counted and not chance
            phases = self.phases.ended(wall())
        self.saved.keep_plan(found.plan, found.objective, found.bound, found.phase, soon=False)
        self.messages += self.saved.messages
        gap = relative_gap(found.objective, found.bound)
        demands = len(self.job.problem.orders) + len(self.job.problem.needs)
        told = f"{demands:,} demands in {facts.T} periods: solved as an order book (method {METHOD}, docs/methods.md)"
        messages = (told, *(() if self.staged is None else (TOLD,)), *self.messages, *method.messages)
        seconds = {"build": built - self.began, "solve": wall() - built}
        if effort.handover is not None:
            seconds["handover"] = effort.handover
        return Outcome(
            "infeasible" if clashing else self._status(found, gap, stages), found.plan, found.objective,
            None if clashing else found.bound, self.job.formulation.name, METHOD,
            MatrixSize(*method.size), seconds, stages, clashing, messages, tuple(self.trace), effort.nodes,
            root_bound=None if self.root is None else self.root[0],
            root_seconds=None if self.root is None else self.root[1],
            repeatable=repeatable, phases=phases, work=counting.spent(),
        )  # fmt: skip

    def _before(self) -> State | None:
        """What a run before has kept."""
        state = self.saved.plan()
        if state is not None:
            self.messages.append(told_of(state))
        return state

    def _legal(self, facts: Facts, before: State | None) -> list[tuple[Plan, float]]:
        """The plans to start from that break no rule, with their objectives."""
        found = []
        kept = [] if before is None or before.plan is None else [("of the checkpoint", before.plan)]
        for name, plan in [*kept, *self.job.starts]:
            if check_plan(self.job.problem, plan).violations:
                self.messages.append(f"the plan {name!r} could not be used as a start")
            else:
                found.append((plan, worth(facts, plan)))
        return found

    def _kept(self, found: Found, taken: Sequence[tuple[Plan, float]]) -> Found:
        """What was found; with the best plan before it for one that breaks a rule: no such plan is ever handed on."""
        self.phases.enter("judging", wall())
        legal = [(found.plan, found.objective), *reversed(taken)]
        for number, (plan, objective) in enumerate(legal):
            if plan is None or not check_plan(self.job.problem, plan).violations:
                return replace(found, plan=plan, objective=objective)
            if number == 0:
                self.messages.append("the plan that was found breaks a rule and is left out")
        return replace(found, plan=None, objective=None)

    def _clashes(self, found: Found, left: float) -> tuple[Clash, ...]:
        """Why there is no plan, if promises alone prove it in the time left, and are few enough to be written down."""
        promises = promises_only(self.job.problem)
        if self.stop() or left <= 0 or len(promises.orders) * Facts(promises).T > WRITABLE:
            return ()
        self._heard(replace(found, phase="finding out what clashes"))
        try:
            return clashes(self.job.problem, min(EXPLAINING, left))
        except NotConfirmedError:
            return ()

    def _in_stages(
        self, staged: Staged, found: Found, starts: Sequence[tuple[Plan, float]]
    ) -> tuple[Found, tuple[Stage, ...]]:
        """What was found in the objective's own units: a plan that a start betters stage by stage gives way to it."""
        if found.plan is None:
            return replace(found, bound=None), ()
        plan, terms = staged.best([found.plan, *(plan for plan, _ in starts)])
        stages = staged.reached(terms)
        return replace(found, plan=plan, objective=terms.total, bound=stages_bound(stages, terms.total)), stages

    def _in_units(self, found: Found) -> Found:
        """What is told of a run: with stages, the sum of the terms; a bound of the weighed sum says nothing of that."""
        if self.staged is None:
            return found
        if found.plan is not None and found.plan is not self._told[0]:
            self._told = found.plan, self.staged.objective(found.plan)
        return replace(found, objective=None if found.plan is None else self._told[1], bound=None)

    def _status(self, found: Found, gap: float | None, stages: tuple[Stage, ...]) -> Status:
        if self.stop():
            return "interrupted"
        if found.plan is None:
            return "no_plan"
        if self.staged is not None:
            gap = worst_gap(stages, self.staged.stages)
        if gap is not None and gap <= EXACT:
            return "optimal"
        return "gap_reached" if gap is not None and gap <= self.job.settings.gap else "time_limit"

    def _heard(self, found: Found) -> None:
        at, found = wall(), self._in_units(found)
        self.phases.enter(found.phase, at)
        progress = Progress(found.phase, found.objective, found.bound, at - self.began)
        last = self.trace[-1] if self.trace else None
        if found.bound is not None and self.root is None:
            self.root = (found.bound, at - self.began)
        if last is None or (last.incumbent, last.bound) != (progress.incumbent, progress.bound):
            self.trace.append(progress)
            self.saved.keep_plan(found.plan, found.objective, found.bound, found.phase)
        if found.phase != self.phase or at - self.last > 0.2:
            self.phase, self.last = found.phase, at
            self.say("progress", progress)
