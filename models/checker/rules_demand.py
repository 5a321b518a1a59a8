"""Rules of orders, needs, lanes and offers (`problem.md`, "Demands" and "Inventory offers")."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from models.checker.facts import Facts
from models.checker.ledger import Ledger
from models.checker.wording import excess, number, on, units
from models.plan import Violation
from models.problem import Offer


def completion(facts: Facts, ledger: Ledger, order: str) -> int:
    """The first period by whose end all units of the order have arrived; T if never."""
    missing = facts.orders[order].quantity
    for arrival, quantity in sorted((row.arrival, row.quantity) for row in ledger.to_order.get(order, ())):
        missing -= quantity
        if missing <= 0:
            return arrival
    return facts.timeline.count


def ordered_quantity(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """An order gets no more than it ordered: index (order,), amount in units."""
    for order, rows in ledger.to_order.items():
        sent, ordered = sum(row.quantity for row in rows), facts.orders[order].quantity
        if sent > ordered:
            yield Violation(
                "ordered_quantity",
                (order,),
                float(sent - ordered),
                f"order {order} is for {units(ordered)}, and {number(sent)} are dispatched",
            )


def firm_date(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """An order with a firm date has all its units by then: index (order,), amount the units late or undelivered."""
    for order in facts.problem.orders:
        if order.firm_by is None:
            continue
        rows = ledger.to_order.get(order.order, ())
        late = sum(row.quantity for row in rows if facts.timeline.late(order.firm_by, row.arrival) > 0)
        undelivered = max(0, order.quantity - sum(row.quantity for row in rows))
        if late + undelivered > 0:
            yield Violation(
                "firm_date",
                (order.order,),
                float(late + undelivered),
                f"order {order.order} is firm for {order.firm_by}: of its {units(order.quantity)}, "
                f"{number(late)} arrive later and {number(undelivered)} never",
            )


def completed(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Once a `complete` order is completed nothing more arrives: index (order, period of completion), amount in units.

    The rule defines when an order counts, and a plan makes no claim about it that could be false; `completion` derives
    the period for the objective. What a plan can do is to contradict the definition, by sending units after the last.
    Such an order also has more than it ordered, which `ordered_quantity` says as well.
    """
    for order, rows in ledger.to_order.items():
        if facts.orders[order].delivery != "complete":
            continue
        period = completion(facts, ledger, order)
        after = sum(row.quantity for row in rows if row.arrival > period)
        if after > 0:
            yield Violation(
                "completed",
                (order, str(period)),
                float(after),
                f"order {order} is complete on {on(facts.timeline, period)}, yet {units(after)} arrive later",
            )


def needed_quantity(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """A need gets no more than is needed, from pool and offers: index (need,), amount in units of the need."""
    for need, rows in ledger.to_need.items():
        sent, needed = sum(row.units for row in rows), facts.needs[need].quantity
        if sent > needed:
            yield Violation(
                "needed_quantity",
                (need,),
                float(sent - needed),
                f"need {need} is for {units(needed)}, and {number(sent)} are dispatched",
            )


def lane_capacity(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """What uses a lane in a period is not heavier than it carries: index (lane, period), amount in tonnes."""
    timeline = facts.timeline
    carried: dict[tuple[str, int], float] = defaultdict(float)
    for rows in ledger.to_need.values():
        for row in rows:
            tonnes = row.dispatch.quantity * facts.items[row.dispatch.item].tonnes
            weeks = 0
            for lane in row.dispatch.route:
                carried[lane, timeline.shift(row.dispatch.period, weeks)] += tonnes
                weeks += facts.lanes[lane].weeks
    for (lane, period), tonnes in sorted(carried.items()):
        per_week = facts.lanes[lane].tonnes_per_week
        if per_week is None:
            continue
        capacity = per_week * timeline.weeks[period]
        over = excess(tonnes, capacity, tolerance)
        if over:
            yield Violation(
                "lane_capacity",
                (lane, str(period)),
                over,
                f"lane {lane} carries {number(capacity)} tonnes in the period from {on(timeline, period)}, "
                f"and the plan puts {number(tonnes)} on it",
            )


def offer_quantity(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """No more leaves an offer than it holds, and nothing unless it is accepted: index (offer,), amount in units."""
    for offer, sent in sorted(ledger.from_offer.items()):
        given = facts.offers[offer].quantity if offer in ledger.accepted else 0
        if sent > given:
            why = f"gives {units(given)}" if offer in ledger.accepted else "is not accepted"
            yield Violation(
                "offer_quantity",
                (offer,),
                float(sent - given),
                f"offer {offer} {why}, and {units(sent)} of {facts.offers[offer].item} leave it",
            )


def replacement_on_time(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """An accepted offer is replaced in full by its date, any other not at all: index (offer,).

    The amount is the units that differ from the promise, late ones among them: what an offer demands is what it was
    promised, so a replacement that leaves after the date serves nothing.
    """
    for offer in facts.problem.offers:
        promised = offer.replacement_quantity if offer.offer in ledger.accepted else 0
        due = replacement_due(offer)
        on_time = late = 0
        for row in ledger.as_replacement.get(offer.offer, ()):
            if facts.timeline.late(due, row.period) == 0:
                on_time += row.quantity
            else:
                late += row.quantity
        if on_time != promised or late:
            state = "is accepted" if offer.offer in ledger.accepted else "is not accepted"
            yield Violation(
                "replacement_on_time",
                (offer.offer,),
                float(abs(promised - on_time) + late),
                f"offer {offer.offer} {state}, so {units(promised)} of {offer.replacement_item} replace it by {due}: "
                f"{number(on_time)} leave by then and {number(late)} later",
            )


def replacement_due(offer: Offer) -> dt.date:
    """The day by which the replacement of an accepted offer must have left the pool."""
    return offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)
