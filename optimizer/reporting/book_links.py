"""Where every name of the workbook leads: a demand to its dispatches and back, a package to its contents, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.reporting.tables import Table

Place = tuple[str, int]
"""A sheet and a row of it, from 0 (the head)."""
_OF_KIND = {"need": "needs", "order": "orders", "replacement": "offers"}
"""The sheet that has a row for every demand of a kind."""
_FROM: dict[tuple[str, str], str] = {
    ("packages", "package"): "package_contents",
    ("packages", "paid by"): "payments",
    ("package_contents", "package"): "packages",
    ("package_contents", "need"): "needs",
    ("payments", "package"): "packages",
    ("payments", "pledge"): "pledges",
    ("pledges", "pledge"): "payments",
    ("lines", "line"): "production",
    ("production", "line"): "lines",
    ("gantt", "line"): "lines",
}
"""By sheet and head of a column: the sheet that its names lead to."""
_KEYS = {"package_contents": "package", "payments": "package"}
"""The column that a name is looked for in, where it is not the first."""


class Links:
    """Looks up the first row of a name on the sheet it leads to."""

    def __init__(self, tables: Mapping[str, Table], made: Mapping[str, int]) -> None:
        """`made`: the row of each line's first batch on the sheet `production`."""
        self._rows: dict[str, dict[str, int]] = {"production": dict(made)}
        for name, table in tables.items():
            key = _at(table, _KEYS.get(name)) or 0
            found = self._rows.setdefault(name, {})
            for row, cells in enumerate(table.rows, 1):
                found.setdefault(_name(cells[key]), row)
        self._pledges = _first(tables.get("payments"), "pledge")
        self._sent: dict[tuple[str, str], int] = {}
        if "dispatches" in tables:
            for row, cells in enumerate(tables["dispatches"].rows, 1):
                self._sent.setdefault((cells[1], cells[0]), row)

    def of(self, sheet: str, column: str, name: str, *, row_key: str = "", kind: str = "") -> Place | None:
        """Where a cell leads; `row_key` is the name in the first column of its row, `kind` that of a demand."""
        if sheet in ("dispatches", "undelivered") and column == "demand":
            return self._place(_OF_KIND[kind], name)
        for own, target in _OF_KIND.items():
            if sheet == target and column == own.replace("replacement", "offer"):
                row = self._sent.get((own, name))
                return None if row is None else ("dispatches", row)
        if (sheet, column) == ("pledges", "pledge"):
            return None if name not in self._pledges else ("payments", self._pledges[name])
        target_sheet = _FROM.get((sheet, column))
        if target_sheet is None:
            return None
        return self._place(target_sheet, row_key if column == "paid by" else name)

    def _place(self, sheet: str, name: str) -> Place | None:
        row = self._rows.get(sheet, {}).get(name)
        return None if row is None else (sheet, row)


def _name(cell: Any) -> str:
    return str(cell[0] if isinstance(cell, tuple) and cell else cell)


def _at(table: Table, title: str | None) -> int | None:
    return next((at for at, column in enumerate(table.columns) if column.title == title), None)


def _first(table: Table | None, title: str) -> dict[str, int]:
    found: dict[str, int] = {}
    if table is not None and (at := _at(table, title)) is not None:
        for row, cells in enumerate(table.rows, 1):
            found.setdefault(_name(cells[at]), row)
    return found
