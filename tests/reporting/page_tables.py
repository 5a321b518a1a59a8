"""The tables of a page as a reader finds them: by anchor, row by row, each cell with what is shown and sorted by."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "img", "path", "rect"}


@dataclass
class Cell:
    """`text` without what is small, `small` what stands beside it, `key` what the column is sorted by."""

    kind: str
    key: str | None
    text: str = ""
    small: str = ""

    @property
    def value(self) -> str:
        """What a test compares."""
        return self.text.strip() if self.key is None else self.key


@dataclass
class PageTable:
    """Heads and rows of one table; `foot` the last row of totals, if there is one."""

    heads: list[str] = field(default_factory=list)
    rows: list[dict[str, Cell]] = field(default_factory=list)
    foot: dict[str, Cell] | None = None


class Tables(HTMLParser):
    """All sortable tables of a page by name (the anchor without `-table`)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, PageTable] = {}
        self._table: PageTable | None = None
        self._part = ""
        self._cells: list[Cell] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            name = (given.get("id") or "").removesuffix("-table")
            self._table = PageTable()
            if name:
                self.found[name] = self._table
        elif tag in ("thead", "tbody", "tfoot"):
            self._part = tag
        elif tag == "tr":
            self._cells = []
        elif tag in ("td", "th"):
            self._cells.append(Cell((given.get("class") or "text").split()[0], given.get("data-sort")))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        self._open.pop()
        if tag == "table":
            self._table = None
        if tag != "tr" or self._table is None:
            return
        if self._part == "thead":
            self._table.heads = [cell.text.strip() for cell in self._cells]
            return
        row = dict(zip(self._table.heads, self._cells, strict=True))
        if self._part == "tbody":
            self._table.rows.append(row)
        else:
            self._table.foot = row

    def handle_data(self, data: str) -> None:
        if not {"td", "th"} & set(self._open) or self._table is None or "svg" in self._open:
            return
        if "small" in self._open:
            self._cells[-1].small += data
        else:
            self._cells[-1].text += data


def tables_of(page: str) -> dict[str, PageTable]:
    """Every table of the page that has an anchor."""
    return Tables(page).found
