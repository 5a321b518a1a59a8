"""Whether what changed speaks for or against the way in which a demand moved."""

from __future__ import annotations

import datetime as dt

from optimizer.explaining.changes import Change
from optimizer.explaining.moved import DemandChange

HELPING = {"slots_per_week": 1, "units_per_week": 1, "on_hand": 1, "quantity": 1, "tonnes_per_week": 1} | {
    "readiness_floor": -1,
    "slots_per_unit": -1,
    "units_per_unit": -1,
    "weeks": -1,
}
"""Columns of supply and lanes, and whether more of it brings units earlier (1) or later (−1)."""


def claim(change: DemandChange) -> float:
    """By how much it asks for more: weight × million USD."""
    old, new = (0.0 if f is None else f.weight * f.price * f.quantity for f in (change.old, change.new))
    return new - old


def size(change: DemandChange) -> float:
    """How large its change is, for the order in which rivals are named."""
    return max(abs(claim(change)), abs(change.delay))


def against(change: DemandChange, help_: float) -> bool:
    """Whether what helps (above 0) or hurts a demand (below 0) speaks against the way in which it moved."""
    return help_ < 0 if change.movement == "earlier" else change.movement == "later" and help_ > 0


def helps(row: Change) -> float:
    """Above 0 if the change brings more supply, below 0 if less, 0 where that cannot be said."""
    if row.kind == "changed":
        old, new = row.old, row.new
        if isinstance(old, (int, float)) and isinstance(new, (int, float)):
            return HELPING.get(row.column, 0) * (new - old)
        return 0.0
    return {"added": 1.0, "removed": -1.0}[row.kind] if row.table in ("receipts", "lanes", "line_items") else 0.0


def rank(day: dt.date | bool | None) -> int:
    """The earlier, the less: free from the start, on a day, never."""
    return 0 if day is None else day.toordinal() if isinstance(day, dt.date) else dt.date.max.toordinal()
