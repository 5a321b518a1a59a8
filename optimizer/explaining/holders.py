"""Who has what a demand lacks: units of its item, or slots of its lines, that went to others before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.plan import Kind
from optimizer.explaining.case import AS_IS, Case
from optimizer.explaining.pegging import Peg
from optimizer.explaining.reasons import Holder

MOST = 5
"""Competitors that are named, and tested, for one demand: promises first, then those with the most units."""


@dataclass(frozen=True)
class Competitors:
    """What is known of every demand, by kind and name, and which orders have a firm date."""

    weights: Mapping[tuple[Kind, str], float]
    recipients: Mapping[tuple[Kind, str], str]
    firm: frozenset[str]

    def holders(self, case: Case) -> tuple[Holder, ...]:
        """The strongest competitors of a demand, those whose units would help it most first.

        Tested one by one: served without the competitor, whose units stay in the pool or whose slots and components
        are idle again, how many unit-weeks does the demand gain?
        """
        pegs: dict[tuple[Kind, str, str], list[Peg]] = defaultdict(list)
        for peg in self._before(case):
            if (peg.kind, peg.demand) != (case.subject, case.name):
                pegs[peg.kind, peg.demand, peg.item].append(peg)
        units = {key: sum(peg.units for peg in held) for key, held in pegs.items()}
        found = []
        for key in sorted(pegs, key=lambda key: (key[0] != "replacement", -units[key], key))[:MOST]:
            kind, demand, item = key
            freed = (case.room.freed_by(pegs[key], own) for own in case.items)
            gain = case.as_is - min(case.weeks(AS_IS, one) for one in freed)
            right: Literal["promise", "firm", "weight"] = "weight"
            if kind == "replacement":
                right = "promise"
            elif kind == "order" and demand in self.firm:
                right = "firm"
            recipient, weight = self.recipients[kind, demand], self.weights[kind, demand]
            found.append(Holder(kind, demand, recipient, item, units[key], weight, right, gain))
        return tuple(sorted(found, key=lambda one: (-one.gain, -one.units, one.demand)))

    def _before(self, case: Case) -> list[Peg]:
        """Units of its items that left, and slots of its lines that were used, before its own last unit."""
        pegging, items = case.room.pegging, set(case.items)
        lines = dict.fromkeys(line for item in case.items for line, _ in case.room.makers[item])
        seen = [peg for item in case.items for peg in pegging.from_pool(item) if peg.leaves < case.ends]
        for line in lines:
            seen += [peg for peg in pegging.on_line(line) if peg.begun < case.ends and peg.item not in items]
        return seen
