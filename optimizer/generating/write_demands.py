"""Writes needs, orders, approvals and the plan before, in the last pass over the demands."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.generating.demand import NeedDraw, OrderDraw, day, needs, orders
from optimizer.generating.draws import Draws
from optimizer.generating.market import Market
from optimizer.generating.money import Filler
from optimizer.generating.promises import Promises
from optimizer.generating.supply import Supply, cumulated
from optimizer.generating.tables import Tables
from optimizer.generating.volumes import Volumes
from optimizer.generating.world import World

_COMMITTED_WEEKS = 8
_COMMITTED_SHARE = 0.5
"""Of the output of the first weeks, with what stands above the floor."""


@dataclass
class Early:
    """What the plan before could promise in the first weeks: units still free by item."""

    tables: Tables
    market: Market
    draws: Draws
    free: list[float]
    weeks: int

    def commit(self, demand: str, item: int, most: int) -> None:
        """One or two dispatches of the plan before, as far as there is output for them."""
        units = int(min(most, self.free[item], max(1.0, 2 * self.market.items[item].units_per_week)))
        if units < 1:
            return
        self.free[item] -= units
        parts = [units] if units < 4 else [units - units // 2, units // 2]
        for part in parts:
            week = self.draws.whole(0, self.weeks - 1)
            self.tables.write(
                "commitments", demand=demand, item=self.market.items[item].name, date=day(week), quantity=part
            )


def early_output(tables: Tables, world: World, made: Supply, spare: list[int]) -> Early:
    """Units of the first weeks by item, shared by the items of a line as they are asked for."""
    size, market = world.size, world.market
    weeks = min(_COMMITTED_WEEKS, max(1, size.weeks // 2))
    free = [float(units) for units in spare]
    for k, line in enumerate(market.lines):
        slots = float(cumulated(made.rates[k], size.weeks)[weeks])
        for n in line.items:
            share = market.items[n].units_per_week / line.slots_per_week
            free[n] += slots * share * _COMMITTED_SHARE
    return Early(tables, market, world.draws("commitments"), free, weeks)


def write_needs(tables: Tables, asked: Volumes, filler: Filler, early: Early) -> None:
    """Needs; they fill the packages of the table, and those of funded ones are in the plan before."""
    for need in needs(asked.world):
        quantity = asked.asked(need)
        _write_need(tables, asked.world.market, need, quantity)
        filler.offer(need, quantity)
    filler.close()
    for need in needs(asked.world):
        funded = filler.funded_needs.get(need.name)
        if funded:
            early.commit(need.name, need.item, funded)


def _write_need(tables: Tables, market: Market, need: NeedDraw, quantity: int) -> None:
    tables.write(
        "needs",
        need=need.name,
        item=market.items[need.item].name,
        quantity=quantity,
        urgency=need.urgency,
        needed_by=day(need.week),
        expires_on=None if need.expires_week is None else day(need.expires_week),
    )


def write_orders(tables: Tables, asked: Volumes, promises: Promises, early: Early) -> float:
    """Orders with their approvals; the review effort of all, weeks."""
    effort, soon = 0.0, 0.4 * asked.world.size.weeks
    for order in orders(asked.world):
        quantity = asked.ordered(order)
        firm = promises.promise(order.item, quantity, _firm_from(order)) if order.firm else None
        _write_order(tables, asked.world, order, quantity, firm)
        case = order.case
        if case.submitted_week is None:
            if order.earliest_week is None and order.due_week < soon and early.draws.chance(0.3):
                early.commit(order.name, order.item, quantity)
        elif order.opens_case:
            effort += case.review_weeks
            submitted = day(case.submitted_week)
            tables.write("approvals", case=case.name, submitted_on=submitted, review_weeks=case.review_weeks)
    return effort


def _firm_from(order: OrderDraw) -> int:
    """No promise is for a week before the order is due, or can leave."""
    return max(order.due_week + 4, (order.earliest_week or 0) + 1)


def _write_order(tables: Tables, world: World, order: OrderDraw, quantity: int, firm: int | None) -> None:
    tables.write(
        "orders",
        order=order.name,
        case=order.case.name,
        recipient=world.customers[order.case.recipient].code,
        item=world.market.items[order.item].name,
        quantity=quantity,
        due_date=day(order.due_week),
        placed_on=order.placed_on,
        earliest_date=None if order.earliest_week is None else day(order.earliest_week),
        delivery="complete" if order.complete else "each",
        firm_by=None if firm is None else day(firm),
        weight_multiplier=order.multiplier,
    )
