"""Inventory offers: each need's share tied to the acceptance by itself, the replacement part of the acceptance.

Sets: offers v, needs n. `is_accepted[v]` ∈ {0,1} (1 where the table says so), ratio units of the offer serve one of n.

    offer_quantity:  Σ ratio · sent from v          ≤ quantity[v] · is_accepted[v]
    offer_to_need:   Σ sent from v to n             ≤ min(quantity[n], ⌊quantity[v] / ratio⌋) · is_accepted[v]

The second rows are implied for whole acceptances, not for fractions: half an accepted offer of 40 may give all 10 units
of a small need in the sum, and only 5 of them by its own row. Only rows that say more than the sum are built.

A replacement with one period to leave in (the last one on time, where nothing is committed) is no decision of its own:
replacement_quantity · is_accepted[v] leaves the pool then. Source: the strong linking rows of facility location
(Krarup & Bilde 1977; Wolsey 1998, sec. 1.6).
"""

from __future__ import annotations

from typing import Any

from models.blocks.offers import promise, read, start
from models.draft import Block, Draft, Rows, Value
from models.plan import POOL, Dispatch
from models.problem import Offer
from models.windows import replacement_window


def _disaggregated(draft: Draft) -> None:
    """offer_quantity, offer_to_need, replacement_on_time; `replaced[v,t]` only where there are several periods."""
    facts = draft.facts
    windows = {offer.offer: replacement_window(facts, offer) for offer in facts.problem.offers}
    alone = {v: window[0] for v, window in windows.items() if len(window) == 1}
    draft.notes["replacement_period"] = alone
    promise(draft, windows, alone=alone)
    rows: Rows = {}
    for offer in facts.problem.offers:
        for need in facts.problem.needs:
            terms = draft.posted("from_offer_to", offer.offer, need.need)
            if terms:
                ratio = dict(facts.variants(need))[offer.item]
                most = min(need.quantity, offer.quantity // ratio)
                if most * ratio < offer.quantity:
                    accepted = (-most, draft.model.is_accepted[offer.offer])
                    rows[offer.offer, need.need] = (None, [*terms, accepted], 0)
    draft.rule("offer_to_need", rows)


def _read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    found = read(draft, value)
    accepted = [draft.facts.offers[v] for v in found["accepted_offers"]]
    found["dispatches"] += [
        _whole(v, draft.notes["replacement_period"][v.offer]) for v in accepted if _is_alone(draft, v)
    ]
    return found


def _is_alone(draft: Draft, offer: Offer) -> bool:
    return offer.offer in draft.notes["replacement_period"] and offer.replacement_quantity > 0


def _whole(offer: Offer, t: int) -> Dispatch:
    return Dispatch(offer.offer, "replacement", POOL, offer.replacement_item, offer.replacement_quantity, t, t)


disaggregated = Block(
    "disaggregated",
    "what an offer gives each need linked to its acceptance; the replacement as a part of the acceptance",
    ("offer_quantity", "replacement_on_time", "taken", "sent"),
    ("from_offer",),
    _disaggregated,
    _read,
    start,
)
