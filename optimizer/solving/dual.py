"""Lower bounds of a stochastic program by dual decomposition: scenarios apart, prices on what they have to share.

The first weeks of every scenario equal those of the nominal one. With prices w[s, d] on the decisions d of scenario s
and weights q of the risk envelope (`models.stochastic.risk`), the Lagrangean bound is

    L(w, q) = Σ_{s > 0} min { q[s] · cost[s] + w[s] · e[s] }  +  min { q[0] · cost[0] − Σ_{s > 0} w[s] · e[0] },

each minimum over one scenario by itself (Carøe & Schultz 1999). It is valid for every q of the envelope, as
Σ q · cost ≤ risk of the costs, and for w[s, d] of any sign where e[s] must equal e[0], and ≥ 0 where it may be less.
w = 0 with q the worst weights of the scenarios' own bounds is the wait-and-see bound. From there the volume algorithm
(Barahona & Anbil 2000) moves (w, q): steps from the best point so far, along an average of the first weeks that
attained the minima, so that it settles where single subgradients go to and fro. Minima over linear relaxations are as
valid, and warm simplexes find them in a fraction of the first solve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from models.stochastic.first_weeks import Decision
from models.stochastic.risk import Risk
from optimizer.solving.robust_job import Firsts, Priced

Prices = dict[int, Firsts]
"""w[s] by scenario."""
Slopes = dict[int, Firsts]
"""e[s] − e[0] by scenario."""
SMALLEST, MOST = 1e-3, 400
"""A step factor below which the search ends, and rounds after which it does."""
FRESH, TURN = 0.2, 0.2
"""Share of the newest solution in the average, and share by which weights turn to the worst ones of the average."""
PATIENCE = 4
"""Rounds without a better bound after which steps become shorter."""


@dataclass
class Dual:
    """The state of the search. `below`, `linked`: by scenario, decisions that may be less, and all that are shared;
    `weights`: q, to begin with the worst ones at the scenarios' own bounds.

    Sums go through decisions in an order that is the same in every process: a hash seed has no say in the last digit.
    """

    risk: Risk
    probabilities: Sequence[float]
    below: dict[int, frozenset[Decision]]
    linked: dict[int, tuple[Decision, ...]]
    weights: Sequence[float]
    best: float | None = None
    rounds: int = 0
    prices: Prices = field(default_factory=dict)
    step: float = 1.0

    def run(
        self,
        solve: Callable[[dict[int, tuple[float, Firsts]]], list[Priced | None]],
        target: float,
        over: Callable[[], bool],
    ) -> float | None:
        """Rounds until the bound meets the target, steps have become small, or time is over; they go on from the best
        prices and weights so far.

        Args:
            solve: solves all scenarios with (weight, prices) each.
            target: a value known to be reached, for the length of steps.
            over: polled between rounds.
        """
        prices, q = self.prices, list(self.weights)
        average: Slopes | None = None
        costs: list[float] = []
        failed = 0
        while not over() and self.step >= SMALLEST and self.rounds < MOST and not self._met(target):
            found = solve({s: (max(q[s], 0.0), self._of(s, prices)) for s in range(len(self.probabilities))})
            rows = [row for row in found if row is not None and row.bound is not None]
            if len(rows) < len(self.probabilities):
                break
            bound = sum(row.bound or 0.0 for row in rows)
            self.rounds += 1
            newest = self._slopes(rows)
            average = newest if average is None else _mixed(average, newest, FRESH)
            mine = [row.cost for row in rows]
            costs = mine if not costs else [(1 - FRESH) * a + FRESH * b for a, b in zip(costs, mine, strict=True)]
            if self.best is None or bound > self.best + 1e-9 * abs(bound):
                better = self.best is not None
                self.best, self.prices, self.weights, failed = bound, prices, q, 0
                self.step = min(2.0, 1.2 * self.step) if better else self.step
            else:
                failed += 1
                if failed >= PATIENCE:
                    self.step, failed = self.step / 2, 0
            length = sum(g * g for own in average.values() for g in own.values())
            if length <= 0:
                break
            size = self.step * max(target - self.best, 1e-6 * abs(target)) / length
            prices = self._moved(average, size)
            worst = self.risk.worst(costs, self.probabilities)
            turn = TURN * min(1.0, self.step)
            q = [(1 - turn) * a + turn * b for a, b in zip(self.weights, worst, strict=True)]
        return self.best

    def _met(self, target: float) -> bool:
        return self.best is not None and self.best >= target - 1e-7 * max(1.0, abs(target))

    def _of(self, s: int, prices: Prices) -> Firsts:
        """Prices on the first weeks of a scenario; the nominal one has all the others', turned round."""
        if s:
            return prices.get(s, {})
        total: Firsts = {}
        for own in prices.values():
            for d, price in own.items():
                total[d] = total.get(d, 0.0) - price
        return total

    def _slopes(self, rows: Sequence[Priced]) -> Slopes:
        """By scenario, by how much more is done in its first weeks than in the nominal ones."""
        nominal = rows[0].firsts
        return {
            row.number: {
                d: g for d in self.linked[row.number] if abs(g := row.firsts.get(d, 0.0) - nominal.get(d, 0.0)) > 1e-9
            }
            for row in rows[1:]
        }

    def _moved(self, slopes: Slopes, size: float) -> Prices:
        found: Prices = {}
        for s, own in slopes.items():
            mine = found[s] = dict(self.prices.get(s, {}))
            for d, g in own.items():
                price = mine.get(d, 0.0) + size * g
                mine[d] = max(0.0, price) if d in self.below[s] else price
        return found


def _mixed(old: Slopes, new: Slopes, share: float) -> Slopes:
    return {
        s: {d: (1 - share) * old[s].get(d, 0.0) + share * new[s].get(d, 0.0) for d in {**old[s], **new[s]}} for s in old
    }
