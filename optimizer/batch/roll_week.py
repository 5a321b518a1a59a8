"""One day of planning after another: what happened since, what is known now, the promises that still hold, the plan."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from models.calendar import calendar_of
from models.capacity import component_cumulative, slots
from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.plan import POOL, Plan
from models.problem import TERMS, Actual, Problem
from optimizer.batch.roll_records import RollOptions, Week
from optimizer.batch.roll_relax import CannotRelaxError, relaxed
from optimizer.judging import judged, judged_baselines
from optimizer.rolling import promises
from optimizer.rolling.advance import advance
from optimizer.rolling.bounds import loosened
from optimizer.rolling.calendars import as_periods, lengths
from optimizer.rolling.history import Elapsed
from optimizer.rolling.nervousness import moves
from optimizer.rolling.records import Broken, Deviation
from optimizer.rolling.under_way import carried_out, loads_of, overloads
from optimizer.rolling.unfolding import Unfolding, elapsed_part, money_unspent
from optimizer.scenarios.disturbances import Event
from optimizer.scenarios.realised import realised
from optimizer.scenarios.words import told
from optimizer.solving.outcome import Outcome, Progress
from optimizer.solving.solve import solve
from optimizer.solving.standing import standing

UNCHANGED = "nothing has changed since the plan before: it stands"


class RollStoppedError(Exception):
    """A solve was interrupted: the day of planning is not whole, and is done again when the roll goes on."""


class NoPlanError(Exception):
    """A day of planning ended without a plan; `outcome` says why, `number` which day it was."""

    def __init__(self, number: int, outcome: Outcome, message: str) -> None:
        """`message` says it in words for the user."""
        super().__init__(message)
        self.number, self.outcome = number, outcome


@dataclass(frozen=True)
class Planner:
    """Makes the plans of a roll."""

    unfolding: Unfolding
    options: RollOptions
    progress: Callable[[Progress], None] | None = None
    stop: Callable[[], bool] | None = None

    def first(self) -> Week:
        """The first day of planning."""
        return self._planned(0, self._without_stability(self.unfolding.first()), _Before())

    def after(self, week: Week, past: Sequence[Elapsed]) -> Week:
        """The next day of planning; `past`: all that was done before `week`."""
        began = time.perf_counter()
        problem, then = week.problem, calendar_of(week.problem).day(1)
        events = list(self.unfolding.drawn.events())
        done, actuals = self._happened(week, past)
        edited, aside = self.unfolding.edited(problem, done, then)
        if self.options.horizon == "fixed":
            edited = replace(edited, start=then, periods=as_periods(lengths(problem.periods)[1:]))
        advanced = advance(edited, week.plan, actuals, to=then, base=problem)
        names = {row.package for row in done.releases}
        calm = not aside and not actuals and not any(problem.start < event.known_on <= then for event in events)
        bound = None
        if calm and not advanced.broken and not loosened(problem, week.plan, advanced) and week.bound is not None:
            bound = week.objective - week.bound
        elapsed = Elapsed(problem.start, then, done, tuple(pair for pair in advanced.renamed if pair[0] in names))
        before = _Before(
            elapsed,
            advanced.carried,
            tuple(told(event) for event in events if problem.start < event.known_on <= then and event not in aside),
            tuple(k for k, event in enumerate(events) if event in aside),
            advanced.happened.deviations,
            advanced.broken,
            (*(_aside(event) for event in aside), *(note.message for note in advanced.notes)),
            promises.units_from_pool(self.everything, [*past, elapsed]),
            bound,
            time.perf_counter() - began,
        )
        return self._planned(week.number + 1, self._without_stability(advanced.problem), before)

    def _without_stability(self, problem: Problem) -> Problem:
        return problem if self.options.stability else replace(problem, stability=None, commitments=())

    @cached_property
    def everything(self) -> Problem:
        """The original instance with every need there ever is."""
        return realised(self.unfolding.original, replace(self.unfolding.drawn, withdrawn_offers=()))

    def _happened(self, week: Week, past: Sequence[Elapsed]) -> tuple[Plan, tuple[Actual, ...]]:
        """What was done in the first period of a plan, and as a table where that is something else than was planned."""
        problem, plan = week.problem, week.plan
        planned = elapsed_part(plan)
        world = self.unfolding.world(problem, calendar_of(problem).day(1))
        loads = loads_of(problem, past)
        if _offers_as_much(world, problem) and not overloads(problem, planned.dispatches, loads):
            return planned, ()
        done = elapsed_part(carried_out(problem, plan, world, loads))
        done = replace(done, accepted_offers=plan.accepted_offers)
        return done, tuple(actuals_of(problem, planned, done))

    def _planned(self, number: int, problem: Problem, before: _Before) -> Week:
        """Solve, judge, and say what was promised and what moved."""
        original = self.unfolding.original
        watch = {"before": before.seconds}
        held = self._standing(problem, before)
        if held is None:
            starts = self._starts(problem, before, watch)
            problem, outcome, broken = self._solved(number, problem, starts, watch)
        else:
            outcome, broken = held, tuple[Broken, ...]()
        if outcome.plan is None or (self.stop is not None and self.stop()):
            raise RollStoppedError
        began = time.perf_counter()
        plan = outcome.plan
        verdict = judged(problem, plan, outcome)
        watch["check"] = time.perf_counter() - began
        policy = replace(problem, stability=original.stability)
        made = (
            *(promises.of_the_instance(original) if number == 0 else ()),
            *promises.of_a_plan(policy, before.carried, plan, before.sent),
        )
        spent = {row.pledge: 0.0 for row in problem.pledges}
        now = {row.package for row in plan.releases if row.period == 0}
        last_day = calendar_of(problem).day(1) - dt.timedelta(days=1)
        for row in plan.payments:
            spent[row.pledge] += row.amount_usd_m if row.package in now else 0.0
        return Week(
            number=number,
            problem=problem,
            plan=plan,
            status=outcome.status,
            objective=verdict.terms.total,
            bound=None if outcome.bound is None else min(outcome.bound, verdict.terms.total),
            terms={term: float(getattr(verdict.terms, term)) for term in TERMS},
            seconds={**watch, **outcome.seconds},
            before=before.elapsed,
            moves=None if before.carried is None else moves(policy, before.carried, plan),
            news=before.news,
            aside=before.aside,
            shortfalls=before.shortfalls,
            broken=(*before.broken, *broken),
            promised=made,
            notes=(*before.notes, *outcome.messages),
            unspent_usd_m=money_unspent(problem.pledges, problem.start, last_day) - sum(spent.values()),
        )

    def _standing(self, problem: Problem, before: _Before) -> Outcome | None:
        """The plan before, where nothing has changed since and its bound still holds (docs/replanning.md)."""
        if before.gap is None or before.carried is None or not self.options.stability:
            return None
        verdict = check_plan(problem, before.carried)
        if not verdict.passed:
            return None
        value = verdict.terms.total
        return standing(before.carried, value, value - max(0.0, before.gap), self.options.formulation, UNCHANGED)

    def _starts(self, problem: Problem, before: _Before, watch: dict[str, float]) -> list[tuple[str, Plan]]:
        """What is left of the plan before, where that is legal; else the two cases to compare with.

        Where changes cost nothing every plan is made as if there had been none before.
        """
        began = time.perf_counter()
        legal = before.carried is not None and check_plan(problem, before.carried).passed
        if self.options.stability and before.carried is not None and legal:
            starts = [("previous", before.carried)]
        else:
            starts = judged_baselines(problem)[1]
        watch["starts"] = time.perf_counter() - began
        return starts

    def _solved(
        self, number: int, problem: Problem, starts: Sequence[tuple[str, Plan]], watch: dict[str, float]
    ) -> tuple[Problem, Outcome, tuple[Broken, ...]]:
        """A plan, with promises relaxed where there can be none; the best start where time ran out before any plan.

        On the first day nothing is relaxed: the instance itself has no plan then.
        """
        outcome = self._solve(problem, starts)
        broken: tuple[Broken, ...] = ()
        if outcome.status == "infeasible" and number > 0:
            began = time.perf_counter()
            try:
                problem, broken = relaxed(problem, outcome.clashes)
            except CannotRelaxError as wrong:
                raise NoPlanError(number, outcome, str(wrong)) from wrong
            watch["relax"] = time.perf_counter() - began
            outcome = self._solve(problem, judged_baselines(problem)[1])
        if outcome.plan is None and outcome.status == "no_plan" and starts:
            name, plan = min(starts, key=lambda start: check_plan(problem, start[1]).terms.total)
            note = f"the solver had no plan when its time was over: this is {name!r}"
            outcome = replace(
                outcome, status="time_limit", plan=plan, objective=None, messages=(*outcome.messages, note)
            )
        if outcome.plan is None and outcome.status != "interrupted":
            raise NoPlanError(number, outcome, f"the solve ended without a plan: {outcome.status}")
        return problem, outcome, broken

    def _solve(self, problem: Problem, starts: Sequence[tuple[str, Plan]]) -> Outcome:
        chosen = FORMULATIONS[self.options.formulation]
        return solve(problem, chosen, self.options.settings, starts=starts, progress=self.progress, stop=self.stop)


@dataclass(frozen=True)
class _Before:
    """What led to a day of planning; nothing on the first."""

    elapsed: Elapsed | None = None
    carried: Plan | None = None
    news: tuple[str, ...] = ()
    aside: tuple[int, ...] = ()
    shortfalls: tuple[Deviation, ...] = ()
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()
    sent: promises.Units = field(default_factory=Counter)
    gap: float | None = None
    """Objective less bound of the plan before, where it stands because nothing has changed; None where it may not."""
    seconds: float = 0.0


def _aside(event: Event) -> str:
    return f"too late to have an effect: {told(event)}"


def _offers_as_much(world: Problem, problem: Problem) -> bool:
    """Whether the first period has the slots and components that the plan counted on."""
    one, other = calendar_of(world), calendar_of(problem)
    there, wanted = slots(world, one), slots(problem, other)
    parts, needed = component_cumulative(world, one), component_cumulative(problem, other)
    return all(there[line][0] >= row[0] for line, row in wanted.items()) and all(
        parts[name][0] >= row[0] for name, row in needed.items()
    )


def actuals_of(problem: Problem, planned: Plan, done: Plan) -> Iterator[Actual]:
    """The table of what happened in the first period, for every line and demand of which it is not what was planned."""
    day = problem.start
    made = [{(row.line, row.item): 0 for row in (*planned.made, *done.made)} for _ in range(2)]
    for rows, into in zip((planned.made, done.made), made, strict=True):
        for row in rows:
            into[row.line, row.item] += row.quantity
    lines = {key[0] for key in made[0] if made[0][key] != made[1][key]}
    for (line, item), units in sorted(made[1].items()):
        if line in lines:
            yield Actual("produced", line, item, None, None, day, units)
    keys = {(row.demand, row.origin, row.item): 0 for row in (*planned.dispatches, *done.dispatches)}
    sent = [dict(keys), dict(keys)]
    for dispatched, out in zip((planned.dispatches, done.dispatches), sent, strict=True):
        for dispatch in dispatched:
            out[dispatch.demand, dispatch.origin, dispatch.item] += dispatch.quantity
    demands = {key[0] for key in keys if sent[0][key] != sent[1][key]}
    for (demand, origin, item), units in sorted(sent[1].items()):
        if demand in demands:
            yield Actual("dispatched", demand, item, None if origin == POOL else origin, None, day, units)
