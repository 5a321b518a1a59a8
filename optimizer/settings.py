"""How hard to try: limits and options of one solve, the same in the command and in Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`seconds`: wall-clock limit of the solving phase; `gap`: relative, at which the solve may stop;
    `threads`: of the solver, and the number of parallel parts; `seed`: of the solver's random choices.
    """

    seconds: float = 90.0
    gap: float = 1e-4
    threads: int = 2
    seed: int = 0
