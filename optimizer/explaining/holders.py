"""Who has what a demand lacks: units of its item, or slots of its lines, that went to others before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Literal

from models.plan import Kind
from optimizer.explaining.case import AS_IS, Case
from optimizer.explaining.pegging import Peg
from optimizer.explaining.reasons import Holder
from optimizer.explaining.room import Room

MOST = 5
"""Competitors that are named, and tested, for one demand: promises first, then those with the most units."""


Taker = tuple[Kind, str, str]
"""A demand and an item that it gets: kind, name, item."""


@dataclass(frozen=True)
class Competitors:
    """What is known of every demand, by kind and name, and which orders have a firm date."""

    weights: Mapping[tuple[Kind, str], float]
    recipients: Mapping[tuple[Kind, str], str]
    firm: frozenset[str]
    _first: dict[tuple[str, tuple[str, ...], int], list[tuple[Taker, int]]] = field(default_factory=dict)

    def holders(self, case: Case) -> tuple[Holder, ...]:
        """The strongest competitors of a demand, those whose units would help it most first.

        Tested one by one: served without the competitor, whose units stay in the pool or whose slots and components
        are idle again, how many unit-weeks does the demand gain?
        """
        own, found = (case.subject, case.name), []
        for (kind, demand, item), units in [pair for pair in self._strongest(case) if pair[0][:2] != own][:MOST]:
            pegs = [peg for peg in case.room.pegging.of(kind, demand) if peg.item == item and _before(case, peg)]
            freed = (case.room.freed_by(pegs, mine) for mine in case.items)
            gain = case.as_is - min(case.weeks(AS_IS, one) for one in freed)
            right: Literal["promise", "firm", "weight"] = "weight"
            if kind == "replacement":
                right = "promise"
            elif kind == "order" and demand in self.firm:
                right = "firm"
            recipient, weight = self.recipients[kind, demand], self.weights[kind, demand]
            found.append(Holder(kind, demand, recipient, item, units, weight, right, gain))
        return tuple(sorted(found, key=lambda one: (-one.gain, -one.units, one.demand)))

    def _strongest(self, case: Case) -> list[tuple[Taker, int]]:
        """Who had most of its items, or of slots of its lines, before its own last unit, the strongest first.

        Enough of them that `MOST` are left without the demand itself.
        """
        room, found = case.room, list[tuple[Taker, int]]()
        for item in case.items:
            found += self._first_of(room, item, (), case.ends)
        others: dict[str, list[str]] = defaultdict(list)
        for line in case.lines:
            for item in room.pegging.made_on(line):
                if item not in case.ratio:
                    others[item].append(line)
        for item, lines in others.items():
            found += self._first_of(room, item, tuple(lines), case.ends)
        return sorted(found, key=_strength)

    def _first_of(self, room: Room, item: str, lines: tuple[str, ...], before: int) -> list[tuple[Taker, int]]:
        """The strongest takers of an item before a period, with units: from the lines, or (none given) from its pool.

        Remembered, as it is the same for every demand: all of them together take time with the units that leave, times
        the periods, and not with the square of the demands.
        """
        key = (item, lines, before)
        if key not in self._first:
            units: dict[Taker, int] = defaultdict(int)
            if lines:
                for peg in (peg for line in lines for peg in room.pegging.made_on(line)[item]):
                    if peg.begun < before:
                        units[peg.kind, peg.demand, item] += peg.units
            else:
                for peg in room.pegging.from_pool(item):
                    if peg.leaves < before:
                        units[peg.kind, peg.demand, item] += peg.units
            # of its own items a demand may be the strongest taker itself
            self._first[key] = nsmallest(MOST + 1, units.items(), key=_strength)
        return self._first[key]


def _strength(pair: tuple[Taker, int]) -> tuple[bool, int, Taker]:
    """Promises first, then those with the most units."""
    taker, units = pair
    return taker[0] != "replacement", -units, taker


def _before(case: Case, peg: Peg) -> bool:
    """Whether it is a unit of its items that left, or took slots of its lines, before its own last unit."""
    if peg.item in case.ratio:
        return peg.source != "offer" and peg.leaves < case.ends
    return peg.source == "slot" and peg.name in case.lines and peg.begun < case.ends
