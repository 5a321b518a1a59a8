"""A lower bound in a process of its own: the guide with its decisive columns whole, solved beside the search.

First block by block (`optimizer.solving.blockwise`), then as a whole with what the blocks have shown as rows.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from models.matrix import Vector
from optimizer.solving.blockwise import Blockwise
from optimizer.solving.effort import Effort, account, measured
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.spawning import start_quietly

BLOCKS = 0.3
"""Share of the time for the blocks."""


class _Voice:
    """The side of the process: what it says, and whether it was told to stop."""

    def __init__(self, pipe: Connection, effort: Effort) -> None:
        self.pipe, self.effort = pipe, effort

    def say(self, kind: str, *content: Any) -> None:
        try:
            self.pipe.send((kind, *content))
        except OSError:
            raise SystemExit from None

    def bound(self, bound: float | None) -> None:
        """Says a bound, if there is one, and the nodes so far."""
        if self.effort.nodes is not None:
            self.say("nodes", self.effort.nodes)
        if bound is not None:
            self.say("bound", bound)

    def stop(self) -> bool:
        return self.pipe.poll()  # anything said, and the end of the other side, means stop


def _work(pipe: Connection, program: Program, limits: Limits, coupling: Mask, decisions: Mask) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with measured() as effort:
        voice = _Voice(pipe, effort)
        began = time.monotonic()
        blocks = Blockwise(program, coupling, decisions, limits, voice.stop)
        program = blocks.run(BLOCKS * limits.seconds, voice.bound)
        answer = run(
            program,
            replace(limits, seconds=limits.seconds - (time.monotonic() - began)),
            on_solution=lambda x, objective: voice.say("solution", x, objective),
            on_progress=lambda _incumbent, bound: voice.bound(bound),
            stop=voice.stop,
        )
        voice.bound(answer.bound)
        voice.say("done", answer.end)


class Bounding:
    """A running bound. `hear()` gives what it has found since the last call; `close()` ends it."""

    def __init__(self, program: Program, limits: Limits, coupling: Mask, decisions: Mask) -> None:
        """Starts the process; `program` must be a relaxation of the task.

        `coupling`: rows without which it falls apart; `decisions`: columns that are whole within its parts.
        """
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, program, limits, coupling, decisions), daemon=True)
        start_quietly(self._process)
        other.close()
        self.done = False
        self._nodes = 0
        self.end: str | None = None

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
