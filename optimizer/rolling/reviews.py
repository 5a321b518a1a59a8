"""Cases under review, rolled on: approved ones leave the table, begun ones keep what work is left.

A plan says when cases are approved, not who reviews what in which week. The work done is derived as the checker proves
that it can be done: on the case that is approved first (preemptive earliest deadline first), cases that the plan never
approves last, in the order of their submission, so that reviewers do not idle.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from models.capacity import review_capacity, review_effort
from models.problem import Approval, Order
from optimizer.rolling.happened import Past
from optimizer.rolling.records import Happened

NOTHING = 1e-9
"""Weeks of review that count as none."""


def approvals(past: Past, done: Happened, orders: tuple[Order, ...]) -> tuple[Approval, ...]:
    """The cases that are still under review. Those whose orders have all gone are left out with them."""
    problem = past.problem
    if problem.approval is None:
        return problem.approvals
    left, worth = _work_left(past, done)
    had = {order.case for order in problem.orders}
    have = {order.case for order in orders}
    return tuple(
        replace(row, review_weeks=row.review_weeks * (left[row.case] / worth[row.case] if worth[row.case] else 1.0))
        for row in problem.approvals
        if row.case not in done.approved and (row.case in have or row.case not in had)
    )


def after_processing(past: Past, done: Happened, order: Order) -> dt.date | None:
    """The first day on which an order of an approved case may leave; None if nothing holds it up any more."""
    policy = past.problem.approval
    if policy is None or order.case not in done.approved:
        return order.earliest_date
    listed = {row.case for row in past.problem.approvals}
    if order.case not in listed:
        return order.earliest_date
    day = past.calendar.day(done.approved[order.case]) + dt.timedelta(weeks=policy.processing_weeks)
    if order.earliest_date is not None and order.earliest_date >= day:
        return order.earliest_date
    return day if day > past.to else order.earliest_date


def _work_left(past: Past, done: Happened) -> tuple[dict[str, float], dict[str, float]]:
    """Weeks of review that each case still takes, and took at first."""
    effort, capacity = review_effort(past.problem), review_capacity(past.problem, past.calendar)
    left = dict(effort)
    planned = {row.case: row.period for row in past.plan.approvals} | done.approved
    rows = sorted(
        enumerate(past.problem.approvals),
        key=lambda pair: (planned.get(pair[1].case, past.calendar.count), pair[1].submitted_on, pair[0]),
    )
    for t in range(past.elapsed):
        spare = capacity[t]
        for _, row in rows:
            if past.calendar.period(row.submitted_on) <= t:
                part = min(spare, left[row.case])
                left[row.case] -= part
                spare -= part
    return {case: value if value > NOTHING else 0.0 for case, value in left.items()}, effort
