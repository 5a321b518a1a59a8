"""Expected value and conditional value at risk of a cost with finitely many outcomes.

With costs d[s] of probability p[s], CVaR at level α is the mean of the worst 1 − α of the probability,

    CVaR_α(d) = min_η  η + 1/(1 − α) · Σ_s p[s] · max(0, d[s] − η),

attained where η is the value at risk (Rockafellar & Uryasev 2000). It is also max Σ_s q[s] · d[s] over all q with
0 ≤ q[s] ≤ p[s] / (1 − α) and Σ q = 1 (its risk envelope), so it never falls when a cost rises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Risk:
    """(1 − weight) · expected value + weight · CVaR at `level`; `weight` in 0 … 1, `level` in 0 … 1, below 1.

    Raises:
        ValueError: one of them is outside its range.
    """

    level: float = 0.9
    weight: float = 0.5

    def __post_init__(self) -> None:
        """Judges the ranges."""
        if not (0 <= self.level < 1 and 0 <= self.weight <= 1):
            raise ValueError(f"level {self.level:g} must be in 0 … 1 (below 1), weight {self.weight:g} in 0 … 1")

    def value(self, costs: Sequence[float], probabilities: Sequence[float]) -> float:
        """The measure of costs by scenario."""
        expected = expectation(costs, probabilities)
        return (1 - self.weight) * expected + self.weight * cvar(costs, probabilities, self.level)

    def worst(self, costs: Sequence[float], probabilities: Sequence[float]) -> list[float]:
        """Weights q, Σ q = 1, with Σ q · costs = `value`; for any other costs d, Σ q · d ≤ `value` of d."""
        tail = worst_weights(costs, probabilities, self.level)
        return [(1 - self.weight) * p + self.weight * q for p, q in zip(probabilities, tail, strict=True)]


def expectation(costs: Sequence[float], probabilities: Sequence[float]) -> float:
    """Σ p · cost."""
    return math.fsum(p * cost for p, cost in zip(probabilities, costs, strict=True))


def cvar(costs: Sequence[float], probabilities: Sequence[float], level: float) -> float:
    """Mean of the worst 1 − level of the probability; `level` 0 is the expected value."""
    tail = worst_weights(costs, probabilities, level)
    return math.fsum(q * cost for q, cost in zip(tail, costs, strict=True))


def worst_weights(costs: Sequence[float], probabilities: Sequence[float], level: float) -> list[float]:
    """q of the risk envelope that makes Σ q · cost largest: the dearest scenarios first, each up to p / (1 − level)."""
    found, left = [0.0] * len(costs), 1.0
    for s in sorted(range(len(costs)), key=lambda s: (-costs[s], s)):
        found[s] = min(probabilities[s] / (1 - level), left)
        left = max(0.0, left - found[s])
    return found
