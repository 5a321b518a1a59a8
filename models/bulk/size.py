"""How large an instance has to be to count as an order book."""

from __future__ import annotations

from models.problem import Problem

LARGE = 60_000
"""Demands times periods from which on an instance is an order book: a weekly one has 14,000, an alliance 136,000."""


def _served_and_when(problem: Problem) -> int:
    return (len(problem.orders) + len(problem.needs)) * sum(count for count, _ in problem.periods)


def times_large(problem: Problem) -> float:
    """How many times as large as the smallest order book an instance is."""
    return _served_and_when(problem) / max(1, LARGE)


def is_book(problem: Problem) -> bool:
    """Whether an instance is so large that it is solved as an order book, and not asked about one unit more."""
    return _served_and_when(problem) >= LARGE
