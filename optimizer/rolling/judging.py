"""What cannot be in `actuals`, given the plan before: every row judged, all findings at once.

That names are known, and that cells which an event does not use are blank, is judged where the table is read
(`optimizer.reading.validate`). Here it is judged against time and plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from models.calendar import calendar_of
from models.capacity import on_hand, slots
from models.plan import POOL
from models.problem import Actual
from optimizer.findings import Finding, error, warning
from optimizer.rolling.happened import MONEY, Past, happened, own_item, per_unit, without_package
from optimizer.rolling.supply import levels

Place = Callable[[int], tuple[str, int | None]]
"""The file and the row of the n-th record of the table, counted from 0."""


def judge(past: Past, actuals: Sequence[Actual], place: Place) -> list[Finding]:
    """Everything that is wrong with the table, beside what the reader has said."""
    findings = [*_dates(past, actuals, place), *_packages(past, actuals, place), *_nowhere(past, actuals, place)]
    findings += _whole_needs(past, actuals, place)
    findings += [*_too_many(past, actuals, place), *_pool(past, actuals, place), *_output(past, actuals, place)]
    return findings


def _finding(where: tuple[Place, int], code: str, message: str, cell: tuple[str, object], expected: str) -> Finding:
    file, row = where[0](where[1])
    return error(code, file, message, row=row, column=cell[0], value=str(cell[1]), expected=expected)


def _inside(past: Past, row: Actual) -> bool:
    return past.calendar.start <= row.date < past.to


def _dates(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    for k, row in enumerate(actuals):
        if not _inside(past, row):
            expected = f"{past.calendar.start} to before {past.to}"
            message = "The day lies outside the time since the plan before."
            yield _finding((place, k), "actual_outside", message, ("date", row.date), expected)


def _packages(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    """A package that is paid for is one that the plan released by then, and the pledge has the money."""
    released = {row.package: row.period for row in past.plan.releases if past.over(row.period)}
    given: dict[str, float] = defaultdict(float)
    has = {row.pledge: row.amount_usd_m for row in past.problem.pledges}
    for k, row in enumerate(actuals):
        if row.event != "paid" or not _inside(past, row):
            continue
        if row.package is not None and row.package not in released:
            message = f"The plan before releases no package {row.package} in the elapsed time."
            expected = " or ".join(sorted(released)) or "no row: nothing was to be paid"
            yield _finding((place, k), "unknown_key", message, ("package", row.package), expected)
        given[row.entity or ""] += row.quantity
        most = has.get(row.entity or "", row.quantity)
        if given[row.entity or ""] > most + MONEY:
            message = f"{row.entity} has paid more than it has."
            yield _finding(
                (place, k), "actual_cannot_be", message, ("quantity", row.quantity), f"{most:g} in all at most"
            )


def _nowhere(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    """Money belongs to a package: where none is named, to those that the pledge was to pay by then."""
    for k, rest in without_package(past, actuals).items():
        row = actuals[k]
        due = max(0.0, row.quantity - rest)
        message = f"{row.entity} was to pay {due:g} for packages released by then: nobody can say what the rest is for."
        expected = f"{due:g} at most, or the package in column package" if due else "the package in column package"
        yield _finding((place, k), "actual_cannot_be", message, ("quantity", f"{row.quantity:g}"), expected)


def _whole_needs(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    """A dispatch is of an item that the demand can take, in whole units of it."""
    needs = {row.need: row for row in past.problem.needs}
    offers = {row.offer: row for row in past.problem.offers}
    for k, row in enumerate(actuals):
        if row.event != "dispatched":
            continue
        demand = row.entity or ""
        own = own_item(past.problem, demand)
        item = row.item or own
        takes = {own}
        if demand in needs:
            takes |= {sub.substitute for sub in past.problem.substitutes if sub.item == own}
        if item not in takes:
            message = f"{demand} cannot take {item}."
            yield _finding((place, k), "actual_cannot_be", message, ("item", item), " or ".join(sorted(takes)))
            continue
        ratio = per_unit(past.problem, demand, item) if demand in needs else 1
        if round(row.quantity) % ratio:
            message = f"A unit of {own} takes {ratio} of {item}."
            yield _finding(
                (place, k), "actual_cannot_be", message, ("quantity", row.quantity), f"whole multiples of {ratio}"
            )
        if row.origin is not None and (demand not in needs or offers[row.origin].item != item):
            message = f"{row.origin} gives {offers[row.origin].item} for needs."
            yield _finding((place, k), "actual_cannot_be", message, ("origin", row.origin), "a blank: the pool")


def _too_many(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    """No demand is sent more than it asks for, and no offer gives more than it has; the last such row is named."""
    done, _ = happened(past, actuals)
    asked: dict[str, int] = {row.order: row.quantity for row in past.problem.orders}
    asked |= {row.need: row.quantity for row in past.problem.needs}
    asked |= {row.offer: row.replacement_quantity for row in past.problem.offers}
    gifts = {row.offer: row.quantity for row in past.problem.offers}
    sent, given = Counter[str](), Counter[str]()
    for row in done.dispatches:
        ratio = per_unit(past.problem, row.demand, row.item) if row.kind == "need" else 1
        sent[row.demand] += row.quantity // ratio
        if row.origin != POOL:
            given[row.origin] += row.quantity
    last = {row.entity or "": k for k, row in enumerate(actuals) if row.event == "dispatched" and _inside(past, row)}
    for demand, k in last.items():
        if demand in asked and sent[demand] > asked[demand]:
            message = f"{demand} asked for {asked[demand]}, and {sent[demand]} were dispatched in all."
            said = ("quantity", actuals[k].quantity)
            yield _finding((place, k), "actual_cannot_be", message, said, f"{asked[demand]} in all at most")
    origins = {row.origin or "": k for k, row in enumerate(actuals) if row.origin is not None and _inside(past, row)}
    for offer, k in origins.items():
        if offer in gifts and given[offer] > gifts[offer]:
            message = f"{offer} gives {gifts[offer]}, and {given[offer]} left it."
            yield _finding(
                (place, k),
                "actual_cannot_be",
                message,
                ("quantity", actuals[k].quantity),
                f"{gifts[offer]} in all at most",
            )


def _pool(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    """What is said to have left was there."""
    done, _ = happened(past, actuals)
    level = levels(past, done)
    for item in on_hand(past.problem):
        if level[item] >= 0:
            continue
        rows = [
            k
            for k, row in enumerate(actuals)
            if row.event == "dispatched"
            and row.origin is None
            and (row.item or own_item(past.problem, row.entity or "")) == item
        ]
        if rows:
            message = f"{-level[item]} more of {item} have left the pool than were there."
            k = rows[-1]
            yield _finding(
                (place, k), "actual_cannot_be", message, ("quantity", actuals[k].quantity), "no more than there was"
            )


def _output(past: Past, actuals: Sequence[Actual], place: Place) -> Iterator[Finding]:
    """More than a line has slots for is odd, and taken as it is said."""
    have = slots(past.problem, calendar_of(past.base)) if past.problem.start == past.base.start else {}
    needs = {(row.line, row.item): row.slots_per_unit for row in past.problem.line_items}
    used, last = Counter[tuple[str, int]](), dict[tuple[str, int], int]()
    for k, row in enumerate(actuals):
        if row.event == "produced" and _inside(past, row):
            key = (row.entity or "", past.calendar.period(row.date))
            items = [item for line, item in needs if line == row.entity]
            item = row.item or (items[0] if len(items) == 1 else "")
            used[key] += round(row.quantity) * needs.get((key[0], item), 0)
            last[key] = k
    for (line, t), slots_used in used.items():
        if line in have and slots_used > have[line][t]:
            file, number = place(last[line, t])
            message = (
                f"{line} has {have[line][t]} slots then, and what is said takes {slots_used}: it is taken as said."
            )
            yield warning("more_than_slots", file, message, row=number, column="quantity")
