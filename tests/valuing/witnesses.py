"""What every witness of a counterfactual keeps, checked from the records alone."""

from __future__ import annotations

from collections import Counter

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.counterfactual import RELIEFS, Counterfactual
from optimizer.explaining.facts import facts_of


def late_demands(problem: Problem, plan: Plan) -> list[str]:
    """Orders and needs that are late, short or undelivered."""
    found = facts_of(problem, plan)
    return [d.demand for d in (*found.orders, *found.needs) if d.quantity and d.state not in ("on_time", "not_due")]


def is_on_time(problem: Problem, plan: Plan, demand: str) -> bool:
    """Whether no unit of the demand is late or missing."""
    found = next(d for d in facts_of(problem, plan).demands if d.demand == demand)
    return found.late == 0 and found.undelivered == 0 and found.weeks_late == 0


def holds(problem: Problem, plan: Plan, answer: Counterfactual) -> None:
    """A witness is allowed and has the demand on time; a relief leaves everybody else's dispatches as they are."""
    if answer.witness is None:
        assert answer.state in ("on_time", "not_enough", "impossible", "not_known")
        assert bool(answer.obstacles) == (answer.state in ("not_enough", "impossible"))
        return
    changed, new = answer.witness.problem, answer.witness.plan
    verdict = check_plan(changed, new)
    assert verdict.passed, verdict.violations
    assert is_on_time(changed, new, answer.demand)
    if answer.kind in (*RELIEFS, "combination"):
        assert others(plan, answer.demand) == others(new, answer.demand)
        assert new.accepted_offers == plan.accepted_offers
        assert {c.kind for c in answer.changes} <= ({answer.kind} if answer.kind != "combination" else set(RELIEFS))
        assert (answer.state == "nothing_needed") == (not answer.changes)
        if not answer.changes:
            assert changed == problem
    else:
        assert changed == problem
        assert new.releases == plan.releases
        assert new.payments == plan.payments
        assert new.contents == plan.contents
        assert new.approvals == plan.approvals
        before, after = (check_plan(problem, one).terms.total for one in (plan, new))
        assert answer.cost_to_others is not None
        assert answer.own_delay is not None
        assert abs(after - before - answer.cost_to_others + answer.own_delay) <= 1e-6 * max(1.0, abs(before))


def others(plan: Plan, demand: str) -> Counter[object]:
    """Dispatches of all but one demand."""
    return Counter(row for row in plan.dispatches if row.demand != demand)
