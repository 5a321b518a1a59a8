"""What each contribution adds to a priority weight (`problem.md`, "Priority weights")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.priority import Priority
from models.problem import SCORES, Problem, WeightsPolicy


def added(priority: Priority, policy: WeightsPolicy | None) -> dict[str, float]:
    """How much of weight − minimum each score brings, in proportion to share × score; the parts add up to it.

    Weights multiply rather than add, so a part is not what the weight would lose without it: see `factors`.
    """
    if policy is None:
        return {}
    rise = priority.weight - policy.minimum
    parts = {name: policy.shares[name] * priority.scores[name] for name in SCORES}
    return {name: rise * part / priority.score if priority.score > 0 else 0.0 for name, part in parts.items()}


def factors(priority: Priority, policy: WeightsPolicy | None) -> dict[str, float]:
    """What each score multiplies the least weight by: (maximum / minimum) ^ (share × score)."""
    if policy is None:
        return {}
    ratio = policy.maximum / policy.minimum
    return {name: ratio ** (policy.shares[name] * priority.scores[name]) for name in SCORES}


def weights_list(problem: Problem, found: Mapping[str, Priority]) -> list[dict[str, Any]]:
    """One object a recipient, in the order of the table, ready for JSON."""
    return [
        {
            "recipient": recipient.recipient,
            "name": recipient.name,
            "weight": found[recipient.recipient].weight,
            "score": found[recipient.recipient].score,
            "scores": found[recipient.recipient].scores,
            "missing": list(found[recipient.recipient].missing),
            "adds": added(found[recipient.recipient], problem.weights),
            "multiplies_by": factors(found[recipient.recipient], problem.weights),
        }
        for recipient in problem.recipients
    ]
