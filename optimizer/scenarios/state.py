"""An instance under change: rows and settings as typed values, with the change that touched each of them last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from models.problem import Problem
from optimizer.findings import Finding
from optimizer.reading.columns import TABLES
from optimizer.reading.folder import SETTINGS_FILE
from optimizer.reading.raw import RawInstance, RawRow, RawSetting, RawSettings, RawTable
from optimizer.reading.sections import SECTIONS
from optimizer.reading.write import settings_of, table_rows
from optimizer.scenarios.target import Place

FIRST_ROW = 2
"""Of a table, as a spreadsheet counts: the column names are row 1."""


@dataclass(slots=True)
class StateRow:
    """One row: its cells in the order of the columns, and where the change that touched it is written."""

    cells: list[Any]
    touched: Place | None = None


class State:
    """Rows and settings of an instance, to be changed one after another; the `Problem` it began with stays as it is."""

    def __init__(self, problem: Problem) -> None:
        """Begin with an instance."""
        self.tables = {
            name: [StateRow(list(row)) for row in table_rows(problem, table)] for name, table in TABLES.items()
        }
        self.settings: dict[str, Any] = {}
        self.sections = {
            name for name, section in SECTIONS.items() if name and getattr(problem, section.field) is not None
        }
        self.touched: dict[str, Place] = {}
        for section, name, value in settings_of(problem):
            self.settings[f"{section}.{name}" if section else name] = value

    def raw(self, place: Callable[[str], str]) -> RawInstance:
        """What the reader judges; `place` names the file that a table, or `instance` with the settings, stands in."""
        tables = {
            name: RawTable(
                name,
                place(name),
                TABLES[name].column_names,
                tuple(RawRow(number, row.cells) for number, row in enumerate(rows, start=FIRST_ROW)),
            )
            for name, rows in self.tables.items()
            if rows or TABLES[name].required
        }
        values = {key: RawSetting(_as_toml(value), None) for key, value in self.settings.items()}
        settings = RawSettings(place("instance"), values, frozenset(self.sections), typed=True)
        return RawInstance(tables, frozenset(), settings, (), ())

    def placed(self, findings: Iterable[Finding], place: Callable[[str], str]) -> tuple[Finding, ...]:
        """Errors about a row or a setting that a change touched, with the place of that change."""
        rows = {place(name): rows for name, rows in self.tables.items()}
        return tuple(self._placed(finding, rows, place("instance")) for finding in findings)

    def _placed(self, finding: Finding, rows: dict[str, list[StateRow]], settings: str) -> Finding:
        if finding.severity != "error":
            return finding
        place: Place | None = None
        if finding.row is not None and finding.file in rows:
            place = rows[finding.file][finding.row - FIRST_ROW].touched
        elif finding.file == settings and finding.column:
            keys = [key for key in self.touched if key == finding.column or key.startswith(f"{finding.column}.")]
            place = self.touched[keys[-1]] if keys else None
        if place is None:
            return finding
        column = ", ".join(part for part in (place.at, finding.column) if part)
        return replace(finding, file=place.file, row=place.row, column=column)


def place_of(name: str, label: str) -> str:
    """The file that a table stands in, or `instance.toml`, with the label behind it."""
    file = SETTINGS_FILE if name == "instance" else f"{name}.csv"
    return f"{file} after {label}" if label else file


def _as_toml(value: Any) -> Any:
    return [_as_toml(part) for part in value] if isinstance(value, tuple) else value
