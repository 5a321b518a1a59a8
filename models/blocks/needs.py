"""Ukraine's needs: units sent from the pool or an accepted offer over routes, whole units of the need.

Sets: moves j = (need n, item, origin, route, period). Variable `sent[j]` units of the need. Cost: ukraine · urgency ·
price · (late per unit arriving + late(needed_by, T) per unit never served).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from typing import Any

from models.draft import Block, Draft, Start, Value
from models.facts import Facts, Move
from models.plan import POOL, Dispatch, Plan
from models.windows import useful_moves


def _post(draft: Draft, move: Move, variable: Any) -> None:
    """Posts what one move takes: units from its origin, tonnes on lanes, and what the need receives."""
    facts = draft.facts
    if move.origin == POOL:
        draft.post("taken", move.item, move.period, terms=[(move.ratio, variable)])
        draft.post("sent", move.need, move.item, move.period, terms=[(move.ratio, variable)])
        draft.post("from_pool", move.need, move.period, terms=[(1.0, variable)])
    else:
        draft.post("from_offer", move.origin, terms=[(move.ratio, variable)])
        draft.post("from_offer_to", move.origin, move.need, terms=[(1.0, variable)])
        draft.post("offered", move.need, terms=[(1.0, variable)])
    draft.post("received", move.need, terms=[(1.0, variable)])
    tonnes = facts.items[move.item].tonnes * move.ratio
    for lane, period in facts.lane_periods(move):
        draft.post("tonnes", lane, period, terms=[(tonnes, variable)])


def _must_be_whole(facts: Facts, moves: list[Move]) -> set[int]:
    """Moves outside the network structure: substitutes, offers, limited lanes, needs served from several sides."""
    sources: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for move in moves:
        sources[move.need].add((move.item, move.origin))
    lanes = {n for j in moves if facts.items[j.item].tonnes and facts.lane_periods(j) for n in [j.need]}
    ratio = {j.need for j in moves if j.ratio != 1}
    several = {need for need, found in sources.items() if len(found) > 1}
    awkward = lanes | ratio | several
    return {k for k, move in enumerate(moves) if move.need in awkward}


def _useful(draft: Draft) -> None:
    """Builds only undominated moves; cost = never − Σ saving · sent."""
    facts = draft.facts
    moves = useful_moves(facts)
    whole = _must_be_whole(facts, moves)
    most = {}
    for k, move in enumerate(moves):
        top = facts.needs[move.need].quantity
        if move.origin != POOL:
            top = min(top, facts.offers[move.origin].quantity // move.ratio)
        most[k] = (0, top)
    _build(draft, moves, most, whole)
    draft.constants["needs_delay"] += sum(facts.need_never_cost(n) * n.quantity for n in facts.problem.needs)
    for k, move in enumerate(moves):
        draft.cost("needs_delay", -move.saving, draft.model.sent[k])
    rows = {n.need: (None, draft.posted("received", n.need), n.quantity) for n in facts.problem.needs}
    draft.rule("needed_quantity", rows)


def _literal(draft: Draft) -> None:
    """Builds every move and `unserved[n]`, with the cost of each as it is written."""
    facts = draft.facts
    moves = list(facts.moves)
    most = {k: (0, facts.needs[move.need].quantity) for k, move in enumerate(moves)}
    _build(draft, moves, most, _must_be_whole(facts, moves))
    m, late = draft.model, facts.calendar.late
    draft.variables("unserved", {n.need: (0, n.quantity) for n in facts.problem.needs})
    rows = {}
    for n in facts.problem.needs:
        rows[n.need] = (n.quantity, [*draft.posted("received", n.need), (1.0, m.unserved[n.need])], n.quantity)
        draft.cost("needs_delay", facts.need_never_cost(n), m.unserved[n.need])
    for k, move in enumerate(moves):
        weight = facts.need_weight[move.need] * late(facts.needs[move.need].needed_by, move.arrival)
        draft.cost("needs_delay", weight, m.sent[k])
    draft.rule("needed_quantity", rows)


def _build(
    draft: Draft, moves: list[Move], bounds: Mapping[int, tuple[float, float]], whole: bool | Container[Any]
) -> None:
    draft.notes["moves"] = moves
    draft.variables("sent", bounds, whole=whole)
    for k, move in enumerate(moves):
        _post(draft, move, draft.model.sent[k])


def _read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    rows = []
    for k, move in enumerate(draft.notes["moves"]):
        amount = value(draft.model.sent[k])
        if amount > 0.5:
            units = round(amount) * move.ratio
            rows.append(
                Dispatch(move.need, "need", move.origin, move.item, units, move.period, move.arrival, move.route.lanes)
            )
    return {"dispatches": rows}


def _match(facts: Facts, moves: list[Move], row: Dispatch) -> int | None:
    """The move that does what the dispatch does, or one that dominates it; None if there is none."""
    best = None
    for k, move in enumerate(moves):
        if (move.need, move.item, move.origin) != (row.demand, row.item, row.origin):
            continue
        if move.period == row.period and move.route.lanes == row.route:
            return k
        if move.period >= row.period and move.arrival <= row.arrival:
            return_better = best is None or move.period < moves[best].period
            best = k if return_better else best
    if best is not None:
        return best
    late = facts.calendar.late(facts.needs[row.demand].needed_by, row.arrival)
    for k, move in enumerate(moves):
        same = (move.need, move.item, move.origin) == (row.demand, row.item, row.origin)
        if same and move.period >= row.period:
            due = facts.needs[row.demand].needed_by
            if facts.calendar.late(due, move.arrival) <= late:
                return k
    return None


def _start(draft: Draft, plan: Plan) -> Start:
    moves, facts, m = draft.notes["moves"], draft.facts, draft.model
    by_key: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for k, move in enumerate(moves):
        by_key[move.need, move.item, move.origin].append(k)
    units: dict[int, float] = defaultdict(float)
    for row in plan.dispatches:
        if row.kind != "need":
            continue
        own = by_key[row.demand, row.item, row.origin]
        found = _match(facts, [moves[k] for k in own], row)
        if found is not None:
            units[own[found]] += row.quantity / moves[own[found]].ratio
    start: Start = {id(m.sent[k]): units[k] for k in range(len(moves)) if not m.sent[k].is_continuous()}
    if hasattr(m, "unserved"):
        served: dict[str, float] = defaultdict(float)
        for k, amount in units.items():
            served[moves[k].need] += amount
        start.update({id(v): facts.needs[n].quantity - served[n] for n, v in m.unserved.items()})
    return start


_ADDS = ("needed_quantity", "taken", "sent", "from_pool", "from_offer", "offered", "tonnes")

useful = Block(
    "useful",
    "only undominated moves",
    _ADDS,
    (),
    _useful,
    _read,
    _start,
)
literal = Block("literal", "every move and unserved units: the literal reading", _ADDS, (), _literal, _read, _start)
