"""What would bound a million demands, by the power laws of what was measured: figures are computed from the rows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.growth_fit import (
    Paper,
    Row,
    Value,
    books,
    each_more,
    memory,
    on_paper,
    outside_rest,
    packages_seconds,
    part,
    phase,
    pricing_seconds,
    relaxation_mib,
    simplex_seconds,
    size,
)  # fmt: skip

WIDTH = 118
MILLION = 1_000_000
DAY = 86_400.0
HEADS = (
    "part", "largest, orders", "there", "slope, all sizes", "a million demands", "slope, two largest",
    "a million demands",
)  # fmt: skip
COLUMN_BYTES = 8 + 4
"""A nonzero of a sparse matrix: a value and an index."""


def _phase(name: str) -> Value:
    return lambda row: phase(row, name)


SIZES: tuple[tuple[str, str, Value], ...] = (
    ("rows of the relaxation", "", size("rows")),
    ("columns", "", size("columns")),
    ("nonzeros", "", size("nonzeros")),
)
MEMORY: tuple[tuple[str, str, Value], ...] = (
    ("memory of the relaxation", "GiB", lambda row: _gib(relaxation_mib(row))),
)
SECONDS: tuple[tuple[str, str, Value], ...] = (
    ("linear programs of the relaxation", "s", simplex_seconds),
    ("arrays, prices, columns of the relaxation", "s", pricing_seconds),
    ("packages", "s", packages_seconds),
    ("first plan", "s", _phase("first plan")),
    ("settled relaxation", "s", _phase("settled relaxation")),
    ("reading", "s", part("read")),
    ("baselines", "s", part("baselines")),
    ("writing", "s", part("write")),
    ("the rest outside the solver", "s", outside_rest),
)
CHANGE = {
    "linear programs of the relaxation": "One basis over all rows is what would have to go: prices on lanes, money,"
    " components and review by a bundle or subgradient method, items priced apart from each other and on every core,"
    " with the bound of any prices as it is now.",
    "arrays, prices, columns of the relaxation": "Demands priced in parts and on every core, and columns that are dear"
    " thrown out, which so far kept the bound from closing.",
    "packages": "Packages tried on a part of the needs, or with needs that are alike taken together.",
    "first plan": "The list scheduler on arrays, as the relaxation is.",
    "settled relaxation": "Prices of the relaxation before kept instead of solving again.",
    "reading": "Tables read by columns, and checks on arrays.",
    "baselines": "The list scheduler on arrays, and only one of the two cases.",
    "the rest outside the solver": "Facts of a plan and its verdict on arrays.",
    "writing": "Columnar files instead of a workbook, a page of totals, explanations only for what is asked.",
}
"""What would have to change where a part is the largest, in words; no measurement stands behind these."""


def _gib(mib: float | None) -> float | None:
    return None if mib is None else mib / 1024


def paper_of(rows: Sequence[Row], machine: Mapping[str, Any]) -> list[str]:
    """The lines of the section; says so where there are too few sizes for any law."""
    rows = books(rows)
    if len(rows) < 2:
        return ["Two order books or more are needed."]
    share = rows[-1]["orders"] / rows[-1]["demands"]
    orders = MILLION * share
    groups = [on_paper(rows, parts, orders) for parts in (SIZES, MEMORY, SECONDS)]
    if not any(groups):
        return ["No part was measured at two sizes or more."]
    beyond = orders / rows[-1]["orders"]
    return [
        *wrapped(
            f"A million demands are {orders:,.0f} orders of such a book, {beyond:,.0f} times the largest size measured."
            " Slopes are carried that far, once those of all sizes, once those of the two largest, where what does not"
            " grow weighs least: the order of magnitude is all that they can give. Where a slope is off by 0.1, the"
            f" figure is off by a factor of {beyond**0.1:.1f}."
        ),
        "",
        f"| {' | '.join(HEADS)} |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(_line(one) for group in groups for one in group),
        "",
        *_memory(rows, groups[0], machine),
        "",
        *_time(groups[2]),
    ]


def wrapped(text: str) -> list[str]:
    """Prose in lines of a page."""
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def amount(value: float) -> str:
    """Three digits that count, with thousands."""
    if value >= 1000:
        step = 10 ** (len(str(int(value))) - 3)
        return f"{round(value / step) * step:,.0f}"
    return f"{value:.3g}"


def _line(one: Paper) -> str:
    unit = f" {one.unit}" if one.unit else ""
    cells = [one.name, f"{one.orders:,}", amount(one.now) + unit, f"{one.slope:.2f}", amount(one.then) + unit]
    cells += [f"{one.end:.2f}", amount(one.late) + unit]
    return f"| {' | '.join(cells)} |"


def _memory(rows: Sequence[Row], sizes: Sequence[Paper], machine: Mapping[str, Any]) -> list[str]:
    """The arithmetic of memory."""
    own = {one.name: one for one in on_paper(rows, MEMORY, MILLION * rows[-1]["orders"] / rows[-1]["demands"])}
    counts = {one.name: one for one in sizes}
    told = "**Memory.**"
    if (used := own.get("memory of the relaxation")) is not None and (held := counts.get("nonzeros")) is not None:
        each = used.now * 2**30 / held.now
        told += (
            f" At {used.orders:,} orders the relaxation takes {amount(used.now)} GiB beyond what there was before, for"
            f" {amount(held.now)} nonzeros: {each:,.0f} bytes each, where value and index are {COLUMN_BYTES}. The rest"
            " is tables, the list of known columns, copies while programs are put together, and the solver's factors."
            f" At as many bytes each, {amount(held.then)} nonzeros are {amount(each * held.then / 2**30)} GiB; the"
            f" matrix alone is {amount(COLUMN_BYTES * held.then / 2**30)} GiB."
        )
    line, most = each_more(rows, memory), float(machine["memory_gib"])
    if line is not None and line[0] > 0:
        each, base = line
        needed = (base + each * MILLION * rows[-1]["orders"] / rows[-1]["demands"]) / 1024
        told += (
            f" All processes together take {amount(each * 1024)} KiB more for an order more, by the two largest sizes: "
            f"this machine's {most:g} GiB hold {amount((most * 1024 - base) / each)} orders, and a million demands need"
            f" {amount(needed)} GiB, if memory grows on in a straight line."
        )
    return wrapped(told)


def _time(seconds: Sequence[Paper]) -> list[str]:
    """The arithmetic of time, and what would have to change first."""
    parts = sorted(seconds, key=lambda one: -max(one.then, one.late))
    if not parts:
        return ["**Time.** No part was measured at two sizes or more."]
    whole, late = sum(one.then for one in parts), sum(one.late for one in parts)
    lines = [
        *wrapped(
            f"**Time.** These parts, one after the other, are {amount(whole)} s ({amount(whole / DAY)} days) by the"
            f" slopes of all sizes, {amount(late)} s ({amount(late / DAY)} days) by those of the two largest. Blocks"
            " take what time they are given, so no law is told for them. Relaxations and packages that a share of the"
            " time ended are left out; the settled relaxation may end with its share. In order of size, with what"
            " would have to change, which nobody has tried:"
        ),
        "",
    ]
    for one in parts:
        shares = f"{100 * one.then / whole:.0f} %, {100 * one.late / late:.0f} %"
        lines.append(f"- {one.name}: {amount(one.then)} s, {amount(one.late)} s ({shares}). {CHANGE[one.name]}")
    steep = [one for one in parts if max(one.slope, one.end) > 1.2]
    named = ", ".join(f"{one.name} ({one.slope:.2f}, {one.end:.2f})" for one in steep) or "none"
    return [*lines, "", f"Steeper than 1.2: {named}."]
