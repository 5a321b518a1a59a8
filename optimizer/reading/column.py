"""The words in which the one table of columns is written: `Column`, `Table`, `Section`, and the plausible limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

ColumnType = Literal["text", "code", "whole", "number", "date", "choice", "numbers", "periods", "terms"]
"""`code`: three capital letters; `numbers`, `periods`, `terms`: lists, in `instance.toml` only."""

MAX_QUANTITY = 10**7
MAX_MONEY = 10**6
"""Million USD."""
MAX_RATE = 10**6
"""A week."""
MAX_PERIODS = 5_000
MAX_WEEKS = 5_000
"""The longest duration; with the years below it keeps every date that is derived inside Python's calendar."""
MAX_ROWS = 1_000_000
MAX_TEXT = 500
FIRST_DATE = dt.date(1950, 1, 1)
LAST_DATE = dt.date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, or one key of a section of `instance.toml`.

    `blank` columns may be blank or missing and then take `default` (None: unknown, never, no limit: as `meaning`
    says). `references` are the columns one of which must list the value. Limits are inclusive, `above` is exclusive.
    """

    name: str
    type: ColumnType
    meaning: str
    example: str = ""
    unit: str = ""
    blank: bool = False
    default: Any = None
    references: tuple[tuple[str, str], ...] = ()
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    length: int | None = None

    def expected(self) -> str:
        """What may stand in a cell, in words."""
        what = {
            "text": "a text",
            "code": "three capital letters, as POL",
            "whole": "a whole number",
            "number": "a number",
            "date": "a date, YYYY-MM-DD",
            "choice": " or ".join(f"`{word}`" for word in self.choices),
            "numbers": f"a list of {self.length} numbers" if self.length else "a list of numbers",
            "periods": "a list of [how many, weeks each], as [[52, 1], [13, 4]]",
            "terms": "a list of " + ", ".join(self.choices),
        }[self.type]
        if self.references:
            what += " listed in " + " or ".join(f"{table}.{column}" for table, column in self.references)
        limits = self.limits()
        return f"{what}, {limits}" if limits else what

    def limits(self) -> str:
        """The limits of a number in words, or an empty text."""
        parts = []
        if self.minimum is not None:
            parts.append(f"at least {self.minimum:,g}")
        if self.above is not None:
            parts.append(f"above {self.above:,g}")
        if self.maximum is not None:
            parts.append(f"at most {self.maximum:,g}".replace("1e+07", "10,000,000").replace("1e+06", "1,000,000"))
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an instance or of a plan: a CSV file or a sheet.

    `record` is the class of `models.problem` that its rows become (a plan's rows are put together elsewhere);
    `more_examples` are rows of the template that the example rows of other tables refer to.
    """

    name: str
    record: Callable[..., Any] | None
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    more_examples: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name. Raises `KeyError`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")

    def examples(self) -> tuple[tuple[str, ...], ...]:
        """The example rows of the template, as texts."""
        return (tuple(column.example for column in self.columns), *self.more_examples)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in the order of the files and of the record's fields."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of `instance.toml`; `field` is the field of `Problem` that holds it, `record` its class."""

    name: str
    record: type[Any] | None
    field: str
    meaning: str
    columns: tuple[Column, ...]

    def dotted(self, column: Column) -> str:
        """The key as findings and the sheet `instance` write it, as `weights.minimum`."""
        return f"{self.name}.{column.name}" if self.name else column.name


def text(name: str, meaning: str, example: str, **more: Any) -> Column:
    """A column of text."""
    return Column(name, "text", meaning, example, **more)


def refers(name: str, *tables: str, meaning: str, example: str, **more: Any) -> Column:
    """A column of text that must be listed in the first column of one of the tables (given as `table.column`)."""
    references = tuple((table.split(".")[0], table.split(".")[1]) for table in tables)
    return Column(name, "text", meaning, example, references=references, **more)


def whole(name: str, meaning: str, example: str = "1", unit: str = "units", **more: Any) -> Column:
    """A column of whole numbers, by default a quantity from 0 to 10⁷."""
    return Column(name, "whole", meaning, example, unit, **{"minimum": 0, "maximum": MAX_QUANTITY, **more})


def number(name: str, meaning: str, example: str, unit: str, **more: Any) -> Column:
    """A column of finite numbers, by default from 0 to 10⁶."""
    return Column(name, "number", meaning, example, unit, **{"minimum": 0, "maximum": MAX_MONEY, **more})


def weeks(name: str, meaning: str, example: str, **more: Any) -> Column:
    """A column of whole weeks."""
    return whole(name, meaning, example, "weeks", **{"maximum": MAX_WEEKS, **more})


def date(name: str, meaning: str, example: str = "2026-01-05", **more: Any) -> Column:
    """A column of dates."""
    return Column(name, "date", meaning, example, "date", **more)


def choice(name: str, meaning: str, *choices: str, **more: Any) -> Column:
    """A column of words from a closed list; the first one is the example."""
    return Column(name, "choice", meaning, choices[0], choices=choices, **more)
