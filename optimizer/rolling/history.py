"""Week after week put together: one plan of the instance as it turned out, for the checker to judge.

The plan's calendar has the executed periods, one by one, and then those of the last instance of all; its end is that of
the last horizon. So whatever was done, and whatever the last plan still means to do, has a period of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.calendar import Calendar, calendar_of
from models.plan import ApprovedCase, Content, Dispatch, Payment, Plan, Release
from models.problem import Problem
from optimizer.rolling.calendars import as_periods, lengths


@dataclass(frozen=True, slots=True)
class Elapsed:
    """What was done from one day of planning, `begin`, until the next, `end`.

    `plan`: decisions of that time alone, with period 0 for its first day; arrivals are periods of the instance of
    `begin`. `renamed`: names of packages in the plan of that day, with the names that they have since.
    """

    begin: dt.date
    end: dt.date
    plan: Plan
    renamed: tuple[tuple[str, str], ...] = ()


def whole_calendar(original: Problem, elapsed: Sequence[Elapsed], last: Problem) -> Problem:
    """The original instance in the calendar of the whole: executed periods, then those of the last instance."""
    weeks = [(row.end - row.begin).days // 7 for row in elapsed] + lengths(last.periods)
    return replace(original, periods=as_periods(weeks))


def executed(outcome: Problem, elapsed: Sequence[Elapsed], last: Plan) -> Plan:
    """All that was done and the last plan, as one plan of `outcome`, whose calendar is that of `whole_calendar`."""
    calendar, lanes = calendar_of(outcome), {row.lane: row.weeks for row in outcome.lanes}
    offers = {row.offer for row in outcome.offers}
    shift = len(elapsed)
    parts = [_at(t, row.plan, dict(row.renamed)) for t, row in enumerate(elapsed)] + [_later(last, shift)]
    dispatches = [_arriving(row, calendar, lanes) for part in parts for row in part.dispatches]
    accepted = dict.fromkeys(name for part in parts for name in part.accepted_offers if name in offers)
    return Plan(
        dispatches=tuple(dispatches),
        made=tuple(row for part in parts for row in part.made),
        contents=tuple(row for part in parts for row in part.contents),
        releases=tuple(row for part in parts for row in part.releases),
        payments=tuple(row for part in parts for row in part.payments),
        accepted_offers=tuple(accepted),
        approvals=tuple(row for part in parts for row in part.approvals),
    )


def with_room(outcome: Problem, plan: Plan) -> Problem:
    """The instance with as many new packages as a plan of many weeks has released: `max_new` is a limit of one plan."""
    policy = outcome.package_policy
    new = sum(row.status == "new" for row in plan.releases)
    if policy is None or policy.max_new >= new:
        return outcome
    return replace(outcome, package_policy=replace(policy, max_new=new))


def without_stability(problem: Problem) -> Problem:
    """The instance without a plan before: what changes cost is no part of what a history is worth."""
    return replace(problem, commitments=(), stability=None)


def _at(period: int, plan: Plan, names: dict[str, str]) -> Plan:
    """Decisions of one elapsed period, in the calendar of the whole and under lasting names."""
    return Plan(
        dispatches=tuple(replace(row, period=period) for row in plan.dispatches),
        made=tuple(replace(row, period=period) for row in plan.made),
        contents=tuple(Content(names.get(row.package, row.package), row.need, row.quantity) for row in plan.contents),
        releases=tuple(Release(names.get(row.package, row.package), row.status, period) for row in plan.releases),
        payments=tuple(
            Payment(names.get(row.package, row.package), row.pledge, row.category, row.amount_usd_m)
            for row in plan.payments
        ),
        accepted_offers=plan.accepted_offers,
        approvals=tuple(ApprovedCase(row.case, period) for row in plan.approvals),
    )


def _later(plan: Plan, by: int) -> Plan:
    """A plan whose periods begin so many periods later."""
    return replace(
        plan,
        dispatches=tuple(replace(row, period=row.period + by) for row in plan.dispatches),
        made=tuple(replace(row, period=row.period + by) for row in plan.made),
        releases=tuple(replace(row, period=row.period + by) for row in plan.releases),
        approvals=tuple(replace(row, period=row.period + by) for row in plan.approvals),
    )


def _arriving(row: Dispatch, calendar: Calendar, lanes: dict[str, int]) -> Dispatch:
    weeks = sum(lanes[name] for name in row.route)
    return replace(row, arrival=calendar.shift(row.period, weeks) if row.route else row.period)
