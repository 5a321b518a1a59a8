"""`where` and `unless`: conditions on columns, judged, and asked of a row.

A condition is a text, or several of which one must hold. On texts and choices it is the text itself, or, where no row
has exactly that text, a pattern with `*`, `?` and `[…]`. On numbers and dates it is a value, a pattern of its text, or
one of `<`, `<=`, `>`, `>=` before a value. An empty text asks for a blank.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from optimizer.findings import CODES, Finding
from optimizer.reading import guess
from optimizer.reading.cells import BAD, shown, type_cell
from optimizer.reading.column import Column
from optimizer.reading.columns import TABLES
from optimizer.scenarios.change import Conditions, frozen
from optimizer.scenarios.target import Place, Target

_COMPARED = re.compile(r"(<=|>=|<|>)\s*(.*)", re.DOTALL)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = ("whole", "number", "date")
_PATTERN = re.compile(r"[*?\[]")


def judged_conditions(target: Target, name: str, given: Any, place: Place) -> tuple[Conditions, tuple[Finding, ...]]:
    """The conditions that a mapping of columns says, and what is wrong with it; `name` is `where` or `unless`."""
    if target.table not in TABLES:
        message = f"`{name}` chooses rows, and {target.text} has none."
        return (), (place.finding("bad_scenario", message, value=target.text, expected=f"no `{name}`"),)
    table = TABLES[target.table]
    if not isinstance(given, Mapping):
        expected = 'conditions by column, as { recipient = "DEU" }'
        message = f"`{name}` is not a mapping of columns."
        return (), (place.finding("bad_scenario", message, value=str(given)[:200], expected=expected),)
    found: list[tuple[str, tuple[str, ...]]] = []
    findings: list[Finding] = []
    for column_name, value in given.items():
        if column_name not in table.column_names:
            findings.append(
                place.finding(
                    "unknown_column",
                    f"{table.name} has no column {column_name!r}.",
                    value=f"{name}.{column_name}",
                    expected="one of " + ", ".join(table.column_names),
                    hint=guess.maybe(guess.name(str(column_name), table.column_names)),
                )
            )
            continue
        entries = frozen(value)
        entries = entries if isinstance(entries, tuple) else (entries,)
        patterns = tuple(shown(entry) if not isinstance(entry, (tuple, Mapping)) else "" for entry in entries)
        column = table.column(column_name)
        if not entries or any(isinstance(entry, (tuple, Mapping)) for entry in entries):
            expected = "a text or a list of texts"
            message = f"{name}.{column_name} is neither a value nor a list of values."
            findings.append(place.finding("wrong_type", message, value=str(value)[:200], expected=expected))
            continue
        findings += [wrong for text in patterns if (wrong := _judged(column, name, text, place)) is not None]
        found.append((str(column_name), patterns))
    return tuple(found), tuple(findings)


def _judged(column: Column, name: str, text: str, place: Place) -> Finding | None:
    """What is wrong with one condition; whether a row answers to it only the instance can say."""
    if column.type not in _ORDERED or not text:
        return None
    match = _COMPARED.fullmatch(text)
    if match is None and _PATTERN.search(text):
        return None
    _, wrong = type_cell(_loose(column), match[2] if match else text)
    if wrong is None:
        return None
    message = f"{name}.{column.name}: {CODES[wrong.code]}."
    expected = f"{_loose(column).expected()}, or one of <, <=, >, >= before it"
    return place.finding(wrong.code, message, value=text[:200], expected=expected, hint=wrong.hint)


def _loose(column: Column) -> Column:
    """A column of the same kind without limits: a condition may ask for anything."""
    return Column(column.name, "number" if column.type == "whole" else column.type, column.meaning)


def asked(column: Column, patterns: Iterable[str], cells: Iterable[Any]) -> Callable[[Any], bool]:
    """Whether a typed cell answers to one of the patterns. `cells` are all of the column: literal texts come first."""
    there = {shown(cell) for cell in cells}
    tests = [_test(column, pattern, there) for pattern in patterns]
    return lambda cell: any(test(cell) for test in tests)


def _test(column: Column, pattern: str, there: set[str]) -> Callable[[Any], bool]:
    if column.type in _ORDERED:
        match = _COMPARED.fullmatch(pattern)
        if match:
            compare, (limit, _) = _OPERATORS[match[1]], type_cell(_loose(column), match[2])
            return lambda cell: cell is not None and limit is not BAD and compare(cell, limit)
        if pattern and not _PATTERN.search(pattern):
            value, _ = type_cell(_loose(column), pattern)
            return lambda cell: cell is not None and bool(cell == value)
    return matching(pattern, there)


def matching(pattern: str, there: set[str]) -> Callable[[Any], bool]:
    """Whether the text of a cell is the pattern, or, if none of those that are there is, answers to it."""
    text = pattern.strip()
    if text in there or not _PATTERN.search(text):
        return lambda cell: shown(cell) == text
    return lambda cell: fnmatchcase(shown(cell), text)
