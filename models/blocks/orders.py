"""Allies' orders: when their units leave, when a `complete` order is completed, and what that costs.

Sets: orders o, periods t. `each`: `dispatched[o,t]` units, Σₜ dispatched + undelivered = quantity, cost
weight · price · late per unit. `complete`: the order counts at the period by whose end all its units have left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from models.draft import Block, Draft, Start, Term, Value
from models.facts import Facts
from models.plan import POOL, Dispatch, Plan
from models.problem import Order
from models.windows import order_window, supply_bound


def approved_by(draft: Draft, order: Order, t: int) -> list[Term] | None:
    """Terms that are 1 if the order's case is approved early enough to leave in t; None if no approval is needed."""
    facts = draft.facts
    if order.case not in facts.reviewed_cases:
        return None
    return draft.posted("approved_for", order.case, t)


# --- only the periods that matter, completion as a cumulative binary ------------------------------------------------


Taking = Callable[[Draft, Order, list[int]], dict[int, list[Term]]]
"""Terms by period with which a lumped order draws on the pool, given its window."""


def lump(draft: Draft, order: Order, window: list[int]) -> dict[int, list[Term]]:
    """All units leave in the period of completion: quantity · (is_completed[o,t] − is_completed[o,t−1])."""
    completed, found = draft.model.is_completed, dict[int, list[Term]]()
    for k, t in enumerate(window):
        found[t] = [(order.quantity, completed[order.order, t])]
        if k:
            found[t].append((-order.quantity, completed[order.order, window[k - 1]]))
    return found


def monotone_completion(draft: Draft, taking: Taking = lump) -> None:
    """Builds the strong form: variables only in the order's window, completion monotone, links disaggregated.

    each:      dispatched[o,t] ∈ [0, quantity]; with a case under review, given[o,t] = Σ_{t'≤t} dispatched[o,t'] and
               given[o,t] ≤ min(quantity, most that can have left by t) · is_approved — the lifted link.
    complete:  is_completed[o,t] ∈ {0,1}, nondecreasing in t; all units leave in the period of completion, since
               holding them in the pool before costs nothing; is_completed[o,t] ≤ is_approved.
    complete with commitments: dispatched[o,t] as well, Σ_{t'≤t} dispatched ≥ quantity · is_completed[o,t].

    Args:
        draft: written into.
        taking: how lumped orders draw on the pool; the lump is what is posted under "sent" in any case.
    """
    facts = draft.facts
    bound = supply_bound(facts)
    windows = {o.order: order_window(facts, o) for o in facts.problem.orders}
    draft.notes["windows"] = windows
    lumped = {o.order for o in facts.problem.orders if is_lumped(facts, o)}
    reviewed = {o.order for o in facts.problem.orders if o.case in facts.reviewed_cases}
    units = {}
    cumulative = {}
    completed = {}
    for o in facts.problem.orders:
        for t in windows[o.order]:
            most = min(o.quantity, bound[o.item][t])
            if o.order not in lumped:
                units[o.order, t] = (0, most)
                if o.order in reviewed:
                    cumulative[o.order, t] = (0, most)
            if o.delivery == "complete":
                completed[o.order, t] = (0, 1 if most >= o.quantity else 0)
    draft.variables("dispatched", units)
    draft.variables("given", cumulative)
    draft.variables("is_completed", completed, whole=True)
    m = draft.model
    quantity_rows, firm_rows, link, monotone, define, complete_rows = {}, {}, {}, {}, {}, {}
    for o in facts.problem.orders:
        window = windows[o.order]
        before: int | None = None
        leaving: dict[int, list[Term]]
        if o.order in lumped:
            leaving = lump(draft, o, window)
        else:
            leaving = {t: [(1.0, m.dispatched[o.order, t])] for t in window}
        for t in window:
            if o.delivery == "complete" and before is not None:
                pair = [(1.0, m.is_completed[o.order, t]), (-1.0, m.is_completed[o.order, before])]
                monotone[o.order, t] = (0, pair, None)
            if o.delivery == "complete" and o.order not in lumped:
                so_far = [(1.0, m.dispatched[o.order, u]) for u in window if u <= t]
                complete_rows[o.order, t] = (0, [*so_far, (-o.quantity, m.is_completed[o.order, t])], None)
            approved = approved_by(draft, o, t)
            if approved is not None:
                if o.order in lumped:
                    head: list[Term] = [(1.0, m.is_completed[o.order, t])]
                    top = 1.0
                else:
                    head = [(1.0, m.given[o.order, t])]
                    top = min(o.quantity, bound[o.item][t])
                    row: list[Term] = [(1.0, m.given[o.order, t]), (-1.0, m.dispatched[o.order, t])]
                    if before is not None:
                        row.append((-1.0, m.given[o.order, before]))
                    define[o.order, t] = (0, row, 0)
                link[o.order, t] = (None, head + [(-top * c, v) for c, v in approved], 0)
            before = t
        total = [term for t in window for term in leaving[t]]
        if o.firm_by is not None:
            firm_rows[o.order] = (o.quantity, total, o.quantity)
        if o.order not in lumped:
            quantity_rows[o.order] = (None, total, o.quantity)
        for t in window:
            draft.post("sent", o.order, o.item, t, terms=leaving[t])
        for t, terms in (taking(draft, o, window) if o.order in lumped else leaving).items():
            draft.post("taken", o.item, t, terms=terms)
    draft.rule("ordered_quantity", quantity_rows)
    draft.rule("firm_date", firm_rows)
    draft.rule("completed", {**complete_rows})
    draft.rule("completed_for_good", monotone)
    draft.rule("given_so_far", define)
    draft.rule("after_approval", link)
    _savings(draft, windows)


def is_lumped(facts: Facts, order: Order) -> bool:
    """Whether all units of the order may as well leave together: it counts when complete, and nothing was committed."""
    return order.delivery == "complete" and not facts.committed_periods.get(order.order)


def _savings(draft: Draft, windows: dict[str, list[int]]) -> None:
    """Cost = never − Σ saving: the constant is every unit undelivered, each arrival saves its share of it."""
    facts, m = draft.facts, draft.model
    for o in facts.problem.orders:
        draft.constants["orders_delay"] += facts.never_cost(o) * o.quantity
        window = windows[o.order]
        for k, t in enumerate(window):
            saving = facts.order_saving(o, t)
            if o.delivery == "each":
                draft.cost("orders_delay", -saving, m.dispatched[o.order, t])
            else:
                after = facts.order_saving(o, window[k + 1]) if k + 1 < len(window) else 0.0
                draft.cost("orders_delay", -(saving - after) * o.quantity, m.is_completed[o.order, t])


def monotone_units(draft: Draft, value: Value) -> dict[tuple[str, int], float]:
    """Units by order and period of dispatch that the solved values say."""
    m, facts = draft.model, draft.facts
    units: dict[tuple[str, int], float] = defaultdict(float)
    for (o, t), variable in m.dispatched.items():
        units[o, t] += value(variable)
    previous: dict[str, float] = defaultdict(float)
    lumped = {key[0] for key in m.is_completed} - {key[0] for key in m.dispatched}
    for (o, t), variable in m.is_completed.items():
        if o in lumped:
            now = value(variable)
            units[o, t] += (now - previous[o]) * facts.orders[o].quantity
            previous[o] = now
    return units


def dispatches_of(facts: Facts, units: dict[tuple[str, int], float]) -> list[Dispatch]:
    """Order dispatches as records: arrival = dispatch, whole units."""
    return [
        Dispatch(o, "order", POOL, facts.orders[o].item, round(amount), t, t)
        for (o, t), amount in units.items()
        if amount > 0.5
    ]


def monotone_read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    """Dispatches of a solved model with `is_completed`."""
    return {"dispatches": dispatches_of(draft.facts, monotone_units(draft, value))}


def completion(plan: Plan, order: Order) -> int | None:
    """The first period by whose end all units of the order have left in the plan; None if never."""
    left = order.quantity
    for row in sorted((d for d in plan.dispatches if d.demand == order.order), key=lambda d: d.period):
        left -= row.quantity
        if left <= 0:
            return row.period
    return None


def completions(facts: Facts, plan: Plan) -> dict[str, int]:
    """The period in which the plan completes every `complete` order; T for never."""
    found = {o.order: completion(plan, o) for o in facts.problem.orders if o.delivery == "complete"}
    return {o: facts.T if t is None else t for o, t in found.items()}


def completed_by(draft: Draft, done: dict[str, int]) -> Start:
    """`is_completed` of orders completed in these periods."""
    return {id(v): 1.0 if done[o] <= t else 0.0 for (o, t), v in draft.model.is_completed.items()}


def monotone_start(draft: Draft, plan: Plan) -> Start:
    """`is_completed` of a known plan."""
    return completed_by(draft, completions(draft.facts, plan))


# --- the literal reading ---------------------------------------------------------------------------------------------


def _literal(draft: Draft) -> None:
    """dispatched[o,t], undelivered[o] whole; completion by big-M: Σ_{t'≤t} dispatched ≥ quantity · is_completed[o,t].

    Cost of a `complete` order: weight · price · quantity · Σₜ late(due,t) · completes[o,t], where completes[o,t] says
    that t is the first such period and Σₜ completes + never[o] = 1.
    """
    facts = draft.facts
    names = {o.order: o for o in facts.problem.orders}
    first = {o.order: facts.earliest(o) for o in facts.problem.orders}
    last = {o.order: facts.latest_firm(o) for o in facts.problem.orders}
    m = draft.model
    draft.variables(
        "dispatched",
        {(o, t): (0, names[o].quantity) for o in names for t in range(first[o], last[o] + 1)},
        whole=True,
    )
    draft.variables("undelivered", {o: (0, row.quantity) for o, row in names.items()}, whole=True)
    whole = [o for o, row in names.items() if row.delivery == "complete"]
    draft.variables("completes", {(o, t): (0, 1) for o in whole for t in range(facts.T)}, whole=True)
    draft.variables("never_completes", dict.fromkeys(whole, (0, 1)), whole=True)
    quantity, firm, completed, once, link = {}, {}, {}, {}, {}
    for o, row in names.items():
        late = facts.calendar.late
        leaving = {t: (1.0, m.dispatched[o, t]) for t in range(first[o], last[o] + 1)}
        quantity[o] = (row.quantity, [*leaving.values(), (1.0, m.undelivered[o])], row.quantity)
        if row.firm_by is not None:
            firm[o] = (0, [(1.0, m.undelivered[o])], 0)
        so_far: list[Term] = []
        for t in range(facts.T):
            if t in leaving:
                so_far = [*so_far, leaving[t]]
                draft.post("taken", row.item, t, terms=[leaving[t]])
                draft.post("sent", o, row.item, t, terms=[leaving[t]])
                approved = approved_by(draft, row, t)
                if approved is not None:
                    link[o, t] = (None, [leaving[t]] + [(-row.quantity * c, v) for c, v in approved], 0)
            if row.delivery == "complete":
                completed[o, t] = (0, [*so_far, (-row.quantity, m.completes[o, t])], None)
        if row.delivery == "each":
            for t, (_, variable) in leaving.items():
                draft.cost("orders_delay", facts.order_weight[o] * late(row.due_date, t), variable)
            draft.cost("orders_delay", facts.never_cost(row), m.undelivered[o])
        else:
            states = [(1.0, m.completes[o, t]) for t in range(facts.T)]
            once[o] = (1, [*states, (1.0, m.never_completes[o])], 1)
            for t in range(facts.T):
                weight = facts.order_weight[o] * row.quantity * late(row.due_date, t)
                draft.cost("orders_delay", weight, m.completes[o, t])
            draft.cost("orders_delay", facts.never_cost(row) * row.quantity, m.never_completes[o])
    draft.rule("ordered_quantity", quantity)
    draft.rule("firm_date", firm)
    draft.rule("completed", completed)
    draft.rule("completed_once", once)
    draft.rule("after_approval", link)


def _literal_read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    units = {key: value(variable) for key, variable in draft.model.dispatched.items()}
    return {"dispatches": dispatches_of(draft.facts, units)}


def _literal_start(draft: Draft, plan: Plan) -> Start:
    m, facts = draft.model, draft.facts
    units: dict[tuple[str, int], int] = defaultdict(int)
    for row in plan.dispatches:
        if row.kind == "order":
            units[row.demand, row.period] += row.quantity
    start = {id(variable): float(units[key]) for key, variable in m.dispatched.items()}
    for o, variable in m.undelivered.items():
        start[id(variable)] = float(facts.orders[o].quantity - sum(q for (d, _), q in units.items() if d == o))
    done = {o: completion(plan, facts.orders[o]) for o in m.never_completes}
    start.update({id(v): float(done[o] == t) for (o, t), v in m.completes.items()})
    start.update({id(v): float(done[o] is None) for o, v in m.never_completes.items()})
    return start


ADDS = ("ordered_quantity", "firm_date", "completed", "after_approval", "taken", "sent")

late_only = Block(
    "late_only",
    "only periods that matter; completion as a nondecreasing binary, all units leaving together",
    ADDS,
    ("approved_for",),
    monotone_completion,
    monotone_read,
    monotone_start,
)
literal = Block(
    "literal",
    "units and completion by period, whole, with big-M: the literal reading",
    ADDS,
    ("approved_for",),
    _literal,
    _literal_read,
    _literal_start,
)
