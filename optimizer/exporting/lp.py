"""LP format, line by line: few terms a line, since some readers keep only so many characters of one.

A row with two different sides becomes two rows, `…` and `…~upper`: not all readers know ranges. The constant of the
objective is the cost of a column fixed at 1, as in MPS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from optimizer.exporting.linear import Linear
from optimizer.exporting.names import MOST, unique

TERMS_A_LINE = 3
UPPER = "~upper"


def lp_lines(model: Linear) -> Iterator[str]:
    """The lines of the file, without line ends."""
    yield from (f"\\ {line}" for line in model.comments)
    yield "Minimize"
    priced = np.flatnonzero(model.cost).tolist()
    yield f" {model.objective}:"
    yield from _terms((model.cost[j].item(), model.column_names[j]) for j in priced or [0])
    yield "Subject To"
    yield from _rows(model)
    yield from _bounds(model)
    whole = np.flatnonzero(model.whole).tolist()
    if whole:
        yield "Generals"
        yield from (f" {model.column_names[j]}" for j in whole)
    yield "End"


def _terms(terms: Iterable[tuple[float, str]]) -> Iterator[str]:
    line: list[str] = []
    for value, name in terms:
        line.append(f"{'-' if value < 0 else '+'} {abs(value)!r} {name}")
        if len(line) == TERMS_A_LINE:
            yield "  " + " ".join(line)
            line = []
    if line:
        yield "  " + " ".join(line)


def _rows(model: Linear) -> Iterator[str]:
    A = model.A.tocsr()
    starts, columns, values = A.indptr.tolist(), A.indices.tolist(), A.data.tolist()
    lower, upper = model.row_lower.tolist(), model.row_upper.tolist()
    second = _second_names(model)
    for r, name in enumerate(model.row_names):
        part = range(starts[r], starts[r + 1])
        for label, sense, side in _senses(name, second.get(name, name), lower[r], upper[r]):
            yield f" {label}:"
            yield from _terms((values[k], model.column_names[columns[k]]) for k in part)
            yield f"  {sense} {side!r}"


def _second_names(model: Linear) -> dict[str, str]:
    """Names for the upper sides of rows with two different sides."""
    two = np.isfinite(model.row_lower) & np.isfinite(model.row_upper) & (model.row_lower != model.row_upper)
    names = [model.row_names[r] for r in np.flatnonzero(two).tolist()]
    return dict(zip(names, unique((name[: MOST - len(UPPER)] + UPPER for name in names), model.row_names), strict=True))


def _senses(name: str, second: str, low: float, high: float) -> Iterator[tuple[str, str, float]]:
    if low == high:
        yield name, "=", low
        return
    if np.isfinite(low):
        yield name, ">=", low
    if np.isfinite(high):
        yield second, "<=", high


def _bounds(model: Linear) -> Iterator[str]:
    yield "Bounds"
    for name, low, high in zip(model.column_names, model.lower.tolist(), model.upper.tolist(), strict=True):
        if low == high:
            yield f" {name} = {low!r}"
        elif not np.isfinite(low) and not np.isfinite(high):
            yield f" {name} free"
        else:
            left = repr(low) if np.isfinite(low) else "-inf"
            yield f" {left} <= {name} <= {high!r}" if np.isfinite(high) else f" {name} >= {left}"
