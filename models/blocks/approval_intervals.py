"""Approval without review work by period: what all cases of a span of time need together fits into the span.

Sets: cases c that wait, periods u ≤ t, a span from u to t. effort[c] weeks of review, submitted[c] the period from
which on it may be reviewed, capacity[u,t] weeks of review from u to t. `is_approved[c,t]` ∈ {0,1}: by the end of t.

    review_capacity[u,t]:  Σ_{c: submitted[c] ≥ u} effort[c] · is_approved[c,t] ≤ capacity[u,t],

for every u in which a case is submitted, and every t ≥ u. Why this is all: review may be interrupted, so cases with
deadlines are a transportation problem from periods to cases, in which each case takes from an interval of periods. By
Hall's theorem it can be met if every interval of periods holds what the cases whose own interval lies within it need;
these are those rows (Horn 1974 for one machine with release dates; it is enough to look at intervals that begin with a
submission). Work by period is found by taking the earliest deadline first, as the checker does. The same holds for
fractions of approvals, so the rows are the projection of `monotone`: the same linear relaxation with half the columns
and no balances.

`covers` rounds them: for any d > 0, Σ ⌊effort[c]/d⌋ · is_approved[c,t] ≤ ⌊capacity[u,t]/d⌋ (Chvátal-Gomory), with d the
effort of a case of which few fit: two cases of three weeks do not both pass in five weeks of reviewers' time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from models.blocks.approval import by_end_of, last_useful, monotone_read, monotone_start, submissions
from models.draft import Block, Draft, Rows, Term

FEW = 12
"""Rounded rows are worth having where so few cases of a size fit into a span."""
Span = tuple[int, int]


def _intervals(draft: Draft) -> None:
    """review_capacity for every span that begins with a submission and in which the cases could take too much."""
    by_end_of(draft)
    rows: Rows = {span: (None, terms, most) for span, terms, most in _spans(draft)}
    draft.rule("review_capacity", rows)


def _spans(draft: Draft) -> Iterator[tuple[Span, list[Term], float]]:
    """Every span whose capacity can bind: its effort by case as terms, and its weeks of review."""
    facts, approved = draft.facts, draft.model.is_approved
    submitted = submissions(facts)
    for u in sorted({period for period in submitted.values() if period < facts.T}):
        waiting = [c for c, period in submitted.items() if period >= u]
        capacity = 0.0
        for t in range(u, last_useful(facts) + 1):
            capacity += facts.review_capacity[t]
            terms = [(facts.review_effort[c], approved[c, t]) for c in waiting if (c, t) in approved]
            if sum(effort for effort, _ in terms) > capacity:
                yield (u, t), terms, capacity


def _covers(draft: Draft) -> None:
    """review_capacity, and its roundings for efforts of which few fit into the span."""
    _intervals(draft)
    rounded: Rows = {}
    for (u, t), terms, capacity in _spans(draft):
        for d in sorted({effort for effort, _ in terms if effort > 0 and capacity / effort < FEW}):
            most = math.floor(capacity / d + 1e-9)
            heavy: list[Term] = [(k, v) for effort, v in terms if (k := math.floor(effort / d + 1e-9))]
            if sum(k for k, _ in heavy) > most:
                rounded[u, t, d] = (None, heavy, most)
    draft.rule("review_rounded", rounded)


intervals = Block(
    "intervals",
    "approved by the end of t; efforts of all cases of a span within the span's review, no work by period",
    ("review_capacity", "approved_for"),
    (),
    _intervals,
    monotone_read,
    monotone_start,
)
covers = Block(
    "covers",
    "as intervals, with Chvátal-Gomory rows for efforts of which few fit into a span",
    ("review_capacity", "approved_for"),
    (),
    _covers,
    monotone_read,
    monotone_start,
)
