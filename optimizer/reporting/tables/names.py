"""Codes with the names people know them by, as cells of kind `coded`."""

from __future__ import annotations

from models.problem import Problem

Coded = tuple[str, str]


def item_names(problem: Problem) -> dict[str, Coded]:
    """Every item."""
    return {row.item: (row.item, row.name) for row in problem.items}


def recipient_names(problem: Problem) -> dict[str, Coded]:
    """Every recipient."""
    return {row.recipient: (row.recipient, row.name) for row in problem.recipients}


def site_names(problem: Problem) -> dict[str, Coded]:
    """Every site."""
    return {row.site: (row.site, row.name) for row in problem.sites}
