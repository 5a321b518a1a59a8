"""The words in which tables are written: columns, their kinds, small charts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

CellKind = Literal[
    "text",
    "anchor",
    "coded",
    "whole",
    "number",
    "money",
    "date",
    "flag",
    "state",
    "place",
    "late",
    "missing",
    "share",
    "parts",
    "demand",
    "demands",
    "sent",
    "told",
    "why",
    "series",
]
"""`anchor`: the demand the row is about; `coded`: (code, name); `state`: a word of `names.STATES`; `place`: (place, of,
by date); `late`: weeks, coloured above 0; `missing`: (units, why), coloured above 0; `share`: 0…1 with a bar; `parts`:
amounts stacked in one bar; `demand`, `demands`: links, as (name, text); `sent`: dispatches, as lines; `why`: lines,
the first of which stands for all; `told`: the same, on the page only; `series`: a small chart. The workbook leaves out
`sent`, `told`, `series` and `parts`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its cells are, and a longer explanation.

    `where`: on the page, in the workbook (`book`), or both; `digits`: decimals of a `number`, None = as many as tell.
    """

    title: str
    kind: CellKind = "text"
    note: str = ""
    where: Literal["both", "page", "book"] = "both"
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A small chart over the periods: `values`, against `limits` or a level `floor`; `weeks` each period lasts.

    `marks`: (weeks since the start, met in time) of the due dates beneath it.
    """

    values: tuple[float, ...]
    limits: tuple[float, ...] | None
    floor: float | None
    weeks: tuple[int, ...]
    label: str
    start: dt.date
    marks: tuple[tuple[float, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """One bar of amounts on top of each other: `amounts` by class of colour, on a scale that ends at `scale`."""

    amounts: tuple[tuple[str, float], ...]
    scale: float
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `name` as a sheet and an anchor, `caption` as a sentence, rows of cells in the columns' order.

    `foot`: a last row of totals, not sorted with the others; `legend`: (class of colour, what it means).
    """

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    foot: tuple[Any, ...] | None = None
    legend: tuple[tuple[str, str], ...] = ()
