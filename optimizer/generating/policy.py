"""`instance.toml` of a generated instance: the example policy of `problem.md`, with capacities of the class's size."""

from __future__ import annotations

import math

from models.problem import (
    ApprovalPolicy,
    DeliveryPolicy,
    PackagesPolicy,
    Problem,
    ReadinessPolicy,
    StabilityPolicy,
    WeightsPolicy,
)
from optimizer.generating.classes import SizeClass
from optimizer.generating.demand import START
from optimizer.generating.money import MIN_CONTRIBUTION_USD_M
from optimizer.generating.network import DESTINATION, POOL

_REVIEWED_BY = 0.4
"""The share of the horizon after which all cases could be reviewed."""
SHARES = {
    "defence_level": 0.35,
    "defence_trend": 0.10,
    "ukraine_support": 0.30,
    "strategic_role": 0.15,
    "economic_contribution": 0.10,
}


def policy(size: SizeClass, name: str, review_effort: float) -> Problem:
    """The settings of an instance, as a `Problem` without rows. `review_effort` in weeks, of all cases."""
    periods = sum(count for count, _ in size.periods)
    releases = math.ceil(2.5 * (size.new_packages + size.proposed_packages) / periods)
    reviewers = math.ceil(2 * review_effort / (_REVIEWED_BY * size.weeks)) / 2
    return Problem(
        name=name,
        start=START,
        periods=size.periods,
        after_horizon_weeks=13,
        items=(),
        weights=WeightsPolicy(1.0, 8.0, 8.0, (16.0, 8.0, 4.0, 2.0, 1.0), 3.5, 1.5, 1.0, 0.5, SHARES),
        package_policy=PackagesPolicy(
            size.package_usd_m, 0.10, size.new_packages, 8, MIN_CONTRIBUTION_USD_M, 2, max(2, releases)
        ),
        delivery=DeliveryPolicy(POOL, DESTINATION, 3, 4),
        approval=ApprovalPolicy(max(1.0, reviewers), 4, 3.5, 0.5),
        readiness=ReadinessPolicy(4.0),
        stability=StabilityPolicy(4, 52.0, 1.0),
    )
