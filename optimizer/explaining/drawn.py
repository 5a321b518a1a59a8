"""Where units that leave the pool come from: first in, first out.

The pool of an item holds its stock before the horizon, then what comes in, in the order of periods; within a period
units under way come before what is made, lines in the order of the table. What leaves takes the oldest: periods in
order, within one the demands in the order of orders, needs, replacements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models import capacity
from models.plan import POOL, Plan
from models.problem import Problem
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.turns import Key

Source = Literal["stock", "receipt", "line", "nowhere"]
"""`nowhere`: more leaves than there is, which no legal plan does."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`units` of `item` that leave in `period` for a demand, and where they come from.

    `line` for `source` "line", "" otherwise; `since`: the period in which they reached the pool, −1 for stock.
    """

    item: str
    source: Source
    line: str
    since: int
    key: Key
    period: int
    units: int


@dataclass(frozen=True)
class Origins:
    """All that leaves the pool with its source; `kept`: units made by (line, item) that are still there at the end."""

    drawn: tuple[Drawn, ...]
    kept: Mapping[tuple[str, str], int]


def origins(problem: Problem, plan: Plan, facts: Facts) -> Origins:
    """The source of every unit that leaves the pool; over a line, what is drawn and what is kept is what it made."""
    leaving: dict[str, list[tuple[int, int, DemandFacts, int]]] = defaultdict(list)
    for at, demand in enumerate(facts.demands):
        for row in demand.sent:
            if row.origin == POOL:
                leaving[row.item].append((row.period, at, demand, row.quantity))
    arriving = _arriving(problem, plan, facts)
    drawn: list[Drawn] = []
    kept: dict[tuple[str, str], int] = {}
    for item in arriving:
        queue = list(reversed(arriving[item]))
        for period, _, demand, units in sorted(leaving.get(item, ()), key=lambda row: row[:2]):
            left, key = units, (demand.kind, demand.demand)
            while left > 0:
                since, source, line, held = queue.pop() if queue else (period, _NOWHERE, "", left)
                taken = min(left, held)
                left -= taken
                drawn.append(Drawn(item, source, line, since, key, period, taken))
                if held > taken:
                    queue.append((since, source, line, held - taken))
        for _, source, line, held in queue:
            if source == "line":
                kept[line, item] = kept.get((line, item), 0) + held
    return Origins(tuple(drawn), kept)


_Lot = tuple[int, Source, str, int]
_NOWHERE: Source = "nowhere"


def _arriving(problem: Problem, plan: Plan, facts: Facts) -> dict[str, list[_Lot]]:
    """For every item its lots (period, source, line, units) in the order in which they come."""
    found: dict[str, list[_Lot]] = {
        item: [(-1, "stock", "", units)] if units else [] for item, units in capacity.on_hand(problem).items()
    }
    for item, received in capacity.receipts(problem, facts.calendar).items():
        found[item] += [(period, "receipt", "", units) for period, units in enumerate(received) if units]
    rank = {line.line: at for at, line in enumerate(problem.lines)}
    for batch in sorted(plan.made, key=lambda row: (row.period, rank[row.line])):
        if batch.quantity:
            found[batch.item].append((batch.period, "line", batch.line, batch.quantity))
    first = {"stock": 0, "receipt": 1, "line": 2}
    for lots in found.values():
        lots.sort(key=lambda lot: (lot[0], first[lot[1]]))
    return found
