"""What a worker of a Dask cluster does with a piece. Light: it is also what the one who asks says to it."""

from __future__ import annotations

import pickle
from typing import Any

from optimizer.identity import solver
from optimizer.solving.places.interface import LostError

_over: set[str] = set()
"""Runs that are to end, by their names: of those that this process ever heard of."""


class OtherProgramError(LostError):
    """A worker is another state of the program."""


def state() -> str:
    """Which state of the program a worker is."""
    return solver()


def end(run: str) -> None:
    """Asks the pieces of a run to end soon. Called beside them, in the thread of the worker's own talk."""
    _over.add(run)


def on_worker(content: bytes, run: str, state: str) -> Any:
    """The answer to a piece, which comes as a pickle of what makes it and itself. Raises `OtherProgramError`."""
    if state != solver():
        raise OtherProgramError("a worker of the cluster has another state of the program")
    made_by, piece = pickle.loads(content)
    return made_by(piece, lambda: run in _over)
