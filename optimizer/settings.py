"""How hard to try: limits and options of one solve, the same in the command and in Python."""

from __future__ import annotations

from dataclasses import dataclass, replace

USUAL, LONGEST = 90.0, 900.0
"""Seconds of a solve for which none are given; and of the largest order books, where they grow with the size."""
NET, WIDE = 600.0, 20.0
"""Seconds of the net of a solve by work for which none are given: at least so many, and so many a unit."""
_NOT_GIVEN = -1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`seconds`: wall-clock limit of the solving phase; `gap`: relative, at which the solve may stop;
    `threads`: of the solver, and the number of parallel parts; `seed`: of the solver's random choices.

    `work`: the limit in units that are counted, not measured (`optimizer.solving.clock`): the same plan on every run.
    Then `seconds` is only a net, and a solve that it ends can come out otherwise another time. If not given, `seconds`
    is 90, and with `work` 20 a unit, 600 at least.

    `memory_gib`: what the command may take with all its processes while it solves: at nine tenths it ends with what it
    has. None: what the machine has.
    """

    seconds: float = _NOT_GIVEN
    gap: float = 1e-4
    threads: int = 2
    seed: int = 0
    work: float | None = None
    memory_gib: float | None = None

    def __post_init__(self) -> None:
        """Puts in the usual seconds where none are given."""
        if self.seconds == _NOT_GIVEN:
            usual = USUAL if self.work is None else max(NET, WIDE * self.work)
            object.__setattr__(self, "seconds", usual)

    @property
    def limit(self) -> float:
        """What a search may take: units of work if they are given, else seconds."""
        return self.seconds if self.work is None else self.work

    def limited(self, limit: float, net: float | None = None) -> Settings:
        """For a part of a solve: its limit, in seconds, or in work within a `net` of seconds if work is the limit."""
        if self.work is None:
            return replace(self, seconds=limit)
        return replace(self, work=limit, seconds=self.seconds if net is None else net)

    def grown(self, times: float) -> Settings:
        """The usual seconds, grown with an instance that is so many times as large as the smallest order book."""
        return replace(self, seconds=min(LONGEST, max(USUAL, times * USUAL)))
