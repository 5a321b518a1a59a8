"""Everything a model needs to know of a problem, derived once: capacities, weights, prices, moves.

`Facts` is read by every block; it holds no variables. A `Move` is one way to serve one unit of a need: which item
leaves which origin in which period by which route. Moves that cannot exist (they would arrive after the horizon or
after the need has expired) are not in the list, as `problem.md`, "Needs", says.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from models import capacity
from models.calendar import Calendar, calendar_of
from models.plan import POOL
from models.priority import need_weight, order_weight, priorities
from models.problem import Approval, Item, Need, Offer, Order, Problem
from models.routes import Route, routes_by_origin


@dataclass(frozen=True, slots=True)
class Move:
    """One unit of `need` served by `ratio` units of `item` from `origin`, leaving in `period` by `route`.

    `saving`: weighted million-dollar-weeks it saves against never serving the unit (≥ 0).
    """

    need: str
    item: str
    ratio: int
    origin: str
    route: Route
    period: int
    arrival: int
    saving: float


@dataclass(frozen=True)
class Facts:
    """A problem and what follows from it. All lists run over periods 0 … T-1."""

    problem: Problem
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Longer derivations that formulations share, by name (see `models.windows`)."""

    @cached_property
    def calendar(self) -> Calendar:
        """Periods and lateness."""
        return calendar_of(self.problem)

    @property
    def T(self) -> int:  # noqa: N802 - the letter of `problem.md`
        """Number of periods; as an index "never"."""
        return self.calendar.count

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items by name."""
        return {item.item: item for item in self.problem.items}

    @cached_property
    def orders(self) -> dict[str, Order]:
        """Orders by name."""
        return {order.order: order for order in self.problem.orders}

    @cached_property
    def needs(self) -> dict[str, Need]:
        """Needs by name."""
        return {need.need: need for need in self.problem.needs}

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """Offers by name."""
        return {offer.offer: offer for offer in self.problem.offers}

    @cached_property
    def slots(self) -> dict[str, list[int]]:
        """Whole slots by line and period."""
        return capacity.slots(self.problem, self.calendar)

    @cached_property
    def component_cumulative(self) -> dict[str, list[int]]:
        """Component units there have been by the end of each period."""
        return capacity.component_cumulative(self.problem, self.calendar)

    @cached_property
    def receipts(self) -> dict[str, list[int]]:
        """Units reaching the pool, by item and period."""
        return capacity.receipts(self.problem, self.calendar)

    @cached_property
    def on_hand(self) -> dict[str, int]:
        """Units in the pool before the horizon."""
        return capacity.on_hand(self.problem)

    @cached_property
    def readiness_floors(self) -> dict[str, int]:
        """The level stock should keep."""
        return capacity.readiness_floors(self.problem)

    @cached_property
    def hard_floors(self) -> dict[str, int]:
        """The level stock may never go below."""
        return capacity.hard_floors(self.problem)

    @cached_property
    def makers(self) -> dict[str, list[tuple[str, int]]]:
        """Lines that make an item, with slots per unit."""
        return dict(capacity.makers(self.problem))

    @cached_property
    def parts(self) -> dict[str, list[tuple[str, int]]]:
        """Components of an item, with units per unit."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in self.problem.item_components:
            found[row.item].append((row.component, row.units_per_unit))
        return found

    @cached_property
    def lane_tonnes(self) -> dict[str, list[float]]:
        """Tonnes a limited lane carries, by period."""
        return capacity.lane_tonnes(self.problem, self.calendar)

    @cached_property
    def routes(self) -> dict[str, list[Route]]:
        """Allowed routes by origin (pool or offer), best first."""
        return routes_by_origin(self.problem)

    @cached_property
    def order_weight(self) -> dict[str, float]:
        """Weight × price (million USD) of one unit of every order: what a week of its delay costs."""
        by_recipient = priorities(self.problem)
        return {
            o.order: order_weight(self.problem, o, by_recipient) * self.items[o.item].unit_price_usd_m
            for o in self.problem.orders
        }

    @cached_property
    def need_weight(self) -> dict[str, float]:
        """Weight × price (million USD) of one unit of every need: what a week of its delay costs."""
        return {n.need: need_weight(self.problem, n) * self.items[n.item].unit_price_usd_m for n in self.problem.needs}

    @cached_property
    def reviewed_cases(self) -> dict[str, Approval]:
        """Cases that still wait for approval; empty without `[approval]`. Only cases that have orders."""
        if self.problem.approval is None:
            return {}
        cases = {order.case for order in self.problem.orders}
        return {row.case: row for row in self.problem.approvals if row.case in cases}

    @cached_property
    def review_effort(self) -> dict[str, float]:
        """Weeks of review each listed case takes."""
        return capacity.review_effort(self.problem)

    @cached_property
    def review_capacity(self) -> list[float]:
        """Weeks of review that can be done in every period."""
        return capacity.review_capacity(self.problem, self.calendar)

    @cached_property
    def first_approval(self) -> dict[str, int]:
        """The first period in which each waiting case could be approved if it were alone; T if never."""
        found = {}
        for case, row in self.reviewed_cases.items():
            left, t = self.review_effort[case] - 1e-9, self.calendar.period(row.submitted_on)
            while t < self.T and self.review_capacity[t] < left:
                left -= self.review_capacity[t]
                t += 1
            found[case] = t
        return found

    def after_approval(self, case: str, approved: int) -> int:
        """`shift(τ, processing_weeks)`: the first period an order of a case approved in τ may leave."""
        policy = self.problem.approval
        return self.calendar.shift(approved, policy.processing_weeks if policy else 0)

    def earliest(self, order: Order) -> int:
        """First period in which the order may leave: `earliest_date`, and the earliest approval of its case."""
        first = 0 if order.earliest_date is None else self.calendar.period(order.earliest_date)
        if order.case in self.reviewed_cases:
            first = max(first, self.after_approval(order.case, self.first_approval[order.case]))
        return first

    def latest_firm(self, order: Order) -> int:
        """Last period with late(firm_by, t) = 0; T-1 without `firm_by`, -1 where there is none."""
        if order.firm_by is None:
            return self.T - 1
        return self.last_on_time(order.firm_by)

    def last_on_time(self, due: dt.date) -> int:
        """Last period t with late(due, t) = 0; -1 if there is none."""
        late = self.calendar.late
        return max((t for t in range(self.T) if late(due, t) == 0), default=-1)

    def replacement_deadline(self, offer: Offer) -> int:
        """Last period in which a replacement of the offer is on time; -1 if there is none."""
        return self.last_on_time(offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks))

    def order_saving(self, order: Order, period: int) -> float:
        """What a unit of the order arriving in the period saves against never arriving (weighted)."""
        late = self.calendar.late
        return self.order_weight[order.order] * (late(order.due_date, self.T) - late(order.due_date, period))

    def never_cost(self, order: Order) -> float:
        """What one unit of the order costs if it never arrives (weighted)."""
        return self.order_weight[order.order] * self.calendar.late(order.due_date, self.T)

    def need_never_cost(self, need: Need) -> float:
        """What one unit of the need costs if it is never served (weighted)."""
        return self.need_weight[need.need] * self.calendar.late(need.needed_by, self.T)

    def variants(self, need: Need) -> list[tuple[str, int]]:
        """Items that serve the need, its own first, with units per unit of the need."""
        return [
            (need.item, 1),
            *((row.substitute, row.units_per_unit) for row in self.problem.substitutes if row.item == need.item),
        ]

    @cached_property
    def moves(self) -> list[Move]:
        """Every move that exists, needs in table order."""
        return [move for need in self.problem.needs for move in self.moves_of(need)]

    def moves_of(self, need: Need) -> list[Move]:
        """Every move that serves the need."""
        calendar, found = self.calendar, []
        never = calendar.late(need.needed_by, self.T)
        for item, ratio in self.variants(need):
            origins = [(POOL, 0)]
            origins += [(o.offer, calendar.period(o.available_on)) for o in self.problem.offers if o.item == item]
            for origin, first in origins:
                for route in self.routes[origin]:
                    for t in range(first, self.T):
                        arrival = calendar.shift(t, route.weeks)
                        if arrival >= self.T:
                            break
                        if need.expires_on is not None and calendar.day(arrival) > need.expires_on:
                            break
                        saving = self.need_weight[need.need] * (never - calendar.late(need.needed_by, arrival))
                        found.append(Move(need.need, item, ratio, origin, route, t, arrival, saving))
        return found

    def lane_periods(self, move: Move) -> tuple[tuple[str, int], ...]:
        """The limited lanes that the move uses, with the period in which it uses each."""
        return self._lane_use[move.route][move.period]

    @cached_property
    def _lane_use(self) -> dict[Route, list[tuple[tuple[str, int], ...]]]:
        """By route and period of departure: its limited lanes, each with the period of its use."""
        limited, shift, periods = self.lane_tonnes, self.calendar.shift, range(self.T + 1)
        found = {}
        for routes in self.routes.values():
            for route in routes:
                pairs = [pair for pair in zip(route.lanes, route.before, strict=True) if pair[0] in limited]
                found[route] = [tuple((lane, shift(t, before)) for lane, before in pairs) for t in periods]
        return found

    @cached_property
    def committed(self) -> dict[tuple[str, str, int], int]:
        """Units committed by demand, item and period; rows of one key add up, rows outside the horizon are ignored."""
        found: dict[tuple[str, str, int], int] = defaultdict(int)
        if self.problem.stability is None:
            return found
        first, end = self.calendar.day(0), self.calendar.day(self.T)
        for row in self.problem.commitments:
            if first <= row.date < end and row.quantity:
                found[row.demand, row.item, self.calendar.period(row.date)] += row.quantity
        return found

    @cached_property
    def committed_periods(self) -> dict[str, set[int]]:
        """Periods with a commitment, by demand."""
        found: dict[str, set[int]] = defaultdict(set)
        for demand, _, t in self.committed:
            found[demand].add(t)
        return found

    def change_cost(self, item: str, period: int) -> float:
        """What one committed unit of the item not dispatched in its period costs."""
        policy = self.problem.stability
        assert policy is not None
        frozen = self.calendar.week(period) < policy.frozen_weeks
        return self.items[item].unit_price_usd_m * (policy.frozen_cost_weeks if frozen else policy.change_cost_weeks)

    @cached_property
    def package_contents(self) -> dict[str, dict[str, int]]:
        """Units by package of the table and need."""
        found: dict[str, dict[str, int]] = {row.package: {} for row in self.problem.packages}
        for row in self.problem.package_contents:
            contents = found[row.package]
            contents[row.need] = contents.get(row.need, 0) + row.quantity
        return found

    def price(self, need: str) -> float:
        """Million USD per unit of the need: the unit price of its own item."""
        return self.items[self.needs[need].item].unit_price_usd_m

    def category(self, need: str) -> str:
        """Category of the need's own item."""
        return self.items[self.needs[need].item].category

    @cached_property
    def funded(self) -> dict[str, list[tuple[int, int]]]:
        """For every need, (period from which, units) that funded packages let it dispatch; T if too late."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        policy = self.problem.package_policy
        if policy is None:
            return found
        for row in self.problem.packages:
            if row.status == "funded" and row.release_on is not None:
                t = self.calendar.period(row.release_on + dt.timedelta(weeks=policy.contract_weeks))
                for need, quantity in self.package_contents[row.package].items():
                    found[need].append((t, quantity))
        return found
