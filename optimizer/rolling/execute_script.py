"""What a plan says is to be done, in the order in which it is done: the part of an execution that no draw changes.

`script_of` turns a legal plan into *makings* (units of an item by a line) in the order of production, and *sendings*
(units of a demand from a source) in the order of service. Both orders are stated in `docs/stress.md`; they depend on
the plan and its problem alone, never on what is drawn.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from models.facts import Facts
from models.plan import POOL, Dispatch, Kind, Plan
from models.priority import priorities
from models.problem import Offer, Problem
from models.routes import Route

NOTHING: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A demand: an order, a need, or the replacement of an accepted offer.

    `quantity`: units of the demand; `cost`: weight × million USD a unit, what a week of waiting costs (a replacement:
    0, it is a promise); `late`: weeks late by period of arrival 0 … T; `complete`: counts when its last unit is there;
    `deadline`: last period that keeps its promised date, -1 if none does, None where no date is promised.
    """

    demand: str
    kind: Kind
    quantity: int
    cost: float
    late: tuple[int, ...]
    complete: bool
    deadline: int | None


@dataclass(frozen=True, slots=True)
class Making:
    """`quantity` units of item `item` planned on line `line` in `period`; `parts`: (component, units a unit)."""

    line: int
    item: int
    period: int
    quantity: int
    slots: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A route as seen from one sending.

    `arrivals`: by period of departure, the period of arrival, -1 where it must not be; `lanes`: (lane, by period of
    departure the period in which it is used).
    """

    route: tuple[str, ...]
    arrivals: tuple[int, ...]
    lanes: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """`units` of demand `asked` planned to leave in `period`, each `per_unit` units of item `item`.

    `offer`: index of the offer they leave, -1 for the pool; `ways`: the planned route first, then the others that are
    allowed; `tonnes` a unit of the demand.
    """

    asked: int
    offer: int
    item: int
    per_unit: int
    units: int
    period: int
    tonnes: float
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Script:
    """A plan ready to be executed: names by index, and both orders. Periods 0 … T-1, T = never."""

    facts: Facts
    plan: Plan
    asked: tuple[Asked, ...]
    index: Mapping[tuple[Kind, str], int]
    items: tuple[str, ...]
    lines: tuple[str, ...]
    components: tuple[str, ...]
    lanes: tuple[str, ...]
    offers: tuple[str, ...]
    makings: tuple[Making, ...]
    sendings: tuple[Sending, ...]
    committed: Mapping[str, tuple[tuple[str, int], ...]]
    """By demand the (item, period) for which the plan before committed units."""

    @property
    def problem(self) -> Problem:
        """The instance the plan was made for."""
        return self.facts.problem

    @property
    def T(self) -> int:  # noqa: N802 - the letter of `problem.md`
        """Number of periods; as an index "never"."""
        return self.facts.T

    def weeks_to(self) -> np.ndarray:
        """Weeks from the start to every period; to T, what never happens: `after_horizon_weeks` after the end."""
        calendar = self.facts.calendar
        weeks = [calendar.week(t) for t in range(self.T)]
        return np.array([*weeks, calendar.week(self.T) + calendar.after_horizon_weeks])


def script_of(problem: Problem, plan: Plan) -> Script:
    """The plan as a script. The plan must be legal (`models.checker.check_plan`)."""
    facts = Facts(problem)
    items = tuple(item.item for item in problem.items)
    asked = (*_orders(facts), *_needs(facts), *_replacements(facts, plan))
    index = {(row.kind, row.demand): k for k, row in enumerate(asked)}
    writer = _Writer(facts, plan, asked, index)
    sendings = tuple(writer.sendings())
    return Script(
        facts=facts,
        plan=plan,
        asked=asked,
        index=index,
        items=items,
        lines=writer.lines,
        components=writer.components,
        lanes=writer.lanes,
        offers=writer.offers,
        makings=tuple(writer.makings(sendings)),
        sendings=sendings,
        committed=_committed(facts),
    )


def _lateness(facts: Facts, due: dt.date) -> tuple[int, ...]:
    return tuple(facts.calendar.late(due, t) for t in range(facts.T + 1))


def _orders(facts: Facts) -> Iterator[Asked]:
    for order in facts.problem.orders:
        firm = None if order.firm_by is None else facts.latest_firm(order)
        late, cost = _lateness(facts, order.due_date), facts.order_weight[order.order]
        yield Asked(order.order, "order", order.quantity, cost, late, order.delivery == "complete", firm)


def _needs(facts: Facts) -> Iterator[Asked]:
    for need in facts.problem.needs:
        late = _lateness(facts, need.needed_by)
        yield Asked(need.need, "need", need.quantity, facts.need_weight[need.need], late, False, None)


def _replacements(facts: Facts, plan: Plan) -> Iterator[Asked]:
    accepted = set(plan.accepted_offers)
    for offer in facts.problem.offers:
        if offer.offer in accepted:
            late = _lateness(facts, replacement_due(offer))
            deadline = facts.replacement_deadline(offer)
            yield Asked(offer.offer, "replacement", offer.replacement_quantity, 0.0, late, False, deadline)


def replacement_due(offer: Offer) -> dt.date:
    """The day by which a replacement must have left the pool."""
    return offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)


def _committed(facts: Facts) -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for demand, item, period in facts.committed:
        found[demand].append((item, period))
    return {demand: tuple(rows) for demand, rows in found.items()}


class _Writer:
    """Puts records in order."""

    def __init__(
        self, facts: Facts, plan: Plan, asked: tuple[Asked, ...], index: Mapping[tuple[Kind, str], int]
    ) -> None:
        self.facts, self.plan, self.asked, self.index = facts, plan, asked, index
        problem = facts.problem
        self.lines = tuple(line.line for line in problem.lines)
        self.components = tuple(row.component for row in problem.components)
        self.lanes = tuple(lane.lane for lane in problem.lanes)
        self.offers = tuple(offer.offer for offer in problem.offers)
        self.at_item = {item.item: k for k, item in enumerate(problem.items)}
        self.at_lane = {lane: k for k, lane in enumerate(self.lanes)}
        self.at_offer = {offer: k for k, offer in enumerate(self.offers)}
        self.donor_weight = {name: found.weight for name, found in priorities(problem).items()}
        self.donors = {offer.offer: offer.donor for offer in problem.offers}
        self.ratio = {(row.item, row.substitute): row.units_per_unit for row in problem.substitutes}
        self._ways: dict[tuple[str, str], dict[tuple[str, ...], Way]] = {}

    def sendings(self) -> list[Sending]:
        """All dispatches in the order of service; rows that differ in nothing but quantity are one."""
        rows: Counter[Dispatch] = Counter()
        for row in self.plan.dispatches:
            key = Dispatch(row.demand, row.kind, row.origin, row.item, 0, row.period, row.arrival, row.route)
            rows[key] += row.quantity
        ranked = sorted((self._rank(row), row, quantity) for row, quantity in rows.items() if quantity)
        return [self._sending(row, quantity) for _, row, quantity in ranked]

    def _rank(self, row: Dispatch) -> tuple[int, int, float, int]:
        """The order of service: promised dates first, then what a week of waiting costs, then the planned period."""
        asked = self.asked[self.index[row.kind, row.demand]]
        price = self.facts.items[row.item].unit_price_usd_m
        cost = self.donor_weight.get(self.donors[row.demand], 1.0) * price if row.kind == "replacement" else asked.cost
        per_unit = cost / self._per_unit(row)
        promised = (1, 0) if asked.deadline is None else (0, asked.deadline)
        return (*promised, -per_unit, row.period)

    def _per_unit(self, row: Dispatch) -> int:
        if row.kind != "need":
            return 1
        return self.ratio.get((self.facts.needs[row.demand].item, row.item), 1)

    def _sending(self, row: Dispatch, quantity: int) -> Sending:
        per_unit = self._per_unit(row)
        return Sending(
            asked=self.index[row.kind, row.demand],
            offer=-1 if row.origin == POOL else self.at_offer[row.origin],
            item=self.at_item[row.item],
            per_unit=per_unit,
            units=quantity // per_unit,
            period=row.period,
            tonnes=per_unit * self.facts.items[row.item].tonnes,
            ways=self._ways_of(row),
        )

    def _ways_of(self, row: Dispatch) -> tuple[Way, ...]:
        if row.kind != "need":
            return (Way(NOTHING, tuple(range(self.facts.T)), ()),)
        key = row.demand, row.origin
        if key not in self._ways:
            routes = self.facts.routes[row.origin]
            self._ways[key] = {route.lanes: self._way(route, row.demand) for route in routes}
        ways = self._ways[key]
        return (ways[row.route], *(way for route, way in ways.items() if route != row.route))

    def _way(self, route: Route, need: str) -> Way:
        calendar, T = self.facts.calendar, self.facts.T
        expires, arrivals = self.facts.needs[need].expires_on, []
        for t in range(T):
            arrival = calendar.shift(t, route.weeks)
            gone = arrival >= T or (expires is not None and calendar.day(arrival) > expires)
            arrivals.append(-1 if gone else arrival)
        used = [
            (self.at_lane[lane], tuple(calendar.shift(t, before) for t in range(T)))
            for lane, before in zip(route.lanes, route.before, strict=True)
        ]
        return Way(route.lanes, tuple(arrivals), tuple(used))

    def makings(self, sendings: tuple[Sending, ...]) -> list[Making]:
        """All output in the order of production: by planned period, then the item that is sent next, then the line."""
        nexts = self._next_sent(sendings)
        at_line = {line: k for k, line in enumerate(self.lines)}
        at_component = {component: k for k, component in enumerate(self.components)}
        slots = {(row.line, row.item): row.slots_per_unit for row in self.facts.problem.line_items}
        rows: Counter[tuple[str, str, int]] = Counter()
        for row in self.plan.made:
            rows[row.line, row.item, row.period] += row.quantity
        found = []
        for (line, item, period), quantity in rows.items():
            parts = tuple((at_component[k], per_unit) for k, per_unit in self.facts.parts.get(item, ()) if per_unit)
            entry = Making(at_line[line], self.at_item[item], period, quantity, slots[line, item], parts)
            if quantity:
                found.append((period, nexts[entry.item][period], entry.line, entry.item, entry))
        return [row[-1] for row in sorted(found, key=lambda row: row[:-1])]

    def _next_sent(self, sendings: tuple[Sending, ...]) -> dict[int, list[tuple[int, int]]]:
        """By item and period, the next planned dispatch from the pool: (its period, its place in the service)."""
        T = self.facts.T
        nexts = {k: [(T, len(sendings))] * T for k in range(len(self.at_item))}
        for place, row in enumerate(sendings):
            if row.offer < 0:
                nexts[row.item][row.period] = min(nexts[row.item][row.period], (row.period, place))
        for by_period in nexts.values():
            for t in range(T - 2, -1, -1):
                by_period[t] = min(by_period[t], by_period[t + 1])
        return nexts
