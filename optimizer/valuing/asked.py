"""Which demand is asked about, by when it has to arrive, and what can never be on time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from models.facts import Facts
from models.plan import POOL, Plan
from models.plan import Kind as DemandKind
from models.problem import Need, Order, Problem
from optimizer.explaining.counterfactual import Obstacle
from optimizer.explaining.facts import DemandFacts, due_dates, facts_of


class UnknownDemandError(ValueError):
    """The instance has no such order, need or offer."""


@dataclass(frozen=True)
class Asked:
    """A demand of a plan. `kind` as of its dispatches."""

    problem: Problem
    plan: Plan
    demand: str
    kind: DemandKind

    @cached_property
    def facts(self) -> Facts:
        """The instance as models know it."""
        return Facts(self.problem)

    @cached_property
    def present(self) -> DemandFacts | None:
        """How the demand ends in the plan; None for an offer that is not accepted."""
        found = facts_of(self.problem, self.plan, explained=False).demands
        return next((d for d in found if (d.kind, d.demand) == (self.kind, self.demand)), None)

    @property
    def due(self) -> dt.date:
        """The date it is due."""
        return due_dates(self.problem)[self.kind, self.demand]

    @property
    def order(self) -> Order:
        """The order that is asked about."""
        return self.facts.orders[self.demand]

    @property
    def need(self) -> Need:
        """The need that is asked about."""
        return self.facts.needs[self.demand]

    @property
    def is_on_time(self) -> bool:
        """Whether nothing of it is late: replacements are promises, and what is due after the horizon is not late."""
        found = self.present
        if self.kind == "replacement" or found is None or found.quantity == 0:
            return True
        late_never = self.facts.calendar.late(self.due, self.facts.T)
        return found.late == 0 and (found.undelivered == 0 or late_never == 0)

    @cached_property
    def last(self) -> int:
        """The last period in which an arrival is on time and allowed; −1 if there is none."""
        last = self.facts.last_on_time(self.due)
        if self.kind == "order":
            return min(last, self.facts.latest_firm(self.order))
        expires = self.need.expires_on
        if expires is None:
            return last
        day = self.facts.calendar.day
        return max((t for t in range(last + 1) if day(t) <= expires), default=-1)

    @cached_property
    def held_approval(self) -> int | None:
        """The first period in which the order may leave by the plan's approval of its case; None if it needs none.

        T if the plan never approves the case.
        """
        if self.kind != "order" or self.order.case not in self.facts.reviewed_cases:
            return None
        when = {row.case: row.period for row in self.plan.approvals}
        found = when.get(self.order.case)
        return self.facts.T if found is None else self.facts.after_approval(self.order.case, found)

    def obstacles(self) -> tuple[Obstacle, ...]:
        """Why no change of any kind can bring it on time; empty if some might."""
        facts, calendar, due = self.facts, self.facts.calendar, self.due
        if self.last < 0:
            if self.kind == "need" and facts.last_on_time(due) >= 0:
                return (Obstacle("expired", self.demand, calendar.day(0), self.need.expires_on),)
            return (Obstacle("due_before_start", self.demand, calendar.day(0), due, calendar.late(due, 0)),)
        if self.kind == "order":
            earliest = self.order.earliest_date
            if earliest is not None and calendar.period(earliest) > self.last:
                return (Obstacle("earliest_after_due", self.demand, earliest, due),)
            return ()
        return self._no_way()

    def _no_way(self) -> tuple[Obstacle, ...]:
        """Why nothing that leaves at the start of the horizon, or when its offer is there, arrives in time."""
        facts, calendar = self.facts, self.facts.calendar
        ways = []
        for item, _ in facts.variants(self.need):
            origins = [(POOL, 0)]
            origins += [
                (v.offer, calendar.period(v.available_on)) for v in self.problem.offers
                if v.item == item and v.offer in self.plan.accepted_offers
            ]  # fmt: skip
            for origin, first in origins:
                ways += [(calendar.shift(first, route.weeks), route.weeks) for route in facts.routes[origin]]
        if not ways:
            return (Obstacle("no_route", self.demand),)
        arrival, weeks = min(ways)
        if arrival <= self.last:
            return ()
        return (Obstacle("route_too_long", self.demand, calendar.day(arrival), self.due, weeks),)


def asked(problem: Problem, plan: Plan, demand: str) -> Asked:
    """The demand by its name: an order, else a need, else an offer's replacement.

    Raises:
        UnknownDemandError: there is none of that name.
    """
    kinds: tuple[tuple[DemandKind, set[str]], ...] = (
        ("order", {row.order for row in problem.orders}),
        ("need", {row.need for row in problem.needs}),
        ("replacement", {row.offer for row in problem.offers}),
    )
    for kind, names in kinds:
        if demand in names:
            return Asked(problem, plan, demand, kind)
    raise UnknownDemandError(f"there is no order, need or offer {demand!r}")
