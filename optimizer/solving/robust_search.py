"""The search of a robust solve: stages one after the other, the best first weeks and the best bound so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from models.matrix import Vector
from models.plan import Plan
from optimizer.settings import Settings
from optimizer.solving.clock import now
from optimizer.solving.crew import Crew, Order
from optimizer.solving.dual import Dual
from optimizer.solving.methods import METHODS
from optimizer.solving.outcome import MatrixSize, relative_gap
from optimizer.solving.robust_job import Firsts, Lead, Priced, RobustJob, Solved, Together

EXTENSIVE = 12_000
"""Whole columns of all scenarios up to which the extensive form is solved as it is, if each is small by itself."""
NOMINAL, FOLLOWING, TOGETHER, CANDIDATE = 0.35, 0.4, 0.4, 0.5
"""Shares of the time left for the nominal plan, for following it, for all together, and for one candidate."""
FIRST = 0.8
"""Share of it in which larger scenarios may look for their first solution: without one of each nothing is known."""
POLISHING = 0.4
"""Share of the time left in which every scenario is solved once more with the best first weeks."""
NOMINAL_NAME = "nominal"
"""Of the candidate with the first weeks that hedging has to beat."""
PRICING, LAST = 0.2, 0.8
"""Shares of the time left for rounds of the bound, and then for every scenario a last time, before further rounds."""
READING = 0.04
"""Share of the whole time that is kept for reading the plan back."""


def is_small(whole: int, count: int) -> bool:
    """Whether so many scenarios of so many whole columns each are solved in one model, to the end."""
    return whole < METHODS["guided"].least_whole and whole * count <= EXTENSIVE


@dataclass(frozen=True, slots=True)
class Candidate:
    """First weeks with a solution for every scenario; `name` says where they are from."""

    name: str
    firsts: Firsts
    xs: tuple[Vector, ...]
    costs: tuple[float, ...]
    penalties: tuple[float, ...]
    leads: tuple[Lead, ...] = ()


@dataclass
class RobustSearch:
    """The state. `bounds` and `nominal_costs` by scenario; `bound` of the stochastic program."""

    job: RobustJob
    settings: Settings
    crew: Crew
    stop: Callable[[], bool]
    best: Candidate | None = None
    bound: float | None = None
    wait_and_see: float | None = None
    bounds: dict[int, float] = field(default_factory=dict)
    nominal_costs: dict[int, float] = field(default_factory=dict)
    route: str = "extensive"
    rounds: int = 0
    infeasible: bool = False
    size: MatrixSize | None = None
    messages: list[str] = field(default_factory=list)
    fallback: Solved | None = None
    known: bool = False
    """Whether a start is the plan of a search for the nominal scenario, of a model that is large: it needs no other."""
    dual: Dual | None = None
    """Of larger sets, once it has begun."""
    began: float = field(default_factory=now)

    @property
    def count(self) -> int:
        """How many scenarios there are."""
        return len(self.job.program.scenarios)

    @property
    def left(self) -> float:
        """Seconds left for searching, or units of work."""
        return self.settings.limit * (1 - READING) - (now() - self.began)

    @property
    def value(self) -> float | None:
        """Of the best candidate."""
        if self.best is None:
            return None
        return self.job.program.risk.value(self.best.costs, self.job.program.probabilities)

    @property
    def over(self) -> bool:
        """Whether to stop."""
        gap = relative_gap(self.value, self.bound)
        return self.left <= 0 or self.stop() or self.infeasible or (gap is not None and gap <= self.settings.gap)

    def run(self) -> None:
        """All stages, as far as time goes."""
        alone = self._nominal()
        if alone is not None and not self.infeasible:
            self._follow(alone)
            if self._is_small(alone):
                self._wait_and_see_exactly()
                if not self.over:
                    self._together(near=False)
            else:
                self.route = "decomposition"
                if not self.over and self.count > 1:
                    self._wait_and_see_relaxed()
                    # first solutions say little of what following costs: others would be compared with them
                    self._polish_further(POLISHING)
                    self._together(near=True)
                    self._candidates(alone.lead)
                    relaxed = alone.whole >= METHODS["guided"].least_whole
                    self._dual(PRICING, relaxed=relaxed)
                    self._polish_further(LAST)
                    self._dual(1.0, relaxed=relaxed)
        self.messages += self.crew.messages

    def nominal_plan(self) -> Plan | None:
        """The nominal scenario's plan as it was before hedging."""
        alone = self.fallback
        if alone is None or alone.x is None:
            return None
        answer = self.crew.run([Order("plan", 0, (alone.x, alone.firsts), seconds=120.0)])[0]
        return None if answer is None else answer[0]

    def plan(self) -> tuple[Plan | None, float | None]:
        """The nominal plan of the best candidate, or of the nominal scenario alone, with its value."""
        x, firsts = None, Firsts()
        if self.best is not None:
            x, firsts = self.best.xs[0], self.best.firsts
        elif self.fallback is not None and self.fallback.x is not None:
            x, firsts = self.fallback.x, self.fallback.firsts
            self.messages.append(
                "the scenarios were not all solved in time: of the stochastic program nothing is known"
            )
        if x is None:
            return None, None
        self.crew.stopping, self.crew.stop = False, lambda: False
        answer = self.crew.run([Order("plan", 0, (x, firsts), seconds=120.0)])[0]
        return (None, None) if answer is None else answer

    # --- stages -------------------------------------------------------------------------------------------------------

    def _nominal(self) -> Solved | None:
        """The nominal scenario alone."""
        found: Solved | None
        share = 1.0 if self.count == 1 else NOMINAL
        seconds = share * self.left
        gap = self.settings.gap if self.count == 1 else self.settings.gap / 4
        orders = [Order("alone", 0, (0, seconds, gap), seconds=seconds)]
        if self.known:
            orders = [Order("known", 0, (0, seconds), seconds=seconds)]
        # meanwhile the other processes bound scenarios of theirs
        beside = [s for s in range(1, self.count) if s % self.crew.size]
        orders += [Order("relaxed", s, (s, seconds), seconds=seconds) for s in beside]
        found, *bounds = self.crew.run(orders)
        self.bounds |= {s: bound for s, bound in zip(beside, bounds, strict=True) if bound is not None}
        if found is None:
            return None
        rows, columns, nonzeros = found.shape
        self.size = MatrixSize(rows * self.count, columns * self.count, nonzeros * self.count, found.whole * self.count)
        self.infeasible = found.infeasible
        self._bounded(found)
        if found.x is None or found.cost is None:
            return None
        self.fallback = found
        if self.count == 1:
            self._take(Candidate(NOMINAL_NAME, found.firsts, (found.x,), (found.cost,), (0.0,), (found.lead,)))
            self.nominal_costs[0] = found.cost
            self._raise_wait_and_see()
        return found

    def _follow(self, alone: Solved) -> None:
        """What the nominal first weeks cost in every scenario."""
        if self.count > 1 and not self.over:
            small = self._is_small(alone)
            seconds, leads = (FOLLOWING if small else FIRST) * self.left, [alone.lead] * self.count
            found = self._given(NOMINAL_NAME, alone.firsts, leads, seconds, alone, enough=not small)
            if found is not None:
                self.nominal_costs = dict(enumerate(found.costs))

    def _given(
        self, name: str, firsts: Firsts, leads: list[Lead], seconds: float, nominal: Solved | None = None,
        *, enough: bool = False,
    ) -> Candidate | None:  # fmt: skip
        """A candidate: its first weeks in every scenario, each following the lead of its number."""
        first = 0 if nominal is None else 1
        orders = [self._order(s, firsts, leads[s], seconds, enough=enough) for s in range(first, self.count)]
        found: list[Solved | None] = self.crew.run(orders, shared=seconds)
        solved = [*([nominal] if nominal is not None else []), *found]
        return self._candidate(name, solved)

    def _order(
        self, number: int, firsts: Firsts | None, lead: Lead, seconds: float, known: Vector | None = None,
        *, enough: bool = False,
    ) -> Order:  # fmt: skip
        options = {"seconds": seconds, "gap": self.settings.gap / 4, "known": known, "enough": enough}
        return Order("given", number, (number, firsts, lead), options, seconds)

    def _candidate(self, name: str, solved: list[Solved | None]) -> Candidate | None:
        rows = [row for row in solved if row is not None and row.x is not None and row.cost is not None]
        if len(rows) < self.count:
            return None
        found = Candidate(
            name, rows[0].firsts, tuple(row.x for row in rows if row.x is not None),
            tuple(row.cost for row in rows if row.cost is not None), tuple(row.penalty for row in rows),
            tuple(row.lead for row in rows),
        )  # fmt: skip
        self._take(found)
        return found

    def _take(self, candidate: Candidate) -> bool:
        risk, probabilities = self.job.program.risk, self.job.program.probabilities
        value = self.value
        if value is not None and risk.value(candidate.costs, probabilities) >= value - 1e-9 * max(1.0, abs(value)):
            return False
        self.best = candidate
        return True

    def _is_small(self, alone: Solved) -> bool:
        return is_small(alone.whole, self.count)

    def _wait_and_see_exactly(self) -> None:
        each = 0.4 * self.left * self.crew.size / self.count
        orders = [Order("alone", s, (s, each, self.settings.gap / 4), seconds=each) for s in range(1, self.count)]
        for row in self.crew.run(orders):
            self._bounded(row)
        self._raise_wait_and_see()

    def _wait_and_see_relaxed(self) -> None:
        missing = [s for s in range(self.count) if s not in self.bounds]
        orders = [Order("relaxed", s, (s, max(0.0, self.left)), seconds=max(0.0, self.left)) for s in missing]
        found = zip(missing, self.crew.run(orders), strict=True)
        self.bounds |= {s: bound for s, bound in found if bound is not None}
        self._raise_wait_and_see()

    def _bounded(self, row: Solved | None) -> None:
        if row is not None and row.bound is not None:
            self.bounds[row.number] = row.bound

    def _raise_wait_and_see(self) -> None:
        if len(self.bounds) == self.count:
            costs = [self.bounds[s] for s in range(self.count)]
            self.wait_and_see = self.job.program.risk.value(costs, self.job.program.probabilities)
            self._raise(self.wait_and_see)

    def _raise(self, bound: float | None) -> None:
        if bound is not None and (self.bound is None or bound > self.bound):
            self.bound = bound

    def _together(self, *, near: bool) -> None:
        xs = None if self.best is None else self.best.xs
        if near and xs is None:
            return
        seconds = TOGETHER * self.left if near else self.left
        gap = self.settings.gap / 2
        order = Order("together", 0, (seconds, gap, xs), {"near": near}, seconds)
        found: Together | None = self.crew.run([order])[0]
        if found is None:
            return
        if not near:
            rows, columns, nonzeros = found.shape
            whole = 0 if self.size is None else self.size.integers
            self.size = MatrixSize(rows, columns, nonzeros, whole)
            self._raise(found.bound)
            self.infeasible |= found.infeasible and self.best is None
        if found.xs is not None:
            leads = () if self.best is None else self.best.leads
            if self._take(Candidate("together", found.firsts, found.xs, found.costs, found.penalties, leads)):
                self._polish()

    def _polish_further(self, share: float) -> None:
        if self.best is not None and not self.over:
            self._polish(share)

    def _polish(self, share: float = POLISHING) -> None:
        """Every scenario once more with the best first weeks: where the measure looks away, costs stay loose.

        Not the nominal one with its own first weeks, if a search has found its plan.
        """
        best = self.best
        assert best is not None
        own = best.name == NOMINAL_NAME
        seconds = max(1.0, share * self.left)
        leads = best.leads or ({},) * self.count
        numbers = range(1 if own and self.known else 0, self.count)
        orders = [self._order(s, best.firsts, leads[s], seconds, best.xs[s]) for s in numbers]
        answers: list[Solved | None] = self.crew.run(orders, shared=seconds)
        found = dict(zip(numbers, answers, strict=True))
        rows = [
            (row.x, row.cost, row.penalty)
            if (row := found.get(s)) is not None and row.x is not None and row.cost is not None
            else (best.xs[s], best.costs[s], best.penalties[s])
            for s in range(self.count)
        ]
        self.best = Candidate(
            best.name, best.firsts, tuple(row[0] for row in rows), tuple(row[1] for row in rows),
            tuple(row[2] for row in rows), best.leads,
        )  # fmt: skip
        if own:
            self.nominal_costs = dict(enumerate(self.best.costs))

    def _candidates(self, lead: Lead) -> None:
        """First weeks of single scenarios, the likeliest first, each given to all."""
        others = sorted(range(1, self.count), key=lambda s: (-self.job.program.scenarios[s].probability, s))
        for s in others:
            if self.over or self.left < 0.25 * self.settings.limit or self.best is None:
                return
            each = 0.3 * CANDIDATE * self.left
            order = self._order(s, None, self.best.leads[s] or lead, each)
            own: Solved | None = self.crew.run([order])[0]
            if own is None or own.x is None:
                continue
            self._given(self.job.program.scenarios[s].name, own.firsts, list(self.best.leads), CANDIDATE * self.left)

    def _dual(self, share: float, *, relaxed: bool) -> None:
        """Rounds of the bound for a share of the time left; they go on from where they were."""
        if self.over or self.value is None:
            return
        if self.dual is None:
            self.dual = self._first_dual()
        if self.dual is None:
            return
        until = now() + share * self.left

        def solve(asked: dict[int, tuple[float, Firsts]]) -> list[Priced | None]:
            orders = [
                Order("priced", s, (s, weight, prices, self.left), {"relaxed": relaxed}, max(1.0, self.left))
                for s, (weight, prices) in asked.items()
            ]
            return self.crew.run(orders)

        self._raise(self.dual.run(solve, self.value, lambda: self.over or now() > until))
        self.rounds = self.dual.rounds

    def _first_dual(self) -> Dual | None:
        linked = self.crew.run([Order("links", s, (s,)) for s in range(self.count)])
        if any(row is None for row in linked):
            return None
        risk, probabilities = self.job.program.risk, self.job.program.probabilities
        return Dual(
            risk,
            probabilities,
            {s: row[1] for s, row in enumerate(linked)},
            {s: row[0] for s, row in enumerate(linked)},
            weights=risk.worst([self.bounds.get(s, 0.0) for s in range(self.count)], probabilities),
        )
