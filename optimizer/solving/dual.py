"""Lower bounds of a stochastic program by dual decomposition: scenarios apart, prices on what they have to share.

The first weeks of every scenario equal those of the nominal one. With prices w[s, d] on the decisions d of scenario s
and weights q of the risk envelope (`models.stochastic.risk`), the Lagrangean bound is

    L(w, q) = Σ_{s > 0} min { q[s] · cost[s] + w[s] · e[s] }  +  min { q[0] · cost[0] − Σ_{s > 0} w[s] · e[0] },

each minimum over one scenario by itself (Carøe & Schultz 1999). It is valid for every q of the envelope, as
Σ q · cost ≤ risk of the costs, and for w[s, d] of any sign where e[s] must equal e[0], and ≥ 0 where it may be less.
w = 0 with q the worst weights of the scenarios' own bounds is the wait-and-see bound. From there w follows the
subgradient e[s] − e[0] in steps after Polyak (1969), cut by half whenever the bound does not rise. Minima over linear
relaxations are as valid, and warm simplexes find them in a fraction of the first solve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from models.stochastic.first_weeks import Decision
from models.stochastic.risk import Risk
from optimizer.solving.robust_job import Firsts, Priced

Prices = dict[int, Firsts]
"""w[s] by scenario."""
SMALLEST = 1e-3
"""A step factor below which the search ends."""


@dataclass
class Dual:
    """The state of the search. `solve` gives minima for (weight, prices) by scenario, None where one failed."""

    risk: Risk
    probabilities: Sequence[float]
    below: dict[int, frozenset[Decision]]
    linked: dict[int, frozenset[Decision]]
    best: float | None = None
    rounds: int = 0
    prices: Prices = field(default_factory=dict)
    step: float = 1.0

    def run(
        self,
        solve: Callable[[dict[int, tuple[float, Firsts]]], list[Priced | None]],
        target: float,
        over: Callable[[], bool],
        weights: Sequence[float],
    ) -> float | None:
        """Rounds until the bound meets the target, steps have become small, or time is over.

        Args:
            solve: solves all scenarios with (weight, prices) each.
            target: a value known to be reached, for the length of steps.
            over: polled between rounds.
            weights: q to begin with.
        """
        q = list(weights)
        center: Prices = {}
        while not over() and self.step >= SMALLEST and not self._met(target):
            asked = {s: (max(q[s], 0.0), self._of(s)) for s in range(len(self.probabilities))}
            found = solve(asked)
            if any(row is None or row.bound is None for row in found):
                break
            rows = [row for row in found if row is not None]
            bound = sum(row.bound or 0.0 for row in rows)
            self.rounds += 1
            if self.best is None or bound > self.best + 1e-9 * abs(bound):
                self.best, center = bound, {s: dict(w) for s, w in self.prices.items()}
                q = self.risk.worst([row.cost for row in rows], self.probabilities) if self.rounds > 1 else q
            else:
                self.step /= 2
                self.prices = {s: dict(w) for s, w in center.items()}
            self._move(rows, target, bound)
        return self.best

    def _met(self, target: float) -> bool:
        return self.best is not None and self.best >= target - 1e-7 * max(1.0, abs(target))

    def _of(self, s: int) -> Firsts:
        """Prices on the first weeks of a scenario; the nominal one has all the others', turned round."""
        if s:
            return self.prices.get(s, {})
        total: Firsts = {}
        for own in self.prices.values():
            for d, price in own.items():
                total[d] = total.get(d, 0.0) - price
        return total

    def _move(self, rows: Sequence[Priced], target: float, bound: float) -> None:
        nominal = rows[0].firsts
        slopes: dict[int, Firsts] = {}
        length = 0.0
        for row in rows[1:]:
            own = {d: row.firsts.get(d, 0.0) - nominal.get(d, 0.0) for d in self.linked[row.number]}
            slopes[row.number] = {d: g for d, g in own.items() if abs(g) > 1e-9}
            length += sum(g * g for g in slopes[row.number].values())
        if length <= 0:
            self.step = 0.0
            return
        size = self.step * max(target - bound, 1e-6 * abs(target)) / length
        for s, own in slopes.items():
            mine = self.prices.setdefault(s, {})
            for d, g in own.items():
                price = mine.get(d, 0.0) + size * g
                mine[d] = max(0.0, price) if d in self.below[s] else price
