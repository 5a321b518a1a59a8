"""The arithmetic of `benchmarks.growth`: what a run says, how it grows, and what would be at a million demands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.bench.statistics import Slope, growth
from optimizer.bench.trace import best_so_far, time_to_gap
from optimizer.solving.bulk import PACKING, RELAXING

GAPS = (0.05, 0.03, 0.02, 0.01)
BEFORE = "before the solver"
"""As `benchmarks.growth_run` has it in `phase_mib`."""
METHOD = "bulk"
"""The method of order books: smaller instances are solved otherwise, and say nothing of how it grows."""
SOON = 1.0
"""Seconds below which a measurement says nothing of growth."""
ENDED = 1e-9
"""Relative distance within which two bounds are one."""

Row = Mapping[str, Any]
"""A measured size, as `benchmarks.growth` keeps it."""
Value = Callable[[Row], float | None]


def phase(row: Row, name: str, part: str = "seconds") -> float | None:
    """Seconds (or another part) of one phase; None where the run had none of that name."""
    return next((float(found[part]) for found in row.get("phases", ()) if found["phase"] == name), None)


def relaxed_fully(row: Row) -> bool:
    """Whether the relaxation ended by itself, not with its share of the time: only then is its time its own."""
    taken = phase(row, "relaxation")
    return taken is not None and taken < 0.99 * RELAXING * row["seconds_limit"] and row.get("bound") is not None


def relaxation_seconds(row: Row) -> float | None:
    """Seconds of the phase; None where the clock ended it."""
    return phase(row, "relaxation") if relaxed_fully(row) else None


def simplex_seconds(row: Row) -> float | None:
    """Of these, seconds in the simplex."""
    return phase(row, "relaxation", "simplex_seconds") if relaxed_fully(row) else None


def pricing_seconds(row: Row) -> float | None:
    """The rest of the relaxation: tables, rows, pricing, writing columns down, giving them to the solver."""
    whole, simplex = relaxation_seconds(row), simplex_seconds(row)
    return None if whole is None or simplex is None else whole - simplex


def packages_seconds(row: Row) -> float | None:
    """Seconds for packages; None where their share of the time left ended them."""
    spent = [phase(row, name) for name in ("start", "relaxation", "packages")]
    if spent[2] is None or row.get("seconds_limit") is None:
        return None
    left = row["seconds_limit"] - sum(one for one in spent[:2] if one is not None)
    return spent[2] if spent[2] < 0.95 * PACKING * left else None


def to_bound(row: Row) -> float | None:
    """Seconds from the start of the process until the bound was the last one; None where the clock ended it."""
    points = best_so_far([(at, plan, bound) for at, plan, bound in row.get("trace", ())])
    final = points[-1][2] if points else None
    if final is None or row.get("solver_began") is None or not relaxed_fully(row):
        return None
    near = ENDED * abs(final)
    return row["solver_began"] + next(at for at, _, bound in points if bound is not None and bound >= final - near)


def to_gap(gap: float) -> Value:
    """Seconds from the start of the process until the gap was proven, None if it never was."""

    def seconds(row: Row) -> float | None:
        if row.get("solver_began") is None:
            return None
        found = time_to_gap([(at, plan, bound) for at, plan, bound in row.get("trace", ())], gap)
        return None if found is None else row["solver_began"] + found

    return seconds


def outside(row: Row) -> float | None:
    """Seconds of the process that are not the solver's: all but its phases."""
    if not row.get("phases") or row.get("ended") is None:
        return None
    return row["ended"] - sum(found["seconds"] for found in row["phases"])


def outside_rest(row: Row) -> float | None:
    """Of these, what is not reading, baselines or writing: starts of processes, facts, the verdict."""
    whole, parts = outside(row), row.get("seconds", {})
    return None if whole is None else whole - sum(parts.get(name, 0.0) for name in ("read", "baselines", "write"))


def memory(row: Row) -> float | None:
    """The most MiB that all processes had together."""
    return row.get("peak_mib")


def relaxation_mib(row: Row) -> float | None:
    """The most MiB while the relaxation was solved, beyond what there was before the solver: its own memory."""
    most = row.get("phase_mib", {}).get("relaxation")
    before = row.get("phase_mib", {}).get(BEFORE)
    return None if most is None or before is None else max(0.0, most - before)


def size(part: str) -> Value:
    """`rows`, `columns` or `nonzeros` of the relaxation at its end."""

    def count(row: Row) -> float | None:
        matrix = row.get("matrix")
        return None if matrix is None or not matrix[part] else float(matrix[part])

    return count


def part(name: str) -> Value:
    """Seconds of a part of the summary."""
    return lambda row: row.get("seconds", {}).get(name)


@dataclass(frozen=True)
class Grown:
    """A power law through measured sizes. `first` … `last`: orders; `least`, `most`: slopes between neighbours;
    `end`: that of the two largest."""

    fit: Slope
    first: int
    last: int
    least: float
    most: float
    end: float

    def at(self, orders: float) -> float:
        """The value by the law."""
        return float(self.fit.factor * orders**self.fit.slope)


def books(rows: Sequence[Row]) -> list[Row]:
    """The sizes that were solved as order books, from small to large."""
    return sorted((row for row in rows if row.get("method") == METHOD), key=lambda row: int(row["orders"]))


def grown(rows: Sequence[Row], value: Value, least: float = 0.0) -> Grown | None:
    """Least squares on logarithms over order books whose value is known and above `least`; None below two sizes."""
    found = [(row["orders"], value(row)) for row in books(rows)]
    known = [(orders, one) for orders, one in found if one is not None and one > least]
    sizes, values = [orders for orders, _ in known], [one for _, one in known]
    fit = growth(sizes, values) if known else None
    if fit is None:
        return None
    pairs = [growth(sizes[k : k + 2], values[k : k + 2]) for k in range(len(sizes) - 1)]
    between = [pair.slope for pair in pairs if pair is not None]
    return Grown(fit, sizes[0], sizes[-1], min(between), max(between), between[-1])


def each_more(rows: Sequence[Row], value: Value) -> tuple[float, float] | None:
    """What an order more adds and what there would be without any: the line through the two largest sizes.

    For what has a large part that does not grow, as memory has; None below two sizes that have the value.
    """
    known = [(row["orders"], one) for row in books(rows) if (one := value(row)) is not None]
    if len(known) < 2:
        return None
    (few, low), (many, high) = known[-2:]
    each = (high - low) / (many - few)
    return each, high - each * many


@dataclass(frozen=True)
class Paper:
    """A part at a size that nobody measured. `now`: at the largest size measured; `then`: by the power law of all
    sizes; `end`, `late`: the slope of the two largest sizes, and the part by it."""

    name: str
    unit: str
    slope: float
    orders: int
    now: float
    then: float
    end: float
    late: float


def on_paper(rows: Sequence[Row], parts: Sequence[tuple[str, str, Value]], orders: float) -> list[Paper]:
    """Every part (name, unit, value) that was measured at two sizes or more, at so many orders; seconds from 1 on."""
    found = []
    for name, unit, value in parts:
        law = grown(rows, value, SOON if unit == "s" else 0.0)
        if law is not None:
            now = next(value(row) for row in books(rows) if row["orders"] == law.last)
            late = float(now or 0.0) * (orders / law.last) ** law.end
            found.append(Paper(name, unit, law.fit.slope, law.last, float(now or 0.0), law.at(orders), law.end, late))
    return found
