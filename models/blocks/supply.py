"""Supply: what lines turn out, what components allow, what the pool holds.

Sets: lines l, items i, periods t, components k. Variables: `made[l,i,t]` units (whole), `stock[i,t]` units,
`component_left[k,t]` units, `shortfall[i,t]` units below the readiness floor.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import networkx as nx

from models.draft import Block, Draft, Rows, Start, Term, Value
from models.facts import Facts
from models.plan import Made, Plan


def made_bounds(facts: Facts) -> dict[tuple[str, str, int], int]:
    """Units of the item that fit into the period's slots, where at least one does."""
    return {
        (row.line, row.item, t): count // row.slots_per_unit
        for row in facts.problem.line_items
        for t, count in enumerate(facts.slots[row.line])
        if count >= row.slots_per_unit
    }


def whole_items(facts: Facts) -> set[str]:
    """Items whose output must be declared whole.

    Without components and with one slot a unit, lines, periods and stock form a network: for whole demand its
    vertices are whole (transportation problem with inventory arcs). Elsewhere wholeness is declared.
    """
    graph = nx.Graph()
    graph.add_nodes_from(facts.items)
    awkward = set(facts.parts)
    for row in facts.problem.line_items:
        graph.add_edge(row.item, ("line", row.line))
        if row.slots_per_unit > 1:
            awkward.add(row.item)
    whole: set[str] = set()
    for part in nx.connected_components(graph):
        if part & awkward:
            whole |= {node for node in part if isinstance(node, str)}
    return whole


def always_made(facts: Facts) -> set[tuple[str, str]]:
    """(line, item) that may as well be made all the time.

    A line with one item that takes no component costs nothing to run and a fuller pool harms nobody, so output equals
    slots without loss of generality; what turns out to be surplus is trimmed from the plan afterwards.
    """
    by_line: dict[str, list[str]] = defaultdict(list)
    for row in facts.problem.line_items:
        by_line[row.line].append(row.item)
    return {(line, only[0]) for line, only in by_line.items() if len(only) == 1 and only[0] not in facts.parts}


def rows_of_capacity(draft: Draft) -> Rows:
    """line_capacity by line and period."""
    terms: dict[tuple[str, int], list[Term]] = defaultdict(list)
    spu = {(row.line, row.item): row.slots_per_unit for row in draft.facts.problem.line_items}
    for (line, item, t), variable in draft.model.made.items():
        terms[line, t].append((spu[line, item], variable))
    return {key: (None, row, draft.facts.slots[key[0]][key[1]]) for key, row in terms.items()}


def used(draft: Draft) -> dict[tuple[str, int], list[Term]]:
    """Units of components that output takes, by component and period."""
    found: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (_, item, t), variable in draft.model.made.items():
        for component, units in draft.facts.parts.get(item, ()):
            found[component, t].append((units, variable))
    return found


def _stock(draft: Draft) -> None:
    """stock[i,t] = stock[i,t−1] + receipts + Σ made − taken, not below the hard floor; shortfall below the floor."""
    facts, model = draft.facts, draft.model
    draft.variables("stock", {(i, t): (facts.hard_floors[i], None) for i in facts.items for t in range(facts.T)})
    made: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (_, item, t), variable in model.made.items():
        made[item, t].append((1.0, variable))
    balance, floor = {}, {}
    for i in facts.items:
        for t in range(facts.T):
            row: list[Term] = [(1.0, model.stock[i, t])]
            if t:
                row.append((-1.0, model.stock[i, t - 1]))
            row += [(-c, v) for c, v in made[i, t]] + draft.posted("taken", i, t)
            arriving = facts.receipts[i][t] + (0 if t else facts.on_hand[i])
            balance[i, t] = (arriving, row, arriving)
            floor[i, t] = (facts.hard_floors[i], [(1.0, model.stock[i, t])], None)
    draft.rule("stock_balance", balance)
    draft.rule("readiness_floor", floor)


def shortfall(draft: Draft) -> None:
    """shortfall[i,t] units below the readiness floor, with its cost, where a floor lies above what must stay anyway."""
    facts, policy = draft.facts, draft.facts.problem.readiness
    low = {i for i in facts.items if facts.readiness_floors[i] > facts.hard_floors[i]} if policy else set()
    bounds = {
        (i, t): (0, facts.readiness_floors[i] - facts.hard_floors[i])
        for i in facts.items
        if i in low
        for t in range(facts.T)
    }
    draft.variables("shortfall", bounds)
    rows = {}
    for (i, t), variable in draft.model.shortfall.items():
        rows[i, t] = (facts.readiness_floors[i], [(1.0, draft.model.stock[i, t]), (1.0, variable)], None)
        assert policy is not None
        weight = policy.weight * facts.items[i].unit_price_usd_m * facts.calendar.weeks[t]
        draft.cost("readiness_shortfall", weight, variable)
    draft.rule("shortfall_of_floor", rows)


def _build_balance(draft: Draft) -> None:
    facts = draft.facts
    always, whole = always_made(facts), whole_items(facts)
    bounds = {
        (line, i, t): (most if (line, i) in always else 0, most) for (line, i, t), most in made_bounds(facts).items()
    }
    draft.variables("made", bounds, whole={index for index in bounds if index[1] in whole})
    draft.rule("line_capacity", rows_of_capacity(draft))
    names = [row.component for row in facts.problem.components]
    draft.variables("component_left", {(k, t): (0, None) for k in names for t in range(facts.T)})
    taking, rows = used(draft), {}
    for k in names:
        total = facts.component_cumulative[k]
        for t in range(facts.T):
            row: list[Term] = [(1.0, draft.model.component_left[k, t]), *taking[k, t]]
            if t:
                row.append((-1.0, draft.model.component_left[k, t - 1]))
            arriving = total[t] - (total[t - 1] if t else 0)
            rows[k, t] = (arriving, row, arriving)
    draft.rule("component_supply", rows)
    _stock(draft)
    shortfall(draft)


def _build_cumulative(draft: Draft) -> None:
    facts = draft.facts
    bounds, whole = made_bounds(facts), whole_items(facts)
    awkward = {key for key in bounds if key[1] in whole}
    draft.variables("made", {key: (0, most) for key, most in bounds.items()}, whole=awkward)
    draft.rule("line_capacity", rows_of_capacity(draft))
    taking, rows = used(draft), {}
    for k, total in facts.component_cumulative.items():
        so_far: list[Term] = []
        for t in range(facts.T):
            so_far = so_far + taking[k, t]
            rows[k, t] = (None, so_far, total[t])
    draft.rule("component_supply", rows)
    _stock(draft)
    shortfall(draft)


def read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    """Output by line, item and period."""
    made = [Made(line, i, t, round(value(v))) for (line, i, t), v in draft.model.made.items() if value(v) > 0.5]
    return {"made": made}


def start(draft: Draft, plan: Plan) -> Start:
    """Output where it is declared whole."""
    quantity: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in plan.made:
        quantity[row.line, row.item, row.period] += row.quantity
    return {id(v): float(quantity[key]) for key, v in draft.model.made.items() if not v.is_continuous()}


ADDS = ("line_capacity", "component_supply", "stock_balance", "readiness_floor", "made")

balance = Block(
    "balance",
    "pool and components as balances from period to period",
    ADDS,
    ("taken",),
    _build_balance,
    read,
    start,
)
cumulative = Block(
    "cumulative",
    "components as cumulative sums: the literal reading",
    ADDS,
    ("taken",),
    _build_cumulative,
    read,
    start,
)
