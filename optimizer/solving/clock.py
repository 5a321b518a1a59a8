"""The clock that a search goes by: seconds of the wall, or units of work that are counted and never measured.

Everything that shares out time asks `now()`. By the wall, a plan depends on how fast the machine was that minute. By
work (`optimizer.solving.work` says how it is counted), the same search does the same on every run: a unit is about a
second of one thread, and the clock stands still while nothing is counted.

One process, one search: the clock is the process's own, since callbacks of the solver may come from other threads.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

LATE = 1e9
"""By how much a clock of work jumps when its net of wall-clock seconds tears: beyond any limit, yet a number."""


class Clock(Protocol):
    """What a search asks. `counted`: whether it goes by work; `late`: whether the net of seconds ended it."""

    counted: bool
    late: bool

    def now(self) -> float:
        """Seconds, or units of work, since a moment that does not matter."""
        ...

    def spend(self, units: float) -> None:
        """Takes note of work."""
        ...

    def wait(self, amount: float) -> None:
        """Lets so much go by."""
        ...

    def net(self) -> float:
        """Wall-clock seconds left, for the solver's own limit; infinite where there is none."""
        ...

    def tear(self) -> None:
        """Hears that the solver ended by that limit."""
        ...

    def spent(self) -> float | None:
        """Units of work so far; None where work is not counted."""
        ...


class WallClock:
    """Seconds, as they go by."""

    counted = False
    late = False

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def spend(self, units: float) -> None:
        """Work is not counted."""

    def wait(self, amount: float) -> None:
        """Sleeps."""
        time.sleep(amount)

    def net(self) -> float:
        """There is none: the limit itself is in seconds."""
        return math.inf

    def tear(self) -> None:
        """There is none."""

    def spent(self) -> float | None:
        """Nothing is counted."""
        return None


class WorkClock:
    """Work, as it is counted. After `seconds` of the wall it is over all the same, and `late`: such a run is chance."""

    counted = True

    def __init__(self, seconds: float = math.inf) -> None:
        """`seconds`: the net, from now on."""
        self.late = False
        self._done = 0.0
        self._until = time.monotonic() + seconds

    def now(self) -> float:
        """Units of work so far."""
        self.late = self.late or time.monotonic() > self._until
        return self._done + LATE if self.late else self._done

    def spend(self, units: float) -> None:
        """Adds work."""
        self._done += units

    def wait(self, amount: float) -> None:
        """Counts what is waited for as work: no moment of the wall decides when the wait ends."""
        self.spend(amount)

    def net(self) -> float:
        """Seconds until it is over whatever was done; at least a tenth, so that a solver says itself that it is."""
        return max(0.1, self._until - time.monotonic())

    def tear(self) -> None:
        """It is over."""
        self.late = True

    def spent(self) -> float | None:
        """Units, also where the net has ended it."""
        return self._done


_clock: Clock = WallClock()


def clock() -> Clock:
    """The clock of this process."""
    return _clock


def now() -> float:
    """What the clock of this process says."""
    return _clock.now()


def wall() -> float:
    """Monotonic seconds, for what is only told to people or ends a process; never for what a search decides."""
    return time.monotonic()


@contextmanager
def going_by(chosen: Clock) -> Iterator[Clock]:
    """Makes it the clock of this process for what is inside."""
    global _clock  # noqa: PLW0603 - the clock of the process
    before, _clock = _clock, chosen
    try:
        yield chosen
    finally:
        _clock = before


def clock_of(work: float | None, seconds: float) -> Clock:
    """The clock of a solve: by work within a net of seconds, or by the wall if no work is given."""
    return WallClock() if work is None else WorkClock(seconds)
