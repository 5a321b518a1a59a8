"""The tables of the page and of the workbook: one definition of each, rendered twice.

A cell is a raw value; what it means is the column's `kind`. Money in million USD, dates as days.
"""

from __future__ import annotations

from collections.abc import Callable

from optimizer.reporting.summary import Report
from optimizer.reporting.tables import (
    demands,
    funding,
    hedging,
    industry,
    movement,
    queue,
    replanned,
    sharing,
    standing,
    supply,
    worth,
)
from optimizer.reporting.tables.cells import Column, Parts, Series, Table

__all__ = ["Column", "Parts", "Series", "Table", "tables"]


def tables(report: Report) -> dict[str, Table]:
    """Every table of the reports, by name, in the order in which a planner reads them."""
    makers: tuple[Callable[[Report], Table], ...] = (
        demands.needs,
        standing.allies,
        demands.orders,
        demands.offers,
        standing.weights,
        funding.packages,
        funding.contents,
        funding.donors,
        supply.items,
        supply.lines,
        supply.stock,
        funding.pledges,
        funding.payments,
        standing.approvals,
        movement.soon,
        supply.lanes,
        worth.values,
        movement.dispatches,
        movement.undelivered,
        queue.queue,
        queue.queue_recipients,
        queue.queue_lines,
        queue.queue_before,
        queue.passes,
        sharing.sharing,
        sharing.gap_categories,
        sharing.gap,
        sharing.asked,
        sharing.bought,
        industry.industry,
        industry.backlog,
        industry.components,
        industry.output,
        industry.ramp,
        replanned.moved,
        replanned.happened,
        replanned.promises,
        replanned.rolled,
        hedging.hedged,
        hedging.candidates,
        hedging.scenarios,
    )
    return {table.name: table for table in (make(report) for make in makers)}
