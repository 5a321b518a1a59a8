"""The rows of a sweep on disk: one Parquet file a run, written whole under the hash of what it is.

A file of one name holds one result, so nothing is ever double; a file that is not whole is no result, and its run is
made again. `results.parquet` beside them is all rows of the sweep as one table, made anew at every end.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.batch.extras import extra
from optimizer.batch.sweep_row import LABELS, schema

_log = logging.getLogger(__name__)
_PART = ".part"
RECORDS, PLANS, RESULTS = "records", "plans", "results.parquet"
_MAKING = (".making-", ".made-")
"""How folders begin that a worker was filling."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Store:
    """The records below a folder. One process writes at a time, see `optimizer.batch.lock`."""

    folder: Path

    @property
    def plans(self) -> Path:
        """Where plans' folders are, by the key of their run."""
        return self.folder / PLANS

    def prepare(self) -> None:
        """Makes the folders, and clears away what a killed sweep left half-made. Raises `OSError`."""
        (self.folder / RECORDS).mkdir(parents=True, exist_ok=True)
        for part in (self.folder / RECORDS).glob(f"*{_PART}"):
            part.unlink(missing_ok=True)
        if self.plans.is_dir():
            for name in self.plans.iterdir():
                if name.name.startswith(_MAKING):
                    shutil.rmtree(name, ignore_errors=True)

    def add(self, key: str, row: Mapping[str, Any]) -> None:
        """Writes one record; it is there whole or not at all. Raises `OSError` where that cannot be."""
        path = self.folder / RECORDS / f"{key}.parquet"
        part = path.with_suffix(_PART)
        try:
            frame([{**row, "key": key}]).write_parquet(part, compression="lz4", statistics=False)
            _to_disk(part)
            os.replace(part, path)
        except Exception as failure:
            polars = extra("polars")
            if isinstance(failure, polars.exceptions.PolarsError):
                raise OSError(getattr(failure, "errno", None) or 5, str(failure)) from failure
            raise
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def add_plan(self, key: str, files: Mapping[str, bytes] | None, folder: str | None) -> None:
        """Puts the folder of a plan in place, whole or not at all. Raises `OSError`."""
        self.plans.mkdir(parents=True, exist_ok=True)
        target = self.plans / key
        if folder is None:
            made = self.plans / f"{_MAKING[1]}{key}-files"
            shutil.rmtree(made, ignore_errors=True)
            for name, content in (files or {}).items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        else:
            made = Path(folder)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(made, target)

    def has_plan(self, key: str) -> bool:
        """Whether the folder of the plan is there."""
        return (self.plans / key).is_dir()

    def rows(self, keys: Iterable[str]) -> dict[str, Row]:
        """The records that are there of these; one that cannot be read is told, and counts as not there."""
        polars = extra("polars")
        found: dict[str, Row] = {}
        for key in keys:
            path = self.folder / RECORDS / f"{key}.parquet"
            if not path.is_file():
                continue
            try:
                found[key] = polars.read_parquet(path, use_pyarrow=False, glob=False).to_dicts()[0]
            except (polars.exceptions.PolarsError, OSError, IndexError) as broken:
                _log.warning("%s is not a whole record; its run is made again (%s)", path.name, type(broken).__name__)
        return found

    def write_results(self, rows: Sequence[Row], parameters: Mapping[str, str]) -> None:
        """Writes the table of all rows, whole or not at all. `parameters`: polars types by column. Raises `OSError`."""
        path = self.folder / RESULTS
        part = path.with_suffix(_PART)
        try:
            frame(rows, parameters).write_parquet(part)
            os.replace(part, path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def frame(rows: Sequence[Mapping[str, Any]], parameters: Mapping[str, str] | None = None) -> Any:
    """Rows as a polars data frame; the same columns and types however few are known."""
    polars = extra("polars")
    types = schema()
    if parameters is not None:
        labels = {name: getattr(polars, kind) for name, kind in {**LABELS, **parameters}.items()}
        types = {**labels, **types}
    data = [{name: row.get(name) for name in types} for row in rows]
    return polars.DataFrame(data, schema=types, orient="row")


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
