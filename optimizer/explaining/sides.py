"""What the rights are judged by: one `Side` for every demand that asks the pool for units."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from models.plan import POOL, Plan
from models.problem import Problem
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.rights import Side
from optimizer.explaining.turns import Key, Window, from_pool, last_on_time, windows


def lines_of(problem: Problem) -> dict[str, dict[str, int]]:
    """For every item the lines that make it, with slots per unit."""
    found: dict[str, dict[str, int]] = {item.item: {} for item in problem.items}
    for row in problem.line_items:
        found[row.item][row.line] = row.slots_per_unit
    return found


@dataclass(frozen=True)
class Past:
    """The case compared with: mean `weeks` of leaving, known up to week `until`; `demands` of its facts, if any."""

    weeks: Mapping[Key, float]
    until: float
    demands: Mapping[Key, DemandFacts]


@dataclass(frozen=True)
class Sides:
    """Collects what the rights are judged by."""

    problem: Problem
    plan: Plan
    facts: Facts
    now: Mapping[Key, float]
    past: Past

    def all(self) -> list[Side]:
        """A side for every demand that asks the pool for units in the plan."""
        window = windows(self.problem, self.facts)
        ready, promised = self._ready(), self._promised()
        each = {item: min(made_on.values(), default=1) for item, made_on in lines_of(self.problem).items()}
        orders = {order.order: order for order in self.problem.orders}
        found = []
        for demand in self.facts.demands:
            key = (demand.kind, demand.demand)
            if key not in self.now:
                continue
            order = orders.get(demand.demand) if demand.kind == "order" else None
            found.append(
                replace(
                    self._side(demand, window[key], each[demand.item]),
                    ready=ready.get(key, 0.0),
                    promised=promised.get(key),
                    multiplier=1.0 if order is None else order.weight_multiplier,
                    complete=order is not None and order.delivery == "complete",
                )
            )
        return found

    def _side(self, demand: DemandFacts, window: Window, each: int) -> Side:
        key, calendar = (demand.kind, demand.demand), self.facts.calendar
        _, asked = from_pool(demand)
        leaves = [calendar.week(row.period) for row in demand.sent if row.origin == POOL]
        then = self.past.demands.get(key)
        known = then is not None and demand.item == then.item
        return Side(
            kind=demand.kind,
            demand=demand.demand,
            recipient=demand.recipient,
            item=demand.item,
            weight=demand.weight,
            price=demand.price,
            slots_each=each,
            slots=asked * each,
            before=self.past.weeks.get(key, self.past.until),
            now=self.now[key],
            last=max(leaves, default=math.inf),
            opens=window.opens,
            closes=window.closes,
            on_time=window.on_time,
            weeks_late=demand.weeks_late,
            delay=demand.delay,
            missing=demand.undelivered,
            bundled=key in self._bundled,
            kept=key in self._kept,
            weeks_late_before=then.weeks_late if then is not None and known else None,
            delay_before=then.delay if then is not None and known else None,
        )

    @cached_property
    def _bundled(self) -> set[Key]:
        """Needs in packages that donors pay in this plan (`promise_kept`)."""
        return {
            ("need", need)
            for package in self.facts.packages
            if package.status != "funded" and package.period is not None
            for need, quantity, _ in package.contents
            if quantity
        }

    @cached_property
    def _kept(self) -> set[Key]:
        """Demands of which a committed dispatch leaves as the plan before said."""
        calendar = self.facts.calendar
        rows = {
            (row.demand, row.item, calendar.period(row.date))
            for row in self.problem.commitments
            if row.date >= calendar.start
        }
        if not rows:
            return set()
        return {
            (demand.kind, demand.demand)
            for demand in self.facts.demands
            for row in demand.sent
            if row.origin == POOL and (row.demand, row.item, row.period) in rows
        }

    def _promised(self) -> dict[Key, float]:
        """Week of the last departure that keeps a promised date; −1 if none does."""
        calendar = self.facts.calendar

        def week(due: dt.date) -> float:
            last = last_on_time(calendar, due)
            return float(calendar.week(last)) if last >= 0 else -1.0

        found: dict[Key, float] = {
            ("order", order.order): week(order.firm_by) for order in self.problem.orders if order.firm_by is not None
        }
        found.update({("replacement", row.demand): week(row.due) for row in self.facts.replacements})
        return found

    def _ready(self) -> dict[Key, float]:
        """First week in which approval or money let a demand leave in this plan, infinite if never."""
        calendar, never, found = self.facts.calendar, self.facts.calendar.count, dict[Key, float]()

        def week(period: int) -> float:
            return math.inf if period >= never else float(calendar.week(period))

        if self.problem.approval is not None:
            cases = {row.case: never for row in self.problem.approvals}
            for row in self.plan.approvals:
                cases[row.case] = calendar.shift(row.period, self.problem.approval.processing_weeks)
            found.update({("order", o.order): week(cases[o.case]) for o in self.problem.orders if o.case in cases})
        policy = self.problem.package_policy
        if policy is not None:
            first = {need.need: never for need in self.problem.needs}
            for package in self.facts.packages:
                if package.period is None or package.release_date is None:
                    continue
                begin = calendar.period(package.release_date + dt.timedelta(weeks=policy.contract_weeks))
                for need, quantity, _ in package.contents:
                    if quantity:
                        first[need] = min(first[need], begin)
            found.update({("need", need): week(period) for need, period in first.items()})
        return found
