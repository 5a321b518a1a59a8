"""What two plans of one instance decide differently in the first weeks: arithmetic on the plans."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from models.plan import POOL, Plan
from models.problem import Problem

Kind = Literal["dispatched", "given", "made", "released", "content", "paid", "approved", "accepted"]
KINDS: dict[Kind, str] = {
    "dispatched": "units that leave the pool for a demand",
    "given": "units that leave an offer for a need",
    "made": "units that a line makes",
    "released": "packages released",
    "content": "units of a need in new packages that are released",
    "paid": "million USD that a pledge pays for packages that are released",
    "approved": "cases approved",
    "accepted": "offers accepted that are there in the first weeks",
}
"""What may differ, and what its amounts count."""
CENT = 1e-6


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One decision of the first weeks: `amount` in the hedged plan against `nominal` in the nominal one.

    `name`: the demand, offer, line, package ("new" for all new ones), need, pledge or case; `about`: the item, or the
    need that an offer serves; empty where there is none.
    """

    kind: Kind
    name: str
    about: str
    nominal: float
    amount: float


def differences(problem: Problem, nominal: Plan, plan: Plan, first: int) -> tuple[Difference, ...]:
    """Everything that the plans decide differently in the first periods, totals over these periods."""
    before, after = _decided(problem, nominal, first), _decided(problem, plan, first)
    return tuple(
        Difference(*key, before.get(key, 0.0), after.get(key, 0.0))
        for key in sorted(before.keys() | after.keys())
        if abs(before.get(key, 0.0) - after.get(key, 0.0)) > CENT
    )


def _decided(problem: Problem, plan: Plan, first: int) -> dict[tuple[Kind, str, str], float]:
    found: dict[tuple[Kind, str, str], float] = defaultdict(float)
    for row in plan.dispatches:
        if row.period < first:
            if row.origin == POOL:
                found["dispatched", row.demand, row.item] += row.quantity
            else:
                found["given", row.origin, row.demand] += row.quantity
    for made in plan.made:
        if made.period < first:
            found["made", made.line, made.item] += made.quantity
    status = {row.package: row.status for row in plan.releases if row.period < first}
    for package, kind in status.items():
        found["released", package if kind == "proposed" else "new", ""] += 1
    for held in plan.contents:
        if held.package in status:
            found["content", held.need, ""] += held.quantity
    for paid in plan.payments:
        if paid.package in status:
            found["paid", paid.pledge, ""] += paid.amount_usd_m
    for case in plan.approvals:
        if case.period < first:
            found["approved", case.case, ""] += 1
    weeks = [length for count, length in problem.periods for _ in range(count)]
    days = 7 * sum(weeks[:first])
    for offer in problem.offers:
        if offer.offer in plan.accepted_offers and (offer.available_on - problem.start).days < days:
            found["accepted", offer.offer, ""] += 1
    return found
