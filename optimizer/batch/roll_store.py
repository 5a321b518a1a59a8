"""The folder of a roll: a folder a day of planning, each written whole, so that a roll that was stopped goes on.

`roll.json` says what is rolled: the instance's bytes by hash, the history drawn, the options that matter. A folder of
another roll is never continued and never overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from optimizer.batch.roll_records import Week
from optimizer.findings import Finding, error
from optimizer.reading.instance import read_instance
from optimizer.reading.replace import written_file, written_folder
from optimizer.reading.write import write_folder
from optimizer.reporting.manifest import PROGRAM
from optimizer.reporting.output import write_json

LOCK = "lock.json"
ROLL, WEEK, INSTANCE, PLAN = "roll.json", "week.json", "instance", "plan"


class RollStore:
    """A folder that holds the days of planning of one roll."""

    def __init__(self, folder: Path, asked: Mapping[str, Any]) -> None:
        """`asked`: what the roll is, as plain values; it must be the same for a roll to be continued."""
        self.folder, self.asked = folder, json.loads(json.dumps(asked))

    def refusal(self) -> Finding | None:
        """Why the folder cannot take this roll; None if it is new, empty, or holds the beginning of it."""
        place = str(self.folder)
        if not self.folder.exists():
            return None
        if not self.folder.is_dir():
            return error("target_exists", place, "this is not a folder", expected="a new folder")
        try:
            names = [path.name for path in self.folder.iterdir() if not path.name.startswith(".") and path.name != LOCK]
        except OSError as failure:
            return error("cannot_read", place, f"the folder cannot be read: {failure.strerror or failure}")
        if not names:
            return None
        known = self._known()
        if known is None:
            message = "the folder is not empty and holds no roll, so nothing in it is overwritten"
            return error("target_exists", place, message, expected="a new folder, or one that holds this roll")
        differing = [key for key in self.asked if known.get(key) != self.asked[key]]
        if differing:
            message = f"the folder holds another roll: {', '.join(differing)} differ"
            return error("target_exists", place, message, expected="a new folder, or the same instance and options")
        return None

    def _known(self) -> dict[str, Any] | None:
        try:
            found = json.loads((self.folder / ROLL).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("program") == PROGRAM else None

    def begin(self) -> None:
        """Say what the folder holds. Raises `OSError`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._known() is None:
            with written_file(self.folder / ROLL) as path:
                write_json(path, {"program": PROGRAM, **self.asked})

    def weeks(self) -> tuple[Week, ...]:
        """The days of planning that are there, from the first on without a gap; what cannot be read ends them."""
        found: list[Week] = []
        while (folder := self.place(len(found))).is_dir():
            week = _read(folder)
            if week is None or week.number != len(found):
                break
            found.append(week)
        return tuple(found)

    def place(self, number: int) -> Path:
        """The folder of a day of planning."""
        return self.folder / f"week-{number:02d}"

    def has_plan(self, week: Week) -> bool:
        """Whether the plan's own folder of that day is there."""
        return (self.place(week.number) / PLAN).is_dir()

    def add(self, week: Week, fill: Callable[[Path, Path], None] | None = None) -> None:
        """Write a day of planning, whole or not at all, in the place of what was known of it; `fill(instance, target)`
        writes the plan's own folder. Raises `OSError`."""
        with written_folder(self.place(week.number)) as folder:
            write_folder(week.problem, folder / INSTANCE)
            if fill is not None:
                fill(folder / INSTANCE, folder / PLAN)
            write_json(folder / WEEK, week.as_dict())


def _read(folder: Path) -> Week | None:
    try:
        values = json.loads((folder / WEEK).read_text(encoding="utf-8"))
        reading = read_instance(folder / INSTANCE)
        return None if reading.problem is None else Week.from_dict(values, reading.problem)
    except (OSError, KeyError, TypeError, ValueError):
        return None
