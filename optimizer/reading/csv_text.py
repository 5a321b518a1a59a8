"""One CSV file as bytes -> header and rows, with the findings that keep it from being read."""

from __future__ import annotations

import csv
import io

from optimizer.findings import Finding, error
from optimizer.reading.column import MAX_ROWS
from optimizer.reading.raw import RawRow, RawTable

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def decode(data: bytes, file: str) -> tuple[str | None, Finding | None]:
    """The bytes as text, if they are UTF-8 (with or without a byte order mark)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, _wrong_encoding(file, None, "UTF-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        row = data.count(b"\n", 0, failure.start) + 1
        guess = "Windows-1252 or Latin-1" if b"\0" not in data else "not a text file at all"
        return None, _wrong_encoding(file, row, guess)
    if "\0" in text:
        return None, _wrong_encoding(file, text.count("\n", 0, text.index("\0")) + 1, "UTF-16, or not a text file")
    return text, None


def _wrong_encoding(file: str, row: int | None, guess: str) -> Finding:
    return error(
        "wrong_encoding",
        file,
        "The file is not text in UTF-8.",
        row=row,
        expected="UTF-8 (in Excel: save as CSV UTF-8)",
        hint=f"Maybe it is {guess}",
    )


def parse(name: str, file: str, data: bytes) -> tuple[RawTable | None, tuple[Finding, ...]]:
    """The table in a CSV file; None if it cannot be read, which a finding then says."""
    text, finding = decode(data, file)
    if text is None:
        return None, (finding,) if finding else ()
    rows: list[RawRow] = []
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            if number > MAX_ROWS:
                return None, (_too_many_rows(file),)
            if number == 1 or any(cell.strip() for cell in cells):
                rows.append(RawRow(number, cells))
    except csv.Error as failure:
        message = f"The file breaks the rules of CSV: {failure}."
        return None, (error("broken_csv", file, message, row=number + 1, hint="Maybe a quotation mark is missing"),)
    header = tuple(str(cell).strip() for cell in rows[0].cells) if rows else ()
    if not any(header):
        return None, (error("empty_table", file, "The file has no column names.", row=1),)
    if len(header) == 1:
        for separator, word in _SEPARATORS.items():
            if separator in header[0]:
                return None, (_wrong_separator(file, header[0], word),)
    return RawTable(name, file, header, tuple(rows[1:])), ()


def _too_many_rows(file: str) -> Finding:
    return error("too_many_rows", file, "The table is too long.", expected=f"at most {MAX_ROWS:,} rows")


def _wrong_separator(file: str, header: str, word: str) -> Finding:
    return error(
        "wrong_separator",
        file,
        "The row of column names holds no comma.",
        row=1,
        value=header,
        expected="columns separated by commas",
        hint=f"Maybe the columns are separated by {word}",
    )
