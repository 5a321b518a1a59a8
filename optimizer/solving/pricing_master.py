"""The master of a Dantzig–Wolfe reformulation of packages, and the knapsack that prices its columns.

The master is a relaxation with releases and contents by period (`unindexed`), and for every pattern b of period t that
is known a column, the number of packages released in t that hold it:

    one_pattern[t]:          releases[t] = Σ_b patterns[b,t]
    content_of_patterns[n,t]:  content[n,t] = Σ_b units[b,n] · patterns[b,t]

With y the duals of these rows, a pattern costs y[t] + Σ_n y[n,t] · units[n] in the master; the least of it over all
patterns of t is a bounded knapsack. In a period no more than K[t] packages can be released, and max_new in all, so

    master + min Σ_t r[t] · min(0, least cost in t)    over 0 ≤ r[t] ≤ K[t], Σ_t r[t] ≤ max_new

is a lower bound of the master with all patterns, and of the problem (Lagrangian relaxation of the rows above: Lasdon
1970; Desaulniers, Desrosiers and Solomon, Column Generation, 2005, ch. 1).

With few columns the duals say little, and what they price is of no use. So the linear program may miss its rows at a
penalty a million USD, which keeps the duals within the penalty (boxstep method: Marsten, Hogan and Blankenship,
Operations Research 23, 1975; du Merle et al., Discrete Mathematics 194, 1999). At penalty 0 it is the relaxation, as
that keeps its own rows on the value of packages; with a growing penalty it grows to the master. The bound holds at any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from models.blocks.packages_unindexed import room
from models.build import Built
from models.matrix import Vector
from models.patterns import SLACK, Knapsack, Pattern
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program

LEAST_UNIT = 1e-3
"""Share of a package that a unit counts for at least when rows are missed, so that what costs nothing counts too."""


@dataclass(frozen=True)
class Price:
    """What a pattern costs in a period's master: `fixed` for the release, and by unit of each need."""

    fixed: float
    unit: dict[str, float]

    def of(self, pattern: Pattern) -> float:
        """Reduced cost of the pattern's column."""
        return self.fixed + sum(self.unit[need] * units for need, units in pattern)


class Master:
    """The restricted master: `known` are its columns (period, pattern), in order, after those of the relaxation."""

    def __init__(self, relaxation: Built, program: Program) -> None:
        """`program`: of the relaxation, with releases and contents by period."""
        facts = relaxation.draft.facts
        policy = facts.problem.package_policy
        assert policy is not None
        self.most = room(facts)
        self.most_in_all = policy.max_new
        self.program = program
        self.known: dict[tuple[int, Pattern], int] = {}
        columns = relaxation.matrix.column_of
        links = [(("release", key[0]), j) for (kind, key), j in columns.items() if kind == "releases"]
        links += [((key[0], key[1]), j) for (kind, key), j in columns.items() if kind == "content"]
        self.row = {link: r for r, (link, _) in enumerate(links)}
        self._linked = [j for _, j in links]
        least = LEAST_UNIT * policy.target_usd_m
        self._worth = np.array(
            [policy.target_usd_m if name == "release" else max(least, facts.price(name)) for (name, _), _ in links]
        )

    def add(self, period: int, pattern: Pattern) -> bool:
        """Adds a column; False if it is there."""
        if (period, pattern) in self.known:
            return False
        self.known[period, pattern] = len(self.known)
        return True

    def whole(self) -> Program:
        """The restricted master with whole packages."""
        p, links, new = self.program, len(self._linked), len(self.known)
        entries = [(self.row["release", t], j, -1.0) for (t, _), j in self.known.items()]
        entries += [(self.row[need, t], j, -float(u)) for (t, b), j in self.known.items() for need, u in b]
        rows, columns, values = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
        ties = sparse.csr_array((np.ones(links), (np.arange(links), self._linked)), shape=(links, p.A.shape[1]))
        patterns = sparse.csr_array((values, (rows, columns)), shape=(links, new))
        nothing = np.zeros(links)
        return Program(
            np.append(p.cost, np.zeros(new)),
            p.offset,
            sparse.csr_array(sparse.block_array([[p.A, None], [ties, patterns]])),
            np.append(p.row_lower, nothing),
            np.append(p.row_upper, nothing),
            np.append(p.lower, np.zeros(new)),
            np.append(p.upper, np.full(new, np.inf)),  # `releases` bounds them; a bound here would have a dual, too
            np.append(p.whole, np.ones(new, dtype=bool)),
        )

    def penalised(self, penalty: float) -> Program:
        """The linear program that may miss its rows at a penalty a million USD: two more columns a row, at the end."""
        p, links = self.whole().relaxed(), len(self._linked)
        above = sparse.csr_array((self.program.A.shape[0], links))
        unit = sparse.csr_array(sparse.vstack([above, sparse.eye_array(links)]))
        return replace(
            p,
            cost=np.concatenate([p.cost, penalty * self._worth, penalty * self._worth]),
            A=sparse.csr_array(sparse.hstack([p.A, unit, -unit])),
            lower=np.append(p.lower, np.zeros(2 * links)),
            upper=np.append(p.upper, np.full(2 * links, np.inf)),
            whole=np.append(p.whole, np.zeros(2 * links, dtype=bool)),
        )

    def missed(self, x: Vector) -> float:
        """By how many million USD a solution of the penalised program misses its rows."""
        links = len(self._linked)
        return float(self._worth @ (x[-2 * links : -links] + x[-links:]))

    def prices(self, duals: Vector) -> dict[int, Price]:
        """Prices by period, from the duals of the linear program."""
        own = duals[self.program.A.shape[0] :]
        found = {t: Price(0.0, {}) for t in self.most}
        for (name, t), r in self.row.items():
            if name == "release":
                found[t] = replace(found[t], fixed=float(own[r]))
            else:
                found[t].unit[name] = float(own[r])
        return found

    def lagrangian(self, value: float, least: dict[int, float]) -> float:
        """The bound, from the master's value and the least price of a pattern in every period."""
        left = self.most_in_all
        for t, price in sorted(least.items(), key=lambda row: row[1]):
            packages = min(left, self.most[t])
            if price >= 0 or packages <= 0:
                break
            value += packages * price
            left -= packages
        return value


class Knapsacks:
    """The knapsack of one period, solved again and again with other prices, by branch and bound."""

    def __init__(self, knapsack: Knapsack) -> None:
        """Without a price yet."""
        self.knapsack = knapsack
        value = np.array(knapsack.price)
        tops = dict(knapsack.payable)
        rows = [value, *(np.where(np.array(knapsack.category) == c, value, 0.0) for c in tops)]
        n = len(knapsack.needs)
        self._program = Program(
            np.zeros(n),
            0.0,
            sparse.csr_array(np.array(rows).reshape(len(rows), n)),
            np.array([knapsack.low - SLACK, *(-np.inf for _ in tops)]),
            np.array([knapsack.high + SLACK, *(top + SLACK for top in tops.values())]),
            np.zeros(n),
            np.array(knapsack.most, dtype=float),
            np.ones(n, dtype=bool),
        )

    def cheapest(self, price: Price, limits: Limits, stop: Callable[[], bool]) -> tuple[float, list[Pattern]]:
        """A lower bound of the least price of a pattern (∞ if there is none), and cheap patterns, the cheapest last."""
        cost = np.array([price.unit.get(need, 0.0) for need in self.knapsack.needs])
        found: list[Vector] = []
        program = replace(self._program, cost=cost, offset=price.fixed)
        answer = run(program, limits, on_solution=lambda x, _value: found.append(x), stop=stop)
        if answer.end == "infeasible":
            return np.inf, []
        if answer.x is not None:
            found.append(answer.x)
        least = answer.objective if answer.bound is None and answer.end == "optimal" else answer.bound
        bound = -np.inf if least is None else least
        return bound, list(dict.fromkeys(b for x in found if self.knapsack.allows(b := self._pattern(x))))

    def _pattern(self, x: Vector) -> Pattern:
        units = ((need, round(float(v))) for need, v in zip(self.knapsack.needs, x, strict=True))
        return tuple((need, u) for need, u in units if u)
