"""Two processes that search by work, and hear of each other at places that no clock of the wall decides.

Each counts its own work. Work is cut into rounds; at the first look after the end of a round a side says so, and hears
what the other had said `LAG` rounds before, once it is sure that the other is that far. So what is heard, and when,
follows from the work of both alone; who is ahead waits. Two sides cannot wait for each other, as one of them is ahead.

Source: conservative synchronisation with lookahead in discrete event simulation (Chandy & Misra, IEEE Transactions on
Software Engineering 5, 1979; Bryant 1977).
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Protocol

from optimizer.solving.clock import clock, now

ROUND = 0.5
"""Units of work."""
LAG = 4
"""Rounds by which what is said is heard later: so far may one side fall behind before the other waits."""
SAID, REACHED, ENDED = "said", "reached", "ended"
POLL = 0.1
"""Seconds between two looks at whether a wait was given up."""


class Side(Protocol):
    """One side of a talk between two processes. `ended`: nothing more will come; `broken`: without its having said so.

    Not waiting for an answer: what does not fit into the pipe waits until the other side hears, which may take seconds.
    """

    ended: bool
    broken: bool

    def say(self, content: Any) -> None:
        """Says something to the other side; nothing where it is gone."""
        ...

    def end(self) -> None:
        """Says that nothing more will come."""
        ...

    def hear(self) -> list[Any]:
        """What is new."""
        ...

    def last(self) -> list[Any]:
        """What is new at the end of all work."""
        ...


def side(pipe: Connection, gone: Callable[[], bool] = lambda: False) -> Side:
    """A side that fits the clock of the process; `gone`: polled where it waits."""
    return Rounds(pipe, gone) if clock().counted else Straight(pipe)


class Straight:
    """One side by the wall: what is said is heard as soon as it is there."""

    def __init__(self, pipe: Connection) -> None:
        """On one end of a pipe."""
        self._pipe = pipe
        self.ended = self.broken = False

    def say(self, content: Any) -> None:
        """Says something to the other side; nothing where it is gone."""
        self._send((SAID, content))

    def end(self) -> None:
        """Says that nothing more will come."""
        self._send((ENDED, None))

    def hear(self) -> list[Any]:
        """What is there."""
        found = []
        try:
            while not self.ended and self._pipe.poll():
                kind, content = self._pipe.recv()
                if kind == SAID:
                    found.append(content)
                else:
                    self.ended = True
        except (EOFError, OSError):
            self.broken, self.ended = not self.ended, True
        return found

    def last(self) -> list[Any]:
        """What is there."""
        return self.hear()

    def _send(self, content: Any) -> None:
        with contextlib.suppress(OSError):  # who is gone may have left something to hear
            self._pipe.send(content)


class Rounds:
    """One side by work. The clock of the process must count work; the other side has a `Rounds` on the other end."""

    def __init__(self, pipe: Connection, gone: Callable[[], bool] = lambda: False) -> None:
        """Begins its rounds now. `gone`: polled while waiting; true gives the wait up, for good."""
        self._pipe, self._gone = pipe, gone
        self._began = now()
        self._round, self._other = 0, 0
        self.ended = self.broken = False
        self._waiting: deque[tuple[float, Any]] = deque()

    @property
    def work(self) -> float:
        """Units since the rounds began."""
        return now() - self._began

    def say(self, content: Any) -> None:
        """Says something to the other side; nothing where it is gone."""
        self._send(SAID, self.work, content)

    def end(self) -> None:
        """Says that nothing more will come."""
        self._send(ENDED, 0.0, None)

    def hear(self) -> list[Any]:
        """What the other side said up to `LAG` rounds ago, if a round has ended since the last call; in order."""
        self._read()
        at = int(self.work / ROUND)
        if at <= self._round:
            return []
        self._round = at
        self._send(REACHED, 0.0, at)
        return self._until(at - LAG)

    def last(self) -> list[Any]:
        """What the other side has said up to now, waiting until it is as far."""
        self._send(REACHED, 0.0, int(self.work / ROUND) + LAG + 1)  # it need not wait for this side any more
        return self._until(int(self.work / ROUND))

    def _until(self, target: int) -> list[Any]:
        while not self.ended and self._other < target and not self._gone() and not clock().late:
            self._read(POLL)
        found = []
        while self._waiting and self._waiting[0][0] <= target * ROUND:
            found.append(self._waiting.popleft()[1])
        return found

    def _read(self, seconds: float = 0.0) -> None:
        try:
            while not self.ended and self._pipe.poll(seconds):
                seconds = 0.0
                kind, work, content = self._pipe.recv()
                if kind == SAID:
                    self._waiting.append((work, content))
                elif kind == REACHED:
                    self._other = max(self._other, content)
                else:
                    self.ended = True
        except (EOFError, OSError):
            self.broken, self.ended = not self.ended, True

    def _send(self, kind: str, work: float, content: Any) -> None:
        with contextlib.suppress(OSError):  # who is gone may have left something to hear
            self._pipe.send((kind, work, content))
