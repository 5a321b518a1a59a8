"""Stock, receipts, lines and components, rolled on so that every slot and every part is where it was.

Slots and components are whole numbers rounded down from the start of the horizon on (`problem.md`, "Slots, components,
stock"). A new start would round anew, so the first period's rate also turns out the part of a slot that was begun: what
is rounded down is then the same at every later boundary. Likewise the level that stock may not go below follows from
what is on hand at the start. Where stock began below its floor, what came since is therefore written as a receipt of
the first day, until the pool has its floor again and the plan that is left keeps it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from models.calendar import Calendar
from models.capacity import on_hand, readiness_floors
from models.plan import POOL, Plan
from models.problem import Component, ComponentRate, LineRate, Problem, Receipt, Stock
from optimizer.reading.column import MAX_QUANTITY, MAX_RATE
from optimizer.rolling.happened import Past
from optimizer.rolling.records import Happened, Note

SLACK = Fraction(1, 10**9)
"""The 1e-9 that `problem.md` adds before rounding down."""


def stocks(
    past: Past, done: Happened, carried: Plan, calendar: Calendar, notes: list[Note]
) -> tuple[tuple[Stock, ...], tuple[Receipt, ...]]:
    """The pool on the new first day, and what is under way to it."""
    held, floors = on_hand(past.problem), readiness_floors(past.problem)
    level = levels(past, done)
    later = tuple(row for row in past.problem.receipts if row.date >= past.to)
    rows: dict[str, Stock] = {}
    held_back: list[Receipt] = []
    for item, floor in floors.items():
        now = level[item]
        if now < 0:
            text = f"{-now} more of {item} are said to have left the pool than there were: it is taken to hold none"
            notes.append(Note("below_zero", (item,), float(-now), text))
            now = 0
        if now > MAX_QUANTITY:
            notes.append(Note("over_limit", (item,), float(now), f"the stock of {item} is taken as {MAX_QUANTITY}"))
            now = MAX_QUANTITY
        kept = held[item]
        lowest = _lowest(item, now, carried, later, calendar)
        if kept < floor and now > kept and lowest < floor:
            rows[item] = Stock(item, kept, floor)
            held_back.append(Receipt(item, past.to, now - kept))
            text = (
                f"{item} began with {kept}, below its floor of {floor}, and has {now} now: the plan may use what came "
                f"since, so it is written as a receipt of {past.to}"
            )
            notes.append(Note("held_level", (item,), float(now - kept), text))
        else:
            rows[item] = Stock(item, now, floor)
    listed = {row.item for row in past.problem.stocks}
    kept_rows = tuple(row for item, row in rows.items() if item in listed or row.on_hand)
    coming = tuple(Receipt(item, past.to, units) for item, units in done.coming.items())
    return kept_rows, (*held_back, *coming, *later)


def levels(past: Past, done: Happened) -> Counter[str]:
    """Units in the pool after the elapsed periods, by item: on hand + arrived + made − taken."""
    level = Counter(on_hand(past.problem))
    for item, units in done.arrived.items():
        level[item] += units
    for made in done.made:
        level[made.item] += made.quantity
    for row in done.dispatches:
        if row.origin == POOL:
            level[row.item] -= row.quantity
    return level


def _lowest(item: str, now: int, carried: Plan, receipts: Iterable[Receipt], calendar: Calendar) -> int:
    """The least stock that the plan left over has at the end of a period; what there is now if no period is left."""
    change = [0] * (calendar.count + 1)
    for receipt in receipts:
        if receipt.item == item:
            change[calendar.period(receipt.date)] += receipt.quantity
    for made in carried.made:
        if made.item == item:
            change[made.period] += made.quantity
    for row in carried.dispatches:
        if (row.item, row.origin) == (item, POOL):
            change[row.period] -= row.quantity
    level, lowest = now, now
    for step in change[: calendar.count]:
        level += step
        lowest = min(lowest, level)
    return lowest


Steps = Sequence[tuple[dt.date, float]]


def line_rates(past: Past, calendar: Calendar) -> tuple[LineRate, ...]:
    """The rates of every line from the new first day on."""
    rows: dict[str, list[tuple[dt.date, float]]] = defaultdict(list)
    for row in past.problem.line_rates:
        rows[row.line].append((row.from_date, row.slots_per_week))
    return tuple(LineRate(line, *step) for line, steps in rows.items() for step in _rolled(steps, past, calendar))


def component_rates(past: Past, calendar: Calendar) -> tuple[ComponentRate, ...]:
    """The rates of every component from the new first day on."""
    return tuple(
        ComponentRate(name, *step)
        for name, steps in _component_steps(past.problem).items()
        for step in _rolled(steps, past, calendar)
    )


def components(past: Past, done: Happened, notes: list[Note]) -> tuple[Component, ...]:
    """Parts on the new first day: on hand + arrived − used."""
    steps, used = _component_steps(past.problem), Counter[str]()
    for made in done.made:
        for part in past.problem.item_components:
            if part.item == made.item:
                used[part.component] += part.units_per_unit * made.quantity
    found = []
    for row in past.problem.components:
        came = _whole(_accrued(steps.get(row.component, ()), past))
        left = row.on_hand + came - used[row.component]
        if left < 0:
            text = (
                f"{-left} more of {row.component} are said to have been used than there were: none are taken to be left"
            )
            notes.append(Note("below_zero", (row.component,), float(-left), text))
        found.append(replace(row, on_hand=min(MAX_QUANTITY, max(0, left))))
    return tuple(found)


def _component_steps(problem: Problem) -> dict[str, list[tuple[dt.date, float]]]:
    rows: dict[str, list[tuple[dt.date, float]]] = defaultdict(list)
    for row in problem.component_rates:
        rows[row.component].append((row.from_date, row.units_per_week))
    return rows


def _accrued(steps: Steps, past: Past) -> Fraction:
    """What the step function turned out in the elapsed periods, exactly as the tables write its rates."""
    ordered, total = sorted(steps), Fraction(0)
    for index, (begin, rate) in enumerate(ordered):
        end = min(past.to, ordered[index + 1][0]) if index + 1 < len(ordered) else past.to
        days = (end - max(begin, past.calendar.start)).days
        if days > 0:
            total += Fraction(str(rate)) * days / 7
    return total


def _whole(value: Fraction) -> int:
    return math.floor(value + SLACK)


def _rolled(steps: Steps, past: Past, calendar: Calendar) -> list[tuple[dt.date, float]]:
    """The step function from the new first day on; in the first period also the part of a unit that was begun.

    Rows that are over are left out; the one in force stays as it is where nothing was begun.
    """
    ordered = sorted(steps)
    past_rows = [step for step in ordered if step[0] <= past.to]
    later = [step for step in ordered if step[0] > past.to]
    in_force = past_rows[-1:]
    accrued = _accrued(steps, past)
    begun = accrued - _whole(accrued)
    if begun <= SLACK or calendar.count == 0:
        return [*in_force, *later]
    end = calendar.day(1)
    more = begun / ((end - past.to).days // 7)
    first = [(past.to, in_force[0][1] if in_force else 0.0), *(step for step in later if step[0] < end)]
    raised = [(day, min(float(MAX_RATE), float(Fraction(str(rate)) + more))) for day, rate in first]
    rest = [step for step in later if step[0] >= end]
    if not rest or rest[0][0] > end:
        rest.insert(0, (end, first[-1][1]))
    return [*raised, *rest]
