"""A Dask cluster, or workers of its kind on this machine. Scheduling, and what follows a dead worker, is Dask's alone.

A worker that dies is replaced by its nanny, and the scheduler gives its piece to another one; a piece that has cost as
many workers their lives as the scheduler allows has no answer. A piece is sent once, to the worker that works on it:
one worker has one piece at a time, as one that waits behind a piece that kills its worker would be held to have a part
in it. Where workers have died, another may hold two all the same, until a new one is there: so a piece that is held to
have killed its workers is tried once more with no other beside it before it is given up.
"""

from __future__ import annotations

import pickle
import threading
from collections import deque
from contextlib import ExitStack, suppress
from typing import Any

from optimizer.extras import MissingExtraError
from optimizer.identity import solver
from optimizer.solving.clock import wall
from optimizer.solving.places import link, worker
from optimizer.solving.places.interface import GRACE, POLL, Ended, LostError, MadeBy
from optimizer.solving.places.link import ClusterError, connected, extra, own, quiet, waited, workers_of
from optimizer.solving.places.where import LOCAL

_GATHER = 5.0
"""Seconds to wait for an answer; one that does not come is being made again, or the scheduler is gone."""
_EMPTY = 20.0
"""Seconds for which a cluster may be without any worker."""
_ENDING = 10.0
"""Seconds in which pieces that were asked to end soon must have ended."""


class OnCluster:
    """The workers behind a scheduler."""

    def __init__(self, address: str, workers: int, made_by: MadeBy, *, empty: float = _EMPTY) -> None:
        """Connects; `local` starts a scheduler and `workers` processes. Raises `LostError` where nobody answers.

        `empty`: seconds for which it may be without any worker.
        """
        self._made_by, self._stack, self._empty = made_by, ExitStack(), empty
        try:
            quiet()
            found = own(self._stack, workers) if address == LOCAL else address
            self._client = connected(found, link.ANSWERS)
        except (ClusterError, MissingExtraError, OSError, TimeoutError, RuntimeError) as problem:
            self._stack.close()
            raise LostError(str(problem)) from problem
        self._left: deque[int] = deque()
        self._doubtful: deque[int] = deque()
        self._alone: int | None = None
        self._pieces: dict[int, tuple[bytes, float]] = {}
        self._running: dict[Any, int] = {}
        self._until: dict[int, float] = {}
        self._served = wall()
        self._ending: float | None = None
        self._number = 0

    @property
    def size(self) -> int:
        """The workers that are there."""
        return max(1, len(self._workers()))

    def _workers(self) -> dict[str, Any]:
        try:
            return workers_of(self._client)
        except (OSError, TimeoutError, RuntimeError) as gone:
            raise LostError(f"the scheduler is gone ({type(gone).__name__})") from gone

    @property
    def busy(self) -> bool:
        """See `Place`."""
        return bool(self._pieces)

    def give(self, key: int, piece: Any, seconds: float) -> None:
        """See `Place`."""
        self._pieces[key] = (pickle.dumps((self._made_by, piece), protocol=5), seconds)
        self._left.append(key)

    def _begin(self) -> None:
        """Gives pieces that wait to workers that are free."""
        there = len(self._workers())
        self._served = wall() if there else self._served
        if wall() > self._served + self._empty:
            raise LostError("no worker is there")
        while self._left and self._alone is None and len(self._running) < max(1, there):
            self._submit(self._left.popleft())
        if self._doubtful and not self._running:
            self._alone = self._doubtful.popleft()
            self._submit(self._alone)

    def _submit(self, key: int) -> None:
        content, seconds = self._pieces[key]
        self._number += 1
        name = f"burdenshare-part-{self._client.id}-{self._number}"
        future = self._client.submit(worker.on_worker, content, self._client.id, solver(), key=name, pure=False)
        self._running[future] = key
        self._until[key] = wall() + seconds + GRACE

    def ended(self) -> list[Ended]:
        """See `Place`."""
        try:
            self._begin()
            waited(self._client, list(self._running), POLL)
            if self._client.status != "running":
                raise LostError(f"the connection to the scheduler is {self._client.status}")
            found = [end for future, key in list(self._running.items()) if (end := self._end(future, key)) is not None]
            self._give_up()
        except OSError as gone:
            raise LostError(f"the scheduler is gone ({type(gone).__name__})") from gone
        return found

    def _end(self, future: Any, key: int) -> Ended | None:
        """The end of a piece; None where it is not at its end."""
        if future.status in ("cancelled", "lost"):
            raise LostError("the scheduler has lost a piece")
        if not future.done():
            if wall() <= self._until[key]:
                return None
            self._drop(future, key)
            return Ended(key, None, " (it took far too long)")
        try:
            answer, died = future.result(timeout=_GATHER), ""
        except TimeoutError:
            return None  # its answer went with a worker, and it is made again
        except extra("distributed").scheduler.KilledWorker:
            if key != self._alone and self._ending is None:
                self._doubtful.append(key)
                del self._running[future], self._until[key]
                return None
            answer, died = None, " (several workers of the cluster over the same one)"
        except LostError:
            raise
        except Exception as wrong:
            # nothing is known of that host: what is wrong with the piece itself shows again elsewhere
            raise LostError(f"a worker could not do its piece ({type(wrong).__name__}: {wrong})"[:500]) from wrong
        self._drop(future, key)
        return Ended(key, answer, died)

    def _drop(self, future: Any, key: int) -> None:
        with suppress(Exception):
            future.cancel(force=True)
        del self._running[future], self._pieces[key], self._until[key]
        if key == self._alone:
            self._alone = None

    def end_soon(self) -> None:
        """See `Place`. Workers are told beside the piece, in a thread here, as one that hangs would not answer."""
        for key in (*self._left, *self._doubtful):
            del self._pieces[key]
        self._left.clear()
        self._doubtful.clear()
        self._ending = wall() + _ENDING
        threading.Thread(target=self._tell, daemon=True).start()

    def _tell(self) -> None:
        with suppress(Exception):
            self._client.run(worker.end, self._client.id, on_error="ignore")

    def _give_up(self) -> None:
        """Those that were asked to end long ago have no end."""
        if self._ending is not None and wall() > self._ending:
            for future, key in list(self._running.items()):
                self._drop(future, key)

    def close(self) -> None:
        """See `Place`. Workers that are not ours go on with what they do to its end; nobody waits for it."""
        for future, key in list(self._running.items()):
            self._drop(future, key)
        self._pieces.clear()
        with suppress(Exception):
            self._client.close(timeout=2)
        with suppress(Exception):
            self._stack.close()
