"""Whether two folders of plans are one and the same, file by file; times of day and of runs do not count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from optimizer.reporting import output

Sameness = Literal["same", "differs", "missing", "new"]
"""Of a file: the same bytes; others; not there any more; not there before."""
TIMES: Mapping[str, frozenset[str]] = {
    output.SUMMARY: frozenset({"seconds"}),
    output.MANIFEST: frozenset({"seconds", "started", "root_seconds", "phases", "versions", "platform"}),
}
"""Keys that do not count, by file: times, and with what it was run, which is compared by itself. Nor do the seconds of
the manifest's `trace`."""


def same_files(old: Path, new: Path) -> dict[str, Sameness]:
    """Every file of two plans' folders, by its way in the folder, in order of name."""
    before, after = _files(old), _files(new)
    found: dict[str, Sameness] = {}
    for name in sorted({*before, *after}):
        if name not in after:
            found[name] = "missing"
        elif name not in before:
            found[name] = "new"
        else:
            found[name] = "same" if content(before[name]) == content(after[name]) else "differs"
    return found


def content(file: Path) -> bytes:
    """The bytes of a file of a plan's folder that must be the same; of summary and manifest without what is time."""
    data = file.read_bytes()
    if file.name not in TIMES or file.parent.name == output.INSTANCE:
        return data
    try:
        document = json.loads(data)
    except ValueError:
        return data
    if not isinstance(document, dict):
        return data
    return json.dumps(_without_times(document, TIMES[file.name]), ensure_ascii=False).encode()


def _without_times(document: dict[str, Any], times: frozenset[str]) -> dict[str, Any]:
    kept = {key: value for key, value in document.items() if key not in times}
    trace = kept.get("trace")
    if isinstance(trace, list):
        kept["trace"] = [
            {key: value for key, value in step.items() if key != "seconds"} if isinstance(step, dict) else step
            for step in trace
        ]
    return kept


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
