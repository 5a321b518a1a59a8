"""An instance as arrays: what every demand saves by period, what the pools take in, what may be paid when.

Written with whole tables at a time, as an order book has tens of thousands of demands. Shapes: T periods, I items,
L lines, K components, O orders, N needs. Money in million USD, savings in weighted million-dollar-weeks per unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.facts import Facts
from models.plan import POOL
from models.routes import Route

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def lateness(facts: Facts, due_days: Ints) -> Ints:
    """`late(D, t)` for due dates in days from the start, shape (len(due_days), T + 1); the last column is "never"."""
    calendar = facts.calendar
    starts = np.array([7 * calendar.week(t) for t in range(facts.T + 1)])
    days = starts[None, :] - due_days[:, None]
    late = np.maximum(0, -(-days // 7))
    late[:, -1] = np.where(days[:, -1] > 0, -(-days[:, -1] // 7) + calendar.after_horizon_weeks, 0)
    return late


@dataclass(frozen=True)
class Orders:
    """Orders as arrays of length O. `first`, `last`: periods between which a unit may leave (last < first: never).

    `saving`: shape (O, T), what a unit that arrives saves against never arriving; `effort`: weeks of review of the
    order's case that fall to it, 0 where none waits; `submitted`: the period from which on it is reviewed.
    """

    names: list[str]
    item: Ints
    quantity: Ints
    complete: Flags
    firm: Flags
    first: Ints
    last: Ints
    saving: Floats
    case: Ints
    effort: Floats
    submitted: Ints


@dataclass(frozen=True)
class Ways:
    """Ways to serve a unit of a need, one row a need, item, origin and route: arrays of length W.

    `offer`: index of the offer it leaves from, -1 for the pool. `saving`: shape (W, T) by period of dispatch, -inf
    where it would arrive too late to exist.
    """

    need: Ints
    item: Ints
    ratio: Ints
    offer: Ints
    route: Ints
    saving: Floats


class Tables:
    """All arrays of one instance; made once, read by everybody."""

    def __init__(self, facts: Facts) -> None:
        """`facts` of a judged instance; the arrays are made when they are first asked for."""
        self.facts, self.T = facts, facts.T
        problem = facts.problem
        self.item_index = {item.item: k for k, item in enumerate(problem.items)}
        self.need_index = {need.need: k for k, need in enumerate(problem.needs)}
        self.order_index = {order.order: k for k, order in enumerate(problem.orders)}
        self.offer_index = {offer.offer: k for k, offer in enumerate(problem.offers)}
        self.line_index = {line.line: k for k, line in enumerate(problem.lines)}
        self.component_index = {row.component: k for k, row in enumerate(problem.components)}
        self.price = np.array([item.unit_price_usd_m for item in problem.items])
        self.tonnes = np.array([item.tonnes for item in problem.items])

    # --- supply -------------------------------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> Ints:
        """Slots by line and period, shape (L, T)."""
        return np.array([self.facts.slots[line.line] for line in self.facts.problem.lines], dtype=np.int64).reshape(
            -1, self.T
        )

    @cached_property
    def making(self) -> tuple[Ints, Ints, Ints]:
        """Rows of `line_items`: line, item, slots per unit."""
        rows = self.facts.problem.line_items
        line = np.array([self.line_index[row.line] for row in rows], dtype=np.int64)
        item = np.array([self.item_index[row.item] for row in rows], dtype=np.int64)
        return line, item, np.array([row.slots_per_unit for row in rows], dtype=np.int64)

    @cached_property
    def using(self) -> tuple[Ints, Ints, Ints]:
        """Rows of `item_components` that use something: item, component, units per unit."""
        rows = [row for row in self.facts.problem.item_components if row.units_per_unit]
        item = np.array([self.item_index[row.item] for row in rows], dtype=np.int64)
        part = np.array([self.component_index[row.component] for row in rows], dtype=np.int64)
        return item, part, np.array([row.units_per_unit for row in rows], dtype=np.int64)

    @cached_property
    def steady(self) -> Flags:
        """Rows of `line_items` in which the line makes that item only and nothing else limits it: all it can is made.

        Making more never hurts: stock has no limit and no cost.
        """
        line, item, _ = self.making
        alone = np.bincount(line, minlength=len(self.line_index))[line] == 1
        found: Flags = alone & ~np.isin(item, self.using[0])
        return found

    @cached_property
    def inflow(self) -> Ints:
        """Units that come into every pool whatever is decided: stock before the horizon, receipts, steady output."""
        facts = self.facts
        items = facts.problem.items
        found = np.array([facts.receipts[i.item] for i in items], dtype=np.int64).reshape(-1, self.T)
        line, item, each = self.making
        on = self.steady
        np.add.at(found, item[on], self.slots[line[on]] // each[on][:, None])
        if self.T:
            found[:, 0] += np.array([facts.on_hand[i.item] for i in items], dtype=np.int64)
        return found

    @cached_property
    def arriving(self) -> Ints:
        """Units that can arrive at most up to and in each period, shape (I, T): all lines, receipts, not the stock."""
        line, item, each = self.making
        facts = self.facts
        items = facts.problem.items
        found = np.array([facts.receipts[i.item] for i in items], dtype=np.int64).reshape(-1, self.T)
        np.add.at(found, item, self.slots[line] // each[:, None])
        return np.cumsum(found, axis=1)

    @cached_property
    def floors(self) -> tuple[Ints, Ints]:
        """Level that stock may never go below, and level that it should keep, by item."""
        items = self.facts.problem.items
        hard = np.array([self.facts.hard_floors[i.item] for i in items], dtype=np.int64)
        return hard, np.array([self.facts.readiness_floors[i.item] for i in items], dtype=np.int64)

    @cached_property
    def short(self) -> Flags:
        """Items of which a unit in the pool may lessen the readiness shortfall."""
        hard, wanted = self.floors
        return (wanted > hard) & (self.facts.problem.readiness is not None)

    # --- orders -------------------------------------------------------------------------------------------------------

    @cached_property
    def orders(self) -> Orders:
        """The orders."""
        facts, rows = self.facts, self.facts.problem.orders
        count = len(rows)
        start = facts.calendar.start
        late = lateness(facts, np.array([(o.due_date - start).days for o in rows], dtype=np.int64))
        weight = np.array([facts.order_weight[o.order] for o in rows], dtype=float)
        cases = {case: k for k, case in enumerate(facts.reviewed_cases)}
        case = np.array([cases.get(o.case, -1) for o in rows], dtype=np.int64)
        last = np.array([facts.latest_firm(o) for o in rows], dtype=np.int64)
        first = np.array([facts.earliest(o) for o in rows], dtype=np.int64)
        saving = weight[:, None] * (late[:, -1:] - late[:, :-1]).astype(float)
        effort = np.array([facts.review_effort[o.case] if o.case in cases else 0.0 for o in rows], dtype=float)
        quantity = np.array([o.quantity for o in rows], dtype=np.int64)
        # a case's effort is shared among its orders by what they are worth: a relaxation of "all of it before any"
        worth = weight * quantity + 1e-12
        total = np.bincount(case[case >= 0], weights=worth[case >= 0], minlength=len(cases) or 1)
        share = np.where(case >= 0, worth / np.maximum(total[np.maximum(case, 0)], 1e-12), 0.0)
        submitted = np.array([facts.calendar.period(facts.reviewed_cases[o.case].submitted_on) if o.case in cases else 0
                              for o in rows], dtype=np.int64)  # fmt: skip
        return Orders(
            [o.order for o in rows],
            np.array([self.item_index[o.item] for o in rows], dtype=np.int64),
            quantity,
            np.array([o.delivery == "complete" for o in rows], dtype=bool),
            np.array([o.firm_by is not None for o in rows], dtype=bool),
            first, last, saving.reshape(count, self.T), case, effort * share, submitted,
        )  # fmt: skip

    @cached_property
    def approved_by(self) -> Ints:
        """For every period the last one in which a case may be approved whose orders leave then; -1 if there is none.

        Shape (T,).
        """
        ready = np.array([self.facts.after_approval("", t) for t in range(self.T)], dtype=np.int64)
        return np.searchsorted(ready, np.arange(self.T), side="right").astype(np.int64) - 1

    @cached_property
    def begins(self) -> Ints:
        """Shape (O, T): the period in which the set-aside of a complete order begins that is completed in t.

        From then on it takes all that can arrive (`models.blocks.orders_prework`). t itself for every other order.
        """
        orders = self.orders
        found = np.tile(np.arange(self.T, dtype=np.int64), (len(orders.names), 1))
        set_aside = orders.complete & ~self.short[orders.item] & ~self.committed_orders
        for item in np.unique(orders.item[set_aside]):
            mine = np.flatnonzero(set_aside & (orders.item == item))
            total = self.arriving[item]
            first = np.searchsorted(total, total[None, :] - orders.quantity[mine][:, None], side="right")
            found[mine] = np.minimum(first, found[mine])
        return found

    @cached_property
    def committed_orders(self) -> Flags:
        """Orders with dispatches of the plan before."""
        demands = {demand for demand, _, _ in self.facts.committed}
        return np.array([name in demands for name in self.orders.names], dtype=bool)

    # --- needs --------------------------------------------------------------------------------------------------------

    @cached_property
    def routes(self) -> list[Route]:
        """Every route once."""
        return list(dict.fromkeys(route for found in self.facts.routes.values() for route in found))

    @cached_property
    def lanes(self) -> tuple[list[str], Floats]:
        """Limited lanes, and tonnes by lane and period."""
        names = list(self.facts.lane_tonnes)
        return names, np.array([self.facts.lane_tonnes[name] for name in names], dtype=float).reshape(-1, self.T)

    @cached_property
    def passing(self) -> list[list[tuple[int, Ints]]]:
        """By route: its limited lanes, each with the period in which it is used by period of dispatch (T: after)."""
        index = {name: k for k, name in enumerate(self.lanes[0])}
        shift = self.facts.calendar.shift
        return [
            [
                (index[lane], np.array([shift(t, before) for t in range(self.T)], dtype=np.int64))
                for lane, before in zip(route.lanes, route.before, strict=True)
                if lane in index
            ]
            for route in self.routes
        ]

    @cached_property
    def ways(self) -> Ways:
        """Every way."""
        facts, problem, T = self.facts, self.facts.problem, self.T
        calendar = facts.calendar
        routes = {route: k for k, route in enumerate(self.routes)}
        arrival = np.array(
            [[calendar.shift(t, route.weeks) for t in range(T)] for route in self.routes], dtype=np.int64
        ).reshape(-1, T)
        offers: dict[str, list[int]] = {}
        for k, offer in enumerate(problem.offers):
            offers.setdefault(offer.item, []).append(k)
        also: dict[str, list[tuple[str, int]]] = {}
        for row in problem.substitutes:
            also.setdefault(row.item, []).append((row.substitute, row.units_per_unit))
        found: list[tuple[int, int, int, int, int]] = []
        for n, need in enumerate(problem.needs):
            for name, ratio in ((need.item, 1), *also.get(need.item, ())):
                item = self.item_index[name]
                found += [(n, item, ratio, -1, routes[route]) for route in facts.routes[POOL]]
                for k in offers.get(name, ()):
                    found += [(n, item, ratio, k, routes[route]) for route in facts.routes[problem.offers[k].offer]]
        table = np.array(found, dtype=np.int64).reshape(-1, 5)
        start = calendar.start
        late = lateness(facts, np.array([(n.needed_by - start).days for n in problem.needs], dtype=np.int64))
        starts = np.array([7 * calendar.week(t) for t in range(T + 1)])
        expires = np.array([math.inf if n.expires_on is None else float((n.expires_on - start).days)
                            for n in problem.needs])  # fmt: skip
        weight = np.array([facts.need_weight[n.need] for n in problem.needs])
        of, reach = table[:, 0], arrival[table[:, 4]] if len(table) else np.zeros((0, T), dtype=np.int64)
        saving = weight[of][:, None] * (late[of, -1][:, None] - np.take_along_axis(late[of], reach, axis=1))
        missing = (reach >= T) | (starts[reach] > expires[of][:, None])
        opened = np.array([calendar.period(o.available_on) for o in problem.offers] or [0], dtype=np.int64)
        closed = np.where(table[:, 3] >= 0, opened[np.maximum(table[:, 3], 0)], 0)
        missing |= np.arange(T)[None, :] < closed[:, None]
        return Ways(of, table[:, 1], table[:, 2], table[:, 3], table[:, 4], np.where(missing, -np.inf, saving))

    @cached_property
    def never(self) -> float:
        """What all demands together cost if nothing is ever served."""
        facts, problem = self.facts, self.facts.problem
        return sum(facts.never_cost(o) * o.quantity for o in problem.orders) + sum(
            facts.need_never_cost(n) * n.quantity for n in problem.needs
        )
