"""What everything else is drawn for: the class, the seed, lines and items, customers."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.generating.classes import SizeClass
from optimizer.generating.draws import Draws
from optimizer.generating.market import Market, market
from optimizer.generating.recipients import Recipient, recipients


@dataclass(frozen=True, slots=True)
class World:
    """Held in memory as a whole; it grows with items, lines and recipients, not with demands."""

    size: SizeClass
    seed: int
    market: Market
    customers: tuple[Recipient, ...]

    def draws(self, stream: str) -> Draws:
        """A stream from its beginning."""
        return Draws(self.seed, stream)


def world(size: SizeClass, seed: int) -> World:
    """Draw lines, items and customers."""
    return World(size, seed, market(size, seed), recipients(size, seed))
