"""The Markdown pages as tests read them: tables by heading, fenced blocks, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"`(\w+)(?:\[([^\]]*)\])?`")


def read(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Rows of the tables under every heading, without their heads: cells as they are written."""
    found: dict[str, list[list[str]]] = {}
    heading, line_of_table = "", 0
    for line in _FENCE.sub("", read(page)).splitlines():
        line_of_table = line_of_table + 1 if line.startswith("|") else 0
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
        elif line_of_table > 2:
            found.setdefault(heading, []).append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return found


def names(rows: list[list[str]]) -> list[str]:
    """The name in backticks at the head of every row, without its index. Raises if a row has none."""
    found = []
    for row in rows:
        match = _NAME.match(row[0])
        assert match, f"{row[0]!r} is not a name in backticks"
        found.append(match.group(1))
    return found


def letters(cell: str) -> set[str]:
    """Index letters in a cell such as `line_capacity[l, t]` or `[p, t]`; `[n, t, k]`."""
    return {letter.strip() for inside in re.findall(r"\[([^\]]*)\]", cell) for letter in inside.split(",")}


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks whose opening line begins with the language, in order."""
    return [body for info, body in _FENCE.findall(read(page)) if info.split() and info.split()[0] == language]


def marked(page: Path, mark: str) -> list[str]:
    """The fenced blocks whose opening line is exactly the mark, as `sh test`."""
    return [body for info, body in _FENCE.findall(read(page)) if info.strip() == mark]
