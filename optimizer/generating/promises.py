"""Promised dates that can all be kept, by construction.

Firm orders and replacements of accepted offers are the only rules that a plan which does nothing else breaks. Each is
given a day by which lines and components turn out, from the start on, a multiple of all that is promised by then:
made in the order of these days, every promise is kept (earliest due date first).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.generating.market import Market
from optimizer.generating.supply import Supply, cumulated

_PROMISED_SHARE = 0.5
"""Of what is turned out up to any day; the rest covers slots that a unit of several does not fill."""


class Promises:
    """What is still free to promise, by line and component and week."""

    def __init__(self, market: Market, made: Supply, weeks: int) -> None:
        """Nothing is promised yet."""
        self._market = market
        self._weeks = weeks
        self._lines = [_PROMISED_SHARE * cumulated(rates, weeks) for rates in made.rates]
        self._parts = [_PROMISED_SHARE * (one.on_hand + cumulated(one.rates, weeks)) for one in made.components]
        self._uses: list[list[tuple[int, int]]] = [[] for _ in market.items]
        for k, component in enumerate(made.components):
            for item, units in component.uses:
                self._uses[item].append((k, units))

    def promise(self, item: int, quantity: int, week: int) -> int | None:
        """Promise units from the week on that it is asked for; the week they can be promised for, or None."""
        one = self._market.items[item]
        claims = [(self._lines[one.line], quantity * one.slots_per_unit)]
        claims += [(self._parts[k], quantity * units) for k, units in self._uses[item]]
        found = max(_first(free, amount) for free, amount in claims)
        found = max(found, week, 1)
        if found >= self._weeks:
            return None
        for free, amount in claims:
            free[found:] -= amount
        return found


def _first(free: NDArray[np.float64], amount: float) -> int:
    """The first week from which on the amount is free for ever; the number of weeks if none is."""
    short = np.flatnonzero(free < amount)
    return int(short[-1]) + 1 if len(short) else 0
