"""Contributions -> priority weights (`problem.md`, "Priority weights")."""

from __future__ import annotations

from dataclasses import dataclass

from models.problem import SCORES, Need, Order, Problem, Recipient, WeightsPolicy


@dataclass(frozen=True, slots=True)
class Priority:
    """A recipient's weight and where it comes from.

    `scores`: 0…1 by score name; `missing`: the scores whose input is blank and that got `missing_score`;
    `score`: Σ shares · scores; `weight`: minimum · (maximum / minimum) ^ score.
    """

    recipient: str
    scores: dict[str, float]
    missing: tuple[str, ...]
    score: float
    weight: float


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def _ratio(value: float | None, reference: float) -> float | None:
    return None if value is None else _clip(value / reference)


def scores_of(recipient: Recipient, policy: WeightsPolicy) -> dict[str, float | None]:
    """The five scores, 0…1; None where the input is blank."""
    level, prior = recipient.defence_pct_gdp, recipient.defence_pct_gdp_prior
    trend = None if level is None or prior is None else level - prior
    return {
        "defence_level": _ratio(level, policy.defence_target_pct_gdp),
        "defence_trend": _ratio(trend, policy.trend_reference_pct_gdp),
        "ukraine_support": _ratio(recipient.ukraine_military_pct_gdp, policy.support_reference_pct_gdp),
        "strategic_role": recipient.strategic_role,
        "economic_contribution": recipient.economic_contribution,
    }


def priorities(problem: Problem) -> dict[str, Priority]:
    """The priority of every recipient; all weights are 1 where the instance has no `[weights]`."""
    policy = problem.weights
    found: dict[str, Priority] = {}
    for recipient in problem.recipients:
        if policy is None:
            found[recipient.recipient] = Priority(recipient.recipient, {}, (), 0.0, 1.0)
            continue
        raw = scores_of(recipient, policy)
        missing = tuple(name for name in SCORES if raw[name] is None)
        filled = {name: policy.missing_score if (value := raw[name]) is None else value for name in SCORES}
        score = sum(policy.shares[name] * filled[name] for name in SCORES)
        weight = policy.minimum * (policy.maximum / policy.minimum) ** score
        found[recipient.recipient] = Priority(recipient.recipient, filled, missing, score, weight)
    return found


def order_weight(problem: Problem, order: Order, by_recipient: dict[str, Priority]) -> float:
    """Priority weight of the order's recipient × its `weight_multiplier`."""
    return by_recipient[order.recipient].weight * order.weight_multiplier


def need_weight(problem: Problem, need: Need) -> float:
    """`ukraine` × the factor of the need's urgency."""
    if problem.weights is None:
        return 1.0
    return problem.weights.ukraine * problem.weights.urgency[need.urgency - 1]
