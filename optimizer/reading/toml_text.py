"""One TOML file: a path -> bytes -> text and document, with the findings that keep it from being read."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from optimizer.findings import Finding, error
from optimizer.reading import csv_text


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file whose bytes cannot be had: there is no such path, or the operating system refuses, and says why."""

    path: Path
    code: Literal["no_such_path", "cannot_read"]
    why: str

    def finding(self, message: str = "", *, expected: str = "") -> Finding:
        """As a finding, in words of the caller's own if it has any; the file is the whole path."""
        return error(self.code, str(self.path), message or f"The file cannot be read: {self.why}.", expected=expected)


def bytes_of(path: Path) -> bytes | Unreadable:
    """The bytes of a file, or why there are none. A path that can be none, as one with a NUL, is not there."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as failure:
        gone = isinstance(failure, FileNotFoundError | ValueError)
        why = getattr(failure, "strerror", None) or str(failure)
        return Unreadable(path, "no_such_path" if gone else "cannot_read", why)


@dataclass(frozen=True, slots=True)
class Toml:
    """What a file says, and the text in which it says so: there the lines of its keys are looked for."""

    text: str
    document: dict[str, Any]


def parsed(data: bytes, file: str) -> tuple[Toml | None, tuple[Finding, ...]]:
    """The bytes of a TOML file as its document; None if they are none, which a finding (`wrong_encoding`, or
    `broken_toml` with its row) then says. `file` is the name in findings."""
    text, finding = csv_text.decode(data, file)
    if text is None:
        return None, (finding,) if finding else ()
    try:
        return Toml(text, tomllib.loads(text)), ()
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as failure:
        at = re.search(r"at line (\d+)", str(failure))
        row = int(at[1]) if at else None
        return None, (error("broken_toml", file, f"The file breaks the rules of TOML: {failure}.", row=row),)
