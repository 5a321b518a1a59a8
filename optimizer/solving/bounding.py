"""A lower bound in a process of its own: the guide with its decisive columns whole, solved beside the search.

First block by block (`optimizer.solving.blockwise`); then, once a good schedule of releases is known, with releases
whole and what the blocks have shown as prices, best at that schedule; then with all decisive columns whole and what the
blocks have shown as rows.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np

from models.matrix import Vector
from optimizer.solving.blockwise import Blockwise
from optimizer.solving.clock import WallClock, WorkClock, clock, going_by, now
from optimizer.solving.effort import Effort, account, measured
from optimizer.solving.highs import End, Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.rounds import Side, side
from optimizer.solving.spawning import start_quietly

BLOCKS = 0.3
"""Share of the time for the blocks."""
RELEASES = 0.8
"""Share of what is left then for releases with the blocks as prices."""
CLOSE = 1e-4
"""Gap to which these are solved."""
PATIENCE = 60.0
"""Seconds by which the net of the process is wider than that of the search, which ends it in any case."""
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


class _Told:
    """The voice in the process: what it says to the search, and what it is told."""

    def __init__(self, talk: Side, effort: Effort, columns: int) -> None:
        self.talk, self.effort = talk, effort
        self.columns = columns
        self.lead: Vector | None = None

    def solution(self, x: Vector, objective: float) -> None:
        """Says a solution."""
        self.talk.say(("solution", x, objective))

    def bound(self, bound: float | None) -> None:
        """Says a bound, if there is one, and the nodes so far."""
        if self.effort.nodes is not None:
            self.talk.say(("nodes", self.effort.nodes))
        if bound is not None:
            self.talk.say(("bound", bound))

    def stop(self) -> bool:
        """Whether the other side said so, or is gone; a solution that it hands over is kept as `lead`."""
        for said in self.talk.hear():
            self.lead = np.zeros(self.columns)
            self.lead[said] = 1.0
        return self.talk.ended


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
    began = now()

    def left() -> float:
        return limits.seconds - (now() - began)

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


def _work(pipe: Connection, subject: Subject, limits: Limits, net: float | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with going_by(WallClock() if net is None else WorkClock(net)), measured() as effort:
        talk = side(pipe)
        voice = _Told(talk, effort, subject.program.cost.size)
        talk.say(("done", bound(subject, limits, voice)))
        talk.end()


class Bounding:
    """A running bound. `hear()` gives what it has found since the last call; `close()` ends it.

    By work, its own is limited as the search's is, and both hear of each other in rounds (`optimizer.solving.rounds`).
    """

    def __init__(self, subject: Subject, limits: Limits, gone: Callable[[], bool] = lambda: False) -> None:
        """Starts the process. `gone`: polled where the search waits for it; true gives that up."""
        self._releases = subject.releases
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        net = clock().net() + PATIENCE if clock().counted else None
        self._process = context.Process(target=_work, args=(other, subject, limits, net), daemon=True)
        start_quietly(self._process)
        other.close()
        self._talk = side(self._pipe, gone)
        self.done = False
        self._nodes = 0
        self.end: str | None = None

    @property
    def broken(self) -> bool:
        """Whether it ended by itself."""
        return self._talk.broken and self.end is None

    def lead(self, x: Vector) -> None:
        """Hands over when a good solution of the subject releases packages.

        Only that: what does not fit into a pipe waits until the other side reads, which may take seconds.
        """
        self._talk.say(np.flatnonzero(self._releases & (x > 0.5)))

    def hear(self, *, last: bool = False) -> tuple[float | None, list[tuple[Vector, float]]]:
        """The best bound and the guide's solutions (with objective) said since the last call.

        `last`: there will be no more calls; by work, this waits until the process is as far as the search.
        """
        bound: float | None = None
        solutions: list[tuple[Vector, float]] = []
        if self.done:
            return bound, solutions
        for kind, *content in self._talk.last() if last else self._talk.hear():
            if kind == "bound":
                bound = content[0] if bound is None else max(bound, content[0])
            elif kind == "solution":
                solutions.append((np.asarray(content[0]), content[1]))
            elif kind == "nodes":
                account().spent(content[0] - self._nodes)
                self._nodes = content[0]
            elif kind == "done":
                self.done, self.end = True, content[0]
        self.done = self.done or (self._talk.ended and not clock().counted)
        return bound, solutions

    def close(self) -> None:
        """Ends the process, and takes what it has spent."""
        self._talk.end()
        self._process.join(0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        if not clock().counted:
            self.hear()  # its nodes count, though its bounds come too late
        self._pipe.close()
