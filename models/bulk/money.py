"""Money and packages of an order book as a piece of their own: releases are whole, contents and payments are amounts.

At prices of what leaves, the best releases cost more than the relaxation says, as it releases parts of packages
whenever money comes. What they cost more raises the bound of the whole (Lagrangian relaxation between money and slots;
Geoffrion 1974).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from models.bulk.layout import Columns
from models.bulk.piece import Piece, worth_of_sides
from models.bulk.rows import Rows
from models.bulk.tables import Flags, Floats

RULES = (
    "fully_funded", "free_money", "within_pledge", "package_value_least", "package_value_most", "new_packages",
    "releases_per_period", "released_once",
)  # fmt: skip
"""Rules whose rows say what money and packages allow."""
WHOLE = ("released", "proposed_released")
_AMOUNTS = ("free_paid", "content_value")


def money(rows: Rows, dual: Floats) -> Piece | None:
    """The piece at these prices of all other rows; None where there are no packages to release.

    Args:
        rows: of an instance as it is (nothing settled).
        dual: of all rows, with legal signs; those of the piece's own rows say what it costs at least (`Piece.least`).
    """
    if rows.policy is None or not len(rows.releases):
        return None
    standing: Columns = rows.standing
    columns = np.concatenate([
        *(rows.names[name].ravel() for name in (*WHOLE, *_AMOUNTS)),
        *(rows.names[f"pays {k}"] for k in range(len(rows.purses))),
    ])  # fmt: skip
    whole: Flags = np.zeros(len(columns), dtype=bool)
    whole[: sum(rows.names[name].size for name in WHOLE)] = True
    own = np.concatenate([rows.layout.rows[rule].ravel() for rule in RULES])
    A = sparse.csr_array(standing.matrix(rows.layout.count)[:, columns])
    outside = dual.copy()
    outside[own] = 0.0
    cost: Floats = standing.cost[columns] - A.T @ outside
    inside = sparse.csr_array(A[own])
    reduced = cost - inside.T @ dual[own]
    low, high = standing.lower[columns], standing.upper[columns]
    row_low, row_high = (side[own] for side in rows.layout.sides)
    least = worth_of_sides(dual[own], row_low, row_high) + float(np.minimum(reduced * low, reduced * high).sum())
    return Piece(cost, inside, row_low, row_high, low, high, whole, least, np.inf)
