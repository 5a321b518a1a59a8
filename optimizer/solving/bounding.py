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
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.spawning import start_quietly

BLOCKS = 0.3
"""Share of the time for the blocks."""


def _work(pipe: Connection, program: Program, limits: Limits, coupling: Mask, decisions: Mask) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def stop() -> bool:
        return pipe.poll()  # anything said, and the end of the other side, means stop

    def say(kind: str, *content: Any) -> None:
        try:
            pipe.send((kind, *content))
        except OSError:
            raise SystemExit from None

    def progress(_incumbent: float | None, bound: float | None) -> None:
        if bound is not None:
            say("bound", bound)

    def solution(x: Vector, objective: float) -> None:
        say("solution", x, objective)

    began = time.monotonic()
    blocks = Blockwise(program, coupling, decisions, limits, stop)
    program = blocks.run(BLOCKS * limits.seconds, lambda bound: say("bound", bound))
    limits = replace(limits, seconds=limits.seconds - (time.monotonic() - began))
    answer = run(program, limits, on_solution=solution, on_progress=progress, stop=stop)
    if answer.bound is not None:
        say("bound", answer.bound)
    say("done", answer.end)


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
                elif kind == "done":
                    self.done, self.end = True, content[0]
        except (EOFError, OSError):
            self.done = True
        return bound, solutions

    def close(self) -> None:
        """Ends the process."""
        with contextlib.suppress(OSError):
            self._pipe.send("stop")
        self._process.join(0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()
