"""What a peer's run notes over time, and the word for how it ended."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from typing import Literal

from optimizer.peers.records import TracePoint
from optimizer.solving.outcome import EXACT, relative_gap

log = logging.getLogger(__name__)
Step = Literal["build", "hand over", "solve"]


def begins(step: Step) -> None:
    """Says in the log that a step of a peer begins: a run that is ended by force leaves nothing else behind."""
    log.info(step)


@dataclass
class Trace:
    """Improvements of a run, in seconds since it was made."""

    began: float = field(default_factory=time.perf_counter)
    points: list[TracePoint] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.began

    def add(self, incumbent: float | None, bound: float | None, at: float | None = None) -> None:
        """Notes what is known now (or `at` seconds); what is unknown stays as it was, what is no news is left out."""
        last = self.points[-1] if self.points else (0.0, None, None)
        best = _less(last[1], known(incumbent))
        proven = _more(last[2], known(bound))
        if best is not None and proven is not None:
            proven = min(best, proven)  # a log rounds
        if (best, proven) != last[1:]:
            self.points.append((max(last[0], self.now if at is None else at), best, proven))


def known(value: float | None) -> float | None:
    """The value, or None for what solvers say instead of nothing: infinity, NaN, numbers from 1e20 on."""
    return float(value) if value is not None and math.isfinite(value) and abs(value) < 1e20 else None


def _less(old: float | None, new: float | None) -> float | None:
    return min((value for value in (old, new) if value is not None), default=None)


def _more(old: float | None, new: float | None) -> float | None:
    return max((value for value in (old, new) if value is not None), default=None)


def status_of(infeasible: bool, objective: float | None, bound: float | None, gap: float) -> str:
    """The word for how far a solve came."""
    if objective is None:
        return "infeasible" if infeasible else "no_plan"
    proven = relative_gap(objective, bound)
    if proven is None or proven > max(gap, EXACT):
        return "time_limit"
    return "optimal" if proven <= EXACT else "gap_reached"
