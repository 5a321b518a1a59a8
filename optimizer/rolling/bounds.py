"""When last week's bound still bounds what is left: the conditions of the proof in docs/replanning.md.

Let P be the instance before, y its plan with objective Z and bound B, and R what is left of it. If every plan of R
completes what has happened to a plan of P, and costs P no more than it costs R and what has gone, then no plan of R
costs less than the rest of y minus Z − B. Rolling makes some things possible in R that were not in P; then the bound is
not carried over.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import Problem
from optimizer.rolling.demands import units_sent
from optimizer.rolling.happened import MONEY, past_of
from optimizer.rolling.records import Advanced

Loosened = Literal["calendar", "promise_kept", "lane_capacity", "max_new", "plan_change", "objective", "rounding"]

LOOSENED: dict[Loosened, str] = {
    "calendar": "periods were added or split",
    "promise_kept": "packages that were released are paid now, and what is paid is not promised for the horizon",
    "lane_capacity": "goods under way use lanes that the tables show as free",
    "max_new": "packages that were released no longer count as new ones",
    "plan_change": "moving a dispatch in a frozen week costs less than later",
    "objective": "the objective is reached stage by stage",
    "rounding": "a number had to be cut to what the tables may hold",
}
"""What may be possible in what is left that was not in the whole; a closed list."""


def loosened(base: Problem, plan: Plan, advanced: Advanced) -> tuple[Loosened, ...]:
    """What stands against carrying the bound over, where nothing else changed since; empty if it holds."""
    rolled = advanced.problem
    past = past_of(base, base, plan, rolled.start, advanced.elapsed)
    found: list[Loosened] = []
    if calendar_of(rolled).weeks != past.calendar.weeks[advanced.elapsed :]:
        found.append("calendar")
    released = {row.package for row in advanced.happened.released}
    new = sum(row.status == "new" for row in advanced.happened.released)
    promised: Counter[str] = Counter()
    for row in plan.contents:
        if row.package in released:
            promised[row.need] += row.quantity
    for held in base.package_contents:
        if held.package in released:
            promised[held.need] += held.quantity
    sent = units_sent(past, advanced.happened.dispatches, pool_only=True)
    if any(units > sent[need] for need, units in promised.items()):
        found.append("promise_kept")
    codes = {note.code for note in advanced.notes}
    if "under_way" in codes:
        found.append("lane_capacity")
    if new and not _enough_anyway(rolled, new):
        found.append("max_new")
    policy = base.stability
    if policy is not None and base.commitments and policy.frozen_cost_weeks < policy.change_cost_weeks:
        found.append("plan_change")
    if base.objective.mode != "weighted":
        found.append("objective")
    if codes & {"over_limit", "below_zero", "cut_back"}:
        found.append("rounding")
    return tuple(found)


def _enough_anyway(rolled: Problem, released: int) -> bool:
    """Whether money alone allows no more new packages than `max_new` left after those released."""
    policy = rolled.package_policy
    if policy is None:
        return True
    least = policy.target_usd_m * (1 - policy.tolerance)
    if least <= 0:
        return False
    money = sum(row.amount_usd_m for row in rolled.pledges)
    return released + int((money + MONEY) / least) <= policy.max_new
