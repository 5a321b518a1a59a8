"""Tables of where customers stand: what each gets and gives, approvals of its cases, its priority weight."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.capacity import review_effort
from models.problem import SCORES
from optimizer.explaining.facts import DemandFacts
from optimizer.reporting.names import SCORE_TITLES
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Parts, Table
from optimizer.reporting.tables.names import recipient_names
from optimizer.reporting.tables.shares import LEGEND, tally
from optimizer.reporting.weights import added


def allies(report: Report) -> Table:
    """A row a customer or donor: what it ordered, what comes of it, what it gives."""
    columns = (
        Column("ally", "coded"),
        Column("priority weight", "number", digits=2),
        Column("orders", "whole"),
        Column("ordered", "money", "million USD"),
        Column("in time", "share", "of the value ordered"),
        Column("late", "share", "of the value ordered"),
        Column("missing", "share", "of the value ordered, at the end of the plan"),
        Column("weeks late", "late", "mean by value; what is missing counts to some weeks after the end of the plan"),
        Column("value by outcome", "parts", where="page"),
        Column("share of delay", "share", "its part of all priority-weighted delay of this plan", "page"),
        Column("pays", "money", "million USD for packages of this plan"),
        Column("gives", "whole", "accepted offers from its own inventory"),
    )
    asked: dict[str, list[DemandFacts]] = defaultdict(list)
    for demand in report.facts.orders:
        asked[demand.recipient].append(demand)
    pays: dict[str, float] = defaultdict(float)
    for facts in report.facts.pledges:
        pays[facts.pledge.donor] += facts.paid_usd_m
    gives: dict[str, int] = defaultdict(int)
    for demand in report.facts.replacements:
        gives[demand.recipient] += 1
    total = report.verdict.terms.total
    rows: list[tuple[Any, ...]] = []
    for code, name in recipient_names(report.problem).items():
        if not (asked[code] or pays[code] or gives[code]):
            continue
        sum_of = tally(asked[code], money=True)
        shares = [sum_of.share(part) if asked[code] else None for _, part in sum_of.parts]
        bar = Parts(sum_of.parts, sum_of.asked, sum_of.label) if asked[code] else None
        rows.append(
            (
                name,
                report.facts.priorities[code].weight,
                len(asked[code]),
                sum_of.asked,
                *shares,
                sum_of.weeks_late if asked[code] else None,
                bar,
                sum_of.delay / total if total > 0 else 0.0,
                pays[code] or None,
                gives[code] or None,
            )
        )
    rows.sort(key=lambda row: (-row[1], row[0]))
    caption = "What each ally ordered and when it comes, and what it pays and gives; the heaviest priority first."
    return Table("allies", "Ally by ally", caption, columns, tuple(rows), legend=LEGEND)


def approvals(report: Report) -> Table:
    """When each sales case under review is approved."""
    columns = (
        Column("case"),
        Column("recipient", "coded"),
        Column("submitted", "date"),
        Column("review effort", "number", "weeks of a reviewer's work, less on the fast track", digits=1),
        Column("approved", "date"),
        Column("dispatch from", "date", "after approval and processing"),
        Column("orders", "demands"),
    )
    problem, calendar, policy = report.problem, report.facts.calendar, report.problem.approval
    rows = []
    if policy is not None:
        effort, name = review_effort(problem), recipient_names(problem)
        approved = {row.case: row.period for row in report.plan.approvals}
        orders: dict[str, list[tuple[str, str]]] = {}
        owner = {}
        for order in problem.orders:
            owner[order.case] = name[order.recipient]
            orders.setdefault(order.case, []).append((order.order, order.order))
        for row in problem.approvals:
            period = approved.get(row.case)
            begin = calendar.count if period is None else calendar.shift(period, policy.processing_weeks)
            rows.append(
                (
                    row.case,
                    owner.get(row.case),
                    row.submitted_on,
                    effort[row.case],
                    None if period is None else calendar.day(period),
                    None if begin >= calendar.count else calendar.day(begin),
                    tuple(orders.get(row.case, ())),
                )
            )
    caption = "When each sales case under review is approved; blank: not before the plan ends."
    return Table("approvals", "Approvals", caption, columns, tuple(rows))


def weights(report: Report) -> Table:
    """Priority weights, heaviest first, and what each contribution adds."""
    columns = (
        Column("recipient", "coded"),
        Column("weight", "number", digits=2),
        *(Column(SCORE_TITLES[name], "number", "what it adds to the least weight", digits=2) for name in SCORES),
        Column("made up of", "parts", where="page"),
        Column("no figure for", note="the policy's score for a missing figure is used"),
        *(Column(f"score: {name.replace('_', ' ')}", "number", "0…1", "book") for name in SCORES),
    )
    policy, name = report.problem.weights, recipient_names(report.problem)
    heaviest = max((priority.weight for priority in report.facts.priorities.values()), default=1.0)
    rows: list[tuple[Any, ...]] = []
    for recipient in report.problem.recipients:
        priority = report.facts.priorities[recipient.recipient]
        parts = added(priority, policy)
        missing = ", ".join(SCORE_TITLES[score] for score in priority.missing)
        amounts = [("base", priority.weight if policy is None else policy.minimum)]
        amounts += [(f"score-{at}", parts.get(score, 0.0)) for at, score in enumerate(SCORES)]
        bar = Parts(tuple(amounts), heaviest, f"parts of the weight of {recipient.name}")
        cells = (*(parts.get(score) for score in SCORES), bar, missing or None)
        rows.append(
            (name[recipient.recipient], priority.weight, *cells, *(priority.scores.get(score) for score in SCORES))
        )
    rows.sort(key=lambda row: (-row[1], row[0]))
    caption = "The weight that each ally’s orders carry, and what each contribution adds to the least weight."
    legend = (("base", "least weight"), *((f"score-{at}", SCORE_TITLES[score]) for at, score in enumerate(SCORES)))
    return Table("weights", "Priority weights", caption, columns, tuple(rows), legend=legend)
