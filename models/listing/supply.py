"""What is left of slots, components and stock while demands are served one after another.

Rules of `problem.md`: `line_capacity`, `component_supply`, `stock_balance`, `readiness_floor`. All quantities are whole
units; every array has one entry a period, and "cumulative" means up to the end of that period.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import capacity
from models.calendar import Calendar
from models.plan import Made
from models.problem import Problem

Ints = npt.NDArray[np.int64]


def suffix_min(values: Ints) -> Ints:
    """`min(values[t:])` for every t."""
    return np.minimum.accumulate(values[::-1])[::-1]


def by_period(cumulative: Ints) -> Ints:
    """What a running sum adds in every period."""
    added = cumulative.copy()
    added[1:] -= cumulative[:-1]
    return added


@dataclass(frozen=True, slots=True)
class Reach:
    """What one item can still give, if nobody else asks.

    `by_line`: units that each of its lines can still make, period by period; `makeable`: their cumulative sum over all
    lines, components left aside; `units`: cumulative units that can leave the pool, never falling. What is not taken in
    a period can be taken later, because slots before it can be used to make ahead.
    """

    by_line: tuple[Ints, ...]
    makeable: Ints
    units: Ints


@dataclass(frozen=True, slots=True)
class Booking:
    """Units given to one demand: cumulative `taken` from the pool, cumulative `made` for it, and `by_line`."""

    item: str
    taken: Ints
    made: Ints | None
    by_line: tuple[Ints, ...]


class Supply:
    """The pool, the lines and the components, less what was booked."""

    def __init__(self, problem: Problem, calendar: Calendar) -> None:
        """Everything is still free."""
        arrivals, held, floors = (
            capacity.receipts(problem, calendar),
            capacity.on_hand(problem),
            capacity.hard_floors(problem),
        )
        self._spare = {
            item: held[item] - floors[item] + np.cumsum(np.array(arrivals[item], dtype=np.int64)) for item in held
        }
        self._slots = {line: np.array(free, dtype=np.int64) for line, free in capacity.slots(problem, calendar).items()}
        self._parts = {
            part: np.array(total, dtype=np.int64)
            for part, total in capacity.component_cumulative(problem, calendar).items()
        }
        shared = Counter(row.line for row in problem.line_items)
        # A line that makes little else is used first: it leaves the others most room.
        self._makers = {
            item: sorted(lines, key=lambda maker: (shared[maker[0]], maker[1], maker[0]))
            for item, lines in capacity.makers(problem).items()
        }
        self._recipe: dict[str, list[tuple[str, int]]] = {item: [] for item in held}
        for row in problem.item_components:
            if row.units_per_unit > 0:
                self._recipe[row.item].append((row.component, row.units_per_unit))
        self._made: dict[tuple[str, str], Ints] = {}
        self._zero = np.zeros(calendar.count, dtype=np.int64)

    def copy(self) -> Supply:
        """An independent copy: bookings in one do not show in the other."""
        other = object.__new__(Supply)
        other._spare = {item: spare.copy() for item, spare in self._spare.items()}
        other._slots = {line: free.copy() for line, free in self._slots.items()}
        other._parts = {part: left.copy() for part, left in self._parts.items()}
        other._made = {key: made.copy() for key, made in self._made.items()}
        other._makers, other._recipe, other._zero = self._makers, self._recipe, self._zero
        return other

    def _makeable(self, item: str) -> tuple[tuple[Ints, ...], Ints, Ints]:
        """Units by line and period, their cumulative sum, and that sum as far as the components go."""
        by_line = tuple(self._slots[line] // per_unit for line, per_unit in self._makers[item])
        if not by_line:
            return by_line, self._zero, self._zero
        total = np.cumsum(by_line[0] if len(by_line) == 1 else np.sum(by_line, axis=0))
        limited = total
        for part, per_unit in self._recipe[item]:
            # The most that can be made by t without exceeding what the component allows by any t' <= t.
            allowed = suffix_min(self._parts[part]) // per_unit
            limited = np.minimum(limited, total + np.minimum.accumulate(allowed - total))
        return by_line, total, limited

    def reach(self, item: str) -> Reach:
        """What the item can still give: stock above its hard floor, receipts, and what its lines can make."""
        by_line, total, limited = self._makeable(item)
        # Units taken in t are missing in every later period too, hence the minimum over what follows.
        return Reach(by_line, total, suffix_min(self._spare[item] + limited))

    def book(self, item: str, taken: Ints, reach: Reach) -> Booking:
        """Take `taken` (cumulative, at most `reach.units`) from stock first; the rest is made as late as it may be.

        `reach` is that of the item at this very moment.
        """
        spare = self._spare[item]
        required = np.maximum.accumulate(np.maximum(taken - spare, 0))
        if not required[-1]:
            spare -= taken
            return Booking(item, taken, None, ())
        made, by_line = self._make(item, required, reach.by_line, reach.makeable)
        spare += made - taken
        return Booking(item, taken, made, by_line)

    def _make(self, item: str, required: Ints, free: tuple[Ints, ...], total: Ints) -> tuple[Ints, tuple[Ints, ...]]:
        """Make at least `required` (cumulative), every unit as late as the lines allow: early slots stay free."""
        made = np.maximum(total - suffix_min(total - required), 0)
        left = by_period(made)
        by_line = []
        for (line, per_unit), units in zip(self._makers[item], free, strict=True):
            here = np.minimum(left, units)
            left = left - here
            self._slots[line] -= per_unit * here
            key = (line, item)
            self._made[key] = self._made[key] + here if key in self._made else here.copy()
            by_line.append(here)
        for part, per_unit in self._recipe[item]:
            self._parts[part] -= per_unit * made
        return made, tuple(by_line)

    def unbook(self, booking: Booking) -> bool:
        """Undo a booking. False, and nothing changed, if units made for it have meanwhile gone to somebody else."""
        spare = self._spare[booking.item] + booking.taken
        if booking.made is not None:
            spare -= booking.made
            if spare.min() < 0:
                return False
            for (line, per_unit), here in zip(self._makers[booking.item], booking.by_line, strict=True):
                self._slots[line] += per_unit * here
                self._made[line, booking.item] = self._made[line, booking.item] - here
            for part, per_unit in self._recipe[booking.item]:
                self._parts[part] += per_unit * booking.made
        self._spare[booking.item] = spare
        return True

    def replenish(self, item: str, level: int) -> None:
        """Make units, if slots are left, until `level` units above the hard floor stay in the pool."""
        by_line, total, limited = self._makeable(item)
        if not by_line:
            return
        missing = np.maximum.accumulate(np.maximum(level - self._spare[item], 0))
        required = np.minimum(missing, limited)
        if required[-1]:
            made, _ = self._make(item, required, by_line, total)
            self._spare[item] += made

    def made(self) -> tuple[Made, ...]:
        """Everything made so far, by line, item and period."""
        return tuple(
            Made(line, item, int(t), int(made[t]))
            for (line, item), made in sorted(self._made.items(), key=lambda entry: entry[0])
            for t in np.flatnonzero(made)
        )
