"""Random draws that are the same bytes on every machine.

numpy promises the raw words of a bit generator and of `SeedSequence` for ever, but not the streams of its
distributions. So everything here is made from raw words: a uniform number of 53 bits, and from it, by inversion, the
rest. What follows is rounded to a few digits where it is written, so that the last bit of a logarithm cannot show.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import TypeVar

from numpy.random import PCG64, SeedSequence

T = TypeVar("T")

STREAMS = (
    *("items", "lines", "components", "recipients", "cases", "orders", "needs", "packages", "pledges"),
    *("offers", "stocks", "receipts", "substitutes", "lanes", "commitments", "loads", "donors"),
)
"""One independent stream each, so that a change to one table leaves the draws of the others alone. New ones go last."""

_NORMAL = NormalDist()
_WORDS = 512
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True, slots=True)
class Lognormal:
    """exp(normal): `mean` and `deviation` are those of the natural logarithm."""

    mean: float
    deviation: float

    def at(self, normal: float) -> float:
        """The value for a standard normal draw."""
        return math.exp(self.mean + self.deviation * normal)


class Draws:
    """One stream of random draws."""

    def __init__(self, seed: int, stream: str) -> None:
        """Open the stream of a seed from its beginning. Raises `ValueError` for a name that is no stream."""
        self._bits = PCG64(SeedSequence(seed, spawn_key=(STREAMS.index(stream),)))
        self._words: list[int] = []

    def unit(self) -> float:
        """Uniform in the open interval (0, 1)."""
        if not self._words:
            self._words = self._bits.random_raw(_WORDS).tolist()[::-1]
        return ((self._words.pop() >> 11) + 0.5) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """Uniform from `low` to `high`."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """Whole number from `low` to `high`, both included."""
        return low + int((high - low + 1) * self.unit())

    def chance(self, share: float) -> bool:
        """True in `share` of all draws."""
        return self.unit() < share

    def normal(self, limit: float = 3.0) -> float:
        """Standard normal, cut off at ± `limit`."""
        return max(-limit, min(limit, _NORMAL.inv_cdf(self.unit())))

    def lognormal(self, law: Lognormal, limit: float = 3.0) -> float:
        """A draw of the law, cut off at `limit` deviations of its logarithm."""
        return law.at(self.normal(limit))

    def pick(self, among: Sequence[T]) -> T:
        """One of them, all equally likely."""
        return among[int(len(among) * self.unit())]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """All of them in random order."""
        found = list(values)
        for k in range(len(found) - 1, 0, -1):
            other = self.whole(0, k)
            found[k], found[other] = found[other], found[k]
        return found


class Weighted:
    """Draws indices with given weights, independently (`at`) or evenly spread (`spread`)."""

    def __init__(self, weights: Sequence[float]) -> None:
        """Weights of 0 or more, not all 0. Raises `ValueError`."""
        self._sums = list(accumulate(weights))
        if not self._sums or self._sums[-1] <= 0:
            raise ValueError("there is nothing to draw from")

    def at(self, unit: float) -> int:
        """The index that a number of (0, 1) falls upon."""
        return min(bisect_right(self._sums, unit * self._sums[-1]), len(self._sums) - 1)

    def spread(self, offset: float, k: int) -> int:
        """The k-th of a sequence in which every index comes about as often as its weight asks, also in a short run.

        It is the additive recurrence with the golden ratio, the sequence of lowest discrepancy of its kind
        (Niederreiter 1992, section 3.1); nothing has to be held in memory for it.
        """
        return self.at((offset + k * _GOLDEN) % 1.0)


def every(k: int, share: float) -> bool:
    """Whether the k-th of a row (from 0) is one of the `share` that is marked evenly: of n exactly floor(n·share)."""
    return math.floor((k + 1) * share + 1e-9) > math.floor(k * share + 1e-9)
