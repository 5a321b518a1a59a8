"""Method "pricing": package patterns are columns, found as knapsacks by the prices of a master (column generation).

1. The relaxation with releases and contents by period and pledges in groups is solved as a linear program.
2. **Generation.** The master is this relaxation with contents as whole numbers of patterns (`pricing_master`), from
   the patterns of the best plan. Its duals price contents and releases; a knapsack in every period finds patterns that
   cost less than nothing; every round gives a Lagrangian bound valid for the problem. Duals are held within a penalty
   that grows until the last bound is that of the Dantzig–Wolfe reformulation.
3. **The restricted master**, with whole packages of the patterns that are known, goes to branch and bound. Its releases
   and contents become packages with payers (`models.splitting`), and the exact model is completed by a linear program;
   where nobody can pay for them so, the exact model is solved with these releases, contents and payers free.
4. **The rest of the gap**: donors by their number and least contribution, and patterns that the linear program did not
   need, are left to branch and bound on the exact model, whose cutoff is the best plan and whose goal is the bound.

A restricted master proves nothing; only steps 1, 2 and 4 raise the bound. The method ends with 4, which is exact. A
relaxation too large for steps 3 and 4 leads method "guided" instead, with the bound of step 2 in hand.

Sources: Dantzig and Wolfe (Operations Research 8, 1960); Gilmore and Gomory (Operations Research 9, 1961); restricted
master heuristics: Joncour et al. (Electronic Notes in Discrete Mathematics 36, 2010).
"""

from __future__ import annotations

import logging
from collections import defaultdict

from models.patterns import Knapsack, Pattern, knapsacks
from optimizer.solving import separating
from optimizer.solving.clock import now
from optimizer.solving.direct import direct
from optimizer.solving.guided import guided
from optimizer.solving.highs import Limits, run
from optimizer.solving.pricing_master import Knapsacks, Master, Price
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
GENERATION = {False: 0.4, True: 0.15}
"""Share of the time left in which patterns are generated; less where the relaxation is large and plans take longer."""
WHOLE = 0.4
"""Share of the time then left for the restricted master with whole packages."""
CHEAP = 1e-7
"""Relative to the objective: a pattern cheaper than nothing by no more than this is not worth a column."""
INNER: dict[str, object] = {"solver": "ipm", "run_crossover": "choose"}
"""How the master is solved: duals from the middle of a face price better than those of a vertex, and come sooner. They
are right to 1e-8, for which half of `CHEAP` is taken off the bound."""
FIRST, STEP, STEPS = 1e-3, 10.0, 6
"""The first penalty, as a share of the objective for all packages together; its growth, and how often it may grow."""
MISSED = 1e-6
"""Share of the value of all packages that a solution of the master may miss of its rows."""


def pricing(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    assert search.task.guide is not None
    held = knapsacks(search.task.guide.draft)
    large = int(search.task.guide.matrix.whole.sum()) >= separating.LARGE
    if held:
        generation = Generation(search, held)
        generation.run(GENERATION[large] * search.left)
        if generation.rounds and not large and not search.over:
            generation.realise(WHOLE * search.left)
    if search.over:
        return
    if large:
        guided(search)
    else:
        direct(search)


class Generation:
    """Generates patterns for the master of a search, and makes plans of it. `rounds`: how often it was solved."""

    def __init__(self, search: Search, held: dict[int, Knapsack]) -> None:
        """`held`: the knapsack of every period in which a new package can be released."""
        assert search.task.guide is not None
        assert search.task.guide_program is not None
        self.search, self.held = search, held
        self.guide = search.task.guide
        self.master = Master(self.guide, search.task.guide_program)
        self.knapsacks = {t: Knapsacks(knapsack) for t, knapsack in held.items()}
        self.rounds = 0

    def run(self, seconds: float) -> None:
        """Rounds of master and knapsacks until no pattern is cheaper than nothing, or time is over."""
        search, until = self.search, now() + seconds
        search.enter("relaxation")
        root = run(self.master.program.relaxed(), search.limits(seconds, search.gap), stop=search.stop)
        search.raise_bound(root.bound)
        if root.end != "optimal":
            return
        search.enter("pricing patterns")
        for period, pattern in self._of_best():
            self.master.add(period, pattern)
        policy = self.guide.draft.facts.problem.package_policy
        assert policy is not None
        assert root.objective is not None
        most = max(1.0, policy.target_usd_m * policy.max_new)
        penalty = FIRST * max(1.0, abs(root.objective)) / most
        last = penalty * STEP**STEPS
        while not search.over and now() < until and penalty <= last:
            missed = self._rounds(penalty, until)
            if missed is None or missed <= MISSED * most:
                break
            penalty *= STEP

    def _rounds(self, penalty: float, until: float) -> float | None:
        """Rounds at one penalty, until nothing is cheap; by how much the last solution misses its rows."""
        search = self.search
        while not search.over and now() < until:
            program, limits = (
                self.master.penalised(penalty),
                search.limits(until - now(), search.gap, **INNER),
            )
            answer = run(program, limits, stop=search.stop)
            if answer.end != "optimal" or answer.x is None or answer.objective is None or answer.duals is None:
                return None
            self.rounds += 1
            prices = self.master.prices(answer.duals)
            least: dict[int, float] = {}
            cheap: list[Pattern] = []
            for t, knapsack in self.knapsacks.items():
                limits = search.limits(until - now(), 1e-9)
                least[t], patterns = knapsack.cheapest(prices[t], limits, search.stop)
                cheap += patterns
            worth = CHEAP * max(1.0, abs(answer.objective))
            bound = self.master.lagrangian(answer.objective, least) - worth / 2
            search.raise_bound(bound if bound > float("-inf") else None)
            added = self._add(prices, dict.fromkeys(cheap), worth)
            missed = self.master.missed(answer.x)
            log.debug(
                "round %d at %.3g: master %.1f, bound %.1f, missed %.3g, %d new columns",
                self.rounds, penalty, answer.objective, bound, missed, added,
            )  # fmt: skip
            if not added or bound >= answer.objective - worth:
                return missed
        return None

    def _add(self, prices: dict[int, Price], patterns: dict[Pattern, None], worth: float) -> int:
        """Adds the patterns in every period in which they may be and cost less than nothing; how many columns."""
        added = 0
        for t, knapsack in self.held.items():
            own = set(knapsack.needs)
            for pattern in patterns:
                if own.issuperset(need for need, _ in pattern) and prices[t].of(pattern) < -worth:
                    added += knapsack.allows(pattern) and self.master.add(t, pattern)
        return added

    def _of_best(self) -> list[tuple[int, Pattern]]:
        """The patterns of the best plan known, with their periods."""
        if self.search.best is None:
            return []
        units: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for (kind, key), j in self.search.task.exact.matrix.column_of.items():
            if kind == "content" and self.search.best[j] > 0.5:
                units[key[1], key[2]][key[0]] = round(float(self.search.best[j]))
        order = list(self.guide.draft.facts.needs)
        found = [
            (t, tuple((need, row[need]) for need in order if need in row)) for (t, _), row in sorted(units.items())
        ]
        return [(t, pattern) for t, pattern in found if self.held[t].allows(pattern)]

    def realise(self, seconds: float) -> None:
        """A plan from the restricted master with whole packages, if it has one; else a plan near it."""
        search = self.search
        search.enter("patterns whole")
        limits = Limits(min(seconds, search.left), search.gap / 4, search.threads, search.seed)
        answer = run(self.master.whole(), limits, stop=lambda: search.over)
        log.debug("restricted master: %s, %s in %.1f s", answer.end, answer.objective, answer.seconds)
        if answer.x is None:
            return
        loop = separating.Loop(search, self.guide)
        x = answer.x[: self.guide.matrix.shape[1]]
        if not loop.realise(x, loop.released(x)) and not search.over:
            loop.near(x)
