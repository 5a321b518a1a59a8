"""What a place is: pieces of work in, ends out, in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Stop = Callable[[], bool]
MadeBy = Callable[[Any, Stop], Any]
"""What is done with a piece, until `Stop` asks to end soon; a function of a module, so that every process finds it."""
ATTEMPTS = 2
"""How often a piece is given to a process before one that ends over it is taken for the piece's fault."""
POLL = 0.2
"""Seconds for which a place waits for something to end."""
GRACE = 60.0
"""Seconds that a piece may take beyond its own before it is given up."""


class LostError(RuntimeError):
    """The place is gone, or fit for nothing; pieces that had not ended have to go elsewhere."""


class PieceError(RuntimeError):
    """An error of the program in a piece; the message is its traceback."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a piece. Without an answer, `died` says how the processes ended that were to give one."""

    key: int
    answer: Any
    died: str = ""


class Place(Protocol):
    """Takes pieces and works on them, `size` at a time."""

    @property
    def size(self) -> int:
        """How many pieces it works on at a time, as far as it knows now; at least one."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a piece has not ended."""
        ...

    def give(self, key: int, piece: Any, seconds: float) -> None:
        """Takes a piece, to begin as soon as a worker is free.

        Args:
            key: by which its end is told; not that of a piece that has not ended.
            piece: what the worker gets; it is sent as a pickle.
            seconds: wall-clock seconds that it may take; long after that it is given up.
        """
        ...

    def ended(self) -> list[Ended]:
        """Pieces that have ended since the last call, each once; waits a moment for one.

        Raises:
            LostError: the place is gone.
            PieceError: an error of the program in a piece.
        """
        ...

    def end_soon(self) -> None:
        """Forgets pieces that wait, and asks those under way to end with what they have."""
        ...

    def close(self) -> None:
        """Ends everything that the place has started."""
        ...
