"""What each phase of a solve takes, by the phases that its progress names."""

from __future__ import annotations

from dataclasses import replace

from optimizer.solving.effort import account
from optimizer.solving.outcome import Phase


class Phases:
    """Seconds, and linear programs that grow, by phase; a phase that comes again adds up."""

    def __init__(self, phase: str, at: float) -> None:
        """The first phase begins at `at`, seconds of the clock that all calls go by."""
        self._phase, self._at = phase, at
        self._rounds, self._simplex = 0, 0.0
        self._taken: dict[str, Phase] = {}

    def enter(self, phase: str, at: float) -> None:
        """Another phase begins at `at`, or the same one goes on."""
        if phase != self._phase:
            self._close(at)
            self._phase = phase

    def ended(self, at: float) -> tuple[Phase, ...]:
        """All phases up to `at`, in order of their first beginning."""
        self._close(at)
        return tuple(self._taken.values())

    def _close(self, at: float) -> None:
        effort, before = account(), self._taken.get(self._phase, Phase(self._phase, 0.0, 0.0, 0))
        self._taken[self._phase] = replace(
            before,
            seconds=before.seconds + at - self._at,
            simplex_seconds=before.simplex_seconds + effort.simplex - self._simplex,
            rounds=before.rounds + effort.rounds - self._rounds,
        )
        self._at, self._rounds, self._simplex = at, effort.rounds, effort.simplex
