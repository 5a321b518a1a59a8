"""The instances of a sweep as workers hold them: by the hash of their content, sent once, unpacked once."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Mapping

from models.problem import Problem
from optimizer.reading.columns import TABLES
from optimizer.reading.write import csv_of, table_rows, toml_of


class NotSentError(LookupError):
    """A process is asked for an instance that was never sent to it: whoever asked has to send it first."""


_MOST_UNPACKED = 8
"""Instances that a process keeps unpacked at a time."""


def digest_of(problem: Problem) -> str:
    """Hash of the content of an instance: the same for a folder, a workbook and a copy under another name."""
    found = hashlib.sha256(toml_of(problem).encode())
    for name, table in TABLES.items():
        rows = table_rows(problem, table)
        if rows:
            found.update(f"\0{name}\0".encode())
            found.update(csv_of(table.column_names, rows).encode())
    return found.hexdigest()[:24]


def packed(problem: Problem) -> bytes:
    """An instance ready to be sent."""
    return pickle.dumps(problem, protocol=pickle.HIGHEST_PROTOCOL)


class Sources:
    """What one process holds."""

    def __init__(self) -> None:
        """Holds nothing yet."""
        self._packed: dict[str, bytes] = {}
        self._unpacked: OrderedDict[str, Problem] = OrderedDict()

    def add(self, packed: Mapping[str, bytes]) -> None:
        """Keeps more instances, packed."""
        self._packed.update(packed)

    def __contains__(self, digest: str) -> bool:
        """Whether the instance has been sent here."""
        return digest in self._packed

    def problem(self, digest: str) -> Problem:
        """The instance. Raises `NotSentError` where it was never sent."""
        found = self._unpacked.pop(digest, None)
        if found is None and digest not in self:
            raise NotSentError(f"instance {digest} was never sent here")
        if found is None:
            found = pickle.loads(self._packed[digest])
        self._unpacked[digest] = found
        if len(self._unpacked) > _MOST_UNPACKED:
            self._unpacked.popitem(last=False)
        return found


HERE = Sources()
"""Those of this process."""
