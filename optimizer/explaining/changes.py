"""What differs between two instances: row by row, column by column, setting by setting.

Rows are matched by their keys (`models.keys`), dates by the day, never by the period: a plan a week later has the same
orders at other indices. What lies before the later of the two first days is past, not changed: receipts and commitments
of that time are left out, and step functions (`line_rates`, `component_rates`) are compared as functions from then on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from models.keys import ADDING_UP, SECTION_NAMES, SETTINGS, TABLE_KEYS
from models.problem import Problem

Value = str | int | float | dt.date | None
Kind = Literal["added", "removed", "changed"]
RATES = {"line_rates": "slots_per_week", "component_rates": "units_per_week"}
"""Tables that are step functions: 0 before their first row."""
TOP = "instance"
"""The table that settings outside any section are said to be in; a section is `[packages]`, as in `instance.toml`."""
CALENDAR = ("start", "periods", "after_horizon_weeks")
"""Settings whose change moves the horizon."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `table` (or `[section]`), `key` of the row, `column`, and both values.

    A row that is in one instance only has no column; `row` then holds its cells. `None` as a value means blank, for a
    setting also that its section is absent.
    """

    table: str
    key: tuple[str, ...]
    kind: Kind
    column: str = ""
    old: Value = None
    new: Value = None
    row: tuple[tuple[str, Value], ...] = ()

    @property
    def mirrored(self) -> Change:
        """The same difference, seen from the other side."""
        kinds: dict[Kind, Kind] = {"added": "removed", "removed": "added", "changed": "changed"}
        return replace(self, kind=kinds[self.kind], old=self.new, new=self.old)

    @property
    def day(self) -> dt.date | None:
        """The day from which it matters, where its key has one."""
        names = TABLE_KEYS.get(self.table, ())
        at = next((index for index, name in enumerate(names) if name in ("date", "from_date")), None)
        return None if at is None else dt.date.fromisoformat(self.key[at])


def changes(old: Problem, new: Problem) -> tuple[Change, ...]:
    """Every difference of two instances: settings first, then tables in the order of `problem.md`."""
    since = max(old.start, new.start)
    found = list(_settings(old, new))
    for table in TABLE_KEYS:
        if table in RATES:
            found += _rates(table, old, new, since)
        else:
            past = since if old.start != new.start else dt.date.min
            found += _rows(table, _keyed(table, old, past), _keyed(table, new, past))
    return tuple(found)


def _settings(old: Problem, new: Problem) -> Iterator[Change]:
    for name in SETTINGS:
        yield from _one(TOP, (), name, _flat(getattr(old, name)), _flat(getattr(new, name)))
    for name, section in SECTION_NAMES.items():
        before, after = _entries(getattr(old, name)), _entries(getattr(new, name))
        for key in dict.fromkeys([*before, *after]):
            yield from _one(f"[{section}]", (), key, before.get(key), after.get(key))


def _entries(policy: Any) -> dict[str, Value]:
    """The keys of a section as they stand in `instance.toml`; nothing where the section is absent."""
    found: dict[str, Value] = {}
    for field in fields(policy) if policy is not None else ():
        value = getattr(policy, field.name)
        if isinstance(value, Mapping):
            found |= {f"{field.name}.{key}": inner for key, inner in value.items()}
        else:
            found[field.name] = _flat(value)
    return found


def _flat(value: Any) -> Value:
    """A list of a setting as the text it is written as."""
    if isinstance(value, tuple):
        return f"[{', '.join(str(_flat(part)) for part in value)}]"
    return value  # type: ignore[no-any-return]


def _one(table: str, key: tuple[str, ...], column: str, old: Value, new: Value) -> Iterator[Change]:
    if old != new:
        yield Change(table, key, "changed", column, old, new)


Rows = dict[tuple[str, ...], dict[str, Value]]


def _keyed(table: str, problem: Problem, since: dt.date) -> Rows:
    """Rows by key, each as its other columns; rows that add up are added up, those dated before `since` left out."""
    found: Rows = {}
    for row in getattr(problem, table):
        cells = {field.name: getattr(row, field.name) for field in fields(row)}
        if table in ADDING_UP and cells["date"] < since:
            continue
        key = tuple(str(cells.pop(name)) for name in TABLE_KEYS[table])
        if table in ADDING_UP and key in found:
            cells["quantity"] += found[key]["quantity"]
        found[key] = cells
    return found


def _rows(table: str, old: Rows, new: Rows) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        if key not in new:
            yield Change(table, key, "removed", row=tuple(old[key].items()))
        elif key not in old:
            yield Change(table, key, "added", row=tuple(new[key].items()))
        else:
            for column, value in old[key].items():
                yield from _one(table, key, column, value, new[key][column])


def _rates(table: str, old: Problem, new: Problem, since: dt.date) -> Iterator[Change]:
    """A change for every day on which the pair (rate before, rate after) becomes another one that differs."""
    before, after = _steps(table, old, since), _steps(table, new, since)
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, {}), after.get(name, {})
        rates = last = (0.0, 0.0)
        for day in sorted({*one, *other}):
            rates = (one.get(day, rates[0]), other.get(day, rates[1]))
            if rates != last and rates[0] != rates[1]:
                yield Change(table, (name, day.isoformat()), "changed", RATES[table], *rates)
            last = rates


def _steps(table: str, problem: Problem, since: dt.date) -> dict[str, dict[dt.date, float]]:
    """By line or component: the rate from each day on; the one in force on `since` stands at that day."""
    found: dict[str, dict[dt.date, float]] = {}
    name, _ = TABLE_KEYS[table]
    for row in sorted(getattr(problem, table), key=lambda row: row.from_date):
        found.setdefault(getattr(row, name), {})[max(since, row.from_date)] = getattr(row, RATES[table])
    return found
