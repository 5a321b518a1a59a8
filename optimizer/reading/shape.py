"""A raw table -> typed columns: column names, ragged rows and cells are judged here, one table at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optimizer.findings import CODES, Finding, error
from optimizer.reading import guess
from optimizer.reading.cells import BAD, Cell, is_blank, shown, type_cells
from optimizer.reading.column import Column, Table
from optimizer.reading.raw import RawTable


@dataclass(frozen=True, slots=True)
class TypedTable:
    """Columns of typed cells in the order of the file; `BAD` where a cell has a finding. `rows` are row numbers."""

    table: Table
    file: str
    rows: tuple[int, ...]
    columns: dict[str, list[Any]]
    raw: dict[str, list[Cell]]
    absent: frozenset[str]
    """Columns that should be there and are not."""
    whole: bool
    """Whether every cell is as it should be."""

    def texts(self, column: str) -> set[str]:
        """Every text that stands in the column, also where it is wrong: a key with a slip is known all the same."""
        found = {value for value in self.columns[column] if isinstance(value, str)}
        return found | {shown(cell).strip() for cell in self.raw[column] if not is_blank(cell)}

    def records(self) -> tuple[Any, ...]:
        """The rows as records of `models.problem`. Only for a whole table."""
        assert self.table.record is not None
        return tuple(map(self.table.record, *(self.columns[name] for name in self.table.column_names)))


def empty(table: Table, file: str) -> TypedTable:
    """The table with no row."""
    names = table.column_names
    return TypedTable(
        table, file, (), {name: [] for name in names}, {name: [] for name in names}, frozenset(), whole=True
    )


def type_table(table: Table, raw: RawTable) -> tuple[TypedTable, list[Finding]]:
    """The typed table, and everything wrong with its column names, the length of its rows, and its cells."""
    positions, findings = _positions(table, raw)
    ragged = {k for k, row in enumerate(raw.rows) if len(row.cells) != len(raw.header)}
    for k in sorted(ragged):
        findings.append(_ragged(raw, k))
    columns: dict[str, list[Any]] = {}
    cells_of: dict[str, list[Cell]] = {}
    for column in table.columns:
        at = positions.get(column.name)
        if at is None:
            columns[column.name] = [column.default if column.blank else BAD] * len(raw.rows)
            cells_of[column.name] = [None] * len(raw.rows)
            continue
        cells = [row.cells[at] if at < len(row.cells) else None for row in raw.rows]
        typed, errors = type_cells(column, cells)
        findings += [
            cell_finding(
                column, wrong.code, raw.file, raw.rows[wrong.index].number, cells[wrong.index], hint=wrong.hint
            )
            for wrong in errors
            if wrong.index not in ragged
        ]
        for k in ragged:
            typed[k] = BAD
        columns[column.name], cells_of[column.name] = typed, cells
    rows = tuple(row.number for row in raw.rows)
    absent = frozenset(column.name for column in table.columns if not column.blank) - set(positions)
    return TypedTable(table, raw.file, rows, columns, cells_of, absent, whole=not findings), findings


def cell_finding(column: Column, code: str, file: str, row: int | None, cell: Cell, *, hint: str = "") -> Finding:
    """What is wrong with one cell, in words."""
    value = shown(cell)
    message = f"{CODES[code][0].upper()}{CODES[code][1:]}."
    return error(
        code, file, message, row=row, column=column.name, value=value[:200], expected=column.expected(), hint=hint
    )


def _is_empty(raw: RawTable, at: int) -> bool:
    """Whether a column has neither a name nor a value, as spreadsheets add them on the right or between others."""
    return not raw.header[at] and all(at >= len(row.cells) or is_blank(row.cells[at]) for row in raw.rows)


def _positions(table: Table, raw: RawTable) -> tuple[dict[str, int], list[Finding]]:
    """Where each column of the table stands; a column with a slip in its name counts as the one that was meant."""
    names = table.column_names
    positions: dict[str, int] = {}
    findings: list[Finding] = []
    for at, name in enumerate(raw.header):
        if name in names and name not in positions:
            positions[name] = at
        elif name in names:
            message = f"The table has two columns called {name}."
            findings.append(error("duplicate_column", raw.file, message, row=1, column=name, value=name))
    for at, name in enumerate(raw.header):
        if name in names or _is_empty(raw, at):
            continue
        meant = guess.name(name, [other for other in names if other not in positions])
        if meant:
            positions[meant] = at
        findings.append(
            error(
                "unknown_column",
                raw.file,
                f"{table.name} has no column {name!r}." if name else "A column with values has no name.",
                row=1,
                column=name,
                value=name,
                expected="columns " + ", ".join(names),
                hint=guess.maybe(meant),
            )
        )
    for column in table.columns:
        if not column.blank and column.name not in positions:
            message = f"{table.name} lacks the column {column.name}."
            findings.append(
                error(
                    "missing_column",
                    raw.file,
                    message,
                    row=1,
                    column=column.name,
                    expected="columns " + ", ".join(names),
                )
            )
    return positions, findings


def _ragged(raw: RawTable, k: int) -> Finding:
    row = raw.rows[k]
    return error(
        "ragged_row",
        raw.file,
        f"The row has {len(row.cells)} cells.",
        row=row.number,
        value=",".join(shown(cell) for cell in row.cells)[:200],
        expected=f"{len(raw.header)} cells, one for each column",
        hint="Maybe a comma inside a text lacks its quotation marks" if len(row.cells) > len(raw.header) else "",
    )
