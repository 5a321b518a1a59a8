"""Programs that hypothesis draws, and larger random ones."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from optimizer.solving.program import Program
from tests.solving.tasks import program


@st.composite
def programs(draw: st.DrawFn) -> tuple[Program, np.ndarray, np.ndarray]:
    """A bounded program that x = whole numbers satisfies, a mask and x."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    small = st.integers(-4, 4)
    x = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=float)
    rows: list[tuple[float | None, list[float], float | None]] = []
    for _ in range(m):
        row = [float(v) for v in draw(st.lists(small, min_size=n, max_size=n))]
        at = float(np.dot(row, x))
        low = at - draw(st.integers(0, 3)) if draw(st.booleans()) else None
        high = at + draw(st.integers(0, 3)) if low is None or draw(st.booleans()) else None
        rows.append((low, row, high))
    cost = [float(v) for v in draw(st.lists(small, min_size=n, max_size=n))]
    whole = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    found = program(cost, rows, [5.0] * n, whole, offset=draw(st.integers(-3, 3)))
    mask = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    return found, mask, x


def random_program(seed: int, columns: int = 14, rows: int = 9, offset: float = 500.0) -> Program:
    """A bounded program with all columns whole and whole numbers that satisfy it; 30 % of its entries are not 0."""
    random = np.random.default_rng(seed)
    A = random.integers(-6, 7, (rows, columns)) * (random.random((rows, columns)) < 0.3)
    at = A @ random.integers(0, 4, columns)
    sides: list[tuple[float | None, list[float], float | None]] = [
        (float(b - random.integers(0, 9)), [float(v) for v in row], float(b + random.integers(0, 9)))
        for row, b in zip(A, at, strict=True)
    ]
    cost = [float(v) for v in random.integers(-9, 10, columns)]
    return program(cost, sides, [5.0] * columns, [True] * columns, offset=offset)
