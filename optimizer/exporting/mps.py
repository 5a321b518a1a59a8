"""Free MPS, line by line.

The constant of the objective is the cost of a column fixed at 1: formats and readers differ in how they take a
constant, and none of them differs in this. Bounds are always written: what a whole column without bounds means is
read in two ways.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.exporting.linear import Linear

START, END = "'INTORG'", "'INTEND'"


def mps_lines(model: Linear) -> Iterator[str]:
    """The lines of the file, without line ends."""
    yield from (f"* {line}" for line in model.comments)
    yield f"NAME {model.name} FREE"
    yield from _rows(model)
    yield from _columns(model)
    yield from _sides(model)
    yield from _bounds(model)
    yield "ENDATA"


def _rows(model: Linear) -> Iterator[str]:
    yield "ROWS"
    yield f" N {model.objective}"
    for name, low, high in zip(model.row_names, model.row_lower.tolist(), model.row_upper.tolist(), strict=True):
        if low == high:
            yield f" E {name}"
        elif np.isfinite(low):
            yield f" G {name}"
        else:
            yield f" {'L' if np.isfinite(high) else 'N'} {name}"


def _columns(model: Linear) -> Iterator[str]:
    yield "COLUMNS"
    A = model.A.tocsc()
    starts, rows, values = A.indptr.tolist(), A.indices.tolist(), A.data.tolist()
    marked = 0
    for j, (name, cost) in enumerate(zip(model.column_names, model.cost.tolist(), strict=True)):
        if bool(model.whole[j]) != bool(marked % 2):
            yield f" MARKER{marked} 'MARKER' {END if marked % 2 else START}"
            marked += 1
        if cost or starts[j] == starts[j + 1]:
            yield f" {name} {model.objective} {cost!r}"
        for k in range(starts[j], starts[j + 1]):
            yield f" {name} {model.row_names[rows[k]]} {values[k]!r}"
    if marked % 2:
        yield f" MARKER{marked} 'MARKER' {END}"


def _sides(model: Linear) -> Iterator[str]:
    ranges = []
    yield "RHS"
    for name, low, high in zip(model.row_names, model.row_lower.tolist(), model.row_upper.tolist(), strict=True):
        side = low if np.isfinite(low) else high
        if np.isfinite(side) and side:
            yield f" RHS {name} {side!r}"
        if np.isfinite(low) and np.isfinite(high) and low != high:
            ranges.append(f" RANGES {name} {high - low!r}")
    if ranges:
        yield "RANGES"
        yield from ranges


def _bounds(model: Linear) -> Iterator[str]:
    yield "BOUNDS"
    for name, low, high in zip(model.column_names, model.lower.tolist(), model.upper.tolist(), strict=True):
        if low == high:
            yield f" FX BOUNDS {name} {low!r}"
        elif not np.isfinite(low) and not np.isfinite(high):
            yield f" FR BOUNDS {name}"
        else:
            yield f" LO BOUNDS {name} {low!r}" if np.isfinite(low) else f" MI BOUNDS {name}"
            yield f" UP BOUNDS {name} {high!r}" if np.isfinite(high) else f" PL BOUNDS {name}"
