"""Plans that a solve was given to start from, kept beside what it found: without them it could not be run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from models.plan import RECORDS, Plan

FOLDER = "starts"


def starts_text(starts: Sequence[tuple[str, Plan]]) -> dict[str, bytes]:
    """The plans as JSON by file, in the order in which they are tried; periods are those of the instance."""
    found = {}
    for number, (name, plan) in enumerate(starts, start=1):
        text = json.dumps({"name": name, **asdict(plan)}, ensure_ascii=False, indent=1, allow_nan=False)
        found[f"{number}.json"] = f"{text}\n".encode()
    return found


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 by file."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def write_starts(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into their folder inside a plan's folder; nothing if there are none."""
    if files:
        (folder / FOLDER).mkdir()
    for name, content in files.items():
        (folder / FOLDER / name).write_bytes(content)


def read_start(content: bytes) -> tuple[str, Plan]:
    """Name and plan of a file. Raises `ValueError`, `KeyError` or `TypeError` where it is not one."""
    found: dict[str, Any] = json.loads(content)
    given: dict[str, Any] = {"accepted_offers": tuple(found["accepted_offers"])}
    for name, record in RECORDS.items():
        given[name] = tuple(record(**_plain(row)) for row in found[name])
    if set(given) != {field.name for field in fields(Plan)}:
        raise ValueError("a plan has other parts")
    return str(found["name"]), Plan(**given)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
