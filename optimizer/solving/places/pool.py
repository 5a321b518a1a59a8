"""Spawned processes beside this one, each with a pipe of its own, so that it is known which piece a dead one had.

A process that ends by itself (a crash in native code, too little memory) costs only its piece, and that is given to
another one once more. A process whose parent is gone ends as soon as it looks at its pipe.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import traceback
from collections import Counter, deque
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from optimizer.solving.clock import wall
from optimizer.solving.places.interface import ATTEMPTS, GRACE, POLL, Ended, MadeBy, PieceError
from optimizer.solving.spawning import start_quietly

log = logging.getLogger(__name__)
MOST = 8
"""Processes in a row that may end by themselves before no more are started for what is left."""


def work(pipe: Connection, made_by: MadeBy) -> None:
    """Target of a process: pieces in, answers out. Whatever comes while it works means: end soon."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            kind, piece = pipe.recv()
            if kind == "piece":
                try:
                    answer = ("answer", made_by(piece, pipe.poll))
                except MemoryError:
                    raise SystemExit(1) from None  # this process has no room for it; that is no error of the program
                except Exception:  # noqa: BLE001 - whatever it is, the parent must hear of it
                    answer = ("error", traceback.format_exc())
                pipe.send(answer)


@dataclass
class _Hand:
    """One process, the piece that it works on, and when that is given up."""

    process: SpawnProcess
    pipe: Connection
    key: int | None = None
    until: float = 0.0


class Pool:
    """Up to `size` processes, started when they are first needed."""

    def __init__(self, size: int, made_by: MadeBy) -> None:
        """Nothing is started yet."""
        self.size, self._made_by = max(1, size), made_by
        self._hands: list[_Hand] = []
        self._left: deque[int] = deque()
        self._pieces: dict[int, tuple[Any, float]] = {}
        self._deaths: Counter[int] = Counter()
        self._row = 0

    @property
    def busy(self) -> bool:
        """See `Place`."""
        return bool(self._pieces)

    def give(self, key: int, piece: Any, seconds: float) -> None:
        """See `Place`."""
        self._pieces[key] = (piece, seconds)
        self._deaths[key] = 0
        self._left.append(key)
        self._begin()

    def _begin(self) -> None:
        """Gives pieces that wait to processes that are free."""
        while self._left:
            hand = next((hand for hand in self._hands if hand.key is None), None)
            if hand is None:
                if len(self._hands) == self.size or self._row >= MOST:
                    return
                hand = self._started()
            hand.key = self._left.popleft()
            piece, seconds = self._pieces[hand.key]
            hand.until = wall() + seconds + GRACE
            with contextlib.suppress(OSError):  # a dead process is found out when it is listened to
                hand.pipe.send(("piece", piece))

    def _started(self) -> _Hand:
        context = multiprocessing.get_context("spawn")
        pipe, other = context.Pipe()
        process = context.Process(target=work, args=(other, self._made_by))
        start_quietly(process)
        other.close()
        self._hands.append(_Hand(process, pipe))
        return self._hands[-1]

    def ended(self) -> list[Ended]:
        """See `Place`."""
        self._begin()
        working = {hand.pipe: hand for hand in self._hands if hand.key is not None}
        found: list[Ended] = []
        for pipe in wait(list(working), POLL) if working else ():
            assert isinstance(pipe, Connection)
            found += self._heard(working.pop(pipe))
        for hand in working.values():
            if hand.key is not None and wall() > hand.until:
                self._deaths[hand.key] = ATTEMPTS
                hand.process.kill()
        if not any(hand.key is not None for hand in self._hands) and self._row >= MOST:
            found += [Ended(key, None, " before it did anything, as others did") for key in self._left]
            self._forget()
        self._begin()
        return found

    def _heard(self, hand: _Hand) -> list[Ended]:
        """What a process says, or that it is dead."""
        assert hand.key is not None
        key = hand.key
        try:
            kind, content = hand.pipe.recv()
        except (EOFError, OSError):
            return self._died(hand, key)
        hand.key, self._row = None, 0
        del self._pieces[key]
        if kind == "error":
            raise PieceError(content)
        return [Ended(key, content)]

    def _died(self, hand: _Hand, key: int) -> list[Ended]:
        """Nothing if the piece goes to another process, else its end."""
        code = self._end(hand)
        self._row += 1
        self._deaths[key] += 1
        log.warning("a process ended by itself (exit code %s)", code)
        if self._deaths[key] < ATTEMPTS:
            self._left.appendleft(key)
            return []
        del self._pieces[key]
        return [Ended(key, None, f" (exit code {code})")]

    def end_soon(self) -> None:
        """See `Place`."""
        self._forget()
        for hand in self._hands:
            if hand.key is not None:
                self._deaths[hand.key] = ATTEMPTS  # one that dies now is not given to another
                with contextlib.suppress(OSError):
                    hand.pipe.send(("stop", None))

    def _forget(self) -> None:
        for key in self._left:
            del self._pieces[key]
        self._left.clear()

    def _end(self, hand: _Hand) -> int | None:
        """Ends a process: one that waits does it by itself once its pipe is closed."""
        self._hands.remove(hand)
        hand.pipe.close()
        if hand.key is None:
            hand.process.join(1.0)
        elif hand.process.is_alive():
            hand.process.join(0.2)
        if hand.process.is_alive():
            hand.process.kill()
        hand.process.join()
        return hand.process.exitcode

    def close(self) -> None:
        """See `Place`."""
        for hand in list(self._hands):
            self._end(hand)
        self._left.clear()
        self._pieces.clear()
