"""An order book that minimises in stages, as one weighted sum in which every stage outweighs the next.

To hold a stage to its best and go on to the next, its best has to be known. Of an order book it is known to about a
percent, and within that a stage held exactly would leave the next ones to chance. So a million USD that waits a week
counts, where it is heaviest in a stage, `FALL` of what it counts where it is lightest in the stage before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from models.priority import need_weight, order_weight, priorities
from models.problem import SCORES, TERMS, Problem, WeightsPolicy

FALL = 0.02
"""What the heaviest of a stage counts, as a share of the lightest of the stage before."""
LEAST = 1e-6
"""A factor below which a term would be lost in the tolerances of a linear program."""
_PLAIN = WeightsPolicy(1.0, 1.0, 1.0, (1.0,) * 5, 1.0, 1.0, 1.0, 0.5, dict.fromkeys(SCORES, 1.0 / len(SCORES)))
"""Priority weights of an instance that has none: all are 1."""


def factors(problem: Problem) -> dict[str, float]:
    """By what every term is multiplied: the stages of the instance in order, then all other terms together."""
    ranges, stages = ranges_of(problem), problem.objective.stages
    levels: list[tuple[str, ...]] = [(stage,) for stage in stages]
    levels.append(tuple(term for term in TERMS if term not in stages))
    found: dict[str, float] = {}
    lightest: float | None = None
    for level in levels:
        for term in level:
            found[term] = 1.0 if lightest is None else max(LEAST, min(1.0, FALL * lightest / ranges[term][1]))
        lightest = min((found[term] * ranges[term][0] for term in level), default=lightest)
    return found


def ranges_of(problem: Problem) -> dict[str, tuple[float, float]]:
    """By term the least and the most that a million USD counts, in a week or as a change; 1 if nothing does."""
    by_recipient = priorities(problem)
    ready, steady = problem.readiness, problem.stability
    weights = {
        "needs_delay": [need_weight(problem, row) for row in problem.needs],
        "orders_delay": [order_weight(problem, row, by_recipient) for row in problem.orders],
        "readiness_shortfall": [] if ready is None else [ready.weight],
        "plan_change": [] if steady is None else [steady.change_cost_weeks, steady.frozen_cost_weeks],
    }
    positive = {term: [weight for weight in some if weight > 0] or [1.0] for term, some in weights.items()}
    return {term: (min(some), max(some)) for term, some in positive.items()}


def weighed(problem: Problem, by: Mapping[str, float]) -> Problem:
    """The same instance with its terms multiplied and added up. A plan of one is a plan of the other.

    Args:
        problem: the instance.
        by: factor by term, ≥ 0.
    """
    weights, ready, steady = problem.weights or _PLAIN, problem.readiness, problem.stability
    times, change = by["orders_delay"], by["plan_change"]
    if ready is not None:
        ready = replace(ready, weight=ready.weight * by["readiness_shortfall"])
    if steady is not None:
        frozen, later = steady.frozen_cost_weeks * change, steady.change_cost_weeks * change
        steady = replace(steady, frozen_cost_weeks=frozen, change_cost_weeks=later)
    return replace(
        problem,
        weights=replace(weights, ukraine=weights.ukraine * by["needs_delay"]),
        orders=tuple(replace(row, weight_multiplier=row.weight_multiplier * times) for row in problem.orders),
        readiness=ready,
        stability=steady,
        objective=replace(problem.objective, mode="weighted"),
    )
