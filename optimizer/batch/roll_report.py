"""From the weeks of a roll to what is said of it: the history judged, promises settled, the plan with hindsight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.plan import Plan, Terms, Violation
from models.problem import Problem
from optimizer.batch.roll_records import RollOptions, Week
from optimizer.judging import judged, judged_baselines
from optimizer.reading.column import LAST_DATE, MAX_WEEKS
from optimizer.rolling import promises
from optimizer.rolling.history import Elapsed, executed, whole_calendar, with_room, without_stability
from optimizer.rolling.report import Hindsight, RollReport, WeekRow
from optimizer.rolling.under_way import carried_out, loads_of, overloads
from optimizer.rolling.unfolding import Unfolding
from optimizer.solving.outcome import Progress, relative_gap
from optimizer.solving.solve import solve

LONGER = 5.0
"""What the plan with hindsight may take, as a multiple of a day's."""
KIND_OF_RULE: dict[str, promises.PromiseKind] = {
    "firm_date": "firm_date",
    "replacement_on_time": "replacement",
    "promise_kept": "package_content",
}
"""Which kind of promise a rule of `problem.md` is about."""


@dataclass(frozen=True)
class Settled:
    """A history and what it answers: `outcome` with all promises, `relaxed` with those given up relaxed."""

    outcome: Problem
    relaxed: Problem
    plan: Plan
    promises: tuple[promises.Promise, ...]
    violations: tuple[Violation, ...]
    unaccounted: tuple[Violation, ...]
    terms: Terms


def settle(unfolding: Unfolding, weeks: Sequence[Week]) -> Settled:
    """Put the weeks together and judge them as one plan of the instance as it turned out."""
    last = weeks[-1]
    elapsed = elapsed_of(weeks)
    events = list(unfolding.drawn.events())
    aside = [events[k] for week in weeks for k in week.aside]
    outcome = without_stability(whole_calendar(unfolding.outcome(aside, last.date), elapsed, last.problem))
    # goods under way may need room on lanes that the last plan counts on: then it is carried out by the same rule
    loads, left = loads_of(last.problem, elapsed), last.plan
    if overloads(last.problem, left.dispatches, loads):
        left = carried_out(last.problem, left, last.problem, loads)
    plan = executed(outcome, elapsed, left)
    outcome = with_room(outcome, plan)
    given_up = {
        (KIND_OF_RULE[row.rule], row.demand) for week in weeks for row in week.broken if row.rule in KIND_OF_RULE
    }
    verdict = check_plan(outcome, plan)
    lost = {("package_content", v.index[0]) for v in verdict.violations if v.rule == "promise_kept"}
    offered = {row.offer for row in outcome.offers}
    made = [row for week in weeks for row in week.promised]
    settled = promises.settled(
        outcome,
        made,
        elapsed,
        last.date,
        withdrawn={row.offer for row in unfolding.original.offers} - offered,
        given_up=given_up | lost,
    )
    broken = {(row.made.kind, row.made.demand) for row in settled if row.status == "broken"}
    unaccounted = tuple(
        found for found in verdict.violations if (KIND_OF_RULE.get(found.rule), found.index[:1][0]) not in broken
    )
    relaxed = without_promises(outcome, plan, given_up)
    return Settled(outcome, relaxed, plan, settled, verdict.violations, unaccounted, check_plan(relaxed, plan).terms)


def without_promises(problem: Problem, plan: Plan, given_up: set[tuple[promises.PromiseKind, str]]) -> Problem:
    """The instance without the dates that were given up; of a replacement that was never whole, what was sent of it."""
    sent = promises.units_by_demand(plan, "replacement")
    offers = []
    for row in problem.offers:
        if ("replacement", row.offer) in given_up:
            weeks = min(MAX_WEEKS, (LAST_DATE - row.available_on).days // 7)
            offers.append(replace(row, replacement_within_weeks=weeks, replacement_quantity=sent[row.offer]))
        else:
            offers.append(row)
    orders = tuple(
        replace(row, firm_by=None) if ("firm_date", row.order) in given_up else row for row in problem.orders
    )
    return replace(problem, orders=orders, offers=tuple(offers))


def hindsight(
    settled: Settled,
    options: RollOptions,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Hindsight:
    """One solve of the instance as it turned out, knowing everything from the start; it starts from the history.

    That is a plan of all that was planned in many days, none of which it may lean on but the last: it gets `LONGER`.
    """
    problem = settled.relaxed
    history = [("history", settled.plan)] if check_plan(problem, settled.plan).passed else []
    starts, asked = [*history, *judged_baselines(problem)[1]], options.settings
    work = None if asked.work is None else LONGER * asked.work
    longer = replace(asked, seconds=LONGER * asked.seconds, work=work)
    chosen = FORMULATIONS[options.formulation]
    outcome = solve(problem, chosen, longer, starts=starts, progress=progress, stop=stop)
    seconds = sum(outcome.seconds.values())
    if outcome.plan is None:
        return Hindsight(outcome.status, None, outcome.bound, None, seconds)
    terms = judged(problem, outcome.plan, outcome).terms
    bound = None if outcome.bound is None else min(outcome.bound, terms.total)
    return Hindsight(outcome.status, terms.total, bound, terms, seconds)


def report_of(
    unfolding: Unfolding, weeks: Sequence[Week], options: RollOptions, settled: Settled, best: Hindsight | None
) -> RollReport:
    """All that is said of a roll."""
    drawn, last = unfolding.drawn, weeks[-1]
    return RollReport(
        instance=unfolding.original.name,
        scenario=drawn.scenario,
        seed=drawn.seed,
        stability=options.stability,
        horizon=options.horizon,
        first=weeks[0].date,
        last=last.date,
        rows=tuple(row_of(week) for week in weeks),
        moves=tuple(week.moves for week in weeks if week.moves is not None),
        promises=settled.promises,
        terms=settled.terms,
        violations=tuple(_said(row) for row in settled.violations),
        unaccounted=tuple(_said(row) for row in settled.unaccounted),
        broken=tuple(f"{week.date}: {row.message}" for week in weeks for row in week.broken),
        news=tuple((week.date, what) for week in weeks for what in week.news),
        unspent_usd_m=last.unspent_usd_m,
        hindsight=best,
    )


def row_of(week: Week) -> WeekRow:
    """A day of planning as a row."""
    moves = week.moves
    short = sum(row.planned - row.actual for row in week.shortfalls if row.event == "produced")
    return WeekRow(
        week=week.number,
        date=week.date,
        status=week.status,
        objective=week.objective,
        bound=week.bound,
        gap=relative_gap(week.objective, week.bound),
        **week.terms,
        units_planned=moves.planned if moves else 0,
        units_earlier=moves.earlier if moves else 0,
        units_later=moves.later if moves else 0,
        units_cut=moves.cut if moves else 0,
        units_new=moves.new if moves else 0,
        value_moved=moves.moved_value if moves else 0.0,
        value_cut=moves.cut_value if moves else 0.0,
        value_new=moves.new_value if moves else 0.0,
        frozen_units=moves.frozen_planned if moves else 0,
        frozen_changed=moves.frozen_changed if moves else 0,
        dispatches=moves.dispatches if moves else 0,
        dispatches_changed=moves.changed if moves else 0,
        short_units=round(max(0.0, short)),
        news=len(week.news),
        broken=len(week.broken),
        unspent_usd_m=week.unspent_usd_m,
        seconds=sum(week.seconds.values()),
    )


def _said(row: Violation) -> str:
    return f"{row.rule}{list(row.index)}: {row.message}"


def elapsed_of(weeks: Sequence[Week]) -> list[Elapsed]:
    """What was done between the days of planning."""
    return [week.before for week in weeks if week.before is not None]
