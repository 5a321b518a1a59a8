"""What makes a record of a plan unreadable: the faults behind the rule `well_formed`.

A record with a fault is reported and left out of everything else, so that one slip is one violation. Each function
returns the first fault of a record, as (amount, message), or None.
"""

from __future__ import annotations

import math
from numbers import Integral

from models.checker.facts import Facts
from models.checker.wording import number, on
from models.plan import POOL, ApprovedCase, Content, Dispatch, Made, Payment, Release

Fault = tuple[float, str]


def _unknown(kind: str, name: object) -> Fault:
    return 1.0, f"the instance has no {kind} '{name}'"


def _bad_quantity(quantity: object) -> Fault | None:
    if not isinstance(quantity, Integral):
        return 1.0, f"the quantity {quantity!r} is not a whole number"
    if int(quantity) < 0:
        return -float(quantity), f"the quantity {number(float(quantity))} is negative"
    return None


def _bad_period(facts: Facts, period: object) -> Fault | None:
    last = facts.timeline.count - 1
    if not isinstance(period, Integral):
        return 1.0, f"the period {period!r} is not a whole number"
    outside = max(-int(period), int(period) - last)
    return (float(outside), f"period {period} is outside the horizon, periods 0 to {last}") if outside > 0 else None


def made_fault(facts: Facts, made: Made) -> Fault | None:
    """A made record names a line, an item that line makes, a period, and whole units."""
    if made.line not in facts.slots:
        return _unknown("line", made.line)
    if made.item not in facts.items:
        return _unknown("item", made.item)
    if (made.line, made.item) not in facts.slots_per_unit:
        return 1.0, f"line {made.line} does not make {made.item}"
    return _bad_quantity(made.quantity) or _bad_period(facts, made.period)


def dispatch_fault(facts: Facts, dispatch: Dispatch) -> Fault | None:
    """A dispatch may exist: its names are known, its item serves the demand, its origin has it, its way is allowed."""
    if dispatch.item not in facts.items:
        return _unknown("item", dispatch.item)
    fault = _bad_quantity(dispatch.quantity) or _bad_period(facts, dispatch.period)
    if fault:
        return fault
    if dispatch.kind == "order":
        return _order_fault(facts, dispatch)
    if dispatch.kind == "need":
        return _need_fault(facts, dispatch)
    if dispatch.kind == "replacement":
        return _replacement_fault(facts, dispatch)
    return 1.0, f"a dispatch is for an order, a need or a replacement, not for '{dispatch.kind}'"


def _order_fault(facts: Facts, dispatch: Dispatch) -> Fault | None:
    order = facts.orders.get(dispatch.demand)
    if order is None:
        return _unknown("order", dispatch.demand)
    if dispatch.item != order.item:
        return 1.0, f"order {order.order} is for {order.item}, not {dispatch.item}"
    if order.earliest_date is not None:
        fault = _too_early(facts, dispatch, facts.timeline.period(order.earliest_date))
        if fault:
            return fault
    return _handed_over_fault(dispatch)


def _replacement_fault(facts: Facts, dispatch: Dispatch) -> Fault | None:
    offer = facts.offers.get(dispatch.demand)
    if offer is None:
        return _unknown("offer", dispatch.demand)
    if dispatch.item != offer.replacement_item:
        return 1.0, f"offer {offer.offer} is replaced by {offer.replacement_item}, not {dispatch.item}"
    return _handed_over_fault(dispatch)


def _handed_over_fault(dispatch: Dispatch) -> Fault | None:
    """Allies take delivery where units are made: from the pool, in the period they leave, by no lane."""
    if dispatch.origin != POOL:
        return 1.0, f"what an ally gets leaves the pool, not '{dispatch.origin}'"
    if dispatch.route:
        return float(len(dispatch.route)), "an ally takes delivery where units are made, so there is no route"
    return _arrival_fault(dispatch, dispatch.period)


def _need_fault(facts: Facts, dispatch: Dispatch) -> Fault | None:
    need = facts.needs.get(dispatch.demand)
    if need is None:
        return _unknown("need", dispatch.demand)
    per_unit = facts.units_per_unit.get((need.item, dispatch.item))
    if per_unit is None:
        return 1.0, f"need {need.need} is for {need.item}, and {dispatch.item} is no substitute for it"
    left_over = dispatch.quantity % per_unit
    if left_over:
        return float(left_over), (
            f"a unit of {need.item} takes {per_unit} of {dispatch.item}, so {number(dispatch.quantity)} leave a rest"
        )
    return _origin_fault(facts, dispatch) or _travel_fault(facts, dispatch)


def _origin_fault(facts: Facts, dispatch: Dispatch) -> Fault | None:
    if dispatch.origin == POOL:
        return None
    offer = facts.offers.get(dispatch.origin)
    if offer is None:
        return _unknown("offer", dispatch.origin)
    if dispatch.item != offer.item:
        return 1.0, f"offer {offer.offer} gives {offer.item}, not {dispatch.item}"
    return _too_early(facts, dispatch, facts.timeline.period(offer.available_on))


def _travel_fault(facts: Facts, dispatch: Dispatch) -> Fault | None:
    """The route is an allowed one, and the goods arrive by it in the horizon and before the need expires."""
    timeline, need = facts.timeline, facts.needs[dispatch.demand]
    weeks = facts.routes[dispatch.origin].get(dispatch.route)
    if weeks is None:
        way = " > ".join(dispatch.route) or "no lane at all"
        return 1.0, f"{way} is not one of the allowed routes from {dispatch.origin}"
    arrival = timeline.shift(dispatch.period, weeks)
    if arrival >= timeline.count:
        return 1.0, f"after {weeks} weeks on the way it would arrive after the horizon"
    fault = _arrival_fault(dispatch, arrival)
    if fault:
        return fault
    if need.expires_on is not None and timeline.day(arrival) > need.expires_on:
        days = (timeline.day(arrival) - need.expires_on).days
        return float(days), f"it arrives on {on(timeline, arrival)}, when the need has expired ({need.expires_on})"
    return None


def _too_early(facts: Facts, dispatch: Dispatch, earliest: int) -> Fault | None:
    if dispatch.period >= earliest:
        return None
    timeline = facts.timeline
    leaves, allowed = on(timeline, dispatch.period), on(timeline, earliest)
    return float(earliest - dispatch.period), f"it leaves on {leaves}, and the earliest possible is {allowed}"


def _arrival_fault(dispatch: Dispatch, arrival: int) -> Fault | None:
    if not isinstance(dispatch.arrival, Integral):
        return 1.0, f"the arrival {dispatch.arrival!r} is not a period"
    if dispatch.arrival == arrival:
        return None
    return (
        float(abs(dispatch.arrival - arrival)),
        f"what leaves in period {dispatch.period} this way arrives in period {arrival}, not {dispatch.arrival}",
    )


def approval_fault(facts: Facts, approved: ApprovedCase) -> Fault | None:
    """An approval names a case under review and a period."""
    if approved.case not in facts.cases:
        return _unknown("case under review named", approved.case)
    return _bad_period(facts, approved.period)


def release_fault(facts: Facts, release: Release) -> Fault | None:
    """A release names a proposed package of the table, or a new one by a name the table has not."""
    if facts.problem.package_policy is None:
        return 1.0, "the instance has no section [packages], so nothing can be released"
    package = facts.packages.get(release.package)
    if release.status == "new":
        if package is not None:
            return 1.0, f"a new package cannot be called {release.package}: the instance has one of that name"
    elif release.status != "proposed":
        return 1.0, f"a package that is released is proposed or new, not '{release.status}'"
    elif package is None:
        return _unknown("package", release.package)
    elif package.status != "proposed":
        return 1.0, f"package {release.package} is {package.status}: the instance releases it, not the plan"
    return _bad_period(facts, release.period)


def content_fault(facts: Facts, content: Content) -> Fault | None:
    """Content is of a new package: that of the table's packages is fixed."""
    if facts.problem.package_policy is None:
        return 1.0, "the instance has no section [packages], so packages hold nothing"
    if content.package in facts.packages:
        return 1.0, f"package {content.package} is one of the instance, and its content is fixed"
    if content.need not in facts.needs:
        return _unknown("need", content.need)
    return _bad_quantity(content.quantity)


def payment_fault(facts: Facts, payment: Payment, tolerance: float) -> Fault | None:
    """A payment names a pledge and a category of items, and is an amount of money."""
    if facts.problem.package_policy is None:
        return 1.0, "the instance has no section [packages], so nothing is paid"
    if payment.pledge not in facts.pledges:
        return _unknown("pledge", payment.pledge)
    if all(item.category != payment.category for item in facts.problem.items):
        return _unknown("category", payment.category)
    if not math.isfinite(payment.amount_usd_m):
        return 1.0, f"the amount {payment.amount_usd_m} is not a number"
    if payment.amount_usd_m < -tolerance:
        return -payment.amount_usd_m, f"the amount {payment.amount_usd_m} is negative"
    return None
