"""Where units that leave the pool come from, and what lines made that nobody takes: the pegs of the plan, by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.plan import Plan
from optimizer.explaining.facts import Facts
from optimizer.explaining.turns import Key

Source = Literal["stock", "receipt", "line"]


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


_SOURCES: Mapping[str, Source] = {"stock": "stock", "receipt": "receipt", "slot": "line"}


def origins(plan: Plan, facts: Facts) -> Origins:
    """The source of every unit that leaves the pool; over a line, what is drawn and what is kept is what it made."""
    kept: dict[tuple[str, str], int] = defaultdict(int)
    for batch in plan.made:
        kept[batch.line, batch.item] += batch.quantity
    drawn: list[Drawn] = []
    for peg in facts.pegging.pegs:
        if peg.source == "offer":
            continue
        if peg.source == "slot":
            kept[peg.name, peg.item] -= peg.units
        row = Drawn(peg.item, _SOURCES[peg.source], peg.name, peg.begun, (peg.kind, peg.demand), peg.leaves, peg.units)
        drawn.append(row)
    return Origins(tuple(drawn), {key: units for key, units in kept.items() if units > 0})
