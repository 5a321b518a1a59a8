"""Pieces worked on in this very process, one when its end is asked for."""

from __future__ import annotations

from collections import deque
from typing import Any

from optimizer.solving.places.interface import Ended, MadeBy, Stop


class Here:
    """This process: nothing is started, a native crash ends it."""

    size = 1

    def __init__(self, made_by: MadeBy, stop: Stop) -> None:
        """`stop`: what a piece under way polls, as nobody else could ask it to end."""
        self._made_by, self._stop = made_by, stop
        self._left: deque[tuple[int, Any]] = deque()

    @property
    def busy(self) -> bool:
        """See `Place`."""
        return bool(self._left)

    def give(self, key: int, piece: Any, seconds: float) -> None:
        """See `Place`."""
        self._left.append((key, piece))

    def ended(self) -> list[Ended]:
        """The next piece, now."""
        if not self._left:
            return []
        key, piece = self._left.popleft()
        return [Ended(key, self._made_by(piece, self._stop))]

    def end_soon(self) -> None:
        """See `Place`."""
        self._left.clear()

    def close(self) -> None:
        """There is nothing to end."""
        self._left.clear()
