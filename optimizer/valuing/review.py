"""How much more review would have a case approved earlier, with the other cases' approvals held.

Review may be split and interrupted, so a set of cases can be done in time if and only if for every span of periods the
cases that open and are due within it take no more work than reviewers can do in it (Horn, 1974). The most that a span
lacks is therefore the least work that has to come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from models.facts import Facts
from models.plan import ApprovedCase, Plan
from models.problem import Problem
from optimizer.valuing.asked import Asked


@dataclass(frozen=True, slots=True)
class Review:
    """A case approved in `period` with `more` weeks of its review done by others; `effort`: all it takes.

    `submitted`: whether it has to be submitted earlier than it is, by the period's first day.
    """

    case: str
    period: int
    more: float
    effort: float
    submitted: bool


def earlier_review(asked: Asked) -> Review | None:
    """The latest approval that lets the order leave on time; None if processing takes longer than what is left."""
    facts = asked.facts
    case = asked.order.case
    periods = [t for t in range(facts.T) if facts.after_approval(case, t) <= asked.last]
    if not periods:
        return None
    due, effort = periods[-1], facts.review_effort[case]
    late = facts.calendar.period(facts.reviewed_cases[case].submitted_on) > due
    work = {row.case: row.period for row in asked.plan.approvals if row.case in facts.reviewed_cases}
    return Review(case, due, min(effort, lacking(facts, work, case, due)), effort, late)


def lacking(facts: Facts, work: Mapping[str, int], case: str, due: int) -> float:
    """Weeks of review that are missing to have a case approved in `due`, the other cases of `work` as they are.

    `work`: periods of approval. A case that is not submitted by then counts as submitted then.
    """
    opens = {c: facts.calendar.period(row.submitted_on) for c, row in facts.reviewed_cases.items()}
    begins = min(opens[case], due)
    others = {c: t for c, t in work.items() if c != case}
    most = 0.0
    for first in {begins, *(opens[c] for c in others)}:
        for last in {due, *others.values()}:
            if first <= begins and last >= due:
                inside = sum(facts.review_effort[c] for c, t in others.items() if opens[c] >= first and t <= last)
                most = max(most, facts.review_effort[case] + inside - sum(facts.review_capacity[first : last + 1]))
    return most if most > 1e-9 else 0.0


def approved_earlier(facts: Facts, plan: Plan, cases: Iterable[str]) -> Plan:
    """The plan with these cases approved as early as reviewers can beside the others, one after the other.

    For an instance in which their review takes less than in the one the plan was made for.
    """
    work = {row.case: row.period for row in plan.approvals}
    for case in sorted(cases, key=lambda c: (work.get(c, facts.T), c)):
        first = facts.calendar.period(facts.reviewed_cases[case].submitted_on)
        for t in range(first, work.get(case, facts.T)):
            if lacking(facts, work, case, t) <= 0:
                work[case] = t
                break
    return replace(plan, approvals=tuple(sorted(ApprovedCase(case, t) for case, t in work.items())))


def reviewed(problem: Problem, plan: Plan, review: Review, asked: Asked) -> tuple[Problem, Plan]:
    """The instance with less review of the case left to our reviewers, and the plan with its earlier approval."""
    left = (review.effort - review.more) / review.effort if review.effort > 0 else 1.0
    day = asked.facts.calendar.day(review.period)
    rows = tuple(
        replace(row, review_weeks=row.review_weeks * left, submitted_on=min(row.submitted_on, day))
        if row.case == review.case else row
        for row in problem.approvals
    )  # fmt: skip
    kept = tuple(row for row in plan.approvals if row.case != review.case)
    approvals = tuple(sorted((*kept, ApprovedCase(review.case, review.period))))
    return replace(problem, approvals=rows), replace(plan, approvals=approvals)
