"""Who gets what the lines turn out: the pegs of the plan, and what nobody takes.

Sums by item, period and customer are the plan's own; which slot a unit came from is a matter of the rule by which units
are pegged (`optimizer.explaining.pegging`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

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


def outputs(report: Report) -> tuple[Output, ...]:
    """All that the lines turn out, by line, item and period, then in the order in which it leaves."""
    recipient = {(demand.kind, demand.demand): demand.recipient for demand in report.facts.demands}
    left: dict[tuple[str, str, int], int] = defaultdict(int)
    for made in report.plan.made:
        left[made.line, made.item, made.period] += made.quantity
    found = []
    for peg in report.facts.pegging.pegs:
        if peg.source == "slot":
            who = recipient.get((peg.kind, peg.demand), "")
            found.append(Output(peg.name, peg.item, peg.begun, peg.kind, who, peg.demand, peg.units))
            left[peg.name, peg.item, peg.begun] -= peg.units
    for (line, item, period), units in left.items():
        if units > 0:
            found.append(Output(line, item, period, "stock", "", "", units))
    return tuple(sorted(found, key=lambda row: (row.line, row.item, row.period)))
