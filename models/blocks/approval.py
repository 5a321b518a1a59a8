"""Approval of sales cases: reviewers' capacity, effort before approval, processing after it.

Sets: cases c that wait, periods t. Work done on a case may be split over periods and interrupted.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.draft import Block, Draft, Start, Term, Value
from models.facts import Facts
from models.plan import ApprovedCase, Plan


def last_useful(facts: Facts) -> int:
    """Last period in which an approval still lets something leave; -1 if there is none."""
    return max((t for t in range(facts.T) if facts.after_approval("", t) < facts.T), default=-1)


def submissions(facts: Facts) -> dict[str, int]:
    """The period from which on every waiting case may be reviewed; T if after the horizon."""
    return {c: facts.calendar.period(row.submitted_on) for c, row in facts.reviewed_cases.items()}


def by_end_of(draft: Draft) -> None:
    """is_approved[c,t] ∈ {0,1}: by the end of t, nondecreasing (`approved_for_good`), from the first possible period
    on.

    Posts it under ("approved_for", case, t) for every t from which on processing is over.
    """
    facts, m = draft.facts, draft.model
    first, last = facts.first_approval, last_useful(facts)
    draft.variables("is_approved", {(c, t): (0, 1) for c in first for t in range(first[c], last + 1)}, whole=True)
    rows = {
        (c, t): (0, [(1.0, variable), (-1.0, m.is_approved[c, t - 1])], None)
        for (c, t), variable in m.is_approved.items()
        if (c, t - 1) in m.is_approved
    }
    draft.rule("approved_for_good", rows)
    for c in first:
        for t in range(facts.T):
            by = max((u for u in range(t + 1) if facts.after_approval(c, u) <= t), default=-1)
            if (c, by) in m.is_approved:
                draft.post("approved_for", c, t, terms=[(1.0, m.is_approved[c, by])])


def _monotone(draft: Draft) -> None:
    """is_approved[c,t] ∈ {0,1}: by the end of t, nondecreasing; reviewed[c,t] = effort spent by then, as a balance.

    reviewed_before_approval: reviewed[c,t] ≥ effort · is_approved[c,t]
    review_capacity:          Σ_c (reviewed[c,t] − reviewed[c,t−1]) ≤ review_weeks_per_week · weeks[t]
    """
    facts, m = draft.facts, draft.model
    last, submitted = last_useful(facts), submissions(facts)
    by_end_of(draft)
    draft.variables(
        "reviewed", {(c, t): (0, facts.review_effort[c]) for c in submitted for t in range(submitted[c], last + 1)}
    )
    enough, progress = {}, {}
    spent: dict[int, list[Term]] = defaultdict(list)
    for (c, t), variable in m.reviewed.items():
        before = m.reviewed[c, t - 1] if t > submitted[c] else None
        step: list[Term] = [(1.0, variable)] + ([(-1.0, before)] if before is not None else [])
        spent[t] += step
        progress[c, t] = (0, step, None)
        if (c, t) in m.is_approved:
            enough[c, t] = (0, [(1.0, variable), (-facts.review_effort[c], m.is_approved[c, t])], None)
    draft.rule("review_capacity", {t: (None, row, facts.review_capacity[t]) for t, row in spent.items()})
    draft.rule("reviewed_before_approval", enough)
    draft.rule("review_progress", progress)


def monotone_read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    """The first period in which each case is approved."""
    first: dict[str, int] = {}
    for (c, t), variable in draft.model.is_approved.items():
        if value(variable) > 0.5:
            first[c] = min(first.get(c, t), t)
    return {"approvals": [ApprovedCase(c, t) for c, t in first.items()]}


def monotone_start(draft: Draft, plan: Plan) -> Start:
    """Approvals by the end of each period."""
    when = {row.case: row.period for row in plan.approvals}
    return {id(v): float(c in when and when[c] <= t) for (c, t), v in draft.model.is_approved.items()}


def _natural(draft: Draft) -> None:
    """is_approved[c,t] ∈ {0,1}: approved *in* t, at most once; review[c,t] work done in t; sums as written."""
    facts, m = draft.facts, draft.model
    submitted = submissions(facts)
    index = [(c, t) for c in submitted for t in range(submitted[c], facts.T)]
    draft.variables("is_approved", dict.fromkeys(index, (0, 1)), whole=True)
    draft.variables("review", dict.fromkeys(index, (0, None)))
    spent: dict[int, list[Term]] = defaultdict(list)
    done: dict[str, list[Term]] = defaultdict(list)
    enough = {}
    for c, t in index:
        spent[t].append((1.0, m.review[c, t]))
        done[c].append((1.0, m.review[c, t]))
        enough[c, t] = (0, [*done[c], (-facts.review_effort[c], m.is_approved[c, t])], None)
        for effect in range(facts.after_approval(c, t), facts.T):
            draft.post("approved_for", c, effect, terms=[(1.0, m.is_approved[c, t])])
    once = {c: (None, [(1.0, m.is_approved[i]) for i in index if i[0] == c], 1) for c in submitted}
    draft.rule("review_capacity", {t: (None, row, facts.review_capacity[t]) for t, row in spent.items()})
    draft.rule("reviewed_before_approval", enough)
    draft.rule("approved_once", once)


def _natural_read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    return {"approvals": [ApprovedCase(c, t) for (c, t), v in draft.model.is_approved.items() if value(v) > 0.5]}


def _natural_start(draft: Draft, plan: Plan) -> Start:
    when = {row.case: row.period for row in plan.approvals}
    return {id(v): float(when.get(c) == t) for (c, t), v in draft.model.is_approved.items()}


_ADDS = ("review_capacity", "reviewed_before_approval", "approved_for")

monotone = Block(
    "monotone",
    "approved by the end of t, nondecreasing; effort as a balance",
    _ADDS,
    (),
    _monotone,
    monotone_read,
    monotone_start,
)
natural = Block(
    "natural", "approved in t, cumulative work as written", _ADDS, (), _natural, _natural_read, _natural_start
)
