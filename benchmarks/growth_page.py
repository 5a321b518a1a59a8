"""The page of `benchmarks.growth`: what was measured, its slopes, and a million demands on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.growth_fit import (
    GAPS,
    METHOD,
    SOON,
    Grown,
    Row,
    Value,
    books,
    grown,
    memory,
    outside,
    part,
    phase,
    pricing_seconds,
    relaxation_seconds,
    simplex_seconds,
    size,
    to_bound,
    to_gap,
)  # fmt: skip
from benchmarks.growth_paper import paper_of
from models.bulk.size import LARGE

GOAL = 1.2
"""What the slope of the seconds to 1 % is to be at most."""


def percent(share: float, digits: int = 0) -> str:
    """A share in per cent."""
    return f"{100 * share:.{digits}f} %"


RESULT = (
    "orders", "demands", "allowed s", "ended", "gap at the end", "last bound s", *(f"{percent(gap)} s" for gap in GAPS),
    "whole process s", "most GiB", "method",
)  # fmt: skip
SLOPES: tuple[tuple[str, Value], ...] = (
    ("relaxation, s", relaxation_seconds),
    ("… of it in the simplex, s", simplex_seconds),
    ("… the rest: arrays, prices, columns, s", pricing_seconds),
    ("start to the last bound, s", to_bound),
    *((f"start to a gap of {percent(gap)}, s", to_gap(gap)) for gap in GAPS),
    ("outside the solver, s", outside),
    ("most memory, MiB", memory),
    ("rows of the relaxation", size("rows")),
    ("columns", size("columns")),
    ("nonzeros", size("nonzeros")),
)


def page_of(kept: Mapping[str, Any]) -> str:
    """The Markdown page of what is kept: `rows`, one a size, `machine`, `versions`."""
    rows = sorted(kept["rows"], key=lambda row: row["orders"])
    where = kept["machine"]
    states = ", ".join(sorted({row["state"] for row in rows}))
    lines = [
        "# How solving grows with the order book",
        "",
        f"By {commands(rows)} at {states}; {where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB.",
        "One run a size. Books of the class `book` by factor: so many orders of 16,000; the horizon and the corridors",
        "stay. Seconds are wall clock from the start of the process, memory is that of all its processes together.",
        "What counts how: `benchmarks/growth.py`.",
        "",
        *_table(RESULT, [_result(row) for row in rows]),
        "",
        "Blank: never reached, or not known. A last bound in brackets: the relaxation was ended by its share of the",
        "time, so the bound is not all that it can give, and its time not its own. Slopes and all that follows are",
        f"of sizes solved by method `{METHOD}`: below {LARGE:,} demands times periods another one is taken.",
        "",
        "## Slopes",
        "",
        *_slopes(rows),
        "",
        "## Where the time goes",
        "",
        *_phases(rows),
        "",
        "## Size and memory",
        "",
        *_sizes(rows),
        "",
        "## A million demands, on paper",
        "",
        *paper_of(rows, where),
    ]
    return "\n".join([*lines, ""])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], words: int = 0) -> list[str]:
    """Lines of a table; the first `words` columns are words."""
    aligned = ["---" if k < words else "---:" for k in range(len(heads))]
    return [f"| {' | '.join(cells)} |" for cells in (heads, aligned, *rows)]


def commands(rows: Sequence[Row]) -> str:
    """The commands that measured the sizes."""
    by: dict[str, list[str]] = {}
    for row in rows:
        by.setdefault(row["options"], []).append(str(row["orders"]))
    told = (f"--sizes {','.join(sizes)} {options}".strip() for options, sizes in by.items())
    return " and ".join(f"`python -m benchmarks.growth {one}`" for one in told)


def number(value: float | None, digits: int = 0) -> str:
    """A number with its thousands, blank where unknown."""
    return "" if value is None else f"{value:,.{digits}f}"


def _result(row: Row) -> list[str]:
    gap, bound = row.get("gap"), to_bound(row)
    if bound is None:
        spent = [row.get("solver_began"), phase(row, "start"), phase(row, "relaxation")]
        known = [one for one in spent if one is not None]
        shown = f"({number(sum(known))})" if len(known) == len(spent) else ""
    else:
        shown = number(bound)
    reached = [number(to_gap(one)(row)) for one in GAPS]
    told = "" if gap is None else percent(gap, 2)
    return [
        number(row["orders"]), number(row["demands"]), number(row["seconds_limit"]), str(row["status"]), told, shown,
        *reached, number(row["total_seconds"]), number(row["peak_mib"] / 1024, 1),
        str(row.get("method", "")),
    ]  # fmt: skip


def _slopes(rows: Sequence[Row]) -> list[str]:
    lines = [
        "Least squares of logarithms against orders: 1 is linear. Interval: 95 % by Student; neighbours: the least and",
        f"the greatest slope between two sizes next to each other. Seconds below {SOON:g} are left out.",
        "",
    ]
    cells = [[name, *_slope(grown(rows, value, SOON if name.endswith(", s") else 0.0))] for name, value in SLOPES]
    lines += _table(["of", "slope", "interval", "neighbours", "sizes", "from orders", "to orders"], cells, words=1)
    law, asked = grown(rows, to_gap(0.01), SOON), len(books(rows))
    if law is None:
        told = (
            "The goal, a slope of the seconds to 1 % of at most 1.2, cannot be told: 1 % was reached at fewer than two"
        )
        return [*lines, "", told, "sizes."]
    word = "met" if law.fit.slope <= GOAL else "missed"
    told = f"The goal, a slope of the seconds to 1 % of at most {GOAL}, is {word} where 1 % was reached:"
    sizes = f"{law.fit.slope:.2f} over {law.fit.points} of {asked} sizes, {law.first:,} to {law.last:,} orders."
    return [*lines, "", told, sizes]


def _slope(law: Grown | None) -> list[str]:
    if law is None:
        return [""] * 6
    fit = law.fit
    interval = "" if fit.low is None or fit.high is None else f"{fit.low:.2f} … {fit.high:.2f}"
    between = f"{law.least:.2f} … {law.most:.2f}"
    return [f"{fit.slope:.2f}", interval, between, str(fit.points), number(law.first), number(law.last)]


def _phases(rows: Sequence[Row]) -> list[str]:
    rows = books(rows)
    names = list(dict.fromkeys(found["phase"] for row in rows for found in row.get("phases", ())))
    cells = []
    for row in rows:
        relaxed = [phase(row, "relaxation", part) for part in ("simplex_seconds", "rounds")]
        spent = [number(phase(row, name), 1) for name in names]
        beside = [number(part(name)(row), 1) for name in ("read", "baselines", "check", "write")]
        cells.append([number(row["orders"]), *spent, number(relaxed[0], 1), number(relaxed[1]), *beside])
    heads = ["orders", *names, "simplex of the relaxation", "its rounds", "reading", "baselines", "check", "writing"]
    return ["Seconds by phase of method `bulk`, and by part of the rest.", "", *_table(heads, cells)]


def _sizes(rows: Sequence[Row]) -> list[str]:
    rows = books(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.get("phase_mib", {})))
    cells = []
    for row in rows:
        counts = [number(size(part)(row)) for part in ("rows", "columns", "nonzeros")]
        most = [number(row.get("phase_mib", {}).get(name)) for name in names]
        cells.append([number(row["orders"]), *counts, *most])
    told = "The relaxation at its end, and the most MiB in each phase, looked at four times a second."
    return [told, "", *_table(["orders", "rows", "columns", "nonzeros", *names], cells)]
