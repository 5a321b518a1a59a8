"""What was possible for a demand with all else as it is, and was not done: what would it have cost elsewhere?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.plan import POOL, Dispatch
from optimizer.explaining.case import Case
from optimizer.explaining.reasons import Code, Reason
from optimizer.explaining.serving import Served


def left_out(case: Case) -> Reason | None:
    """The reason for weeks that no limit explains; None where there are none."""
    weeks = case.planned - case.as_is
    if weeks <= 0:
        return None
    better = case.served()
    saved = case.weight * case.room.price[case.item] * weeks
    readiness, change = readiness_cost(case, better), change_cost(case, better)
    code: Code = "left_out"
    if readiness + change >= saved * (1 - 1e-9):
        code = "readiness_kept" if readiness >= change else "plan_kept_stable"
    amount = float(case.ahead(better.rows, case.rows))
    return Reason(code, "alone", (("item", case.item),), amount or None, "units", weeks=weeks, gain=weeks)


def readiness_cost(case: Case, better: Served) -> float:
    """What the move would add to `readiness_shortfall`: idle slots make up the hard floor, and no more."""
    problem, supply = case.room.problem, case.room.supply
    if problem.readiness is None:
        return 0.0
    cost = 0.0
    for item in case.items:
        level = np.array(supply.stock[item], dtype=np.int64)
        after = level - np.cumsum(case.room.own(better.rows, item) - case.room.own(case.rows, item))
        # where that is below the hard floor the room there is has been used: made by then, and no sooner
        after = after + np.maximum.accumulate(np.maximum(0, supply.hard_floors[item] - after))
        floor = supply.floors[item]
        more = np.maximum(0, floor - after) - np.maximum(0, floor - level)
        cost += problem.readiness.weight * case.room.price[item] * float(np.dot(more, case.calendar.weeks))
    return cost


def change_cost(case: Case, better: Served) -> float:
    """What the move would add to `plan_change`, against the commitments of the demand."""
    calendar, committed = case.calendar, defaultdict[tuple[str, int], int](int)
    for row in case.room.committed.get(case.name, ()):
        period = calendar.period(row.date)
        if row.date >= calendar.start and period < calendar.count:
            committed[row.item, period] += row.quantity
    return _missed(case, committed, better.rows) - _missed(case, committed, case.rows)


def _missed(case: Case, committed: dict[tuple[str, int], int], rows: Sequence[Dispatch]) -> float:
    policy, sent, total = case.room.problem.stability, defaultdict[tuple[str, int], int](int), 0.0
    if policy is None:
        return 0.0
    for row in rows:
        if row.origin == POOL:
            sent[row.item, row.period] += row.quantity
    for (item, period), units in committed.items():
        frozen = case.calendar.week(period) < policy.frozen_weeks
        each = policy.frozen_cost_weeks if frozen else policy.change_cost_weeks
        total += case.room.price[item] * each * max(0, units - sent[item, period])
    return total
