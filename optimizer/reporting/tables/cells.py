"""The words in which tables are written: columns, their kinds, small charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

CellKind = Literal[
    "text",
    "anchor",
    "whole",
    "number",
    "money",
    "date",
    "flag",
    "late",
    "missing",
    "share",
    "demands",
    "sent",
    "series",
]
"""`anchor`: the demand the row is about; `late`: weeks, coloured above 0; `missing`: units, coloured above 0;
`share`: 0…1 with a bar; `demands`: links, as (name, text); `sent`: lines of text; `series`: a small chart. The last
two are for the page only."""
PAGE_ONLY = ("sent", "series")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its cells are, and a longer explanation."""

    title: str
    kind: CellKind = "text"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A small chart over the periods: `values`, against `limits` or a level `floor`; `weeks` each period lasts."""

    values: tuple[float, ...]
    limits: tuple[float, ...] | None
    floor: float | None
    weeks: tuple[int, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `name` as a sheet and an anchor, `caption` as a sentence, rows of cells in the columns' order."""

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
