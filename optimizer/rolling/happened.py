"""What happened in the elapsed periods: what was planned, unless `actuals` say otherwise.

One row of an event for an entity in a period stands for all that was planned of it there. Where output fell short and
nothing is said of dispatches, those that the pool cannot have made are taken not to have happened: promises last, then
those with less weight first, and among these those that are due later.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from models.calendar import Calendar, calendar_of
from models.capacity import on_hand, readiness_floors
from models.plan import POOL, Dispatch, Made, Plan, Release
from models.priority import need_weight, order_weight, priorities
from models.problem import Actual, Problem
from optimizer.rolling.records import Deviation, Happened, Note

MONEY = 1e-6
"""Million USD that count as nothing, as for the checker."""
ROUNDED = 0.05
"""Million USD by which a payment may be rounded in a table."""
Came = dict[str, Counter[int]]
Entity = tuple[str, str, int]
"""Event, entity and period: what a row of `actuals` speaks of."""


@dataclass(frozen=True)
class Past:
    """The elapsed part: `base` is the instance that the plan answers, `problem` the one that is rolled on."""

    problem: Problem
    base: Problem
    plan: Plan
    calendar: Calendar
    elapsed: int
    to: dt.date

    def over(self, period: int) -> bool:
        """Whether the period has gone."""
        return period < self.elapsed


def happened(past: Past, actuals: Sequence[Actual]) -> tuple[Happened, list[Note]]:
    """What is taken to have happened, and what is to be noted of it."""
    known = [row for row in actuals if past.calendar.start <= row.date < past.to]
    said = {entity_of(past, row) for row in known}
    notes: list[Note] = []
    made = tuple(_made(past, known, said))
    arrived, coming = _arrived(past, known, said, notes)
    came: Came = {item: Counter(arrived[item]) for item in on_hand(past.problem)}
    for row in made:
        came[row.item][row.period] += row.quantity
    dispatches = _cut_back(past, tuple(_dispatched(past, known, said)), came, said, notes)
    released, unpaid, paid = _paid(past, known, said)
    approved = _approved(past, known, said)
    found = Happened(
        made, dispatches, {k: sum(v.values()) for k, v in arrived.items()}, coming, released, unpaid, paid, approved, ()
    )
    return replace(found, deviations=tuple(_deviations(past, found, known))), notes


def entity_of(past: Past, row: Actual) -> Entity:
    """What a row stands for: all rows of one entity together replace what was planned of it in that period."""
    name = (row.item if row.event == "arrived" else row.entity) or ""
    return row.event, name, past.calendar.period(row.date)


def made_item(problem: Problem, row: Actual) -> str:
    """The item of a `produced` row; where it is blank, the only one that the line makes (else an empty text)."""
    if row.item is not None:
        return row.item
    items = [makes.item for makes in problem.line_items if makes.line == row.entity]
    return items[0] if len(items) == 1 else ""


def own_item(problem: Problem, demand: str) -> str:
    """The item that leaves the pool for a demand where nothing else is said."""
    for order in problem.orders:
        if order.order == demand:
            return order.item
    for need in problem.needs:
        if need.need == demand:
            return need.item
    return next((offer.replacement_item for offer in problem.offers if offer.offer == demand), "")


def per_unit(problem: Problem, need: str, item: str) -> int:
    """Units of the item that serve one unit of the need."""
    own = next((row.item for row in problem.needs if row.need == need), item)
    found = (row.units_per_unit for row in problem.substitutes if (row.item, row.substitute) == (own, item))
    return 1 if own == item else next(found, 1)


def _made(past: Past, actuals: Iterable[Actual], said: set[Entity]) -> Iterable[Made]:
    for row in past.plan.made:
        if past.over(row.period) and ("produced", row.line, row.period) not in said:
            yield row
    for actual in actuals:
        if actual.event == "produced" and actual.quantity:
            item, t = made_item(past.problem, actual), past.calendar.period(actual.date)
            yield Made(actual.entity or "", item, t, round(actual.quantity))


def _arrived(
    past: Past, actuals: Iterable[Actual], said: set[Entity], notes: list[Note]
) -> tuple[dict[str, Counter[int]], dict[str, int]]:
    """Units that arrived by item and period; and those that did not, which are still expected."""
    arrived: dict[str, Counter[int]] = defaultdict(Counter)
    planned: Counter[str] = Counter()
    for row in past.problem.receipts:
        t = past.calendar.period(row.date)
        if not past.calendar.start <= row.date < past.to:
            continue
        if ("arrived", row.item, t) in said:
            planned[row.item] += row.quantity
        else:
            arrived[row.item][t] += row.quantity
    for actual in actuals:
        if actual.event == "arrived":
            item, units = actual.item or "", round(actual.quantity)
            arrived[item][past.calendar.period(actual.date)] += units
            planned[item] -= units
    coming = {item: units for item, units in planned.items() if units > 0}
    for item, units in coming.items():
        text = f"{units} of {item} that were to arrive have not: they are expected on {past.to}"
        notes.append(Note("still_coming", (item,), float(units), text))
    return arrived, coming


def _dispatched(past: Past, actuals: Iterable[Actual], said: set[Entity]) -> Iterable[Dispatch]:
    planned: dict[tuple[str, str, str], Dispatch] = {}
    for row in past.plan.dispatches:
        planned.setdefault((row.demand, row.origin, row.item), row)
        if past.over(row.period) and ("dispatched", row.demand, row.period) not in said:
            yield row
    kinds = {row.order: "order" for row in past.problem.orders} | {
        row.offer: "replacement" for row in past.problem.offers
    }
    for actual in actuals:
        if actual.event != "dispatched" or not actual.quantity:
            continue
        demand, origin = actual.entity or "", actual.origin or POOL
        item, t = actual.item or own_item(past.problem, demand), past.calendar.period(actual.date)
        like = planned.get((demand, origin, item))
        route = like.route if like is not None else ()
        weeks = {lane.lane: lane.weeks for lane in past.problem.lanes}
        arrival = past.calendar.shift(t, sum(weeks.get(lane, 0) for lane in route))
        kind = kinds.get(demand, "need")
        yield Dispatch(demand, kind, origin, item, round(actual.quantity), t, arrival, route)  # type: ignore[arg-type]


def _cut_back(
    past: Past, dispatches: tuple[Dispatch, ...], came: Came, said: set[Entity], notes: list[Note]
) -> tuple[Dispatch, ...]:
    """The dispatches that the pool can have made; those that are said are facts, only planned ones are cut.

    `came`: units that reached the pool, by item and period.
    """
    floors, held = readiness_floors(past.problem), on_hand(past.problem)
    kept = list(dispatches)
    rank = _ranks(past)
    for item in held:
        level, floor = held[item], min(floors[item], held[item])
        for t in range(past.elapsed):
            here = [k for k, row in enumerate(kept) if (row.item, row.origin, row.period) == (item, POOL, t)]
            level += came[item][t] - sum(kept[k].quantity for k in here)
            free = [k for k in here if ("dispatched", kept[k].demand, t) not in said]
            for k in sorted(free, key=lambda k: rank[kept[k].demand], reverse=True):
                if level >= floor:
                    break
                row = kept[k]
                ratio = per_unit(past.problem, row.demand, item) if row.kind == "need" else 1
                units = min(row.quantity, -(-(floor - level) // ratio) * ratio)
                kept[k] = replace(row, quantity=row.quantity - units)
                level += units
                day = past.calendar.day(t)
                text = f"{units} of {item} for {row.demand} cannot have left on {day}: they were not there"
                notes.append(Note("cut_back", (row.demand, item), float(units), text))
    return tuple(row for row in kept if row.quantity)


def _ranks(past: Past) -> dict[str, tuple[bool, float, dt.date]]:
    """Who goes first: promises, then weight, then the date due (`problem.md`, "Priority list")."""
    problem = past.base
    weights = priorities(problem)
    rank: dict[str, tuple[bool, float, dt.date]] = defaultdict(lambda: (True, 0.0, dt.date.max))
    for order in problem.orders:
        rank[order.order] = (order.firm_by is None, -order_weight(problem, order, weights), order.due_date)
    for need in problem.needs:
        rank[need.need] = (True, -need_weight(problem, need), need.needed_by)
    for offer in problem.offers:
        rank[offer.offer] = (False, 0.0, offer.available_on)
    return rank


Money = dict[str, dict[str, float]]
"""Million USD by package and pledge."""


def without_package(past: Past, actuals: Sequence[Actual]) -> dict[int, float]:
    """Payments that name no package and are more than their pledge was to pay by then: the rest, by row number."""
    known = [(k, row) for k, row in enumerate(actuals) if past.calendar.start <= row.date < past.to]
    rows = [row for _, row in known]
    left = _shared_out(past, rows, {entity_of(past, row) for row in rows})[3]
    return {known[n][0]: rest for n, rest in left.items()}


def _shared_out(
    past: Past, actuals: Sequence[Actual], said: set[Entity]
) -> tuple[list[Release], Money, Money, dict[int, float]]:
    """Releases of the elapsed time, what was due for them and what was paid, and what is left of rows (by number)."""
    releases = sorted((row for row in past.plan.releases if past.over(row.period)), key=lambda row: row.period)
    period = {row.package: row.period for row in releases}
    owed: Money = defaultdict(lambda: defaultdict(float))
    for payment in past.plan.payments:
        if payment.package in period:
            owed[payment.package][payment.pledge] += payment.amount_usd_m
    given: Money = defaultdict(lambda: defaultdict(float))
    for package, by_pledge in owed.items():
        for pledge, amount in by_pledge.items():
            if ("paid", pledge, period[package]) not in said:
                given[package][pledge] += amount
    rest: dict[int, float] = {}
    for number, actual in enumerate(actuals):
        if actual.event == "paid":
            pledge, left = actual.entity or "", actual.quantity
            planned = (
                [actual.package] if actual.package else [row.package for row in releases if pledge in owed[row.package]]
            )
            for package in planned:
                wanted = owed[package].get(pledge, 0.0) - given[package][pledge] if not actual.package else left
                part = min(left, max(0.0, wanted))
                given[package][pledge] += part
                left -= part
            if left > ROUNDED and not actual.package:
                rest[number] = left
    return releases, owed, given, rest


def _paid(
    past: Past, actuals: Sequence[Actual], said: set[Entity]
) -> tuple[tuple[Release, ...], tuple[tuple[Release, float], ...], dict[str, float]]:
    """Packages paid in full, those that are not with what was paid, and what each pledge gave to the former."""
    releases, owed, given, _ = _shared_out(past, actuals, said)
    released, unpaid, paid = [], [], dict[str, float]()
    for row in releases:
        total, due = sum(given[row.package].values()), sum(owed[row.package].values())
        if total < due - MONEY * max(1.0, due):
            unpaid.append((row, total))
            continue
        released.append(row)
        for pledge, amount in given[row.package].items():
            paid[pledge] = paid.get(pledge, 0.0) + amount
    return tuple(released), tuple(unpaid), paid


def _approved(past: Past, actuals: Iterable[Actual], said: set[Entity]) -> dict[str, int]:
    approved = {
        row.case: row.period
        for row in past.plan.approvals
        if past.over(row.period) and ("approved", row.case, row.period) not in said
    }
    for actual in actuals:
        if actual.event == "approved" and actual.quantity:
            approved[actual.entity or ""] = past.calendar.period(actual.date)
    return approved


def _deviations(past: Past, found: Happened, actuals: Sequence[Actual]) -> Iterable[Deviation]:
    """What the rows say against the plan, entity by entity and item by item, where it differs."""
    planned, actual = Counter[tuple[str, str, str, int]](), Counter[tuple[str, str, str, int]]()
    said = {entity_of(past, row) for row in actuals}
    for rows, into in ((past.plan.made, planned), (found.made, actual)):
        for made in rows:
            if ("produced", made.line, made.period) in said:
                into["produced", made.line, made.item, made.period] += made.quantity
    for sent, into in ((past.plan.dispatches, planned), (found.dispatches, actual)):
        for row in sent:
            if ("dispatched", row.demand, row.period) in said:
                into["dispatched", row.demand, row.item, row.period] += row.quantity
    for receipt in past.problem.receipts:
        t = past.calendar.period(receipt.date)
        if receipt.date >= past.calendar.start and ("arrived", receipt.item, t) in said:
            planned["arrived", receipt.item, receipt.item, t] += receipt.quantity
    for approval in past.plan.approvals:
        if ("approved", approval.case, approval.period) in said:
            planned["approved", approval.case, "", approval.period] += 1
    period = {row.package: row.period for row in past.plan.releases}
    money = Counter[tuple[str, str, str, int]]()
    for payment in past.plan.payments:
        t = period.get(payment.package, past.elapsed)
        if ("paid", payment.pledge, t) in said:
            money["paid", payment.pledge, "", t] += payment.amount_usd_m  # type: ignore[assignment]
    amounts = Counter[tuple[str, str, str, int]]()
    for given in actuals:
        event, name, t = entity_of(past, given)
        if event in ("paid", "approved", "arrived"):
            item = name if event == "arrived" else ""
            amounts[event, name, item, t] += given.quantity  # type: ignore[assignment]
    before, after = {**planned, **money}, {**actual, **amounts}
    for key in sorted({*before, *after}):
        one, other = float(before.get(key, 0)), float(after.get(key, 0))
        if abs(one - other) > MONEY:
            yield Deviation(*key[:3], past.calendar.day(key[3]), one, other)


def past_of(problem: Problem, base: Problem, plan: Plan, to: dt.date, elapsed: int) -> Past:
    """The elapsed part of a plan."""
    return Past(problem, base, plan, calendar_of(base), elapsed, to)
