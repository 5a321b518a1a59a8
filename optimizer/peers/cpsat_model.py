"""The problem for CP-SAT, rule by rule, all in whole numbers: linear rules with Booleans, as its users write them.

Money, tonnes and review work are counted on decimal grids. Where all data lie on the grid nothing is lost: with the
Booleans fixed, payments and review work are flows, and flows of whole data are whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ortools.sat.python import cp_model

from models.facts import Facts
from models.plan import POOL
from models.problem import Order
from optimizer.peers.scaling import Objective, grid

Ledger = dict[tuple[Any, ...], list[Any]]


@dataclass
class Sketch:
    """The model under construction: variables by name and index, what was posted for other rules, and the objective."""

    facts: Facts
    model: Any = field(default_factory=cp_model.CpModel)
    variables: dict[str, dict[Any, Any]] = field(default_factory=lambda: defaultdict(dict))
    ledger: Ledger = field(default_factory=lambda: defaultdict(list))
    objective: Objective = field(default_factory=Objective)
    notes: list[str] = field(default_factory=list)

    def whole(self, name: str, index: Any, most: int, least: int = 0) -> Any:
        """A new whole variable."""
        found = self.variables[name][index] = self.model.new_int_var(least, most, f"{name}{index}")
        return found

    def statement(self, name: str, index: Any) -> Any:
        """A new Boolean."""
        found = self.variables[name][index] = self.model.new_bool_var(f"{name}{index}")
        return found

    def total(self, name: str, index: Any, most: int, expression: Any) -> Any:
        """A new whole variable that equals an expression: running sums stay short rows."""
        found = self.whole(name, index, most)
        self.model.add(found == expression)
        return found

    def post(self, *key: Any, term: Any) -> None:
        """Posts a term for a rule that is written later."""
        self.ledger[key].append(term)

    def posted(self, *key: Any) -> Any:
        """The sum of what was posted."""
        return sum(self.ledger.get(key, []))


def orders(sketch: Sketch) -> None:
    """ordered_quantity, firm_date, completed, after_approval."""
    facts, model = sketch.facts, sketch.model
    for o in facts.problem.orders:
        leaving = {}
        for t in range(facts.earliest(o), facts.latest_firm(o) + 1):
            units = leaving[t] = sketch.whole("dispatched", (o.order, t), o.quantity)
            sketch.post("taken", o.item, t, term=units)
            sketch.post("sent", o.order, o.item, t, term=units)
            if o.case in facts.reviewed_cases:
                model.add(units <= o.quantity * sketch.posted("approved_for", o.case, t))
        undelivered = sketch.whole("undelivered", o.order, o.quantity if o.firm_by is None else 0)
        model.add(sum(leaving.values()) + undelivered == o.quantity)
        if o.delivery == "complete":
            _complete(sketch, o, leaving)
            continue
        group = ("order", o.order)
        sketch.objective.add(group, o.quantity, facts.never_cost(o), undelivered)
        for t, units in leaving.items():
            late = facts.calendar.late(o.due_date, t)
            sketch.objective.add(group, o.quantity, facts.order_weight[o.order] * late, units)


def _complete(sketch: Sketch, o: Order, leaving: dict[int, Any]) -> None:
    """Exactly one of: completed in t, for every t; never. Completed in t means that all units have left by its end."""
    facts, group = sketch.facts, ("order", o.order)
    states = [sketch.statement("never_completes", o.order)]
    sketch.objective.add(group, 1, facts.never_cost(o) * o.quantity, states[0])
    before: Any = 0
    for t, units in leaving.items():
        before = sketch.total("given", (o.order, t), o.quantity, before + units)
        state = sketch.statement("completes", (o.order, t))
        sketch.model.add(before == o.quantity).only_enforce_if(state)
        late = facts.calendar.late(o.due_date, t)
        sketch.objective.add(group, 1, facts.order_weight[o.order] * late * o.quantity, state)
        states.append(state)
    sketch.model.add_exactly_one(states)


def approvals(sketch: Sketch) -> None:
    """review_capacity, reviewed_before_approval; posts what makes an order's case approved.

    is_approved[c,t]: approved by the end of t, and from then on.
    """
    facts, model = sketch.facts, sketch.model
    cases = facts.reviewed_cases
    if not cases:
        return
    steps = grid([*(facts.review_effort[c] for c in cases), *facts.review_capacity])
    work: dict[int, list[Any]] = defaultdict(list)
    for c, row in cases.items():
        effort, done, before = steps.nearest(facts.review_effort[c]), 0, None
        first = facts.calendar.period(row.submitted_on)
        for t in range(first, facts.T):
            part = sketch.whole("review", (c, t), min(effort, steps.at_most(facts.review_capacity[t])))
            work[t].append(part)
            done = sketch.total("reviewed", (c, t), effort, done + part)
            state = sketch.statement("is_approved", (c, t))
            model.add(done == effort).only_enforce_if(state)
            if before is not None:
                model.add_implication(before, state)
            before = state
        for t in range(facts.T):
            by = max((u for u in range(first, t + 1) if facts.after_approval(c, u) <= t), default=None)
            if by is not None:
                sketch.post("approved_for", c, t, term=sketch.variables["is_approved"][c, by])
    for t, parts in work.items():
        model.add(sum(parts) <= steps.at_most(facts.review_capacity[t]))


def needs(sketch: Sketch) -> None:
    """needed_quantity, lane_capacity; posts what every move takes."""
    facts, model = sketch.facts, sketch.model
    received: dict[str, list[Any]] = defaultdict(list)
    on_lane: dict[tuple[str, int], list[tuple[float, Any]]] = defaultdict(list)
    for k, move in enumerate(facts.moves):
        need = facts.needs[move.need]
        units = sketch.whole("sent", k, need.quantity)
        received[move.need].append(units)
        if move.origin == POOL:
            sketch.post("taken", move.item, move.period, term=move.ratio * units)
            sketch.post("sent", move.need, move.item, move.period, term=move.ratio * units)
            sketch.post("from_pool", move.need, move.period, term=units)
        else:
            sketch.post("from_offer", move.origin, term=move.ratio * units)
            sketch.post("offered", move.need, term=units)
        for lane, period in facts.lane_periods(move):
            on_lane[lane, period].append((facts.items[move.item].tonnes * move.ratio, units))
        late = facts.calendar.late(need.needed_by, move.arrival)
        sketch.objective.add(("need", move.need), need.quantity, facts.need_weight[move.need] * late, units)
    for need in facts.problem.needs:
        unserved = sketch.whole("unserved", need.need, need.quantity)
        model.add(sum(received[need.need]) + unserved == need.quantity)
        sketch.objective.add(("need", need.need), need.quantity, facts.need_never_cost(need), unserved)
    for (lane, t), parts in on_lane.items():
        steps = grid([*(tonnes for tonnes, _ in parts), facts.lane_tonnes[lane][t]])
        total = sum(steps.at_least(tonnes) * units for tonnes, units in parts)
        model.add(total <= steps.at_most(facts.lane_tonnes[lane][t]))


def offers(sketch: Sketch) -> None:
    """offer_quantity, replacement_on_time."""
    facts, model = sketch.facts, sketch.model
    for offer in facts.problem.offers:
        v = offer.offer
        accepted = sketch.statement("is_accepted", v)
        if offer.status == "accepted":
            model.add(accepted == 1)
        model.add(sketch.posted("from_offer", v) <= offer.quantity * accepted)
        replaced = []
        for t in range(facts.replacement_deadline(offer) + 1):
            units = sketch.whole("replaced", (v, t), offer.replacement_quantity)
            sketch.post("taken", offer.replacement_item, t, term=units)
            sketch.post("sent", v, offer.replacement_item, t, term=units)
            replaced.append(units)
        model.add(sum(replaced) == offer.replacement_quantity * accepted)


def supply(sketch: Sketch) -> None:
    """line_capacity, component_supply, stock_balance, readiness_floor; the shortfall below readiness floors."""
    facts, model = sketch.facts, sketch.model
    on_line: dict[tuple[str, int], list[Any]] = defaultdict(list)
    made: dict[tuple[str, int], list[tuple[int, Any]]] = defaultdict(list)
    for row in facts.problem.line_items:
        for t, count in enumerate(facts.slots[row.line]):
            if count >= row.slots_per_unit:
                most = count // row.slots_per_unit
                units = sketch.whole("made", (row.line, row.item, t), most)
                on_line[row.line, t].append(row.slots_per_unit * units)
                made[row.item, t].append((most, units))
    for (line, t), parts in on_line.items():
        model.add(sum(parts) <= facts.slots[line][t])
    for component, supplied in facts.component_cumulative.items():
        users = [(i, per) for i, parts in facts.parts.items() for k, per in parts if k == component]
        used: Any = 0
        for t in range(facts.T):
            parts = [per * units for i, per in users for _, units in made[i, t]]
            used = sketch.total("used", (component, t), supplied[t], used + sum(parts))
    for i in facts.items:
        before: Any = facts.on_hand[i]
        most = facts.on_hand[i] + sum(facts.receipts[i]) + sum(top for t in range(facts.T) for top, _ in made[i, t])
        for t in range(facts.T):
            stock = sketch.whole("stock", (i, t), most, facts.hard_floors[i])
            arriving = facts.receipts[i][t] + sum(units for _, units in made[i, t])
            model.add(stock == before + arriving - sketch.posted("taken", i, t))
            before = stock
            _shortfall(sketch, i, t, stock)


def _shortfall(sketch: Sketch, i: str, t: int, stock: Any) -> None:
    facts, policy = sketch.facts, sketch.facts.problem.readiness
    most = facts.readiness_floors[i] - facts.hard_floors[i]
    if policy is not None and most > 0:
        missing = sketch.whole("shortfall", (i, t), most)
        sketch.model.add(stock + missing >= facts.readiness_floors[i])
        cost = policy.weight * facts.items[i].unit_price_usd_m * facts.calendar.weeks[t]
        sketch.objective.add(("shortfall", i, t), most, cost, missing)


def stability(sketch: Sketch) -> None:
    """What moving away from the plan before costs."""
    facts = sketch.facts
    for (demand, item, t), quantity in facts.committed.items():
        moved = sketch.whole("moved", (demand, item, t), quantity)
        sketch.model.add(moved + sketch.posted("sent", demand, item, t) >= quantity)
        sketch.objective.add(("moved", demand, item, t), quantity, facts.change_cost(item, t), moved)
