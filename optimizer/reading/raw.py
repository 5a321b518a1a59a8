"""An instance as its files give it, before anything is judged but whether it can be read at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.findings import Finding
from optimizer.reading.cells import Cell


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read, and the SHA-256 of its bytes in hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with its number as a spreadsheet counts it."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it stands in the file: column names, and every row that is not blank."""

    name: str
    file: str
    header: tuple[str, ...]
    rows: tuple[RawRow, ...]


@dataclass(frozen=True, slots=True)
class RawSetting:
    """The value of a dotted key, and the line or row it stands in."""

    value: Any
    row: int | None


@dataclass(frozen=True, slots=True)
class RawSettings:
    """`instance.toml` or the sheet `instance`. `typed`: values have types of their own, as in TOML."""

    file: str
    values: dict[str, RawSetting]
    sections: frozenset[str]
    typed: bool


@dataclass(frozen=True, slots=True)
class RawInstance:
    """All that was found. `unreadable` tables are there, but nothing is known of what they hold."""

    tables: dict[str, RawTable]
    unreadable: frozenset[str]
    settings: RawSettings | None
    findings: tuple[Finding, ...]
    files: tuple[SourceFile, ...]
