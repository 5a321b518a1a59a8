"""Scaling numbers as people do on paper: exact decimals, and whole units that still add up.

A factor and a value are taken for the decimals that they are written as, so 3 × 0.1 is 0.3. What is counted in units is
shared out: all rows that one change scales, taken together by item (`COUNTED`), add up to the scaled sum, rounded half
up; each is rounded down, and the units left go to the largest remainders, of equal ones to the earlier row. Every other
whole number is rounded half up by itself.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from fractions import Fraction

COUNTED: dict[tuple[str, str], str] = {
    ("stocks", "on_hand"): "item",
    ("stocks", "readiness_floor"): "item",
    ("receipts", "quantity"): "item",
    ("orders", "quantity"): "item",
    ("needs", "quantity"): "item",
    ("package_contents", "quantity"): "need",
    ("offers", "quantity"): "item",
    ("offers", "replacement_quantity"): "replacement_item",
    ("commitments", "quantity"): "item",
}
"""Columns that count units, and the column that says of what: the rows of one of these are scaled together."""


def exact(number: float) -> Fraction:
    """The decimal that the number is written as."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def scaled(value: float, factor: float) -> float:
    """Value × factor; infinite where no number of the machine is so large."""
    return as_float(exact(value) * exact(factor))


def added(value: float, amount: float) -> float:
    """Value + amount, as decimals."""
    return as_float(exact(value) + exact(amount))


def as_float(number: Fraction) -> float:
    """The nearest number of the machine; infinite beyond the largest."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def half_up(number: Fraction) -> int:
    """The nearest whole number; of two the larger."""
    return math.floor(number + Fraction(1, 2))


def shared_out(values: Sequence[int], factor: float, groups: Sequence[Hashable]) -> list[int]:
    """Every value × factor in whole units, so that each group adds up to its scaled sum, rounded half up."""
    products = [exact(value) * exact(factor) for value in values]
    found = [math.floor(product) for product in products]
    members: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    for indices in members.values():
        total = half_up(sum((products[index] for index in indices), Fraction(0)))
        left = total - sum(found[index] for index in indices)
        by_remainder = sorted(indices, key=lambda index: (found[index] - products[index], index))
        for index in by_remainder[:left]:
            found[index] += 1
    return found
