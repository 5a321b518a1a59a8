"""Results on disk: one Parquet file a record, each written whole, so that a killed writer harms nothing.

Nothing is ever changed or taken away: records of other commits, and older runs of one key, stay beside new ones.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.bench.extras import extra
from optimizer.bench.records import Record, column_types, record_of

_log = logging.getLogger(__name__)
_PART = ".part"


@dataclass(frozen=True)
class Store:
    """The records below a folder."""

    folder: Path

    @property
    def records_folder(self) -> Path:
        """Where the files are."""
        return self.folder / "records"

    def add(self, record: Record) -> Path:
        """Writes one record; the file appears whole or not at all. Raises `OSError` where that cannot be."""
        self.records_folder.mkdir(parents=True, exist_ok=True)
        stamp = "".join(c for c in record.started if c.isalnum())
        path = self.records_folder / f"{stamp}-{record.key}-{secrets.token_hex(3)}.parquet"
        part = path.with_suffix(_PART)
        try:
            frame([record]).write_parquet(part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def all(self) -> list[Record]:
        """Every record ever made, oldest first; a file that cannot be read is told and left out."""
        polars = extra("polars")
        found = []
        for path in sorted(self.records_folder.glob("*.parquet")):
            try:
                rows = polars.read_parquet(path, use_pyarrow=False, glob=False).to_dicts()
                found += [record_of(row) for row in rows]
            except (polars.exceptions.PolarsError, OSError, TypeError, KeyError) as broken:
                _log.warning("%s is not a whole record and is left out (%s)", path.name, type(broken).__name__)
        return sorted(found, key=lambda record: record.started)

    def latest(self) -> list[Record]:
        """The newest record of every key, in order of time."""
        newest = {record.key: record for record in self.all()}
        return sorted(newest.values(), key=lambda record: record.started)


def frame(records: Iterable[Record]) -> Any:
    """The records as a polars data frame; the same columns and types however few are known."""
    polars = extra("polars")
    types = {str: polars.String, int: polars.Int64, float: polars.Float64, bool: polars.Boolean}
    schema = {name: types[kind] for name, kind in column_types().items()}
    return polars.DataFrame([record.as_dict() for record in records], schema=schema, orient="row")
