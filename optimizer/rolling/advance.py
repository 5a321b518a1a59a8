"""advance(problem, plan) -> Advanced: next Monday's instance, and what is left of the plan for it.

What was planned for the elapsed periods is taken as done, unless `actuals` say otherwise. With nothing slipped and no
period split, what is left of the plan is a legal plan of the rolled instance, and its objective is that of the whole
plan less what has gone (docs/replanning.md, with the proof).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from models.calendar import Calendar, calendar_of
from models.plan import Plan
from models.problem import Actual, Periods, Problem
from optimizer.rolling import demands, funding, left_over, reviews, supply
from optimizer.rolling.calendars import as_periods, deepened, elapsed_periods, lengths
from optimizer.rolling.happened import Past, happened
from optimizer.rolling.records import Advanced, Broken, Happened, Note


def advance(
    problem: Problem,
    plan: Plan,
    actuals: Sequence[Actual] = (),
    to: dt.date | None = None,
    base: Problem | None = None,
) -> Advanced:
    """Roll a problem on to a later day, with the plan for it taken as done up to then.

    Args:
        problem: what is rolled on; its quantities stand as of the first day of `base`.
        plan: the plan, in the calendar of `base`; legal there.
        actuals: what happened instead of what was planned; rows dated outside the elapsed time are ignored.
        to: the new first day, which begins a period of `base` or ends its horizon; None: the second period's.
        base: the instance that the plan answers, where `problem` was edited since; None: `problem` itself.

    Raises:
        ValueError: `to` begins no period of the plan, or of the problem's own calendar.
    """
    home = base or problem
    before = calendar_of(home)
    to = before.day(1) if to is None else to
    elapsed = elapsed_periods(before, to)
    if elapsed is None:
        raise ValueError(f"{to} is not the first day of a period of the plan")
    past = Past(problem, home, plan, before, elapsed, to)
    done, notes = happened(past, actuals)
    broken: list[Broken] = []
    periods, depth = _calendar(past, notes)
    shifted = replace(problem, start=to, periods=periods)
    calendar = calendar_of(shifted)
    orders = demands.orders(past, done, broken, notes)
    needs = demands.needs(past, done, notes)
    offers = demands.offers(past, done, broken)
    approvals = reviews.approvals(past, done, orders)
    sent = demands.units_sent(past, done.dispatches, pool_only=True)
    bundles = funding.bundles(past, done, needs, sent, notes)
    carried = left_over.fitted(past, left_over.left_over(past, calendar), calendar, (orders, needs, offers, approvals))
    stocks, receipts = supply.stocks(past, done, carried, calendar, notes)
    notes += _under_way(past, done)
    rolled = replace(
        shifted,
        orders=orders,
        needs=needs,
        offers=offers,
        approvals=approvals,
        packages=bundles.packages,
        package_contents=bundles.contents,
        pledges=funding.pledges(past, done),
        stocks=stocks,
        receipts=receipts,
        line_rates=supply.line_rates(past, calendar),
        components=supply.components(past, done, notes),
        component_rates=supply.component_rates(past, calendar),
        commitments=left_over.commitments(carried, calendar),
        actuals=(),
        as_of=to,
        depth=depth,
    )
    return Advanced(rolled, carried, tuple(broken), tuple(notes), done, elapsed, tuple(bundles.names.items()))


def _calendar(past: Past, notes: list[Note]) -> tuple[Periods, Periods]:
    """The periods of the rolled instance, and the depth that is kept up from now on."""
    problem, base = past.problem, past.base
    if problem.start == past.to != base.start and problem.periods != base.periods:
        return problem.periods, problem.periods  # a calendar of its own from the new first day on
    own = problem.periods != base.periods
    elapsed = elapsed_periods(Calendar(base.start, tuple(lengths(problem.periods)), 0), past.to)
    if elapsed is None:
        raise ValueError(f"{past.to} is not the first day of a period of the problem's own calendar")
    left = lengths(problem.periods)[elapsed:]
    kept_up = problem.depth is not None and not (own and problem.depth == base.depth)
    depth = problem.depth if kept_up and problem.depth is not None else problem.periods
    periods, fits = deepened(left, depth)
    if not fits:
        text = f"the calendar left, {_shown(as_periods(left))}, is not what is left of depth {_shown(depth)}: it stays"
        notes.append(Note("depth", (), 0.0, text))
        if not periods:
            return depth, depth
    return periods, depth


def _shown(periods: Periods) -> str:
    return str([list(pair) for pair in periods])


def _under_way(past: Past, done: Happened) -> list[Note]:
    """Goods that left and still use a lane with a limit: by lane and period the tonnes that the tables do not know."""
    lanes = {row.lane: row for row in past.problem.lanes}
    tonnes = {row.item: row.tonnes for row in past.problem.items}
    found: dict[tuple[str, int], float] = {}
    for row in done.dispatches:
        weeks = 0
        for name in row.route:
            lane = lanes.get(name)
            if lane is None:
                break
            t = past.calendar.shift(row.period, weeks)
            if lane.tonnes_per_week is not None and past.elapsed <= t < past.calendar.count:
                found[name, t] = found.get((name, t), 0.0) + row.quantity * tonnes.get(row.item, 0.0)
            weeks += lane.weeks
    return [
        Note(
            "under_way",
            (name, past.calendar.day(t).isoformat()),
            load,
            f"{load:g} tonnes that are under way use lane {name} in the period from {past.calendar.day(t)}: "
            "the tables cannot say so, and the plan may count on that room",
        )
        for (name, t), load in sorted(found.items())
        if load > 0
    ]
