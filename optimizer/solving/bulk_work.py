"""What happens inside the spawned solver process for an order book: method "bulk" from start to outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.bulk.worth import worth
from models.facts import Facts
from models.problem import Problem
from optimizer.solving.bulk import Bulk, Found
from optimizer.solving.clock import clock, clock_of, going_by, wall
from optimizer.solving.effort import measured
from optimizer.solving.highs import Limits
from optimizer.solving.job import Job
from optimizer.solving.outcome import EXACT, MatrixSize, Outcome, Progress, Status, relative_gap

LARGE = 60_000
"""Demands times periods from which on an instance is an order book: a weekly one has 14,000, an alliance 136,000."""
METHOD = "bulk"


def is_book(problem: Problem) -> bool:
    """Whether an instance is so large that it is solved as an order book."""
    periods = sum(count for count, _ in problem.periods)
    return (len(problem.orders) + len(problem.needs)) * periods >= LARGE


def takes(job: Job) -> bool:
    """Whether the method does the job: a large instance in a formulation that leaves the method open."""
    weighted = job.problem.objective.mode == "weighted"
    return weighted and job.formulation.method == "guided" and not job.hold and is_book(job.problem)


class BulkWork:
    """One job. `say` takes what the parent hears, `stop` says when to end."""

    def __init__(self, job: Job, say: Callable[[str, Any], None], stop: Callable[[], bool]) -> None:
        self.job, self.say, self.stop = job, say, stop
        self.began = self.last = wall()
        self.phase = ""
        self.trace: list[Progress] = []
        self.root: tuple[float, float] | None = None

    def outcome(self) -> Outcome:
        """Runs the method and says what came out."""
        settings = self.job.settings
        with going_by(clock_of(settings.work, settings.seconds)), measured() as effort:
            facts = Facts(self.job.problem)
            starts = [(plan, worth(facts, plan)) for _, plan in self.job.starts]
            limits = Limits(settings.limit, settings.gap, 1, settings.seed)
            workers = 1 if clock().counted or self.job.cautious else settings.threads
            method = Bulk(facts, limits, workers, self._heard, self.stop)
            built = wall()
            found = method.run(starts)
            repeatable = clock().counted and not clock().late and not self.stop()
        gap = relative_gap(found.objective, found.bound)
        demands = len(self.job.problem.orders) + len(self.job.problem.needs)
        told = f"{demands:,} demands in {facts.T} periods: solved as an order book (method {METHOD}, docs/methods.md)"
        seconds = {"build": built - self.began, "solve": wall() - built}
        if effort.handover is not None:
            seconds["handover"] = effort.handover
        return Outcome(
            self._status(found, gap), found.plan, found.objective, found.bound, self.job.formulation.name, METHOD,
            MatrixSize(*method.size), seconds, (), (), (told, *method.messages), tuple(self.trace), effort.nodes,
            root_bound=None if self.root is None else self.root[0],
            root_seconds=None if self.root is None else self.root[1],
            repeatable=repeatable,
        )  # fmt: skip

    def _status(self, found: Found, gap: float | None) -> Status:
        if self.stop():
            return "interrupted"
        if found.plan is None:
            return "no_plan"
        if gap is not None and gap <= EXACT:
            return "optimal"
        return "gap_reached" if gap is not None and gap <= self.job.settings.gap else "time_limit"

    def _heard(self, found: Found) -> None:
        at = wall()
        progress = Progress(found.phase, found.objective, found.bound, at - self.began)
        last = self.trace[-1] if self.trace else None
        if found.bound is not None and self.root is None:
            self.root = (found.bound, at - self.began)
        if last is None or (last.incumbent, last.bound) != (progress.incumbent, progress.bound):
            self.trace.append(progress)
        if found.phase != self.phase or at - self.last > 0.2:
            self.phase, self.last = found.phase, at
            self.say("progress", progress)
