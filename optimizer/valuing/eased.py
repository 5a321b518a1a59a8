"""The small model of one demand on time: the real blocks over what is linked to its item, with slack where it may ease.

The demand is forced on time by a rule of the problem: an order has a firm date, a need expires, and all of it is
served. Other demands' dispatches are held, production is free. What may be more stands as columns in the rules:

    line_capacity[l,t]:    Σ slots_per_unit · made         ≤ slots + more_slots[l,t]
    component_supply[k,t]: Σ_{t'≤t} units_per_unit · made  ≤ component_cum + Σ_{t'≤t} more_components[k,t']
    readiness_floor[i,t]:  stock                           ≥ floor − less_floor[i]
    lane_capacity[a,t]:    tonnes of all                   ≤ tonnes + more_tonnes[a,t]
    dispatch_after_release, content_within_need: with extra[t] units of the need in a new funded package released in t,
                           and packages of the plan that are released_earlier[p,t].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.blocks import lanes, needs, orders, supply
from models.build import Built, compile_draft
from models.draft import Draft, Term, Terms_
from models.facts import Facts
from models.plan import Plan
from models.problem import LineRate, Need, Order
from models.writer import Row
from optimizer.explaining.counterfactual import Relief
from optimizer.valuing.asked import Asked
from optimizer.valuing.funds import Funds, funds_of
from optimizer.valuing.linked import added_block, cut, held_block, linked_items, offered_left

COLUMNS: dict[Relief, tuple[str, ...]] = {
    "slots": ("more_slots",),
    "components": ("more_components",),
    "lanes": ("more_tonnes",),
    "floor": ("less_floor",),
    "money": ("extra", "released_earlier"),
}
"""Columns that ease, by relief; approval needs none, as `optimizer.valuing.review` counts what it takes."""


@dataclass(kw_only=True)
class Eased(Draft):
    """A draft whose rules get columns that ease them as they are written. `real`: facts of the whole instance."""

    real: Facts

    def rule(self, name: str, rows: Mapping[Any, Row]) -> None:
        """Adds the rule with its easing columns."""
        super().rule(name, {index: self._eased(name, index, row) for index, row in rows.items()})

    def _eased(self, name: str, index: Any, row: Any) -> Any:
        m, (lower, terms, upper) = self.model, row
        if name == "line_capacity":
            line, t = index
            return lower, [*terms, *self._columns(m.more_slots, [(line, t)])], self.real.slots[line][t]
        if name == "component_supply":
            component, last = index
            more = self._columns(m.more_components, [(component, t) for t in range(last + 1)])
            return lower, [*terms, *more], upper
        if name == "readiness_floor":
            item, _ = index
            less: Terms_ = [(-c, v) for c, v in self._columns(m.less_floor, [item])]
            return self.real.hard_floors[item], [*terms, *less], upper
        if name == "lane_capacity":
            return lower, [*terms, *self._columns(m.more_tonnes, [index])], upper
        return row

    def _columns(self, variables: Any, indices: list[Any]) -> Terms_:
        return [(-1.0, variables[index]) for index in indices if index in variables]


@dataclass(frozen=True)
class Small:
    """The small model: compiled, with the instance it was cut from, its items and its money."""

    asked: Asked
    built: Built
    items: frozenset[str]
    funds: Funds
    may: frozenset[Relief]

    @property
    def others(self) -> Plan:
        """The plan without the demand's dispatches and the output of linked items."""
        plan = self.asked.plan
        return replace(
            plan,
            dispatches=tuple(row for row in plan.dispatches if not own(self.asked, row)),
            made=tuple(row for row in plan.made if row.item not in self.items),
        )


def own(asked: Asked, row: Any) -> bool:
    """Whether a dispatch is the demand's."""
    return bool((row.kind, row.demand) == (asked.kind, asked.demand))


def small_model(asked: Asked, may: Collection[Relief], first: int = 0) -> Small:
    """Builds the small model of a demand on time.

    Args:
        asked: an order or a need that some change may bring on time (`Asked.obstacles` is empty).
        may: what may ease.
        first: the first period in which units of an order may leave, its approval considered.
    """
    problem, facts = asked.problem, asked.facts
    serving = _serving(asked)
    items = linked_items(problem, serving)
    most = _most_slots(asked, items)
    part = cut(problem, items)
    if "slots" in may:
        part = replace(part, line_rates=tuple(_plenty(facts, row.line, most) for row in part.lines))
    if "floor" in may:
        part = replace(part, stocks=tuple(replace(row, readiness_floor=0) for row in part.stocks))
    part = replace(part, readiness=None, stability=None, **_demand(asked, first))
    funds = funds_of(asked)
    draft = Eased(Facts(part), real=facts)
    draft.integer_units = True
    held = held_block(facts, (row for row in asked.plan.dispatches if not own(asked, row)), items)
    blocks = (
        held,
        added_block("easing", lambda d: _easing(d, facts, items, may, most)),
        *((orders.literal,) if asked.kind == "order" else (needs.literal,)),
        added_block("served", lambda d: _served(d, asked)),
        added_block("funded", lambda d: funds.rules(d, "money" in may)),
        lanes.natural,
        supply.cumulative,
    )
    for block in blocks:
        block.build(draft)
    return Small(asked, compile_draft(draft, blocks), frozenset(items), funds, frozenset(may))


def _serving(asked: Asked) -> list[str]:
    """Items that may serve the demand, its own first."""
    return [asked.order.item] if asked.kind == "order" else [i for i, _ in asked.facts.variants(asked.need)]


def _demand(asked: Asked, first: int) -> dict[str, Any]:
    """The tables of the one demand, forced on time: a firm date, or an expiry."""
    problem, day = asked.problem, asked.facts.calendar.day
    by = day(asked.last)
    if asked.kind == "order":
        row: Order = asked.order
        opens = day(max(first, 0 if row.earliest_date is None else asked.facts.calendar.period(row.earliest_date)))
        return {"orders": (replace(row, earliest_date=opens, firm_by=by, case=""),)}
    need: Need = asked.need
    left = offered_left(asked.plan, problem, {asked.demand})
    offers = tuple(replace(v, quantity=left[v.offer]) for v in problem.offers if left.get(v.offer, 0) > 0)
    swaps = tuple(row for row in problem.substitutes if row.item == need.item)
    return {"needs": (replace(need, expires_on=by),), "substitutes": swaps, "offers": offers}


def _plenty(facts: Facts, line: str, most: int) -> LineRate:
    """A rate with `most` slots above what the line has in any period."""
    weeks = facts.calendar.weeks
    highest = max((-(-count // w) for count, w in zip(facts.slots[line], weeks, strict=True)), default=0)
    return LineRate(line, facts.calendar.start, float(highest + most))


def _most_slots(asked: Asked, items: Collection[str]) -> int:
    """Slots that never have to be more in one period: all linked output there is, and the demand's."""
    per_unit = {(row.line, row.item): row.slots_per_unit for row in asked.problem.line_items if row.item in items}
    output = sum(row.quantity * per_unit.get((row.line, row.item), 0) for row in asked.plan.made)
    return output + _units(asked) * max(per_unit.values(), default=1)


def _units(asked: Asked) -> int:
    """Most units of any item that the demand can take."""
    if asked.kind == "order":
        return asked.order.quantity
    return asked.need.quantity * max(ratio for _, ratio in asked.facts.variants(asked.need))


def _easing(draft: Draft, facts: Facts, items: Collection[str], may: Collection[Relief], most: int) -> None:
    """The columns that ease, empty where a relief is not asked for."""
    T, part = facts.T, draft.facts.problem
    units = max((row.units_per_unit for row in part.item_components), default=1) * most
    slots = [row.line for row in part.lines] if "slots" in may else []
    components = [row.component for row in part.components] if "components" in may else []
    travelling = list(facts.lane_tonnes) if "lanes" in may and part.needs else []
    floors = {i: (0, facts.hard_floors[i]) for i in sorted(items)} if "floor" in may else {}
    draft.variables("more_slots", {(line, t): (0, most) for line in slots for t in range(T)}, whole=True)
    draft.variables("more_components", {(k, t): (0, units) for k in components for t in range(T)}, whole=True)
    heavy = max((row.tonnes for row in part.items), default=0.0) * most
    draft.variables("more_tonnes", {(a, t): (0, heavy) for a in travelling for t in range(T)})
    draft.variables("less_floor", floors, whole=True)


def _served(draft: Draft, asked: Asked) -> None:
    """All of a need is served, and no offer gives more than it has left."""
    if asked.kind != "need":
        return
    quantity = asked.need.quantity
    draft.rule("served_on_time", {asked.demand: (quantity, draft.posted("received", asked.demand), quantity)})
    rows: dict[str, Any] = defaultdict(tuple)
    for offer in draft.facts.problem.offers:
        terms: list[Term] = draft.posted("from_offer", offer.offer)
        rows[offer.offer] = (None, terms, offer.quantity)
    draft.rule("offer_quantity", rows)
