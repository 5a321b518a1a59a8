"""A disturbance file (TOML) -> `Disturbances`, or every finding that says why not.

Findings about keys name the file, the dotted key (`line_slips[0].loss`) and the line it stands in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.problem import Problem
from optimizer.findings import Finding, error
from optimizer.reading import guess, toml_text
from optimizer.scenarios.disturbance_names import unknown_names
from optimizer.scenarios.disturbance_rows import KEYS, ROWS, File
from optimizer.scenarios.disturbance_values import OURS, is_number
from optimizer.scenarios.disturbances import KINDS, Disturbances, Range

_LANES = "Maybe a lane with fewer tonnes for good: lanes have no dates, so none can close for some weeks"


def read_disturbances(path: Path, problem: Problem | None = None) -> tuple[Disturbances | None, tuple[Finding, ...]]:
    """Read and judge a disturbance file; with an instance, the names in it too. Never raises for what the file holds.

    The first value is None exactly if a finding is an error.
    """
    data = toml_text.bytes_of(path)
    if isinstance(data, toml_text.Unreadable):
        return None, (data.finding(expected="a disturbance file (TOML)"),)
    return judged(data, path.name, problem)


def judged(data: bytes, file: str, problem: Problem | None = None) -> tuple[Disturbances | None, tuple[Finding, ...]]:
    """The bytes of a disturbance file, judged; `file` is its name in findings."""
    toml, found = toml_text.parsed(data, file)
    if toml is None:
        return None, found
    document, lines = toml.document, dict(_lines(toml.text))
    findings = list(_keys_that_go_together(document, file, lines))
    try:
        content = File.model_validate(document)
    except ValidationError as wrong:
        findings += [_finding(file, found, lines) for found in wrong.errors()]
    if not findings:
        disturbances = content.record()
        findings += [] if problem is None else unknown_names(disturbances, problem, file, lines)
    if findings:
        return None, tuple(sorted(findings, key=lambda finding: finding.row or 0))
    return disturbances, ()


def _keys_that_go_together(document: dict[str, Any], file: str, lines: dict[str, int]) -> Iterator[Finding]:
    """Keys of which just one is to be given, and ends that lie before their beginnings: judged on the raw rows, so
    that no other finding hides them."""
    for kind, model in ROWS.items():
        rows = document.get(kind)
        for at, row in enumerate(rows if isinstance(rows, list) else ()):
            if not isinstance(row, dict):
                continue
            place: dict[str, Any] = {"row": lines.get(f"{kind}[{at}]"), "column": f"{kind}[{at}]"}
            for keys in (model.choices, *model.one_of):
                given = [key for key in keys if key in row]
                expected = f"one of {', '.join(keys)}"
                if len(given) > 1:
                    yield error(
                        "wrong_type", file, f"{' and '.join(given)} are both given.", **place, expected=expected
                    )
                elif not given and not any(guess.name(key, keys) for key in row):
                    message = f"None of {', '.join(keys)} is given."
                    yield error("missing_setting", file, message, **place, expected=expected)
            first, last = row.get("first"), row.get("last")
            if type(first) is dt.date and type(last) is dt.date and last < first:
                place["column"] += ".last"
                message = f"last lies before first, {first}."
                yield error(
                    "end_before_beginning", file, message, **place, value=str(last), expected=f"{first} or later"
                )


_CODES = {
    "extra_forbidden": "unknown_setting",
    "missing": "missing_setting",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "finite_number": "not_finite",
    "float_type": "not_a_number",
    "string_too_long": "too_long",
    "string_too_short": "missing_value",
    "string_pattern_mismatch": "bad_text",
    "date_type": "not_a_date",
}
_EXPECTED = {
    "float_type": "a number from 0 to 1",
    "finite_number": "a number from 0 to 1",
    "date_type": "a date as 2026-01-05, without quotation marks",
    "string_type": "a text",
    "list_type": "rows, each beginning with [[…]]",
    "model_type": "rows, each beginning with [[…]]",
    "string_pattern_mismatch": "letters, digits, spaces and _ . - only, a letter or digit first",
    "string_too_short": "a text that is not empty",
    "string_too_long": "a shorter text",
}


def _finding(file: str, found: ErrorDetails, lines: dict[str, int]) -> Finding:
    """A finding of pydantic in our words."""
    loc, kind, value, ctx = found["loc"], found["type"], found["input"], found.get("ctx", {})
    key = dotted(loc)
    shown = None if isinstance(value, dict | list | Range) and kind != OURS else str(value)
    place: dict[str, Any] = {"row": line_of(key, lines), "column": key or None, "value": shown}
    if kind == OURS:
        place["value"] = None if isinstance(value, BaseModel) or key in KINDS else shown
        return error(ctx["code"], file, ctx["message"], **place, expected=ctx["expected"], hint=ctx["hint"])
    code = _CODES.get(kind, "wrong_type")
    if kind == "extra_forbidden":
        known = KEYS.get(str(loc[0]), ()) if len(loc) > 1 else tuple(File.model_fields)
        hint = _LANES if "lane" in str(loc[-1]) else guess.maybe(guess.name(str(loc[-1]), known))
        expected = "one of " + ", ".join(known)
        return error(code, file, f"There is no key {loc[-1]!r} here.", **place, expected=expected, hint=hint)
    if kind == "missing":
        return error(code, file, f"The key {loc[-1]!r} is missing.", row=place["row"], column=key, expected="a value")
    expected = _EXPECTED.get(kind, "")
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = ctx.get("ge", ctx.get("le"))
        expected = f"{'at least' if 'ge' in ctx else 'at most'} {limit:g}" if is_number(limit) else f"{limit}"
    hint = guess.number(value) if isinstance(value, str) and kind == "float_type" else ""
    if isinstance(value, str) and kind == "date_type":
        hint = guess.date(value) or (guess.maybe(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else "")
    return error(code, file, f"{found['msg'].removesuffix('.')}.", **place, expected=expected, hint=hint)


def dotted(loc: tuple[int | str, ...]) -> str:
    """`("line_slips", 0, "loss")` as `line_slips[0].loss`."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text


def line_of(key: str, lines: dict[str, int]) -> int | None:
    """The line of a key, or of the row or kind that it would stand in."""
    while key:
        for there in (key, f"{key}[0]"):
            if there in lines:
                return lines[there]
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return None


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Dotted keys with the line they stand in, as far as a plain search finds them."""
    count: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\[\s*([\w.-]+)\s*\]\]", line)
        if header:
            at = count[header[1]] = count.get(header[1], -1) + 1
            yield f"{header[1]}[{at}]", number
            section = f"{header[1]}[{at}]."
            continue
        key = re.match(r"\s*([\w-]+)\s*=", line)
        if key:
            yield section + key[1], number
