"""What a change is aimed at: `orders.O1.quantity`, `pledges.*`, `packages.max_new`, `[packages]`, `start`.

A target names a table, the rows of it by their key, and a column; or a section of `instance.toml` and a key of it, or a
key outside the sections. Only the table of columns is asked here, never an instance: whether a row is there is seen
when the change is made (`optimizer.scenarios.selection`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from models.keys import TABLE_KEYS
from optimizer.findings import Finding, error
from optimizer.reading import guess
from optimizer.reading.column import Column, Section
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS, SHARES

Verb = Literal["set", "scale", "shift", "add", "remove"]
TOP = "instance"
"""The name under which the settings outside any section can be addressed, as `instance.start`."""
ANY = "*"
SHARES_KEY = SHARES.rstrip(".")
_BRACKETS = re.compile(r"\[\s*(?P<section>[^\]]*?)\s*\](?:\.(?P<key>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change is written: the file (or the option), the scenario, what of it, and the line where it is known."""

    file: str = "scenario"
    at: str = ""
    row: int | None = None

    def finding(self, code: str, message: str, **more: str) -> Finding:
        """An error at this place; `more` takes `value`, `expected`, `hint`."""
        return error(code, self.file, message, row=self.row, column=self.at or None, **more)


@dataclass(frozen=True, slots=True)
class Target:
    """`table` is a table of the instance, `[section]`, or `instance` for the settings outside any section.

    `key` names rows as in `orders.O1.quantity`, the parts of a key joined by commas; empty: no key was given. `column`
    is a column or a key of the section; empty: whole rows, or the whole section.
    """

    table: str
    key: str = ""
    column: str = ""

    @property
    def section(self) -> Section | None:
        """The section of `instance.toml`, if it is one."""
        return SECTIONS.get("" if self.table == TOP else self.table[1:-1]) if self.table not in TABLES else None

    @property
    def column_of(self) -> Column | None:
        """The column or the setting; None for whole rows and sections, and for all shares at once."""
        section = self.section
        columns = TABLES[self.table].columns if section is None else section.columns
        return next((column for column in columns if column.name == self.column), None)

    @property
    def text(self) -> str:
        """As it is written."""
        if self.table == TOP:
            return self.column
        if self.section is not None:
            return f"{self.table[1:-1]}.{self.column}" if self.column else self.table
        return ".".join(part for part in (self.table, self.key, self.column) if part)


def target_of(text: str, verb: Verb, place: Place, *, conditions: bool) -> Target | Finding:
    """The target that the text means, or why it means none. `conditions`: whether rows are chosen by conditions too."""
    text = text.strip()
    brackets = _BRACKETS.fullmatch(text)
    if brackets:
        return _in_section(text, brackets["section"], brackets["key"] or "", verb, place)
    head, _, rest = text.partition(".")
    if head == TOP:
        head, rest = rest, ""
    if not rest and head in {column.name for column in SECTIONS[""].columns}:
        return Target(TOP, "", head) if verb != "add" else _no_rows(text, place)
    if head and head in SECTIONS and rest and verb != "add" and (head not in TABLES or rest in _keys(SECTIONS[head])):
        return _in_section(text, head, rest, verb, place)
    if head in TABLES:
        return _in_table(text, head, rest, verb, place, conditions=conditions)
    if head and head in SECTIONS:
        return _in_section(text, head, rest, verb, place)
    names = [*TABLES, *(name for name in SECTIONS if name), *_keys(SECTIONS[""])]
    return place.finding(
        "unknown_table",
        f"There is no table, section or setting {head!r}." if head else "Nothing is named.",
        value=text,
        expected="TABLE.KEY.COLUMN or SECTION.KEY, one of " + ", ".join(names),
        hint=guess.maybe(guess.name(head, names)),
    )


def _keys(section: Section) -> list[str]:
    """The keys of a section; all shares together are one more."""
    names = [column.name for column in section.columns]
    return [*names, SHARES_KEY] if any(name.startswith(SHARES) for name in names) else names


def _in_section(text: str, name: str, key: str, verb: Verb, place: Place) -> Target | Finding:
    names = [name for name in SECTIONS if name]
    section = SECTIONS.get(name) if name else None
    if section is None:
        expected = "sections " + ", ".join(f"[{name}]" for name in names)
        hint = guess.maybe(guess.name(name, names))
        return place.finding(
            "unknown_setting", f"There is no section [{name}].", value=text, expected=expected, hint=hint
        )
    if verb == "add" and key:
        return _no_rows(text, place)
    if not key:
        if verb in ("add", "remove"):
            return Target(f"[{name}]")
        expected = f"{name}.KEY, one of " + ", ".join(_keys(section))
        return place.finding("bad_scenario", f"{text} is a whole section.", value=text, expected=expected)
    if key not in _keys(section):
        also = f"; columns of the table {name}: {', '.join(TABLES[name].column_names)}" if name in TABLES else ""
        expected = f"one of {', '.join(_keys(section))}{also}"
        hint = guess.maybe(guess.name(key, _keys(section)))
        return place.finding(
            "unknown_setting", f"[{name}] has no key {key!r}.", value=text, expected=expected, hint=hint
        )
    return Target(f"[{name}]", "", key)


def _no_rows(text: str, place: Place) -> Finding:
    message = f"{text} is not a table or a section that something could be added to."
    return place.finding("bad_scenario", message, value=text, expected="the name of a table, or [SECTION]")


def _in_table(text: str, name: str, rest: str, verb: Verb, place: Place, *, conditions: bool) -> Target | Finding:
    table, keys = TABLES[name], ",".join(part.upper() for part in TABLE_KEYS[name])
    section = f", or [{name}] for the section" if name in SECTIONS else ""
    if verb == "add":
        return Target(name) if not rest else _no_rows(text, place)
    if verb == "remove":
        if rest or conditions:
            return Target(name, rest)
        expected = f"{name}.{keys} for one row, {name}.{ANY} for all{section}"
        return place.finding("bad_scenario", "Which rows are removed is not said.", value=text, expected=expected)
    key, _, column = rest.rpartition(".")
    if column not in table.column_names:
        also = f"; keys of the section [{name}]: {', '.join(_keys(SECTIONS[name]))}" if name in SECTIONS else ""
        candidates = [*table.column_names, *(_keys(SECTIONS[name]) if name in SECTIONS and not key else ())]
        return place.finding(
            "unknown_column",
            f"{name} has no column {column!r}." if column else f"Which column of {name} is not said.",
            value=text,
            expected=f"{name}.{keys}.COLUMN; columns {', '.join(table.column_names)}{also}",
            hint=guess.maybe(guess.name(column, candidates)),
        )
    if not key and not conditions:
        message, expected = "Which rows are changed is not said.", f"{name}.{keys}.{column} for one row"
        hint = f"Maybe {name}.{ANY}.{column} for all rows"
        return place.finding("bad_scenario", message, value=text, expected=expected, hint=hint)
    return Target(name, key, column)
