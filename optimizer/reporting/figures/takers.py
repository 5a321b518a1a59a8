"""Who gets what the lines turn out: every unit of output handed on in turn, first in, first out.

One pool per item serves everybody (`problem.md`, "Slots, components, stock"), so a plan does not say which slot a
delivered unit came from. The chart of the lines and the sheet `gantt` take the usual convention of a stockroom: what
came in first goes out first, stock on hand before receipts before output. Sums by item, period and customer are the
plan's whichever convention is taken.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.plan import POOL
from optimizer.reporting.summary import Report

Taker = Literal["need", "order", "replacement", "stock"]
"""Whom a unit is for; `stock`: nobody takes it before the plan ends."""


@dataclass(frozen=True, slots=True)
class Output:
    """`units` of `item` that `line` turns out in `period`, and for whom; `recipient` is blank for Ukraine and stock."""

    line: str
    item: str
    period: int
    taker: Taker
    recipient: str
    demand: str
    units: int


@dataclass(slots=True)
class _Lot:
    """What came into the pool at one time; `line` is blank for stock on hand and receipts."""

    line: str
    period: int
    left: int


def outputs(report: Report) -> tuple[Output, ...]:
    """All that the lines turn out, by line, item, period and demand."""
    lots, taken = _lots(report), _taken(report)
    found = [row for item in lots for row in _handed_on(item, lots[item], taken[item])]
    return tuple(sorted(found, key=lambda row: (row.line, row.item, row.period)))


def _lots(report: Report) -> dict[str, deque[_Lot]]:
    """By item, in the order in which units come in."""
    problem, calendar = report.problem, report.facts.calendar
    arriving: dict[str, list[_Lot]] = defaultdict(list)
    for stock in problem.stocks:
        free = stock.on_hand - report.facts.supply.hard_floors[stock.item]  # the rest never leaves the pool
        arriving[stock.item].append(_Lot("", 0, free))
    for receipt in problem.receipts:
        period = calendar.period(receipt.date)
        if period < calendar.count:
            arriving[receipt.item].append(_Lot("", period, receipt.quantity))
    for made in sorted(report.plan.made):
        arriving[made.item].append(_Lot(made.line, made.period, made.quantity))
    return {item: deque(sorted(rows, key=lambda lot: lot.period)) for item, rows in arriving.items()}


def _taken(report: Report) -> dict[str, list[tuple[int, Taker, str, str, int]]]:
    """By item: (period, taker, recipient, demand, units) of what leaves the pool, in order of time."""
    found: dict[str, list[tuple[int, Taker, str, str, int]]] = defaultdict(list)
    for demand in report.facts.demands:
        for row in demand.sent:
            if row.origin == POOL:
                found[row.item].append((row.period, row.kind, demand.recipient, row.demand, row.quantity))
    for rows in found.values():
        rows.sort(key=lambda row: row[0])
    return found


def _handed_on(item: str, lots: deque[_Lot], taken: list[tuple[int, Taker, str, str, int]]) -> Iterator[Output]:
    for _, taker, recipient, demand, units in taken:
        open_units = units
        while open_units > 0 and lots:
            lot = lots[0]
            moved = min(open_units, lot.left)
            if lot.line and moved:
                yield Output(lot.line, item, lot.period, taker, recipient, demand, moved)
            open_units -= moved
            lot.left -= moved
            if lot.left == 0:
                lots.popleft()
    for lot in lots:
        if lot.line and lot.left:
            yield Output(lot.line, item, lot.period, "stock", "", "", lot.left)
