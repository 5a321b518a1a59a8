"""`difference(old, new)`: the patch that makes one instance into the other; turned round, it takes it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from models.keys import ADDING_UP, TABLE_KEYS
from models.problem import Problem
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS
from optimizer.reading.write import settings_of, table_rows
from optimizer.scenarios.change import Change, Row, frozen
from optimizer.scenarios.patch import Patch
from optimizer.scenarios.selection import keys_of
from optimizer.scenarios.target import TOP, Target


def difference(old: Problem, new: Problem, name: str = "difference") -> Patch:
    """The changes that make `old` into `new`, up to the order of rows: added rows come last.

    Rows are matched by their keys. Where several rows may have one key (`models.keys.ADDING_UP`), all of a key are
    removed and added again if they differ.
    """
    return Patch(name, (*_settings(old, new), *(change for table in TABLES for change in _rows(table, old, new))))


def _settings(old: Problem, new: Problem) -> Iterator[Change]:
    before = {(section, key): value for section, key, value in settings_of(old)}
    after = {(section, key): value for section, key, value in settings_of(new)}
    for section in SECTIONS.values():
        table = f"[{section.name}]" if section.name else TOP
        was, now = ({key: value for (name, key), value in of.items() if name == section.name} for of in (before, after))
        if was and not now:
            yield Change("remove", Target(table))
        elif now and not was:
            yield Change("add", Target(table), rows=(_row(now),))
        else:
            for key in [column.name for column in section.columns]:
                if was.get(key) != now.get(key):
                    yield Change("set", Target(table, "", key), frozen(now.get(key)))


def _rows(table: str, old: Problem, new: Problem) -> Iterator[Change]:
    names = TABLES[table].column_names
    before, after = _by_key(table, old), _by_key(table, new)
    for key, rows in before.items():
        there = after.get(key, [])
        if not there or (table in ADDING_UP and Counter(rows) != Counter(there)):
            yield Change("remove", Target(table), where=_conditions(table, key))
        elif table not in ADDING_UP:
            for column, was, now in zip(names, rows[0], there[0], strict=True):
                if was != now:
                    yield Change("set", Target(table, "", column), frozen(now), where=_conditions(table, key))
    added = [
        _row(dict(zip(names, row, strict=True)))
        for key, rows in after.items()
        if key not in before or (table in ADDING_UP and Counter(rows) != Counter(before[key]))
        for row in rows
    ]
    if added:
        yield Change("add", Target(table), rows=tuple(added))


def _by_key(table: str, problem: Problem) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    rows = table_rows(problem, TABLES[table])
    found: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for key, row in zip(keys_of(table, rows), rows, strict=True):
        found.setdefault(key, []).append(row)
    return found


def _conditions(table: str, key: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, (part,)) for name, part in zip(TABLE_KEYS[table], key, strict=True))


def _row(cells: dict[str, Any]) -> Row:
    return tuple((name, frozen(value)) for name, value in cells.items() if value is not None)
