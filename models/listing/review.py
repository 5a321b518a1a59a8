"""When every case is approved if cases are reviewed in a given order (`problem.md`, "Approval")."""

from __future__ import annotations

from collections.abc import Sequence

from models import capacity
from models.calendar import Calendar
from models.problem import Problem

_DUST = 1e-9


def approve_in_order(problem: Problem, calendar: Calendar, cases: Sequence[str]) -> dict[str, int]:
    """The period in which each listed case is approved; a case that is never approved is absent.

    A case earlier in `cases` always goes before a later one (preemptively), with the work done on a case from
    `period(submitted_on)` on. A case that cannot be finished in the horizon takes no work from others. Effort and
    capacity in weeks of review (`review_capacity`, `reviewed_before_approval`).
    """
    effort = capacity.review_effort(problem)
    submitted = {row.case: calendar.period(row.submitted_on) for row in problem.approvals}
    left = capacity.review_capacity(problem, calendar)
    approved: dict[str, int] = {}
    for case in cases:
        if case not in effort:
            continue
        todo, work = effort[case], {}
        for t in range(submitted[case], calendar.count):
            work[t] = min(todo, left[t])
            todo -= work[t]
            if todo <= _DUST:
                approved[case] = t
                break
        if case in approved:
            for t, amount in work.items():
                left[t] -= amount
    return approved
