"""Typing cells: pydantic types a whole column at once; its errors become findings here.

A cell is what the file gave: a text (CSV), or a text, number, date or truth value (workbook, TOML).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from optimizer.reading import guess
from optimizer.reading.column import FIRST_DATE, LAST_DATE, MAX_TEXT, Column


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell of a sheet that shows an error, or whose formula was never calculated; `text` says which."""

    text: str


Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | ErrorCell | None


class Bad:
    """The type of `BAD`."""

    def __repr__(self) -> str:
        """A short word for debugging."""
        return "BAD"


BAD: Final = Bad()
"""Stands in a typed column for a cell that has a finding, so that the judgement of the rest can go on."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Line breaks, control characters, lone surrogates and the code points XML forbids.
UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufffe\\uffff]")
_WORDS_FOR_NO_NUMBER = frozenset({"nan", "inf", "infinity", "-nan"})

_CODES = {
    "greater_than_equal": "too_small",
    "greater_than": "too_small",
    "less_than_equal": "too_large",
    "int_parsing_size": "too_large",
    "finite_number": "not_finite",
    "int_from_float": "not_whole",
    "int_parsing": "not_a_number",
    "float_parsing": "not_a_number",
    "int_type": "not_a_number",
    "float_type": "not_a_number",
    "literal_error": "unknown_choice",
    "string_too_long": "too_long",
    "string_too_short": "missing_value",
    "string_pattern_mismatch": "bad_code",
    "date_from_datetime_parsing": "impossible_date",
    "date_parsing": "impossible_date",
    "date_type": "not_a_date",
}


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong with cell `index` of a column."""

    index: int
    code: str
    hint: str = ""


def shown(cell: Cell) -> str:
    """The cell as a person sees it: dates in ISO, whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, ErrorCell):
        return cell.text
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in the cell but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _type_of(column: Column) -> Any:
    least, above, most = column.minimum, column.above, column.maximum
    types: dict[str, Any] = {
        "text": Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)],
        "code": Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")],
        "whole": Annotated[int, Field(ge=least, gt=above, le=most)],
        "number": Annotated[float, Field(allow_inf_nan=False, ge=least, gt=above, le=most)],
        "date": Annotated[dt.date, Field(ge=FIRST_DATE, le=LAST_DATE)],
    }
    return Literal[column.choices] if column.type == "choice" else types[column.type]


@cache
def _adapter(column: Column) -> TypeAdapter[list[Any]]:
    columns_type: Any = list[_type_of(column)]  # type: ignore[misc]
    return TypeAdapter(columns_type)


def _prepare(column: Column, cell: Cell) -> tuple[Any, str]:
    """The cell as pydantic shall see it, and a code if it is wrong already (pydantic is too generous here)."""
    if isinstance(cell, ErrorCell):
        return cell, "formula_error"
    if column.type in {"text", "code", "choice"}:
        text = shown(cell).strip()
        return text, "bad_text" if UNPRINTABLE.search(text) else ""
    if column.type == "date":
        return _prepare_date(cell)
    if isinstance(cell, str):
        text = cell.strip()
        if text.casefold().lstrip("+-") in _WORDS_FOR_NO_NUMBER:
            return text, "not_finite"
        if not guess.is_plain_number(text):
            return text, "not_a_number"
        # pydantic reads "1e3" as a float only; a whole number may be written so too
        return (_whole_from(text) if column.type == "whole" else text), ""
    if isinstance(cell, float) and not math.isfinite(cell):
        return cell, "not_finite"
    return cell, "" if isinstance(cell, (int, float)) and not isinstance(cell, bool) else "not_a_number"


def _whole_from(text: str) -> str | float:
    return float(text) if not text.lstrip("+-").isdigit() else text


def _prepare_date(cell: Cell) -> tuple[Any, str]:
    if isinstance(cell, dt.datetime):
        return (cell.date(), "") if cell.time() == dt.time() else (cell, "not_a_date")
    if isinstance(cell, dt.date):
        return cell, ""
    text = cell.strip() if isinstance(cell, str) else ""
    return text, "" if _ISO.fullmatch(text) else "not_a_date"


def _hint(column: Column, code: str, cell: Cell) -> str:
    text = shown(cell)
    if code in {"not_a_date", "impossible_date"}:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return guess.excel_date(cell)
        return guess.date(text)
    if code == "not_a_number":
        return guess.number(text)
    if code == "unknown_choice":
        return guess.maybe(guess.name(text, column.choices))
    if code == "bad_code":
        upper = text.strip().upper()
        return guess.maybe(upper if re.fullmatch(r"[A-Z]{3}", upper) else "")
    return ""


def type_cells(column: Column, cells: Sequence[Cell]) -> tuple[list[Any], list[CellError]]:
    """The cells typed, in order; `BAD` where a cell is wrong, with one error each. Blanks take the default."""
    typed: list[Any] = [BAD] * len(cells)
    errors: list[CellError] = []
    indices: list[int] = []
    prepared: list[Any] = []
    for index, cell in enumerate(cells):
        if is_blank(cell):
            if column.blank:
                typed[index] = column.default
            else:
                errors.append(CellError(index, "missing_value"))
            continue
        value, code = _prepare(column, cell)
        if code:
            errors.append(CellError(index, code, _hint(column, code, cell)))
        else:
            indices.append(index)
            prepared.append(value)
    wrong = _validate(column, prepared, typed, indices)
    for position, kind in wrong.items():
        index = indices[position]
        code = _CODES.get(kind, "wrong_type")
        if column.type == "date" and code in {"too_small", "too_large"}:
            code = "date_out_of_range"
        errors.append(CellError(index, code, _hint(column, code, cells[index])))
    return typed, sorted(errors, key=lambda found: found.index)


def _validate(column: Column, prepared: list[Any], typed: list[Any], indices: list[int]) -> dict[int, str]:
    """Fill `typed` at `indices`; the positions that cannot be typed, with pydantic's kind of error."""
    adapter = _adapter(column)
    wrong: dict[int, str] = {}
    try:
        values = adapter.validate_python(prepared)
    except ValidationError as failure:
        for detail in failure.errors(include_url=False, include_input=False, include_context=False):
            wrong.setdefault(int(detail["loc"][0]), detail["type"])
        values = adapter.validate_python([value for k, value in enumerate(prepared) if k not in wrong])
        indices = [index for k, index in enumerate(indices) if k not in wrong]
    for index, value in zip(indices, values, strict=True):
        typed[index] = value
    return wrong


def type_cell(column: Column, cell: Cell) -> tuple[Any, CellError | None]:
    """One cell typed, or `BAD` and what is wrong with it."""
    typed, errors = type_cells(column, [cell])
    return typed[0], errors[0] if errors else None
