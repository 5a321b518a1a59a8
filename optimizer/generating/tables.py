"""Tables that are written row by row, as they are drawn."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from optimizer.reading.columns import TABLES
from optimizer.reading.write import plain


class Tables:
    """The CSV files of an instance, each opened with its first row. A context manager, which closes them."""

    def __init__(self, folder: Path) -> None:
        """Write into an existing folder."""
        self.rows: dict[str, int] = {}
        self._folder = folder
        self._open = ExitStack()
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every file."""
        self._open.close()

    def write(self, table: str, **values: Any) -> None:
        """Write a row; columns not given are blank. Raises `KeyError` for a table or column that is not known."""
        names = TABLES[table].column_names
        unknown = values.keys() - set(names)
        if unknown:
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        if table not in self._writers:
            file = self._open.enter_context((self._folder / f"{table}.csv").open("w", encoding="utf-8", newline=""))
            self._writers[table] = csv.writer(file, lineterminator="\n")
            self._writers[table].writerow(names)
            self.rows[table] = 0
        self._writers[table].writerow([plain(values.get(name)) for name in names])
        self.rows[table] += 1
