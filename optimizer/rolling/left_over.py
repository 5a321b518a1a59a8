"""What is left of the old plan, in the calendar and under the names of the rolled instance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from models.calendar import Calendar
from models.plan import POOL, ApprovedCase, Dispatch, Plan, Release
from models.problem import Approval, Commitment, Need, Offer, Order
from optimizer.rolling.happened import Past, per_unit


def left_over(past: Past, calendar: Calendar) -> Plan:
    """The records from the new first day on; packages that are yet to be released get names that no other one has."""
    plan, over = past.plan, past.over
    names = _names(past)

    def at(period: int) -> int:
        return calendar.period(past.calendar.day(period))

    lanes = {row.lane: row.weeks for row in past.problem.lanes}
    dispatches = []
    for row in plan.dispatches:
        if not over(row.period):
            t = at(row.period)
            arrival = calendar.shift(t, sum(lanes.get(lane, 0) for lane in row.route))
            dispatches.append(replace(row, period=t, arrival=arrival))
    releases = [row for row in plan.releases if not over(row.period)]
    kept = {row.package for row in releases}
    return Plan(
        dispatches=tuple(dispatches),
        made=tuple(replace(row, period=at(row.period)) for row in plan.made if not over(row.period)),
        contents=tuple(replace(row, package=names[row.package]) for row in plan.contents if row.package in kept),
        releases=tuple(Release(names.get(row.package, row.package), row.status, at(row.period)) for row in releases),
        payments=tuple(
            replace(row, package=names.get(row.package, row.package)) for row in plan.payments if row.package in kept
        ),
        accepted_offers=plan.accepted_offers,
        approvals=tuple(ApprovedCase(row.case, at(row.period)) for row in plan.approvals if not over(row.period)),
    )


def _names(past: Past) -> dict[str, str]:
    """New packages numbered in order of their release, as the next plan numbers its own."""
    taken = {row.package for row in past.problem.packages}
    prefix = "NEW"
    while any(name.startswith(f"{prefix}-") for name in taken):
        prefix += "X"
    coming = sorted(
        (row for row in past.plan.releases if row.status == "new" and not past.over(row.period)),
        key=lambda row: (row.period, row.package),
    )
    return {row.package: f"{prefix}-{number:02d}" for number, row in enumerate(coming, 1)}


def fitted(
    past: Past,
    plan: Plan,
    calendar: Calendar,
    tables: tuple[tuple[Order, ...], tuple[Need, ...], tuple[Offer, ...], tuple[Approval, ...]],
) -> Plan:
    """The plan without what the rolled tables have no place for: demands that are gone, units beyond what is left."""
    orders, needs, offers, approvals = tables
    wanted: dict[tuple[str, str], int] = {("order", row.order): row.quantity for row in orders}
    wanted |= {("need", row.need): row.quantity for row in needs}
    wanted |= {("replacement", row.offer): row.replacement_quantity for row in offers}
    gifts = {row.offer: row.quantity for row in offers}
    listed, accepted = {row.case for row in approvals}, set(plan.accepted_offers)
    sent = tuple(_within(past, plan.dispatches, wanted, gifts, calendar))
    known = {row.need for row in needs}
    return replace(
        plan,
        dispatches=sent,
        contents=tuple(row for row in plan.contents if row.need in known),
        accepted_offers=tuple(row.offer for row in offers if row.offer in accepted or row.status == "accepted"),
        approvals=tuple(row for row in plan.approvals if row.case in listed),
    )


def _within(
    past: Past,
    rows: Iterable[Dispatch],
    wanted: Mapping[tuple[str, str], int],
    gifts: Mapping[str, int],
    calendar: Calendar,
) -> Iterator[Dispatch]:
    """Dispatches for known demands; where more was sent than planned, the next ones are not needed any more."""
    planned: Counter[tuple[str, str]] = Counter()
    given: Counter[str] = Counter()
    ordered = sorted(rows, key=lambda row: -row.period)
    kept: list[Dispatch] = []
    for row in ordered:
        key = (row.kind, row.demand)
        if key not in wanted or (row.origin != POOL and row.origin not in gifts) or row.arrival >= calendar.count:
            continue
        ratio = per_unit(past.problem, row.demand, row.item) if row.kind == "need" else 1
        units = min(row.quantity // ratio, wanted[key] - planned[key])
        if row.origin != POOL:
            units = min(units, (gifts[row.origin] - given[row.origin]) // ratio)
        if units > 0:
            planned[key] += units
            given[row.origin] += units * ratio
            kept.append(replace(row, quantity=units * ratio))
    yield from sorted(kept)


def commitments(plan: Plan, calendar: Calendar) -> tuple[Commitment, ...]:
    """The plan's dispatches from the pool, by demand, item and day: what the next plan is held to."""
    units: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in plan.dispatches:
        if row.origin == POOL:
            units[row.demand, row.item, row.period] += row.quantity
    return tuple(
        Commitment(demand, item, calendar.day(t), quantity) for (demand, item, t), quantity in sorted(units.items())
    )
