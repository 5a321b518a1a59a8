"""Small pieces of work for the tests of places, and workers that misbehave on purpose."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from optimizer.solving.places.interface import Stop

DEADLY = 13


def squared(piece: Any, stop: Stop) -> Any:
    """The square; one piece kills whoever works on it, another only the first: the file that it names is its mark."""
    if piece == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    if isinstance(piece, str):
        mark = Path(piece)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "again"
    return piece * piece


def patient(piece: Any, stop: Stop) -> Any:
    """Works until it is asked to end."""
    until = time.monotonic() + 60
    while not stop() and time.monotonic() < until:
        time.sleep(0.01)
    return time.monotonic() < until


def wrong(piece: Any, stop: Stop) -> Any:
    """An error of the program."""
    raise ZeroDivisionError(piece)


def slowly(piece: Any, stop: Stop) -> Any:
    """A block as it is solved, but those that get most work are the last to be there."""
    from optimizer.solving.bulk_part import solve_piece  # loads the solver, which others here do not need

    solved = solve_piece(piece, stop)
    time.sleep(min(0.5, piece.limits.seconds / 4))
    return solved
