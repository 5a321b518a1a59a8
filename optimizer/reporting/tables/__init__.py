"""The tables of the page and of the workbook: one definition of each, rendered twice.

A cell is a raw value; what it means is the column's `kind`. Money in million USD, dates as days.
"""

from __future__ import annotations

from collections.abc import Callable

from optimizer.reporting.summary import Report
from optimizer.reporting.tables import demands, funding, standing, supply
from optimizer.reporting.tables.cells import PAGE_ONLY, Column, Series, Table

__all__ = ["PAGE_ONLY", "Column", "Series", "Table", "tables"]


def tables(report: Report) -> dict[str, Table]:
    """Every table of the reports, by name, in the order in which a planner reads them."""
    makers: tuple[Callable[[Report], Table], ...] = (
        demands.needs,
        demands.orders,
        funding.packages,
        funding.payments,
        funding.pledges,
        demands.offers,
        supply.lines,
        supply.lanes,
        supply.stock,
        standing.approvals,
        standing.weights,
        demands.dispatches,
    )
    return {table.name: table for table in (make(report) for make in makers)}
