"""Tables of where customers stand: approvals of their cases, and their priority weights."""

from __future__ import annotations

from typing import Any

from models.capacity import review_effort
from models.problem import SCORES
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.weights import added


def approvals(report: Report) -> Table:
    """When each sales case under review is approved."""
    columns = (
        Column("case"),
        Column("recipient"),
        Column("submitted", "date"),
        Column("review effort", "number", "weeks of review, less on the fast track"),
        Column("approved", "date"),
        Column("dispatch from", "date"),
        Column("orders", "demands"),
    )
    problem, calendar, policy = report.problem, report.facts.calendar, report.problem.approval
    rows = []
    if policy is not None:
        effort = review_effort(problem)
        approved = {row.case: row.period for row in report.plan.approvals}
        orders: dict[str, list[tuple[str, str]]] = {}
        owner = {}
        for order in problem.orders:
            owner[order.case] = order.recipient
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
    return Table("approvals", "Approvals", "When each sales case under review is approved.", columns, tuple(rows))


def weights(report: Report) -> Table:
    """Priority weights, heaviest first, and what each contribution adds."""
    columns = (
        Column("recipient"),
        Column("name"),
        Column("weight", "number"),
        *(Column(name.replace("_", " "), "number", "what it adds to the weight") for name in SCORES),
        Column("no figure for"),
    )
    policy = report.problem.weights
    rows: list[tuple[Any, ...]] = []
    for recipient in report.problem.recipients:
        priority = report.facts.priorities[recipient.recipient]
        parts = added(priority, policy)
        missing = ", ".join(name.replace("_", " ") for name in priority.missing)
        scores = tuple(parts.get(name) for name in SCORES)
        rows.append((recipient.recipient, recipient.name, priority.weight, *scores, missing or None))
    rows.sort(key=lambda row: (-row[2], row[0]))
    caption = "Priority weights, and what each contribution adds to the least weight."
    return Table("weights", "Priority weights", caption, columns, tuple(rows))
