"""Lanes: only the rows that some plan could break.

Sets: lanes a with a limit, periods t. What uses a lane in a period is limited by what there is to carry: a need takes
no more than its quantity over all its moves, and an item's units from the pool by t are no more than can have left it
by then, `most that can have left` of `models.windows.supply_bound`; an offer gives no more than its quantity. Where
the lesser of

    Σ_n  quantity[n] · (heaviest unit of n on the lane)        and
    Σ_i  reach[i,t] · tonnes[i]  +  Σ_v quantity[v] · tonnes[i(v)]

is within the capacity, `lane_capacity[a,t]` and its roundings are implied and left out. The first bound follows from
`needed_quantity` row by row, the second from stock, lines and components. The rounded rows are those of `rounded`; one
whose coefficients for all needs together stay within its right-hand side is left out as well.
"""

from __future__ import annotations

from collections import defaultdict

from models.blocks.lanes import capacity, roundings
from models.draft import Block, Draft, Rows, Term
from models.facts import Facts, Move
from models.plan import POOL
from models.windows import supply_bound


def _binding(draft: Draft) -> None:
    """lane_capacity and lane_rounded where they can bind."""
    owner = {id(draft.model.sent[k]): move for k, move in enumerate(draft.notes["moves"])}
    rows = {key: row for key, row in capacity(draft).items() if can_bind(draft.facts, owner, key[1], row[1], row[2])}
    draft.rule("lane_capacity", rows)
    rounded: Rows = {
        key: row for key, row in roundings(rows).items() if _by_needs(draft.facts, owner, row[1]) > (row[2] or 0)
    }
    draft.rule("lane_rounded", rounded)


def can_bind(facts: Facts, owner: dict[int, Move], t: int, terms: list[Term], most: float | None) -> bool:
    """Whether what there is to carry in t can be more than `most` tonnes; `owner`: the move behind every variable."""
    return most is not None and min(_by_needs(facts, owner, terms), _by_supply(facts, owner, t, terms)) > most


def _by_needs(facts: Facts, owner: dict[int, Move], terms: list[Term]) -> float:
    heaviest: dict[str, float] = defaultdict(float)
    for coefficient, variable in terms:
        need = owner[id(variable)].need
        heaviest[need] = max(heaviest[need], coefficient)
    return sum(coefficient * facts.needs[need].quantity for need, coefficient in heaviest.items())


def _by_supply(facts: Facts, owner: dict[int, Move], t: int, terms: list[Term]) -> float:
    reach = supply_reach(facts)
    sources = {(owner[id(variable)].origin, owner[id(variable)].item) for _, variable in terms}
    total = 0.0
    for origin, item in sources:
        units = reach[item][t] if origin == POOL else facts.offers[origin].quantity
        total += units * facts.items[item].tonnes
    return total


def supply_reach(facts: Facts) -> dict[str, list[int]]:
    """`supply_bound`, derived once."""
    known: dict[str, list[int]] | None = facts.memo.get("supply_bound")
    if known is None:
        known = facts.memo["supply_bound"] = supply_bound(facts)
    return known


binding = Block(
    "binding", "as rounded, without the rows that nothing can break", ("lane_capacity",), ("tonnes",), _binding
)
