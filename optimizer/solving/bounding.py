"""A lower bound in a process of its own: the guide with its decisive columns whole, solved beside the search.

First block by block (`optimizer.solving.blockwise`); then, once a good schedule of releases is known, with releases
whole and what the blocks have shown as prices, best at that schedule; then with all decisive columns whole and what the
blocks have shown as rows.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Protocol

import numpy as np

from models.matrix import Vector
from optimizer.solving.blockwise import Blockwise
from optimizer.solving.effort import Effort, account, measured
from optimizer.solving.highs import End, Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.spawning import start_quietly

BLOCKS = 0.3
"""Share of the time for the blocks."""
RELEASES = 0.8
"""Share of what is left then for releases with the blocks as prices."""
CLOSE = 1e-4
"""Gap to which these are solved."""
ROUNDS = 2
"""How often blocks are priced where the schedule is good, if there is time."""


class Voice(Protocol):
    """Who hears of bounds and solutions, and may hand over a solution or say stop."""

    @property
    def lead(self) -> Vector | None:
        """Values of the subject's columns that say when a good solution releases packages, once one is known."""
        ...

    def bound(self, bound: float | None) -> None:
        """Hears of a lower bound."""
        ...

    def solution(self, x: Vector, objective: float) -> None:
        """Hears of a solution with all decisive columns whole."""
        ...

    def stop(self) -> bool:
        """Whether to stop."""
        ...


class _Pipe:
    """The side of the process: what it says, and what it is told."""

    def __init__(self, pipe: Connection, effort: Effort, columns: int) -> None:
        self.pipe, self.effort = pipe, effort
        self.columns = columns
        self.lead: Vector | None = None
        self._stopped = False

    def say(self, kind: str, *content: Any) -> None:
        try:
            self.pipe.send((kind, *content))
        except OSError:
            raise SystemExit from None

    def solution(self, x: Vector, objective: float) -> None:
        """Says a solution."""
        self.say("solution", x, objective)

    def bound(self, bound: float | None) -> None:
        """Says a bound, if there is one, and the nodes so far."""
        if self.effort.nodes is not None:
            self.say("nodes", self.effort.nodes)
        if bound is not None:
            self.say("bound", bound)

    def stop(self) -> bool:
        """Whether the other side said so, or is gone; a solution that it hands over is kept as `lead`."""
        try:
            while not self._stopped and self.pipe.poll():
                said = self.pipe.recv()
                if isinstance(said, str):
                    self._stopped = True
                else:
                    self.lead = np.zeros(self.columns)
                    self.lead[said] = 1.0
        except (EOFError, OSError):
            self._stopped = True
        return self._stopped


@dataclass(frozen=True)
class Subject:
    """What is bounded: a relaxation of the task.

    `coupling`: rows without which it falls apart; `decisions`: columns that are whole within its parts; `releases`:
    columns that say when packages are released.
    """

    program: Program
    coupling: Mask
    decisions: Mask
    releases: Mask


def bound(subject: Subject, limits: Limits, voice: Voice) -> End:
    """Bounds a subject within the limits, telling of every bound and solution; why it ended."""
    began = time.monotonic()

    def left() -> float:
        return limits.seconds - (time.monotonic() - began)

    blocks = Blockwise(subject.program, subject.coupling, subject.decisions, limits, voice.stop)
    program = blocks.run(BLOCKS * limits.seconds, voice.bound)
    for number in range(ROUNDS):
        if voice.stop() or voice.lead is None:
            break
        if number:
            program = blocks.again(program, subject.releases, voice.lead, BLOCKS * left())
        priced = blocks.priced(program, subject.releases, voice.lead, left())
        if priced is None:
            break
        answer = run(
            priced[0].relaxed(subject.releases),
            replace(limits, seconds=RELEASES * left(), gap=CLOSE),
            start=priced[1],
            on_progress=lambda _incumbent, bound: voice.bound(bound),
            stop=voice.stop,
        )
        voice.bound(answer.bound)
    answer = run(
        program,
        replace(limits, seconds=left()),
        on_solution=voice.solution,
        on_progress=lambda _incumbent, bound: voice.bound(bound),
        stop=voice.stop,
    )
    voice.bound(answer.bound)
    return answer.end


def _work(pipe: Connection, subject: Subject, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with measured() as effort:
        voice = _Pipe(pipe, effort, subject.program.cost.size)
        voice.say("done", bound(subject, limits, voice))


class Bounding:
    """A running bound. `hear()` gives what it has found since the last call; `close()` ends it."""

    def __init__(self, subject: Subject, limits: Limits) -> None:
        """Starts the process."""
        self._releases = subject.releases
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, subject, limits), daemon=True)
        start_quietly(self._process)
        other.close()
        self.done = False
        self._nodes = 0
        self.end: str | None = None

    def lead(self, x: Vector) -> None:
        """Hands over when a good solution of the subject releases packages.

        Only that: what does not fit into a pipe waits until the other side reads, which may take seconds.
        """
        with contextlib.suppress(OSError):
            self._pipe.send(np.flatnonzero(self._releases & (x > 0.5)))

    def hear(self) -> tuple[float | None, list[tuple[Vector, float]]]:
        """The best bound and the guide's solutions (with objective) said since the last call."""
        bound: float | None = None
        solutions: list[tuple[Vector, float]] = []
        try:
            while not self.done and self._pipe.poll():
                kind, *content = self._pipe.recv()
                if kind == "bound":
                    bound = content[0] if bound is None else max(bound, content[0])
                elif kind == "solution":
                    solutions.append((np.asarray(content[0]), content[1]))
                elif kind == "nodes":
                    account().spent(content[0] - self._nodes)
                    self._nodes = content[0]
                elif kind == "done":
                    self.done, self.end = True, content[0]
        except (EOFError, OSError):
            self.done = True
        return bound, solutions

    def close(self) -> None:
        """Ends the process, and takes what it has spent."""
        with contextlib.suppress(OSError):
            self._pipe.send("stop")
        self._process.join(0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.hear()  # its nodes count, though its bounds come too late
        self._pipe.close()
