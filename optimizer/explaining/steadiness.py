"""How much of one plan stands in the other: dispatches that stay, and commitments that are kept or moved.

Values in million USD at the prices of the plan they are in; only the time that both plans cover counts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from models.calendar import Calendar
from models.plan import POOL, Plan
from models.problem import Problem
from optimizer.explaining.facts import Facts

Sent = Counter[tuple[str, str, str, str, dt.date, dt.date]]
"""Units by kind, demand, origin, item, day of dispatch and day of arrival: the way between may be another."""


@dataclass(frozen=True, slots=True)
class Span:
    """Dispatches in one span of days, from `begin` to before `end`: units and value in each plan, and what is the same.

    `kept`: value of what is unchanged, at the old plan's prices.
    """

    begin: dt.date
    end: dt.date
    old_units: int
    new_units: int
    same_units: int
    old_value: float
    new_value: float
    kept: float

    @property
    def share_of_units(self) -> float | None:
        """Part of the old plan's units that the new plan sends just so; None if it sends none."""
        return self.same_units / self.old_units if self.old_units else None

    @property
    def share_of_value(self) -> float | None:
        """The same by value."""
        return self.kept / self.old_value if self.old_value else None


@dataclass(frozen=True, slots=True)
class CommitmentChange:
    """What was committed for a demand in a period, by its first day, and how much of it each plan does not keep.

    `old_committed`, `new_committed`: units that each instance names; `old_missing`, `new_missing`: of these, units that
    its plan does not send then; `old_cost`, `new_cost`: that in the objective, which add up to the term of changes.
    """

    demand: str
    item: str
    day: dt.date
    old_committed: int
    new_committed: int
    old_missing: int
    new_missing: int
    old_cost: float
    new_cost: float


@dataclass(frozen=True, slots=True)
class Stability:
    """Dispatches inside the frozen weeks and after them, and all commitments of either instance.

    `frozen_weeks`: from the later of the two first days on, the more of the two policies; 0 without one.
    """

    frozen_weeks: int
    frozen: Span
    later: Span
    commitments: tuple[CommitmentChange, ...]


def stability(old: tuple[Problem, Plan, Facts], new: tuple[Problem, Plan, Facts]) -> Stability:
    """Compare what leaves, day by day."""
    calendars = [facts.calendar for _, _, facts in (old, new)]
    begin = max(calendar.start for calendar in calendars)
    end = max(begin, min(calendar.day(calendar.count) for calendar in calendars))
    policies = [problem.stability for problem, _, _ in (old, new)]
    weeks = max((policy.frozen_weeks for policy in policies if policy is not None), default=0)
    middle = min(end, begin + dt.timedelta(weeks=weeks))
    sent = [_sent(plan, facts.calendar) for _, plan, facts in (old, new)]
    prices = [{item.item: item.unit_price_usd_m for item in problem.items} for problem, _, _ in (old, new)]
    spans = [_span(sent[0], sent[1], prices[0], prices[1], days) for days in ((begin, middle), (middle, end))]
    return Stability(weeks, spans[0], spans[1], _commitments(old, new))


def _sent(plan: Plan, calendar: Calendar) -> Sent:
    found: Sent = Counter()
    for row in plan.dispatches:
        if row.arrival < calendar.count:
            days = (calendar.day(row.period), calendar.day(row.arrival))
            found[(row.kind, row.demand, row.origin, row.item, *days)] += row.quantity
    return found


def _span(
    old: Sent, new: Sent, price: dict[str, float], other: dict[str, float], days: tuple[dt.date, dt.date]
) -> Span:
    begin, end = days
    one = {key: units for key, units in old.items() if begin <= key[4] < end}
    two = {key: units for key, units in new.items() if begin <= key[4] < end}
    same = {key: min(units, two.get(key, 0)) for key, units in one.items()}
    return Span(
        begin,
        end,
        sum(one.values()),
        sum(two.values()),
        sum(same.values()),
        sum(units * price[key[3]] for key, units in one.items()),
        sum(units * other[key[3]] for key, units in two.items()),
        sum(units * price[key[3]] for key, units in same.items()),
    )


def _commitments(old: tuple[Problem, Plan, Facts], new: tuple[Problem, Plan, Facts]) -> tuple[CommitmentChange, ...]:
    before, after = (_kept(problem, plan, facts.calendar) for problem, plan, facts in (old, new))
    none = (0, 0, 0.0)
    rows = []
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key, none), after.get(key, none)
        rows.append(CommitmentChange(*key, one[0], other[0], one[1], other[1], one[2], other[2]))
    return tuple(rows)


def _kept(problem: Problem, plan: Plan, calendar: Calendar) -> dict[tuple[str, str, dt.date], tuple[int, int, float]]:
    """By demand, item and period: committed, missing, and what that costs (`problem.md`, `plan_change`)."""
    committed: Counter[tuple[str, str, int]] = Counter()
    for row in problem.commitments:
        if calendar.start <= row.date < calendar.day(calendar.count):
            committed[row.demand, row.item, calendar.period(row.date)] += row.quantity
    sent: Counter[tuple[str, str, int]] = Counter()
    for dispatch in plan.dispatches:
        if dispatch.origin == POOL:
            sent[dispatch.demand, dispatch.item, dispatch.period] += dispatch.quantity
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    policy, found = problem.stability, {}
    for (demand, item, t), units in committed.items():
        missing = max(0, units - sent[demand, item, t])
        weeks = 0.0
        if policy is not None:
            weeks = policy.frozen_cost_weeks if calendar.week(t) < policy.frozen_weeks else policy.change_cost_weeks
        found[demand, item, calendar.day(t)] = (units, missing, price[item] * weeks * missing)
    return found
