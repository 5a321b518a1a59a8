"""Priority weights, from contributions (`problem.md`, "Priority weights")."""

from __future__ import annotations

from models.problem import Problem, Recipient, WeightsPolicy


def weights_by_recipient(problem: Problem) -> dict[str, float]:
    """The priority weight of every recipient; 1 for all without a `[weights]` section."""
    policy = problem.weights
    if policy is None:
        return {recipient.recipient: 1.0 for recipient in problem.recipients}
    return {recipient.recipient: _weight(recipient, policy) for recipient in problem.recipients}


def factors_by_urgency(problem: Problem) -> dict[int, float]:
    """For each urgency 1 … 5, ukraine × urgency factor; 1 for all without a `[weights]` section."""
    policy = problem.weights
    if policy is None:
        return dict.fromkeys(range(1, 6), 1.0)
    return {urgency: policy.ukraine * factor for urgency, factor in enumerate(policy.urgency, start=1)}


def _weight(recipient: Recipient, policy: WeightsPolicy) -> float:
    scores = _scores(recipient, policy)
    total = 0.0
    for name, share in policy.shares.items():
        score = scores[name]
        total += share * (policy.missing_score if score is None else score)
    return float(policy.minimum * (policy.maximum / policy.minimum) ** total)


def _scores(recipient: Recipient, policy: WeightsPolicy) -> dict[str, float | None]:
    """The five scores in 0…1, None where an input is blank."""
    level, prior = recipient.defence_pct_gdp, recipient.defence_pct_gdp_prior
    support = recipient.ukraine_military_pct_gdp
    trend = None if level is None or prior is None else level - prior
    return {
        "defence_level": _clipped(level, policy.defence_target_pct_gdp),
        "defence_trend": _clipped(trend, policy.trend_reference_pct_gdp),
        "ukraine_support": _clipped(support, policy.support_reference_pct_gdp),
        "strategic_role": recipient.strategic_role,
        "economic_contribution": recipient.economic_contribution,
    }


def _clipped(value: float | None, reference: float) -> float | None:
    return None if value is None else min(1.0, max(0.0, value / reference))
