"""solve(problem, formulation, settings) -> Outcome: the solver runs in a spawned child, so a crash is only a status.

A child that dies is followed by one more with other settings (the whole model in one run, one thread, another seed),
which starts from what the first had found. If that one dies too, a last one only reads the best solution back; so it
does where memory has run out, as another try would end the same way.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from models.bulk.size import is_book
from models.formulation import Formulation
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving.clock import wall
from optimizer.solving.entry import work
from optimizer.solving.job import Job
from optimizer.solving.memory import Memory, end_below
from optimizer.solving.outcome import Outcome, Progress, Status
from optimizer.solving.places.where import BESIDE, Where
from optimizer.solving.spawning import start_quietly

GRACE = 120.0
"""Seconds a child may take beyond its limit (building, reading the plan back) before it is ended."""
LOOKS = 0.5
"""Seconds between two looks at memory."""


class SolverError(RuntimeError):
    """The solver process reported an error of the program; the message is its traceback."""


@dataclass(frozen=True)
class _Ended:
    """How a child ended: with an outcome, or with what it had said until then. `full`: why memory ended it."""

    outcome: Outcome | None
    best: Vector | None
    bound: float | None
    ending: str
    seconds: float
    late: bool
    full: str | None = None


def solve(
    problem: Problem,
    formulation: Formulation,
    settings: Settings,
    *,
    starts: Sequence[tuple[str, Plan]] = (),
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    hold: bool = False,
    checkpoint: Path | None = None,
    where: Where = BESIDE,
) -> Outcome:
    """Finds a plan and a proven bound.

    Args:
        problem: the instance, judged.
        formulation: how it is modelled; see `models.catalog`.
        settings: limits; `seconds` is wall-clock time of the solving phase, `work` one that gives the same plan again.
        starts: named plans to start from; each is checked before it is used.
        progress: called with every look at the running solve.
        stop: polled; once true the solve ends soon, with the best plan so far and status "interrupted".
        hold: the first of the starts that is a legal plan stands, and only a bound is proven for it.
        checkpoint: a folder that keeps what is found (`optimizer.solving.checkpoint`); the solve goes on from what it
            keeps of this instance, if anything.
        where: parts are worked on, by a method that has such; a cluster that is gone costs a message, no plan.

    Raises:
        SolverError: an error of the program inside the solver process.
    """
    with _kept_in(checkpoint, problem) as folder:
        job = Job(problem, formulation, settings, tuple(starts), hold=hold, checkpoint=folder, where=where)
        return _solved(job, progress, stop)


@contextmanager
def _kept_in(checkpoint: Path | None, problem: Problem) -> Iterator[Path | None]:
    """The folder of the checkpoint. An order book has one in any case: if its process dies, another one goes on."""
    if checkpoint is not None or not is_book(problem):
        yield checkpoint
    else:
        with tempfile.TemporaryDirectory(prefix="burdenshare-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)


def _solved(job: Job, progress: Callable[[Progress], None] | None, stop: Callable[[], bool] | None) -> Outcome:
    settings = job.settings
    first = _Child(job, progress, stop).run()
    if first.outcome is not None:
        return first.outcome
    note = f"the solver process ended by itself ({first.ending})" if first.full is None else first.full
    left = max(10.0, settings.seconds - first.seconds)
    calm = replace(settings, threads=1, seed=settings.seed + 1, seconds=left)
    if not first.late and first.full is None:
        again = _Child(replace(job, settings=calm, known=first.best, cautious=True), progress, stop).run()
        if again.outcome is not None:
            messages = (*again.outcome.messages, f"{note}; solved again with other settings")
            lost = replace(again.outcome, messages=messages, repeatable=False)
            return replace(lost, nodes=None)  # what the first one spent is lost
        first = again if again.best is not None else replace(again, best=first.best, bound=first.bound)
    if first.best is not None or job.checkpoint is not None:
        last = _Child(replace(job, settings=calm, known=first.best, finish=True, cautious=True), None, None).run()
        if last.outcome is not None and last.outcome.plan is not None:
            messages = (*last.outcome.messages, f"{note}; this is the best plan it had found")
            lost = replace(last.outcome, messages=messages, nodes=None, repeatable=False)
            bounds = [bound for bound in (first.bound, last.outcome.bound) if bound is not None]
            return replace(lost, status="time_limit", bound=max(bounds, default=None))
    seconds = {"build": 0.0, "solve": first.seconds}
    return Outcome("no_plan", None, None, None, job.formulation.name, "direct", None, seconds, messages=(note,))


class _Child:
    """One spawned solver process, from start to end."""

    def __init__(self, job: Job, progress: Callable[[Progress], None] | None, stop: Callable[[], bool] | None) -> None:
        self.job, self.progress, self.stop = job, progress, stop
        self.best: Vector | None = None
        self.bound: float | None = None
        self.stopping = False
        self.memory = Memory(None if job.finish else job.settings.memory_gib)
        self.ending = self.full = False
        """Whether it was asked to end, or was ended, for want of memory."""
        self._looked = 0.0

    def run(self) -> _Ended:
        began = wall()
        context = multiprocessing.get_context("spawn")
        pipe, other = context.Pipe()
        process = context.Process(target=work, args=(other, self.job))
        start_quietly(process)
        other.close()
        try:
            outcome, late = self._listen(pipe, process.is_alive, began)
        finally:
            if process.is_alive() and not self.full:
                process.join(3)
            if process.is_alive() and process.pid is not None:
                end_below(process.pid)
            process.join()
            pipe.close()
        ending = "it took too long" if late else f"exit code {process.exitcode}"
        if outcome is not None and self.ending:
            outcome = _ended_by_memory(outcome, self.memory.said())
        full = self.memory.said() if self.full else None
        return _Ended(outcome, self.best, self.bound, ending, wall() - began, late, full)

    def _listen(self, pipe: Connection, alive: Callable[[], bool], began: float) -> tuple[Outcome | None, bool]:
        deadline = began + self.job.settings.seconds + GRACE
        while True:
            if self.stop is not None and not self.stopping and self.stop():
                self.stopping = True
                pipe.send("stop")
                deadline = min(deadline, wall() + GRACE)
            if wall() > deadline:
                return None, True
            if not self._has_room(pipe):
                return None, False
            try:
                if not pipe.poll(0.1):
                    if not alive() and not pipe.poll():
                        return None, False
                    continue
                kind, content = pipe.recv()
            except (EOFError, OSError):
                return None, False
            if kind == "outcome":
                return content, False
            if kind == "error":
                raise SolverError(content)
            if kind == "solution":
                self.best = content
            elif kind == "progress":
                self.bound = content.bound
                if self.progress is not None:
                    self.progress(content)

    def _has_room(self, pipe: Connection) -> bool:
        """Looks at memory now and then: asks the child to end where little is left; False where none is."""
        if self.job.finish or wall() - self._looked < LOOKS:
            return True
        self._looked = wall()
        state = self.memory.state()
        if state == "full":
            self.full = True
        elif state == "ending" and not self.stopping and not self.ending:
            self.ending = True
            with suppress(OSError):
                pipe.send("stop")
        return not self.full


def _ended_by_memory(outcome: Outcome, why: str) -> Outcome:
    """The outcome of a child that was asked to end, and not by the user."""
    if outcome.status != "interrupted":
        return outcome
    status: Status = "no_plan" if outcome.plan is None else "time_limit"
    return replace(outcome, status=status, messages=(*outcome.messages, why), repeatable=False)
