"""The rows of one rule as text: names, coefficients and bounds, in an order that does not depend on the build."""

from __future__ import annotations

import math

import numpy as np

from models.matrix import Matrix


def listing(matrix: Matrix, rule: str) -> str:
    """Every row of the rule with its terms, then every column in them with its bounds and `whole` where declared."""
    A, names, rows = matrix.A, matrix.column_names, matrix.row_names
    found, used = [], set()
    for r in np.flatnonzero(matrix.rules == rule):
        span = slice(A.indptr[r], A.indptr[r + 1])
        terms = sorted((names[j], value) for j, value in zip(A.indices[span], A.data[span], strict=True) if value)
        used |= {int(j) for j in A.indices[span]}
        found.append(f"{rows[r]}: {_between(matrix.row_lower[r], _sum(terms), matrix.row_upper[r])}")
    bounds = sorted(
        _between(matrix.lower[j], names[j], matrix.upper[j]) + ("  whole" if matrix.whole[j] else "") for j in used
    )
    return "\n".join([*sorted(found), "", *bounds]) + "\n"


def _sum(terms: list[tuple[str, float]]) -> str:
    words = " ".join(f"{'-' if value < 0 else '+'} {_coefficient(value)}{name}" for name, value in terms)
    return words.removeprefix("+ ")


def _coefficient(value: float) -> str:
    return "" if abs(value) == 1 else f"{abs(value):.10g} "


def _between(lower: float, body: str, upper: float) -> str:
    if lower == upper:
        return f"{body} = {lower:.10g}"
    low = "" if math.isinf(lower) else f"{lower:.10g} <= "
    high = "" if math.isinf(upper) else f" <= {upper:.10g}"
    return f"{low}{body}{high}"
