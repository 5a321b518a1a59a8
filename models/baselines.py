"""The two cases to compare with (`problem.md`, "Two cases to compare with").

Both are one run of the list scheduler `list_plan`; only the order of service differs. Neither accepts an open offer.
Ties are broken by the order of the tables, orders before needs.
"""

from __future__ import annotations

from models.listing.bundles import Bundle
from models.listing.scheduler import list_plan
from models.plan import Plan
from models.priority import need_weight, order_weight, priorities
from models.problem import Problem

__all__ = ["Bundle", "first_come_first_served", "list_plan", "priority_list", "ranking_by_date", "ranking_by_weight"]


def ranking_by_date(problem: Problem) -> list[str]:
    """Orders by `placed_on`, needs by `needed_by`."""
    dated = [(order.placed_on, order.order) for order in problem.orders]
    dated += [(need.needed_by, need.need) for need in problem.needs]
    return [name for _, name in sorted(dated, key=lambda row: row[0])]


def ranking_by_weight(problem: Problem) -> list[str]:
    """Orders by priority weight, needs by ukraine × urgency, the highest first; then by due date."""
    weights = priorities(problem)
    weighed = [((-order_weight(problem, o, weights), o.due_date), o.order) for o in problem.orders]
    weighed += [((-need_weight(problem, n), n.needed_by), n.need) for n in problem.needs]
    return [name for _, name in sorted(weighed, key=lambda row: row[0])]


def first_come_first_served(problem: Problem) -> Plan:
    """The practice before: demands are served in the order they were placed, with no offers accepted."""
    return list_plan(problem, ranking_by_date(problem))


def priority_list(problem: Problem) -> Plan:
    """What a spreadsheet would do: demands are served in the order of weight, then due date."""
    return list_plan(problem, ranking_by_weight(problem))
