"""Rows and columns of the one table of columns <-> polars frames.

Text, codes and choices are `String`, whole numbers `Int64`, other numbers `Float64`, dates `Date`; a blank is null.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from optimizer.extras import imported
from optimizer.reading.cells import Cell
from optimizer.reading.column import Column
from optimizer.reading.raw import RawRow, RawTable
from optimizer.reporting.numbers import text

if TYPE_CHECKING:
    import polars as pl

FIRST_ROW = 2
"""Of a frame in findings: rows are counted as in a file, whose row 1 are the names of the columns."""


def polars() -> Any:
    """The library, imported now. Raises `MissingExtraError` where it is not installed."""
    return imported("polars", "tables need", "tables")


def frame(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> pl.DataFrame:
    """A frame with the types of the columns, also where there is no row. Raises `MissingExtraError`."""
    library = polars()
    kinds = {"whole": library.Int64, "number": library.Float64, "date": library.Date}
    schema = {column.name: kinds.get(column.type, library.String) for column in columns}
    cells: list[list[Any]] = [[] for _ in columns]
    for row in rows:
        for into, column, value in zip(cells, columns, row, strict=True):
            into.append(_value(column, value))
    found: pl.DataFrame = library.DataFrame(dict(zip(schema, cells, strict=True)), schema=schema)
    return found


def _value(column: Column, value: Any) -> Any:
    """A value as the column holds it: a truth value as the word that a file has for it."""
    if value is None or column.type in ("whole", "date"):
        return value
    return float(value) if column.type == "number" else text(value) or None


def raw_of(name: str, file: str, given: Any) -> RawTable:
    """A frame as the reader takes a table: its columns by name, its cells typed or blank.

    Raises `TypeError` for what is no polars frame.
    """
    library = polars()
    if isinstance(given, library.LazyFrame):
        given = given.collect()
    if not isinstance(given, library.DataFrame):
        raise TypeError(f"{name} is not a polars DataFrame but {type(given).__name__}")
    rows = tuple(
        RawRow(number, [_cell(value) for value in row])
        for number, row in enumerate(given.iter_rows(), start=FIRST_ROW)
        if any(value is not None for value in row)
    )
    return RawTable(name, file, tuple(given.columns), rows)


def _cell(value: Any) -> Cell:
    """A value of a frame as a cell of a file."""
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (str, float, int, bool, dt.date, dt.time, dt.timedelta)):
        return value
    return str(value)
