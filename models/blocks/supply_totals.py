"""Supply as totals: what has been made by the end of a period, against what has left by then.

Sets: lines l, items i, periods t, components k. `produced[l,i,t]` units made up to and in t, nondecreasing, stands
for the sum of `made[l,i,t']` over t' ≤ t; every rule on output is stated in its steps.

    line_capacity[l,t]:     Σᵢ slots_per_unit · (produced[l,i,t] − produced[l,i,t−1]) ≤ slots[l,t]
    component_supply[k,t]:  Σ units_per_unit · produced[l,i,t] ≤ component_cum[k,t]
    stock_balance[i,t]:     stock[i,t] = on_hand + Σ_{t'≤t} receipts + Σₗ produced[l,i,t] − Σ_{t'≤t} taken[i,t']

The same plans and the same linear relaxation as `balance`: a unimodular change of variables (`demand.cumulative`, which
belongs to it: then what was taken by t has one entry a demand). No row links a period with the one before but those of
lines, so what binds in t is read off in t. Source: Pochet & Wolsey (2006), ch. 7, echelon stock; Krarup & Bilde (1977).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.blocks.demand import as_totals
from models.blocks.supply import (
    ADDS,
    always_made,
    made_bounds,
    read,
    rows_of_capacity,
    shortfall,
    start,
    used,
    whole_items,
)
from models.draft import Block, Draft, Rows, Term


def _totals(draft: Draft) -> None:
    facts = draft.facts
    draft.totals["made"] = _produced
    always, whole = always_made(facts), whole_items(facts)
    bounds = {
        (line, i, t): (most if (line, i) in always else 0, most) for (line, i, t), most in made_bounds(facts).items()
    }
    draft.variables("made", bounds, whole={index for index in bounds if index[1] in whole})
    draft.rule("line_capacity", rows_of_capacity(draft))
    taking, rows = used(draft), Rows()
    for k, total in facts.component_cumulative.items():
        so_far: list[Term] = []
        for t in range(facts.T):
            so_far = draft.expanded([*so_far, *taking[k, t]])
            rows[k, t] = (None, so_far, total[t])
    draft.rule("component_supply", rows)
    _stock(draft)
    shortfall(draft)


def _produced(draft: Draft, made: Any) -> None:
    chains: dict[tuple[str, str], list[Any]] = defaultdict(list)
    most: dict[Any, float] = {}
    for line, i, t in sorted(made, key=lambda index: index[2]):
        chain = chains[line, i]
        most[line, i, t] = made[line, i, t].ub + (most[chain[-1]] if chain else 0)
        chain.append((line, i, t))
    as_totals(draft, "produced", made, list(chains.values()), most)


def _stock(draft: Draft) -> None:
    facts, m = draft.facts, draft.model
    draft.variables("stock", {(i, t): (facts.hard_floors[i], None) for i in facts.items for t in range(facts.T)})
    made: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (_, item, t), variable in m.made.items():
        made[item, t].append((-1.0, variable))
    balance, floor = Rows(), Rows()
    for i in facts.items:
        so_far: list[Term] = []
        arrived = facts.on_hand[i]
        for t in range(facts.T):
            arrived += facts.receipts[i][t]
            so_far = draft.expanded([*so_far, *made[i, t], *draft.posted("taken", i, t)])
            balance[i, t] = (arrived, [(1.0, m.stock[i, t]), *so_far], arrived)
            floor[i, t] = (facts.hard_floors[i], [(1.0, m.stock[i, t])], None)
    draft.rule("stock_balance", balance)
    draft.rule("readiness_floor", floor)


totals = Block(
    "totals", "output up to a period, stock as what was made less what has left", ADDS, ("taken",), _totals, read, start
)
