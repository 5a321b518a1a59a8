"""Reviewers' time with the order of review held: which case is approved when, if there is more of it.

Cases are worked on in the order in which the plan approves them (those it never approves come last), each from the
period it was submitted in; what one case leaves of a period is for the next. More time never approves a case later.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.facts import Facts
from models.plan import Plan

ENOUGH = 1e-9
"""Weeks of review that make no difference."""


def in_plan_order(facts: Facts, plan: Plan, capacity: Sequence[float]) -> dict[str, int]:
    """The period of approval of every waiting case, with so many weeks of review a period; T for never."""
    planned = {row.case: row.period for row in plan.approvals}
    cases = sorted(facts.reviewed_cases, key=lambda case: (planned.get(case, facts.T), case))
    left = list(capacity)
    found = {}
    for case in cases:
        need = facts.review_effort[case]
        t = facts.calendar.period(facts.reviewed_cases[case].submitted_on)
        while t < facts.T:
            work = min(left[t], need)
            left[t] -= work
            need -= work
            if need <= ENOUGH:
                break
            t += 1
        found[case] = t
    return found
