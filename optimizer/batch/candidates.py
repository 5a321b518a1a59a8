"""The search for a plan that does well when it is executed: candidates, tried out one after the other.

A policy search: what is chosen is a plan together with the rule by which it is executed (docs/stress.md). Candidates:

1. the nominal plan;
2. the best plan so far with its packages paid from safer money, or with units left out of them (`safe_payers`);
3. the best plan so far with output drawn forward (`optimizer.rolling.ahead`);
4. plans of the instance with less in it (`optimizer.scenarios.derated`), or with promises due earlier; each also in
   the ways of 2 and 3 that have helped;
5. plans from elsewhere (`SearchForPlan.consider`).

Every candidate is a legal plan of the nominal instance. The nominal plan stays unless another is surely better.
Time is that of the process's clock: seconds, or units of work, and then the same plans are tried on every run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from models.calendar import calendar_of
from models.checker import check_plan
from models.formulation import Formulation
from models.plan import Plan
from models.problem import Problem
from optimizer.batch.trials import Gain, Training, Trial, gain, tried
from optimizer.rolling.ahead import built_ahead
from optimizer.rolling.execute import execute_in
from optimizer.scenarios.derated import PARTS, Part, derated, money_risk
from optimizer.settings import Settings
from optimizer.solving.clock import clock, now
from optimizer.solving.solve import SolverError, solve
from optimizer.valuing.apart import apart

if TYPE_CHECKING:
    from optimizer.solving.paying import Repaid

NOMINAL = "nominal"
SAFER, LIGHTER, AHEAD = "safer payers", "lighter packages", "built ahead"
CAUTION = (52.0, 104.0, 208.0)
"""Weeks of waiting that a million USD that fails is taken to cost: three degrees of lighter packages."""
DEGREES: tuple[tuple[str, float | None, tuple[Part, ...]], ...] = (
    ("less money, mean", None, ("money",)),
    ("less output, mean", None, ("output",)),
    ("less of all, mean", None, PARTS),
    ("less of all, as 3 of 4 reach", 0.75, PARTS),
    ("less of all, as 9 of 10 reach", 0.9, PARTS),
)
"""Instances with less in them: name, share of the worlds that reach as much (None: the mean), and of what."""
EARLIER = 4
"""Weeks by which promises are due earlier in one of the candidates."""
PAYING, PAYING_MOST = 0.03, 12.0
"""Share of all seconds, and seconds at most, for choosing payers once."""
SOLVING = 0.6
"""Share of a candidate's time for its solve; the rest is for trying its plan out."""
LEAST = 2.0
"""Seconds, or units of work, below which no solve is begun."""
EXECUTING, DEMAND_PERIOD = 1e-4, 6e-7
"""Units of work that a plan's execution in one world counts as; and by demand and period."""


@dataclass(frozen=True)
class Choice:
    """What came of the search. `trials` in the order in which they were tried, the nominal plan first, with their
    `gains` over it; `taken`: the one that is to be carried out; `notes`: what could not be tried."""

    trials: tuple[Trial, ...]
    gains: tuple[Gain, ...]
    taken: Trial
    notes: tuple[str, ...] = ()


@dataclass
class SearchForPlan:
    """The state: all trials so far, and the best of them by the measure alone.

    `settings`: of the whole solve, of whose limit shares are meant; `report` hears what is tried; `stop` is polled.
    `disturbed`: something happened that may not happen another time.
    """

    training: Training
    formulation: Formulation
    settings: Settings
    report: Callable[[str], None]
    stop: Callable[[], bool]
    trials: list[Trial] = field(default_factory=list)
    gains: list[Gain] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    helped: list[str] = field(default_factory=list)
    lead: Trial | None = None
    disturbed: bool = False

    @property
    def problem(self) -> Problem:
        """The nominal instance."""
        return self.training.problem

    def run(self, nominal: Plan, until: float) -> None:
        """Tries all candidates that there is time for; `until` as of the clock. `nominal` must be legal."""
        self.report(f"trying {NOMINAL}")
        if self.consider(NOMINAL, nominal) is None:
            raise ValueError("the nominal plan breaks rules")
        ways = [SAFER, *(f"{LIGHTER}, {weeks:g} weeks" for weeks in CAUTION), AHEAD]
        for way in ways:
            if self._over(until):
                return
            if self._change(way):
                self.helped.append(way)
        self._solve_others(until)

    def consider(self, name: str, plan: Plan) -> Trial | None:
        """Tries a plan out; None if it is not legal, or does the same in every world as one that was tried."""
        if any(row.plan == plan for row in self.trials):
            return None
        trial = tried(self.training, name, plan)
        clock().spend(self._executing)
        if trial is None:
            self.notes.append(f"candidate {name!r} is no legal plan of the instance")
            return None
        if any(trial.same(row) for row in self.trials):
            return None
        found = gain(self.training, trial, self.trials[0] if self.trials else trial)
        self.trials.append(trial)
        self.gains.append(found)
        if self.lead is None or found.value < self._value(self.lead) - 1e-9:
            self.lead = trial
        return trial

    def choice(self) -> Choice:
        """The plan to carry out: the best of those that are surely better than the nominal one, or that one."""
        comparisons = len(self.trials) - 1
        sure = [k for k in range(1, len(self.trials)) if self.gains[k].is_better(comparisons)]
        best = min(sure, key=lambda k: (self.gains[k].value, k), default=0)
        return Choice(tuple(self.trials), tuple(self.gains), self.trials[best], tuple(self.notes))

    def _value(self, trial: Trial) -> float:
        return next(g.value for t, g in zip(self.trials, self.gains, strict=True) if t is trial)

    def _over(self, until: float) -> bool:
        return self.stop() or now() > until

    @cached_property
    def _executing(self) -> float:
        """Units of work of one trial."""
        problem = self.problem
        size = (len(problem.orders) + len(problem.needs)) * calendar_of(problem).count
        return len(self.training.worlds) * (EXECUTING + DEMAND_PERIOD * size)

    # --- the best plan so far, changed --------------------------------------------------------------------------------

    def _change(self, way: str) -> bool:
        """Changes the best plan so far; whether that is better."""
        lead = self.lead
        assert lead is not None
        plan = self._changed(lead.plan, way)
        if plan is None or plan == lead.plan:
            return False
        name = way if lead is self.trials[0] else f"{lead.name} + {way}"
        self.report(f"trying {name}")
        self.consider(name, plan)
        return self.lead is not lead

    def _changed(self, plan: Plan, way: str) -> Plan | None:
        if way == AHEAD:
            return built_ahead(self.problem, plan)
        if not self.risk or not plan.releases:
            return None
        weeks = next((w for w in CAUTION if way == f"{LIGHTER}, {w:g} weeks"), None)
        limit = min(PAYING_MOST, max(1.0, PAYING * self.settings.limit))
        limits = self.settings.limited(limit, clock().net())
        asked = {"problem": self.problem, "plan": plan, "risk": self.risk, "weeks": weeks, "limits": limits}
        self.report(f"choosing {way}")
        try:
            found: Repaid | None = apart("optimizer.solving.paying", "repaid", asked, limits.seconds, self.stop)
        except (SolverError, ValueError, KeyError) as wrong:
            self.notes.append(f"{way}: not tried ({(str(wrong).strip() or type(wrong).__name__).splitlines()[-1]})")
            return None
        if found is None:
            self.disturbed = True
            return None
        clock().spend(found.work or 0.0)
        self.disturbed |= found.late
        return found.plan

    @cached_property
    def risk(self) -> dict[tuple[str, int], float]:
        """How likely every pledge fails, by period."""
        return money_risk(self.problem, self.training.others)

    # --- other instances, solved --------------------------------------------------------------------------------------

    def _solve_others(self, until: float) -> None:
        others = list(self._others())
        for k, (name, problem) in enumerate(others):
            left = SOLVING * (until - now()) / (len(others) - k)
            if self.stop() or left < LEAST:
                rest = ", ".join(name for name, _ in others[k:])
                self.notes.append(f"no time was left for these candidates: {rest}")
                return
            plan = self._solved(name, problem, left)
            if plan is None:
                continue
            self.report(f"trying {name}")
            trial = self.consider(name, plan)
            if trial is not None:
                self._as_before(trial, until)

    def _as_before(self, trial: Trial, until: float) -> None:
        """A new plan in the ways that have helped others, as long as they help it."""
        best, name = trial, trial.name
        for way in self.helped:
            if self._over(until):
                return
            plan = self._changed(best.plan, way)
            if plan is None:
                continue
            again = self.consider(f"{name} + {way}", plan)
            if again is not None and self._value(again) < self._value(best):
                best, name = again, again.name

    def _others(self) -> Iterator[tuple[str, Problem]]:
        """Instances whose plans may do better than the nominal one, each but once."""
        known = [self.problem]
        for name, problem in self._candidates():
            if problem not in known:
                known.append(problem)
                yield name, problem

    def _candidates(self) -> Iterator[tuple[str, Problem]]:
        for name, share, parts in DEGREES:
            yield name, derated(self.problem, self.training.others, share, parts)
        yield f"promises {EARLIER} weeks earlier", earlier(self.problem, EARLIER)

    def _solved(self, name: str, problem: Problem, limit: float) -> Plan | None:
        """A plan of another instance as a plan of the nominal one, if it is legal there."""
        self.report(f"solving for {name}")
        weighted = replace(problem, objective=replace(problem.objective, mode="weighted"))
        limits = self.settings.limited(limit, clock().net())
        starts = [(NOMINAL, row.plan) for row in self._starts(weighted)]
        try:
            outcome = solve(weighted, self.formulation, limits, starts=starts, stop=self.stop)
        except SolverError as wrong:
            self.notes.append(f"{name}: not tried ({str(wrong).strip().splitlines()[-1]})")
            return None
        clock().spend(outcome.work or 0.0)
        self.disturbed |= not outcome.repeatable
        if outcome.plan is None:
            why = "it has no plan" if outcome.status == "infeasible" else "no plan was found in time"
            self.notes.append(f"{name}: not tried ({why})")
            return None
        if check_plan(self.problem, outcome.plan).passed:
            return outcome.plan
        # where less output was rounded up in a period, the plan is executed in the instance as it stands
        try:
            return execute_in(problem, outcome.plan, self.problem).plan
        except ValueError:
            return outcome.plan

    def _starts(self, problem: Problem) -> Sequence[Trial]:
        """The best plan so far, as an execution would have it in the other instance."""
        assert self.lead is not None
        found = [self.lead]
        try:
            same = replace(problem, objective=self.problem.objective)
            found.insert(0, replace(self.lead, plan=execute_in(self.problem, self.lead.plan, same).plan))
        except ValueError:
            pass
        return [row for row in found if check_plan(problem, row.plan).passed]


def earlier(problem: Problem, weeks: int) -> Problem:
    """The instance with promises due some weeks earlier: firm dates, replacements, and when needs expire.

    A plan for it keeps the promises of the instance, with slack. None is due before the start for that.
    """
    span = dt.timedelta(weeks=weeks)

    def sooner(day: dt.date | None) -> dt.date | None:
        return None if day is None else max(min(day, problem.start + span), day - span)

    return replace(
        problem,
        orders=tuple(replace(row, firm_by=sooner(row.firm_by)) for row in problem.orders),
        needs=tuple(replace(row, expires_on=sooner(row.expires_on)) for row in problem.needs),
        offers=tuple(
            replace(
                row,
                replacement_within_weeks=max(
                    min(weeks, row.replacement_within_weeks), row.replacement_within_weeks - weeks
                ),
            )
            for row in problem.offers
        ),
    )
