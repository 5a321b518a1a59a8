"""Inventory offers: accepted whole or not at all, replaced from the pool by the promised date.

`is_accepted[v]` ∈ {0,1} (1 where the table says so). offer_quantity: Σ dispatched from v ≤ quantity · is_accepted.
replacement_on_time: Σ replacement units leaving on time = replacement_quantity · is_accepted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from models.draft import Block, Draft, Start, Term, Value
from models.plan import POOL, Dispatch, Plan
from models.windows import replacement_window


def promise(draft: Draft, windows: dict[str, list[int]], alone: Mapping[str, int] | None = None) -> None:
    """is_accepted and replaced[v,t] in the windows, with their rules; `alone`: offers whose replacement leaves in one
    period, and which: there it is replacement_quantity · is_accepted.

    What is posted under "unreplaced" counts as replaced (`models.stochastic.promises`).
    """
    facts, alone = draft.facts, alone or {}
    draft.notes["replacement_windows"] = windows
    accepted = {o.offer: (1 if o.status == "accepted" else 0, 1) for o in facts.problem.offers}
    draft.variables("is_accepted", accepted, whole=True)
    index = {
        (v, t): (0, facts.offers[v].replacement_quantity)
        for v, window in windows.items()
        for t in window
        if facts.offers[v].replacement_quantity and v not in alone
    }
    draft.variables("replaced", index)
    m, given, kept = draft.model, {}, {}
    for offer in facts.problem.offers:
        v = offer.offer
        given[v] = (None, [*draft.posted("from_offer", v), (-offer.quantity, m.is_accepted[v])], 0)
        if v in alone:
            leaving: list[Term] = [(offer.replacement_quantity, m.is_accepted[v])]
            draft.post("taken", offer.replacement_item, alone[v], terms=leaving)
            draft.post("sent", v, offer.replacement_item, alone[v], terms=leaving)
            continue
        on_time: list[Term] = []
        for t in windows[v]:
            if (v, t) in m.replaced:
                on_time.append((1.0, m.replaced[v, t]))
                draft.post("taken", offer.replacement_item, t, terms=[(1.0, m.replaced[v, t])])
                draft.post("sent", v, offer.replacement_item, t, terms=[(1.0, m.replaced[v, t])])
        broken = draft.posted("unreplaced", v)
        kept[v] = (0, [*on_time, *broken, (-offer.replacement_quantity, m.is_accepted[v])], 0)
    draft.rule("offer_quantity", given)
    draft.rule("replacement_on_time", kept)


def _late(draft: Draft) -> None:
    """The replacement leaves in the last period on time (holding it costs nothing) or in committed ones."""
    promise(draft, {o.offer: replacement_window(draft.facts, o) for o in draft.facts.problem.offers})


def _literal(draft: Draft) -> None:
    """The replacement may leave in every period on time."""
    facts = draft.facts
    windows = {o.offer: list(range(facts.replacement_deadline(o) + 1)) for o in facts.problem.offers}
    promise(draft, windows)


def read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    """Accepted offers, and the replacements of `replaced`."""
    m, facts = draft.model, draft.facts
    rows = [
        Dispatch(v, "replacement", POOL, facts.offers[v].replacement_item, round(value(x)), t, t)
        for (v, t), x in m.replaced.items()
        if value(x) > 0.5
    ]
    return {"dispatches": rows, "accepted_offers": [v for v, x in m.is_accepted.items() if value(x) > 0.5]}


def start(draft: Draft, plan: Plan) -> Start:
    """Acceptances, and replacements where they are declared whole: in the first open period they may wait for."""
    m = draft.model
    found = {id(x): float(v in plan.accepted_offers) for v, x in m.is_accepted.items()}
    units: dict[tuple[str, int], int] = defaultdict(int)
    for row in plan.dispatches:
        open_periods = [t for t in draft.notes["replacement_windows"].get(row.demand, ()) if t >= row.period]
        if row.kind == "replacement" and open_periods:
            units[row.demand, open_periods[0]] += row.quantity
    found.update({id(x): float(units[key]) for key, x in m.replaced.items() if not x.is_continuous()})
    return found


_ADDS = ("offer_quantity", "replacement_on_time", "taken", "sent")

late = Block("late", "replacement in the last period on time", _ADDS, ("from_offer",), _late, read, start)
literal = Block("literal", "replacement in every period on time", _ADDS, ("from_offer",), _literal, read, start)
