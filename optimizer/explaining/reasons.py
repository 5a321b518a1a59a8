"""Why units are not delivered in the horizon: one word of a closed list, derived from plain facts of the plan.

A reason says what the *next* missing unit meets, everything else in the plan staying as it is. The words are tried in
the order of `REASONS`; the first that is true is the answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from models.calendar import Calendar
from models.plan import POOL, Dispatch, Plan
from models.problem import Need, Order, Problem
from models.routes import Route, routes_by_origin
from optimizer.explaining.money import PackageFacts
from optimizer.explaining.supply import Supply

Reason = Literal[
    "due_after_horizon",
    "not_approved",
    "approved_too_late",
    "starts_after_horizon",
    "no_route",
    "expired",
    "no_capacity_in_horizon",
    "package_not_funded",
    "released_too_late",
    "no_lane_capacity",
    "not_worth_more",
]

REASONS: dict[Reason, str] = {
    "due_after_horizon": "Due after the horizon: not delivering it in the horizon costs nothing yet.",
    "not_approved": "Its sales case is not approved in the horizon.",
    "approved_too_late": "Its sales case is approved, but processing ends after the horizon.",
    "starts_after_horizon": "Its earliest date lies after the horizon.",
    "no_route": "No route brings a unit to the destination within the horizon.",
    "expired": "The need expires before one more unit could arrive.",
    "no_capacity_in_horizon": "Every slot, component and unit of stock it could use in the horizon is taken.",
    "package_not_funded": "No released package holds these units, and the pool serves needs through packages only.",
    "released_too_late": "Its package is released too late for a unit to arrive in the horizon.",
    "no_lane_capacity": "Every lane of its routes is full whenever a unit could leave.",
    "not_worth_more": "Output, money and transport are left for one more unit, and still the plan leaves it out: it "
    "would cost more elsewhere (a stock floor, another demand, a change of the plan before), or, where a gap is left, "
    "the search has not found the plan that sends it.",
}
"""What each reason means, for the reports and the documentation."""

REASON_TITLES: dict[Reason, str] = {
    "due_after_horizon": "due after the horizon",
    "not_approved": "sales case not approved",
    "approved_too_late": "sales case approved too late",
    "starts_after_horizon": "wanted after the horizon only",
    "no_route": "no route",
    "expired": "need expires first",
    "no_capacity_in_horizon": "no output left",
    "package_not_funded": "in no paid package",
    "released_too_late": "package comes too late",
    "no_lane_capacity": "transport full",
    "not_worth_more": "possible, but left out",
}
"""Each reason in a few words, for tables."""


@dataclass(frozen=True)
class Reasoner:
    """Finds the reason of every undelivered unit of one plan."""

    problem: Problem
    plan: Plan
    calendar: Calendar
    supply: Supply
    packages: tuple[PackageFacts, ...]

    @cached_property
    def _routes(self) -> dict[str, list[Route]]:
        return routes_by_origin(self.problem)

    @cached_property
    def _approved(self) -> dict[str, int]:
        """First period in which orders of each listed case may be dispatched; T if never approved or too late."""
        policy = self.problem.approval
        if policy is None:
            return {}
        found = {row.case: self.calendar.count for row in self.problem.approvals}
        for approved in self.plan.approvals:
            found[approved.case] = self.calendar.shift(approved.period, policy.processing_weeks)
        return found

    @cached_property
    def _need_dispatches(self) -> dict[str, list[Dispatch]]:
        found: dict[str, list[Dispatch]] = {}
        for dispatch in self.plan.dispatches:
            if dispatch.kind == "need":
                found.setdefault(dispatch.demand, []).append(dispatch)
        return found

    @cached_property
    def _contents(self) -> dict[str, list[tuple[int, int]]]:
        """For every need: (first period of dispatch, units) of each released package that holds it."""
        policy = self.problem.package_policy
        found: dict[str, list[tuple[int, int]]] = {}
        for package in self.packages:
            if package.period is None or package.release_date is None or policy is None:
                continue
            first = self.calendar.period(package.release_date + dt.timedelta(weeks=policy.contract_weeks))
            for need, quantity, _ in package.contents:
                found.setdefault(need, []).append((first, quantity))
        return found

    @cached_property
    def _substitutes(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for row in self.problem.substitutes:
            found.setdefault(row.item, []).append((row.substitute, row.units_per_unit))
        return found

    def of_order(self, order: Order, missing: int) -> Reason:
        """Why `missing` units of an order are not delivered."""
        calendar = self.calendar
        if calendar.late(order.due_date, calendar.count) == 0:
            return "due_after_horizon"
        if self._approved.get(order.case, 0) >= calendar.count:
            approved = any(row.case == order.case for row in self.plan.approvals)
            return "approved_too_late" if approved else "not_approved"
        if order.earliest_date is not None and calendar.period(order.earliest_date) >= calendar.count:
            return "starts_after_horizon"
        if self.supply.spare_from(order.item) >= calendar.count:
            return "no_capacity_in_horizon"
        if order.delivery == "complete" and self.supply.spare_units(order.item) < missing:
            return "no_capacity_in_horizon"
        return "not_worth_more"

    def of_need(self, need: Need, missing: int) -> Reason:
        """Why `missing` units of a need are not delivered."""
        calendar = self.calendar
        if calendar.late(need.needed_by, calendar.count) == 0:
            return "due_after_horizon"
        last = self._last_dispatch(need)
        if last is None:
            in_time = any(calendar.shift(0, r.weeks) < calendar.count for r in self._routes[POOL])
            return "expired" if in_time else "no_route"
        spare = min(
            [self.supply.spare_from(need.item)]
            + [self.supply.spare_from(item, units) for item, units in self._substitutes.get(need.item, ())]
        )
        if spare > last:
            return "no_capacity_in_horizon" if spare >= calendar.count else "expired"
        covered = self._funding(need, missing, last)
        if covered is not None:
            return covered
        if not any(self._lane_free(need, t) for t in range(spare, last + 1)):
            return "no_lane_capacity"
        return "not_worth_more"

    def _last_dispatch(self, need: Need) -> int | None:
        """Last period in which a unit can leave the pool and still arrive in the horizon and before it expires."""
        periods = range(self.calendar.count - 1, -1, -1)
        return next((t for t in periods if any(self._arrives(need, t, r) for r in self._routes[POOL])), None)

    def _arrives(self, need: Need, period: int, route: Route) -> bool:
        arrival = self.calendar.shift(period, route.weeks)
        if arrival >= self.calendar.count:
            return False
        return need.expires_on is None or self.calendar.day(arrival) <= need.expires_on

    def _funding(self, need: Need, missing: int, last: int) -> Reason | None:
        """`package_not_funded` or `released_too_late`, if packages are what most missing units lack."""
        if self.problem.package_policy is None:
            return None
        held = self._contents.get(need.need, [])
        per_unit = {**dict(self._substitutes.get(need.item, ())), need.item: 1}
        sent = sum(
            d.quantity // per_unit.get(d.item, 1) for d in self._need_dispatches.get(need.need, []) if d.origin == POOL
        )
        unsent = max(0, sum(units for _, units in held) - sent)
        if missing > 2 * unsent:
            return "package_not_funded"
        return None if any(first <= last for first, _ in held) else "released_too_late"

    def _lane_free(self, need: Need, period: int) -> bool:
        """Whether one unit of the need's own item, or its substitute, fits on a route in the period."""
        options = [(need.item, 1), *self._substitutes.get(need.item, ())]
        for route in self._routes[POOL]:
            if not self._arrives(need, period, route):
                continue
            for item, units in options:
                if self._route_free(route, period, self._tonnes[item] * units):
                    return True
        return False

    @cached_property
    def _tonnes(self) -> dict[str, float]:
        return {item.item: item.tonnes for item in self.problem.items}

    def _route_free(self, route: Route, period: int, tonnes: float) -> bool:
        for lane, before in zip(route.lanes, route.before, strict=True):
            room = self.supply.lane_room(lane, self.calendar.shift(period, before))
            if room is not None and room + 1e-9 < tonnes:
                return False
        return True
