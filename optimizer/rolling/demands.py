"""Orders, needs and offers, rolled on: what was dispatched is taken off; promises that cannot hold are relaxed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from models.plan import POOL, Dispatch
from models.problem import Need, Offer, Order
from optimizer.reading.column import MAX_MONEY, MAX_WEEKS
from optimizer.rolling.happened import Past, per_unit
from optimizer.rolling.records import Broken, Happened, Note
from optimizer.rolling.reviews import after_processing


def orders(past: Past, done: Happened, broken: list[Broken], notes: list[Note]) -> tuple[Order, ...]:
    """Orders with what is left of them; those wholly dispatched are gone."""
    sent = _sent(done.dispatches, "order")
    found = []
    for order in past.problem.orders:
        left = max(0, order.quantity - sent[order.order])
        if left == 0 and order.quantity:
            continue
        row = replace(order, quantity=left, earliest_date=after_processing(past, done, order))
        if order.delivery == "complete" and left != order.quantity:
            row = replace(row, weight_multiplier=_whole_worth(order, left, notes))
        if order.firm_by is not None and order.firm_by < past.to and left:
            text = f"order {order.order} was firm for {order.firm_by}: {left} of its {order.item} have not left"
            broken.append(Broken("firm_date", order.order, left, order.firm_by, None, text))
            row = replace(row, firm_by=None)
        found.append(row)
    return tuple(found)


def _whole_worth(order: Order, left: int, notes: list[Note]) -> float:
    """The multiplier with which what is left of a `complete` order is worth as much as the whole."""
    wanted = order.weight_multiplier * (order.quantity / left)
    if wanted > MAX_MONEY:
        text = f"the weight of order {order.order} cannot keep the worth of the whole order: it is as high as may be"
        notes.append(Note("over_limit", (order.order,), wanted, text))
        return float(MAX_MONEY)
    return wanted


def needs(past: Past, done: Happened, notes: list[Note]) -> tuple[Need, ...]:
    """Needs with what is left of them; those wholly served are gone."""
    sent = units_sent(past, done.dispatches)
    found = []
    for need in past.problem.needs:
        left = max(0, need.quantity - sent[need.need])
        if left == 0 and need.quantity:
            continue
        if need.expires_on is not None and need.expires_on < past.to and left:
            text = f"need {need.need} expired on {need.expires_on}: {left} of its {need.item} can never arrive"
            notes.append(Note("expired", (need.need,), float(left), text))
        found.append(replace(need, quantity=left))
    return tuple(found)


def units_sent(past: Past, dispatches: Iterable[Dispatch], *, pool_only: bool = False) -> Counter[str]:
    """Units of each need, whatever item was sent."""
    found: Counter[str] = Counter()
    for row in dispatches:
        if row.kind == "need" and (row.origin == POOL or not pool_only):
            found[row.demand] += row.quantity // per_unit(past.problem, row.demand, row.item)
    return found


def offers(past: Past, done: Happened, broken: list[Broken]) -> tuple[Offer, ...]:
    """Offers with what is left of them: those of the plan are accepted; those given and replaced in full are gone.

    Accepting is a decision of the plan as a whole: needs and packages count on the gift from the day it was made, and
    the giver is told. So an offer that the plan accepts is accepted from the next Monday on, not only once it moves.
    """
    given: Counter[str] = Counter()
    for sent in done.dispatches:
        if sent.origin != POOL:
            given[sent.origin] += sent.quantity
    replaced = _sent(done.dispatches, "replacement")
    accepted = set(past.plan.accepted_offers) | set(given) | set(replaced)
    found = []
    for offer in past.problem.offers:
        if offer.status == "open" and offer.offer not in accepted:
            found.append(offer)
            continue
        units = max(0, offer.quantity - given[offer.offer])
        owed = max(0, offer.replacement_quantity - replaced[offer.offer])
        if units == 0 and owed == 0:
            continue
        row = replace(offer, quantity=units, replacement_quantity=owed, status="accepted")
        due = offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)
        if owed and due < past.to:
            weeks = min(MAX_WEEKS, -((offer.available_on - past.to).days // 7))
            now = offer.available_on + dt.timedelta(weeks=weeks)
            text = f"offer {offer.offer} was to be replaced by {due}: {owed} {offer.replacement_item} have not left"
            broken.append(Broken("replacement_on_time", offer.offer, owed, due, now, text))
            row = replace(row, replacement_within_weeks=weeks)
        found.append(row)
    return tuple(found)


def _sent(dispatches: Iterable[Dispatch], kind: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in dispatches:
        if row.kind == kind:
            found[row.demand] += row.quantity
    return found
