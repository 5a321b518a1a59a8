"""A plan that stands: outcomes without a search, for a plan known to be legal and a bound known to hold."""

from __future__ import annotations

from dataclasses import replace

from models.plan import Plan
from optimizer.solving.outcome import EXACT, Outcome, Status, relative_gap


def standing(plan: Plan, value: float, bound: float, formulation: str, note: str) -> Outcome:
    """The end of a solve that needed none: the plan, what it is worth, and the bound that was proven before."""
    bound = min(bound, value)
    gap = relative_gap(value, bound) or 0.0
    status: Status = "optimal" if gap <= EXACT else "gap_reached"
    seconds = {"build": 0.0, "solve": 0.0}
    found = Outcome(status, plan, value, bound, formulation, "standing", None, seconds, messages=(note,))
    return replace(found, repeatable=True)


def proven(outcome: Outcome, plan: Plan, value: float, enough: float, note: str) -> Outcome:
    """The end of a solve that only proved a bound for a plan that stands; `enough`: the gap that need not be closed."""
    bound = None if outcome.bound is None else min(outcome.bound, value)
    gap = relative_gap(value, bound)
    status: Status = outcome.status
    if gap is not None and gap <= EXACT:
        status = "optimal"
    elif status == "optimal" or (status == "time_limit" and gap is not None and gap <= enough):
        status = "gap_reached" if gap is not None and gap <= enough else "time_limit"
    return replace(outcome, status=status, plan=plan, objective=value, bound=bound, messages=(*outcome.messages, note))
