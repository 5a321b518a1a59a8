"""Who gives way if a demand is on time and nothing is added: the linked block solved again with it on time.

Money, contents, approvals and accepted offers are held; production and the dispatches of all that shares supply with
the demand are free, and what they cost together is least. What all others lose is the difference to the present plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.checker import check_plan
from models.plan import Plan
from optimizer.explaining.counterfactual import Slip
from optimizer.explaining.facts import facts_of
from optimizer.valuing.asked import Asked
from optimizer.valuing.block import Forced, block_model, judged, solve_block

NOTHING = 1e-6
"""Weeks and weighted weeks below this are none, relative to what the plan costs where that is more than 1."""


@dataclass(frozen=True, slots=True)
class Slipped:
    """The plan with the demand on time.

    `plan` is None where there is none: `infeasible`, or not found in time. `cost_to_others`, `cost_at_least`: weighted
    million-dollar-weeks that others lose, and that they lose at least (None where nothing is proven); `own_delay`: what
    the demand costs in the present plan.
    """

    plan: Plan | None
    infeasible: bool
    slips: tuple[Slip, ...] = ()
    cost_to_others: float = 0.0
    cost_at_least: float | None = None
    own_delay: float = 0.0
    optimal: bool = False


def slipped(asked: Asked, seconds: float, seed: int = 0) -> Slipped:
    """Solves the block of the demand with it on time.

    Args:
        asked: an order or a need that is late, short or undelivered (`Asked.obstacles` is empty).
        seconds: wall-clock limit of the solve.
        seed: of the solver.
    """
    items = [asked.order.item] if asked.kind == "order" else [i for i, _ in asked.facts.variants(asked.need)]
    model = block_model(asked.problem, asked.plan, items, Forced(asked.demand, asked.last))
    found = solve_block(model, seconds, seed=seed)
    if found.plan is None:
        return Slipped(None, found.infeasible)
    assert asked.present is not None
    own = asked.present.delay
    before = check_plan(asked.problem, asked.plan).terms.total - own
    after = judged(asked.problem, found.plan)
    least = None if found.above_bound is None else after - found.above_bound - before
    return Slipped(
        found.plan, False, slips(asked, found.plan), after - before, least, own, found.optimal
    )  # fmt: skip


def slips(asked: Asked, plan: Plan) -> tuple[Slip, ...]:
    """What every other order and need loses or wins in another plan, dearest first."""
    before = {(d.kind, d.demand): d for d in facts_of(asked.problem, asked.plan, explained=False).demands}
    found = []
    for now in facts_of(asked.problem, plan, explained=False).demands:
        if (now.kind, now.demand) == (asked.kind, asked.demand) or now.kind == "replacement":
            continue
        then = before[now.kind, now.demand]
        weeks, units, delay = (
            now.weeks_late - then.weeks_late,
            now.undelivered - then.undelivered,
            now.delay - then.delay,
        )
        if abs(weeks) > NOTHING or units or abs(delay) > NOTHING * max(1.0, then.delay):
            found.append(Slip(now.demand, now.kind, now.recipient, weeks, units, delay))
    return tuple(sorted(found, key=lambda slip: (-slip.delay, -slip.weeks, slip.demand)))
