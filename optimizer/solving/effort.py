"""What the runs of one solve cost together: nodes of branch and bound, and the hand-over of the whole model.

Whoever asks opens an account with `measured`; every run of the solver beneath it writes into the innermost one open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Effort:
    """An account. `nodes`: None until branch and bound has said something, as for linear programs alone.

    `handover`: seconds in which the largest program was given to the solver, the first time it was; None before.
    `rounds`, `simplex`: how often a linear program that grows was solved in this process, and the seconds that took.
    """

    nodes: int | None = None
    handover: float | None = None
    largest: tuple[int, int] = (0, 0)
    rounds: int = 0
    simplex: float = 0.0

    def spent(self, nodes: int) -> None:
        """Adds nodes of branch and bound."""
        self.nodes = (self.nodes or 0) + nodes

    def grown(self, seconds: float) -> None:
        """Notes that a linear program that grows was solved once more."""
        self.rounds += 1
        self.simplex += seconds

    def handed_over(self, shape: tuple[int, int], seconds: float) -> None:
        """Notes that a program of so many (columns, rows) was given to the solver."""
        if shape > self.largest:
            self.largest, self.handover = shape, seconds


_OPEN: ContextVar[Effort | None] = ContextVar("effort", default=None)


@contextmanager
def measured() -> Iterator[Effort]:
    """The account of all runs inside."""
    effort = Effort()
    before = _OPEN.set(effort)
    try:
        yield effort
    finally:
        _OPEN.reset(before)


def account() -> Effort:
    """The account that is open; where there is none, one that nobody reads."""
    return _OPEN.get() or Effort()
