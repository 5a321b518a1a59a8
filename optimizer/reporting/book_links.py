"""Where every name of the workbook leads: a demand to its dispatches and back, a package to its contents, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.reporting.tables import Table

Place = tuple[str, int]
"""A sheet and a row of it, from 0 (the head)."""
SHEET_ROWS = 1_048_000
"""Rows of a table on one sheet, the others go on further ones; Excel holds 1,048,576 with the head and the totals."""
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


def sheet_name(name: str, at: int) -> str:
    """The name of a table's sheet number `at` (from 0)."""
    return name if at == 0 else f"{name} {at + 1}"


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

    def leads(self, sheet: str, column: str) -> bool:
        """Whether cells of the column may lead anywhere at all."""
        if (sheet, column) in _FROM or (sheet, column) == ("pledges", "pledge"):
            return True
        if sheet in ("dispatches", "undelivered") and column == "demand":
            return True
        return any(sheet == on and column == own.replace("replacement", "offer") for own, on in _OF_KIND.items())

    def of(self, sheet: str, column: str, name: str, *, row_key: str = "", kind: str = "") -> Place | None:
        """Where a cell leads; `row_key` is the name in the first column of its row, `kind` that of a demand."""
        if sheet in ("dispatches", "undelivered") and column == "demand":
            return self._place(_OF_KIND[kind], name)
        for own, target in _OF_KIND.items():
            if sheet == target and column == own.replace("replacement", "offer"):
                return _on_sheet("dispatches", self._sent.get((own, name)))
        if (sheet, column) == ("pledges", "pledge"):
            return _on_sheet("payments", self._pledges.get(name))
        target_sheet = _FROM.get((sheet, column))
        if target_sheet is None:
            return None
        return self._place(target_sheet, row_key if column == "paid by" else name)

    def _place(self, sheet: str, name: str) -> Place | None:
        return _on_sheet(sheet, self._rows.get(sheet, {}).get(name))


def _on_sheet(name: str, row: int | None) -> Place | None:
    """The place of a table's row (from 1) on the sheets that the table takes."""
    if row is None:
        return None
    at, rest = divmod(row - 1, SHEET_ROWS)
    return sheet_name(name, at), rest + 1


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
