"""Whole numbers for a solver that knows no others, and how far they may be off."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

FINEST = 6
"""Decimals at most."""
LARGEST = 10**15
"""What the scaled objective may come to: CP-SAT counts in 64 bits, and in floating point inside."""
_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Grid:
    """Multiples of 1 / `steps`; `exact` if all values it was made for are such multiples."""

    steps: int
    exact: bool

    def nearest(self, value: float) -> int:
        """The value in steps, rounded."""
        return round(value * self.steps)

    def at_least(self, value: float) -> int:
        """The least whole number of steps that is not below the value."""
        return math.ceil(value * self.steps - _NOISE)

    def at_most(self, value: float) -> int:
        """The most whole number of steps that is not above the value."""
        return math.floor(value * self.steps + _NOISE)


def grid(values: Iterable[float]) -> Grid:
    """The coarsest decimal grid that holds all values, of at most `FINEST` decimals."""
    found = list(values)
    for decimals in range(FINEST + 1):
        steps = 10**decimals
        if all(abs(value * steps - round(value * steps)) <= _NOISE * 1e-3 * max(1.0, value * steps) for value in found):
            return Grid(steps, True)
    return Grid(10**FINEST, False)


@dataclass
class Objective:
    """A sum of cost · variable, in groups of variables of which each can together be at most so many."""

    groups: dict[Any, list[tuple[float, Any]]] = field(default_factory=lambda: defaultdict(list))
    most: dict[Any, int] = field(default_factory=dict)

    def add(self, group: Any, most: int, cost: float, variable: Any) -> None:
        """Adds a cost; `most`: what the variables of the group come to together at most."""
        if cost:
            self.groups[group].append((cost, variable))
            self.most[group] = max(self.most.get(group, 0), most)

    @property
    def decimals(self) -> int:
        """The finest decimals with which the scaled objective stays below `LARGEST`; negative for very large ones."""
        largest = sum(self.most[group] * max(cost for cost, _ in terms) for group, terms in self.groups.items())
        if largest <= 0:
            return 0
        return min(FINEST, math.floor(math.log10(LARGEST / largest)))

    def scaled(self) -> list[tuple[int, Any]]:
        """The costs as whole numbers of 10 ** -decimals."""
        factor = 10.0**self.decimals
        return [(round(cost * factor), variable) for terms in self.groups.values() for cost, variable in terms]

    @property
    def error(self) -> float:
        """How far the scaled objective of any solution, scaled back, can be from the true one."""
        factor = 10.0**self.decimals
        return sum(
            self.most[group] * max(abs(round(cost * factor) / factor - cost) for cost, _ in terms)
            for group, terms in self.groups.items()
        )
