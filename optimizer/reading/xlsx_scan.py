"""A look at the XML of a workbook for what python-calamine does not tell: errors, formulas never calculated, extent.

calamine gives a cell with an error, or a formula without a value, as a blank, and reserves room up to the farthest
cell of a sheet; both must be known before it is asked.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

_MAX_UNPACKED = 2_000_000_000
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<|<(?:\w+:)?is\b")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]+)"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class NotAWorkbook(Exception):  # noqa: N818
    """The bytes are no workbook that can be read; the message says why."""


@dataclass
class SheetScan:
    """Extent of a sheet, merged areas (`A1:B2`), and the text of every error by (row, column) from 1."""

    rows: int = 0
    columns: int = 0
    merged: list[str] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def scan_workbook(data: bytes) -> dict[str, SheetScan]:
    """Every worksheet by name. Raises `NotAWorkbook`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise NotAWorkbook("unpacked it is larger than any plausible instance")
            return {name: _scan(archive.read(part)) for name, part in _parts(archive).items()}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError) as failure:
        raise NotAWorkbook(str(failure).strip("'\"")) from failure
    except (OSError, EOFError, ValueError, zipfile.zlib.error) as failure:  # type: ignore[attr-defined]
        raise NotAWorkbook(f"its content is damaged ({failure})") from failure


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the worksheets, and the parts of the archive that hold them."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    }
    parts = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") and sheet.get(_RELATION) in targets:
            target = targets[sheet.get(_RELATION)]
            parts[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return parts


def _scan(xml: bytes) -> SheetScan:
    found = SheetScan(merged=[area.decode() for area in _MERGED.findall(xml)])
    for cell in _CELL.finditer(xml):
        attributes, content = cell[1], cell[2] or b""
        place = _PLACE.search(attributes)
        if not place or not content:
            continue
        row, column = int(place[2]), _column_number(place[1])
        found.rows, found.columns = max(found.rows, row), max(found.columns, column)
        value = _VALUE.search(content)
        if b't="e"' in attributes:
            found.errors[row, column] = value[1].decode() if value and value[1] else "#ERROR"
        elif value is None and re.search(rb"<(?:\w+:)?f\b", content) and b't="str"' not in attributes:
            found.errors[row, column] = "a formula that was never calculated"
    return found


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
