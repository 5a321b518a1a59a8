"""Who gains between two solutions of one held model: every column belongs to a demand, or to the stock of an item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.matrix import Vector
from optimizer.explaining.values import SMALL, Gain, GainKind
from optimizer.valuing.held import Held

NOBODY = -1


@dataclass(frozen=True)
class Ledger:
    """Of every column of a model: whose it is, its cost, and the weeks it brings that demand forward."""

    owners: tuple[tuple[GainKind, str, str], ...]
    owner: npt.NDArray[np.int64]
    cost: Vector
    weeks: Vector

    def gains(self, columns: npt.NDArray[np.int64], before: Vector, after: Vector) -> tuple[Gain, ...]:
        """Gains by demand from one solution of these columns to another, the largest first."""
        step, mine = after - before, self.owner[columns]
        known = mine != NOBODY
        size = len(self.owners)
        value = np.bincount(mine[known], -(self.cost[columns] * step)[known], size)
        weeks = np.bincount(mine[known], (self.weeks[columns] * step)[known], size)
        moved = np.flatnonzero((np.abs(value) > SMALL) | (np.abs(weeks) > SMALL))
        found = [
            Gain(demand, kind, recipient, float(weeks[k]), float(value[k]))
            for k in moved
            for kind, demand, recipient in (self.owners[k],)
        ]
        return tuple(sorted(found, key=lambda gain: (-round(gain.value, 6), -round(gain.weeks, 6), gain.demand)))


def ledger_of(model: Held) -> Ledger:
    """The ledger of a model; its costs are those of the sum of the terms."""
    matrix, facts = model.built.matrix, model.facts
    moves, windows = model.built.draft.notes["moves"], model.built.draft.notes["windows"]
    late, T = facts.calendar.late, facts.T
    numbers: dict[tuple[GainKind, str, str], int] = {}
    owner = np.full(len(matrix.kinds), NOBODY, dtype=np.int64)
    weeks = np.zeros(len(matrix.kinds))
    after = {(o, t): window[k + 1 : k + 2] for o, window in windows.items() for k, t in enumerate(window)}

    def saved(name: str, t: int) -> int:
        due = facts.orders[name].due_date
        return late(due, T) - late(due, t)

    def demand(name: str) -> tuple[GainKind, str, str]:
        if name in facts.orders:
            return "order", name, facts.orders[name].recipient
        return ("need", name, "") if name in facts.needs else ("replacement", name, facts.offers[name].donor)

    for j, (kind, key) in enumerate(zip(matrix.kinds, matrix.column_keys, strict=True)):
        whose: tuple[GainKind, str, str] | None = None
        if kind == "dispatched":
            whose = demand(key[0])
            weeks[j] = saved(*key) if facts.orders[key[0]].delivery == "each" else 0
        elif kind == "is_completed":
            whose = demand(key[0])
            later = after[key][0] if after[key] else None
            weeks[j] = facts.orders[key[0]].quantity * (saved(*key) - (0 if later is None else saved(key[0], later)))
        elif kind == "sent":
            move = moves[key[0]]
            due = facts.needs[move.need].needed_by
            whose, weeks[j] = ("need", move.need, ""), late(due, T) - late(due, move.arrival)
        elif kind == "moved":
            whose = demand(key[0])
        elif kind == "shortfall":
            whose = ("stock", key[0], "")
        if whose is not None:
            owner[j] = numbers.setdefault(whose, len(numbers))
    return Ledger(tuple(numbers), owner, matrix.cost()[0], weeks)
