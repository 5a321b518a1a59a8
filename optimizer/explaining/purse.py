"""What is left of pledges, as a till asks for it again and again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Ask:
    """Which pledges are asked: for a `category` (None: of any), at a release or at `any_date`, or one `only`."""

    category: str | None
    any_date: bool
    only: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What is left for one new package, in million USD.

    `room`: what may be added to it; `theirs`: of those that pay for it already; `most`: of the richest other, −inf if
    there is none; `open`: whether it may have a donor more.
    """

    room: float
    theirs: float
    most: float
    open: bool


@dataclass(frozen=True, slots=True)
class Purse:
    """Million USD left in pledges, the most first, and how much the first 0, 1, 2 … have together."""

    amounts: Sequence[float]
    sums: Sequence[float]


def purse_of(amounts: Iterable[float]) -> Purse:
    """A purse of these amounts."""
    found = sorted(amounts, reverse=True)
    return Purse(found, [0.0, *accumulate(found)])
