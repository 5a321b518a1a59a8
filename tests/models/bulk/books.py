"""The relaxation of an order book, and what a test asks of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.bulk.rows import Rows
from models.bulk.tables import Floats, Tables
from models.facts import Facts
from models.problem import Problem
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.highs import Limits

LIMITS = Limits(seconds=60.0, gap=1e-7)


def master_of(problem: Problem, *, begun: bool = True) -> Master:
    """The relaxation, with its first columns if it is begun."""
    tables = Tables(Facts(problem))
    rows = Rows(tables)
    master = Master(rows, tables.never + rows.committed_cost)
    if begun:
        master.begin()
    return master


def relaxed(master: Master) -> tuple[Relaxed | None, list[tuple[float, float]]]:
    """The relaxation solved, and value and bound of every round."""
    heard: list[tuple[float, float]] = []
    return master.run(LIMITS, lambda: False, lambda found: heard.append((found.value, found.bound))), heard


def bound_at(master: Master, dual: Floats) -> float:
    """The bound that pricing gives at any duals."""
    return float(master.pricing.price(dual, dual, 2, 0.0).bound + master.offset)


def some_duals(master: Master, dual: Floats, count: int) -> Iterator[Floats]:
    """No prices at all, prices drawn freely, and the best ones disturbed."""
    random, size = np.random.default_rng(7), master.rows.layout.count
    yield np.zeros(size)
    for _ in range(count):
        yield random.normal(size=size) * 10 ** random.uniform(-2, 3) * (random.random(size) < random.random())
        yield np.where(random.random(size) < 0.8, dual, dual * random.normal(1.0, 1.0, size))


def slack(value: float) -> float:
    """What rounding may come to."""
    return 1e-6 * max(1.0, abs(value))
