"""The weight from which on a plan with the demand on time is no worse, and what contribution gives that weight.

Both plans cost an amount that does not depend on the recipient's weight w, and w times the delay of all orders of the
recipient: A + w · D in the present plan, A' + w · D' with the demand on time. The second is no worse from
w = (A' − A) / (D − D') on. That counts what the recipient's other orders win or lose between these two plans, not what
a whole new plan at that weight would give them besides.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

from models.checker import check_plan
from models.plan import Plan
from models.priority import priorities
from models.problem import TERMS, Problem, Recipient, WeightsPolicy
from optimizer.explaining.counterfactual import Lever, Obstacle, WeightNeeded
from optimizer.explaining.facts import facts_of
from optimizer.valuing.asked import Asked
from optimizer.valuing.linked import linked_items

NEAR = 1e-9


def weight_needed(asked: Asked, plan: Plan, cost_at_least: float | None) -> WeightNeeded | Obstacle:
    """The weight at which `plan`, with the demand on time, is no worse than the present plan.

    Args:
        asked: an order or a need.
        plan: a plan with it on time.
        cost_at_least: what is proven that others lose at least, whatever the plan of the linked block.
    """
    problem = asked.problem
    assert asked.present is not None
    recipient = asked.present.recipient
    present, fixed, delay = _parts(asked, asked.plan)
    _, fixed_then, delay_then = _parts(asked, plan)
    if _earlier_stage_worse(asked, plan):
        return Obstacle("earlier_stage", asked.demand)
    if delay - delay_then <= NEAR * max(1.0, delay):
        return Obstacle("no_gain_by_weight", recipient or asked.demand)
    needed = max(0.0, (fixed_then - fixed) / (delay - delay_then))
    at_least = min(needed, _at_least(asked, present, cost_at_least))
    if asked.kind == "need":
        return WeightNeeded("", present, needed, at_least, (), _urgency(problem, needed))
    row = next(r for r in problem.recipients if r.recipient == recipient)
    levers = () if problem.weights is None else tuple(lever(problem.weights, row, name, needed) for name in LEVERS)
    return WeightNeeded(recipient, present, needed, at_least, levers)


def _at_least(asked: Asked, present: float, cost_at_least: float | None) -> float:
    """The weight below which no plan of the linked block has the demand on time and is no worse; 0 if none is proven.

    A plan with it on time costs others at least c, so at the present weight w₀ it is worse by at least c − own delay.
    At w it wins (w − w₀) times the delay that it takes from the recipient's orders, which is at most all there is.
    """
    assert asked.present is not None
    own = asked.present.delay
    if cost_at_least is None or cost_at_least < own or present <= 0:
        return 0.0
    if asked.kind == "need":
        return present + (cost_at_least - own) / (own / present)
    items = linked_items(asked.problem, [asked.order.item], with_substitutes=True)
    orders = facts_of(asked.problem, asked.plan, explained=False).orders
    most = sum(d.delay for d in orders if d.recipient == asked.present.recipient and d.item in items) / present
    return present + (cost_at_least - own) / most if most > 0 else 0.0


def _parts(asked: Asked, plan: Plan) -> tuple[float, float, float]:
    """(weight, A, D): the present weight; what a plan costs but for it; the delay that it multiplies.

    Of an order the weight is its recipient's, and D the delay of all orders of that recipient; of a need it is
    ukraine × urgency, and D the need's own delay.
    """
    terms = check_plan(asked.problem, plan).terms
    facts = facts_of(asked.problem, plan, explained=False)
    if asked.kind == "need":
        own = [d for d in facts.needs if d.demand == asked.demand]
        weight, shared = own[0].weight, "needs_delay"
    else:
        assert asked.present is not None
        own = [d for d in facts.orders if d.recipient == asked.present.recipient]
        weight, shared = facts.priorities[asked.present.recipient].weight, "orders_delay"
    total = terms.total
    if asked.problem.objective.mode == "lexicographic":
        total = float(getattr(terms, shared))
    weighted = sum(d.delay for d in own)
    if weight > 0:
        return weight, total - weighted, weighted / weight
    return weight, total, sum(d.price * d.weeks_late * d.quantity for d in own)


def _earlier_stage_worse(asked: Asked, plan: Plan) -> bool:
    """Whether a stage that comes before the demand's own gets worse, so that no weight makes up for it."""
    policy = asked.problem.objective
    if policy.mode != "lexicographic":
        return False
    shared = "needs_delay" if asked.kind == "need" else "orders_delay"
    stages = (*policy.stages, *(term for term in TERMS if term not in policy.stages))
    before, after = (check_plan(asked.problem, one).terms for one in (asked.plan, plan))
    for stage in stages[: stages.index(shared)]:
        then, now = float(getattr(before, stage)), float(getattr(after, stage))
        if now > then + max(policy.stage_tolerance * then, 1e-6 * max(1.0, then)):
            return True
    return False


def _urgency(problem: Problem, needed: float) -> int | None:
    """The least urgent class whose weight is enough; None if even the most urgent is not."""
    if problem.weights is None:
        return None
    classes = [k for k, factor in enumerate(problem.weights.urgency, 1) if problem.weights.ukraine * factor >= needed]
    return max(classes, default=None)


# --- the inverse of "Priority weights" --------------------------------------------------------------------------------

LEVERS = ("defence_pct_gdp", "ukraine_military_pct_gdp")


def weight_with(policy: WeightsPolicy, recipient: Recipient, name: str, value: float) -> float:
    """The recipient's weight with one contribution at another value, % GDP."""
    changed = replace(recipient, **{name: value})  # type: ignore[arg-type]
    alone = Problem("", dt.date.min, (), 0, (), recipients=(changed,), weights=policy)
    return priorities(alone)[recipient.recipient].weight


def lever(policy: WeightsPolicy, recipient: Recipient, name: str, needed: float) -> Lever:
    """The least value, not below the present one, that gives the weight needed.

    The score is piecewise linear in defence spending and in support, nondecreasing, and has corners at the references;
    the weight is the exponential of it. Between two corners the value is found by the logarithm of the weight.
    """
    present = getattr(recipient, name)
    corners = sorted(
        {max(0.0, present or 0.0), *(c for c in _corners(policy, recipient, name) if c > (present or 0.0))}
    )
    weights = [weight_with(policy, recipient, name, corner) for corner in corners]
    enough = needed * (1 - NEAR)
    found = None
    if weights[0] >= enough:
        found = corners[0]
    else:
        for k in range(1, len(corners)):
            if weights[k] >= enough:
                low, high = math.log(weights[k - 1]), math.log(weights[k])
                share = min(1.0, (math.log(needed) - low) / (high - low))
                found = corners[k - 1] + share * (corners[k] - corners[k - 1])
                break
    return Lever(name, present, found, weights[-1])  # type: ignore[arg-type]


def _corners(policy: WeightsPolicy, recipient: Recipient, name: str) -> list[float]:
    """Values at which the slope of the score changes."""
    if name == "ukraine_military_pct_gdp":
        return [policy.support_reference_pct_gdp]
    found = [policy.defence_target_pct_gdp]
    if recipient.defence_pct_gdp_prior is not None:
        prior = recipient.defence_pct_gdp_prior
        found += [prior, prior + policy.trend_reference_pct_gdp]
    return [corner for corner in found if corner > 0]
