"""A part of a relaxation that meets the rest only in rows whose prices are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from models.bulk.tables import Flags, Floats


@dataclass(frozen=True)
class Piece:
    """min cost·x, row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, x whole where `whole`; costs at the given prices.

    `least`: what it costs at least by the given prices of its own rows. `most`: the same of a solution that uses a
    column that is left out. Both in the objective's units.
    """

    cost: Floats
    A: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    whole: Flags
    least: float
    most: float


def worth_of_sides(dual: Floats, lower: Floats, upper: Floats) -> float:
    """What rows' sides are worth at legal duals."""
    side = np.where(dual > 0, np.where(np.isinf(lower), 0.0, lower), np.where(np.isinf(upper), 0.0, upper))
    return float(dual @ side)
