"""Whether two instances have anything to do with each other."""

from __future__ import annotations

from models.problem import Problem


def strangers(one: Problem, other: Problem) -> bool:
    """Whether the instances have other names and, though both have demands, no order and no need in common."""
    first, second = _demands(one), _demands(other)
    return one.name != other.name and bool(first and second) and not first & second


def _demands(problem: Problem) -> set[tuple[str, str]]:
    return {("order", row.order) for row in problem.orders} | {("need", row.need) for row in problem.needs}
