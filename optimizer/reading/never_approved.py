"""Warnings about reviews that cannot end in time, and firm dates that cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator

from models.capacity import review_capacity, review_effort
from optimizer.findings import Finding
from optimizer.reading.scene import Scene


def _first_dispatch(scene: Scene) -> dict[str, int]:
    """For every listed case the first period its orders could leave in if it were reviewed alone; T if never."""
    policy = scene.problem.approval
    if policy is None:
        return {}
    capacity, efforts = review_capacity(scene.problem, scene.calendar), review_effort(scene.problem)
    found = {}
    for row in scene.problem.approvals:
        left, period = efforts[row.case], scene.calendar.period(row.submitted_on)
        while period < scene.calendar.count:
            left -= capacity[period]
            if left <= 1e-9:
                break
            period += 1
        found[row.case] = scene.calendar.shift(period, policy.processing_weeks)
    return found


def reviews(scene: Scene) -> Iterator[Finding]:
    """Cases whose review and processing cannot end in the horizon, and cases that stand for nothing."""
    problem = scene.problem
    if problem.approval is None:
        if problem.approvals:
            message = "There is no section [approval]: every case is approved."
            yield scene.warn("approvals_without_policy", ("approvals", 0, "case"), message, "a section [approval]")
        return
    first = _first_dispatch(scene)
    cases = {order.case for order in problem.orders}
    for k, row in enumerate(problem.approvals):
        if row.case not in cases:
            yield scene.warn("case_without_orders", ("approvals", k, "case"), f"No order is of case {row.case}.")
        elif first[row.case] >= scene.calendar.count:
            message = (
                f"{row.case}: review and processing cannot end in the horizon, even alone: its orders never leave."
            )
            yield scene.warn("review_cannot_end", ("approvals", k, "review_weeks"), message)


def firm_dates(scene: Scene) -> Iterator[Finding]:
    """Orders whose firm date is over before they could leave. No plan can exist then."""
    first = _first_dispatch(scene)
    for k, order in enumerate(scene.problem.orders):
        if order.firm_by is None or order.quantity == 0:
            continue
        earliest = first.get(order.case, 0)
        if order.earliest_date is not None:
            earliest = max(earliest, scene.calendar.period(order.earliest_date))
        if earliest >= scene.calendar.count or scene.calendar.late(order.firm_by, earliest) > 0:
            day = scene.calendar.day(earliest)
            message = f"{order.order} cannot leave before {day}: no plan keeps its firm date."
            yield scene.warn("firm_date_cannot_be", ("orders", k, "firm_by"), message, f"{day} or later")
