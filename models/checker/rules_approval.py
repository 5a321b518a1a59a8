"""Rules of sales cases under review (`problem.md`, "Approval").

A plan says when cases are approved, not who reviews what in which week. So the question is whether a review schedule
exists that has every approved case done in time. Review work may be split and interrupted, and a case may take all the
capacity of a period: working on the case that is due first (preemptive earliest deadline first) then meets all dates
whenever any schedule does. A case that could not be reviewed in time even with all reviewers on it breaks
`reviewed_before_approval`; cases that could alone but not together break `review_capacity`.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from models.checker.facts import Facts
from models.checker.ledger import Ledger
from models.checker.wording import excess, number, on, units
from models.plan import Violation


@dataclass(frozen=True, slots=True)
class Review:
    """A case that needs `effort` weeks of review in periods `opens` … `due`; all reviewers could do `alone` weeks."""

    case: str
    opens: int
    due: int
    effort: float
    alone: float

    def possible(self, tolerance: float) -> bool:
        """True if all reviewers together could do it in time."""
        return self.due >= self.opens and excess(self.effort, self.alone, tolerance) == 0


def _capacity(facts: Facts) -> list[float]:
    """Weeks of review in each period."""
    policy = facts.problem.approval
    per_week = 0.0 if policy is None else policy.review_weeks_per_week
    return [per_week * weeks for weeks in facts.timeline.weeks]


def _reviews(facts: Facts, ledger: Ledger) -> list[Review]:
    """The reviews that the plan's approvals need."""
    until = [0.0]
    for weeks in _capacity(facts):
        until.append(until[-1] + weeks)
    reviews = []
    for case, due in sorted(ledger.approved.items()):
        if case in facts.effort:
            opens = facts.timeline.period(facts.cases[case].submitted_on)
            alone = until[due + 1] - until[opens] if due >= opens else 0.0
            reviews.append(Review(case, opens, due, facts.effort[case], alone))
    return reviews


def reviewed_before_approval(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """Each case could, by itself, be reviewed between its submission and its approval.

    Index (case, period of approval); amount the weeks of review that cannot be done, and for a case without effort
    approved before its submission the periods between.
    """
    for review in _reviews(facts, ledger):
        if not review.possible(tolerance):
            missing = review.effort - review.alone
            yield Violation(
                "reviewed_before_approval",
                (review.case, str(review.due)),
                missing if missing > 0 else float(review.opens - review.due),
                f"case {review.case} is approved on {on(facts.timeline, review.due)}: it needs {number(review.effort)} "
                f"weeks of review, and from its submission on {facts.cases[review.case].submitted_on} until then "
                f"at most {number(review.alone)} can be done",
            )


def review_capacity(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """All cases together can be reviewed in time: index (period of approval,), amount the weeks of review missing."""
    opening: dict[int, list[Review]] = defaultdict(list)
    for review in _reviews(facts, ledger):
        if review.possible(tolerance):
            opening[review.opens].append(review)
    waiting: list[tuple[int, str]] = []
    left: dict[str, float] = {}
    for period, capacity in enumerate(_capacity(facts)):
        for review in opening[period]:
            heapq.heappush(waiting, (review.due, review.case))
            left[review.case] = review.effort
        missed = _work(waiting, left, period, capacity, tolerance)
        if missed:
            missing = sum(missed.values())
            yield Violation(
                "review_capacity",
                (str(period),),
                missing,
                f"reviewers cannot finish {', '.join(missed)} by {on(facts.timeline, period)} beside the cases due "
                f"before: {number(missing)} weeks of review are missing",
            )


def _work(
    waiting: list[tuple[int, str]], left: dict[str, float], period: int, capacity: float, tolerance: float
) -> dict[str, float]:
    """One period of review, most urgent case first; returns what is unfinished of the cases due in it."""
    while waiting and capacity > 0:
        case = waiting[0][1]
        done = min(capacity, left[case])
        left[case] -= done
        capacity -= done
        if left[case] > 0:
            break
        heapq.heappop(waiting)
    missed = {}
    while waiting and waiting[0][0] <= period:
        case = heapq.heappop(waiting)[1]
        if left[case] > tolerance:
            missed[case] = left[case]
    return missed


def after_approval(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Orders of a case leave once it is approved and processed: index (order, period), amount the units too early."""
    policy, timeline = facts.problem.approval, facts.timeline
    if policy is None:
        return
    for order, rows in ledger.to_order.items():
        case = facts.orders[order].case
        if case not in facts.effort:
            continue
        approved = ledger.approved.get(case)
        allowed = timeline.count if approved is None else timeline.shift(approved, policy.processing_weeks)
        early: dict[int, int] = defaultdict(int)
        for row in rows:
            if row.period < allowed:
                early[row.period] += row.quantity
        state = "is never approved" if approved is None else f"is processed by {on(timeline, allowed)}"
        for period, quantity in sorted(early.items()):
            if quantity:
                yield Violation(
                    "after_approval",
                    (order, str(period)),
                    float(quantity),
                    f"{units(quantity)} of order {order} leave on {on(timeline, period)}, and its case {case} {state}",
                )
