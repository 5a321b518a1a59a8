"""Changes as they are written, in TOML, JSON or on the command line -> judged records, with all findings at once.

Judged here is what can be known without an instance: verbs, targets, columns, types and limits of values. What the
instance says of them is found when they are made (`optimizer.scenarios.apply`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from optimizer.findings import CODES, Finding
from optimizer.reading import guess
from optimizer.reading.cells import BAD, shown, type_cell
from optimizer.reading.column import Column
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS, SHARES
from optimizer.reading.settings import typed_setting
from optimizer.scenarios.change import ARGUMENT, Change, Conditions, Row, Value, frozen
from optimizer.scenarios.conditions import judged_conditions
from optimizer.scenarios.target import SHARES_KEY, Place, Target, Verb, target_of

VERBS: tuple[Verb, ...] = get_args(Verb)
_SCALED = {"whole", "number", "numbers"}
_SHIFTED = {"whole", "number", "date"}


def judged_changes(
    given: Any, place: Place, lines: tuple[int | None, ...] = ()
) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    """The changes of a list, and all that is wrong with it; a change that is wrong is left out."""
    if not isinstance(given, (list, tuple)):
        expected = 'a list of changes, as [{ set = "orders.O1.quantity", to = 6 }]'
        return (), (
            place.finding("bad_scenario", "`changes` is not a list.", value=str(given)[:200], expected=expected),
        )
    changes: list[Change] = []
    findings: list[Finding] = []
    for number, entry in enumerate(given, start=1):
        row = lines[number - 1] if len(lines) == len(given) else None
        at = f"{place.at}, change {number}" if place.at else f"change {number}"
        found, wrong = judged_change(entry, replace(place, at=at, row=row))
        changes += found
        findings += wrong
    return tuple(changes), tuple(findings)


def judged_change(given: Any, place: Place) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    """The change that a mapping says: one, several for all shares at once, none if something is wrong with it."""
    if not isinstance(given, Mapping):
        expected = 'one change, as { set = "orders.O1.quantity", to = 6 }'
        return (), (place.finding("bad_scenario", "This is not a change.", value=str(given)[:200], expected=expected),)
    verbs = [verb for verb in VERBS if verb in given]
    if len(verbs) != 1:
        near = next((name for key in given if (name := guess.name(str(key), VERBS))), "")
        message = f"A change does one thing, not {len(verbs)}." if verbs else "What the change does is not said."
        expected = "one of " + ", ".join(VERBS)
        value = ", ".join(map(str, given))[:200]
        hint = guess.maybe(near) if not verbs else ""
        return (), (place.finding("bad_scenario", message, value=value, expected=expected, hint=hint),)
    return _Judge(verbs[0], given, place).changes()


class _Judge:
    """Judges one change; gathers what is wrong with it."""

    def __init__(self, verb: Verb, given: Mapping[str, Any], place: Place) -> None:
        self.verb, self.given, self.place = verb, given, place
        self.findings: list[Finding] = []

    def changes(self) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
        text = self.given[self.verb]
        conditions = any(self.given.get(name) for name in ("where", "unless"))
        target: Target | Finding
        if isinstance(text, str):
            target = target_of(text, self.verb, self.place, conditions=conditions)
        else:
            target = self.place.finding(
                "bad_scenario", f"`{self.verb}` is not a text.", value=str(text)[:200], expected="TABLE.KEY.COLUMN"
            )
        if not isinstance(target, Target):
            return (), (target,)
        self._keys(target)
        found = self._changes(target)
        return (found, ()) if not self.findings else ((), tuple(self.findings))

    def _wrong(self, code: str, message: str, **more: str) -> None:
        self.findings.append(self.place.finding(code, message, **more))

    def _keys(self, target: Target) -> None:
        """Keys beside the verb that say nothing here, and those that are missing."""
        argument = ARGUMENT.get(self.verb)
        rows = self.verb == "add"
        known = {self.verb, *([argument] if argument else ()), *(("row",) if rows else ("where", "unless"))}
        for key in self.given:
            if key not in known:
                hint = guess.maybe(guess.name(str(key), known - {self.verb}))
                expected = "one of " + ", ".join(sorted(known - {self.verb})) if known - {self.verb} else ""
                message = f"`{key}` says nothing to `{self.verb}`."
                self._wrong("bad_scenario", message, value=str(key), expected=expected, hint=hint)
        if argument and argument not in self.given and not (rows and "row" in self.given):
            self._wrong("bad_scenario", f"`{argument}` is missing.", value=target.text, expected=self._expected(target))
        if rows and {"row", "rows"} <= set(self.given):
            self._wrong("bad_scenario", "Rows are given twice.", value=target.text, expected="`row` or `rows`")

    def _expected(self, target: Target) -> str:
        if self.verb == "add":
            return "`row` or `rows` with values by column"
        if self.verb == "set":
            return f"`to` with {target.column_of.expected()}" if target.column_of else "`to` with the shares by score"
        return "`by` with a factor" if self.verb == "scale" else "`by` with an amount, for dates in weeks"

    def _changes(self, target: Target) -> tuple[Change, ...]:
        where, unless = (self._conditions(target, name) for name in ("where", "unless"))
        change = Change(self.verb, target, "", where, unless, (), self.place)
        if self.verb == "remove":
            return (change,)
        if self.verb == "add":
            return (replace(change, rows=self._rows(target)),)
        value = frozen(self.given.get(ARGUMENT[self.verb], ""))
        if ARGUMENT[self.verb] not in self.given:
            return ()
        if target.column == SHARES_KEY and target.column_of is None:
            return self._shares(change, self.given[ARGUMENT[self.verb]])
        column = target.column_of
        assert column is not None, "a target that was judged has its column"
        if self.verb == "set":
            self._settable(target, column, value)
        else:
            self._number(column, value, target)
        number = number_of(value) if column.type in ("whole", "number") or self.verb != "set" else None
        return (replace(change, value=value if number is None else number),)

    def _conditions(self, target: Target, name: str) -> Conditions:
        given = self.given.get(name)
        if given is None or self.verb == "add":
            return ()
        found, wrong = judged_conditions(target, name, given, self.place)
        self.findings += wrong
        return found

    def _settable(self, target: Target, column: Column, value: Value) -> None:
        """What stands there must be what the column or setting takes."""
        if target.section is not None:
            if value == "" and not column.blank:
                self._cell(column, value, "missing_value", "", target.text)
            elif value != "":
                typed, code, hint = typed_setting(column, _thawed(value))
                if typed is BAD:
                    self._cell(column, value, code, hint, target.text)
        elif isinstance(value, (tuple, Mapping)):
            self._cell(column, value, "wrong_type", "", target.text)
        else:
            _, wrong = type_cell(column, value)
            if wrong is not None:
                self._cell(column, value, wrong.code, wrong.hint, target.text)

    def _cell(self, column: Column, value: Any, code: str, hint: str, what: str) -> None:
        message = f"{what}: {CODES[code]}."
        text = str(value) if isinstance(value, (tuple, Mapping)) else shown(value)
        self._wrong(code, message, value=text[:200], expected=column.expected(), hint=hint)

    def _number(self, column: Column, value: Value, target: Target) -> None:
        """The factor or the amount, and whether the column takes one."""
        if column.type not in (_SCALED if self.verb == "scale" else _SHIFTED):
            can = "shifted by weeks" if column.type == "date" else "set"
            kind = {"date": "a date", "whole": "a whole number", "number": "a number", "numbers": "a list of numbers"}
            what = kind.get(column.type, column.expected())
            message = f"{target.text} is {what}, which cannot be {_PAST[self.verb]}."
            self._wrong("wrong_change", message, value=target.text, expected=f"it can be {can}")
            return
        amount = number_of(value)
        what = "a factor of 0 or more" if self.verb == "scale" else "an amount"
        if amount is None:
            code = "not_finite" if isinstance(value, float) else "not_a_number"
            hint = guess.number(value) if isinstance(value, str) else ""
            self._wrong(code, f"`by`: {CODES[code]}.", value=str(value)[:200], expected=what, hint=hint)
        elif self.verb == "scale" and amount < 0:
            self._wrong("too_small", f"`by`: {CODES['too_small']}.", value=shown(amount), expected=what)
        elif self.verb == "shift" and column.type in ("whole", "date") and amount != int(amount):
            unit = "whole weeks" if column.type == "date" else "a whole number"
            self._wrong("not_whole", f"`by`: {CODES['not_whole']}.", value=shown(amount), expected=unit)

    def _shares(self, change: Change, given: Any) -> tuple[Change, ...]:
        """All shares of `[weights]` at once: a change for each."""
        section = SECTIONS["weights"]
        names = [column.name.removeprefix(SHARES) for column in section.columns if column.name.startswith(SHARES)]
        expected = "shares by score, " + ", ".join(names)
        if self.verb != "set" or not isinstance(given, Mapping):
            message = "The shares are set together, by score."
            self._wrong("wrong_type", message, value=str(given)[:200], expected=expected)
            return ()
        for name in given:
            if name not in names:
                hint = guess.maybe(guess.name(str(name), names))
                message = f"There is no score {name!r}."
                self._wrong("unknown_setting", message, value=str(name), expected=expected, hint=hint)
        found = []
        for name in names:
            if name in given:
                target = replace(change.target, column=f"{SHARES}{name}")
                assert target.column_of is not None
                self._settable(target, target.column_of, frozen(given[name]))
                found.append(replace(change, target=target, value=frozen(given[name])))
        return tuple(found)

    def _rows(self, target: Target) -> tuple[Row, ...]:
        given = self.given.get("rows", [self.given["row"]] if "row" in self.given else [])
        if not isinstance(given, (list, tuple)) or not given or not all(isinstance(row, Mapping) for row in given):
            if "rows" in self.given or "row" in self.given:
                expected = "values by column, at least one row"
                self._wrong("bad_scenario", "These are not rows.", value=str(given)[:200], expected=expected)
            return ()
        if target.section is not None and len(given) > 1:
            self._wrong("bad_scenario", f"{target.text} is one section.", value=target.text, expected="one `row`")
            return ()
        return tuple(self._row(target, row) for row in given)

    def _row(self, target: Target, row: Mapping[str, Any]) -> Row:
        """The cells of a row to add, or the keys of a section."""
        section = target.section
        columns = TABLES[target.table].columns if section is None else section.columns
        names = [column.name for column in columns]
        row = _without_shares(row) if section is not None else row
        for name in row:
            if name not in names:
                code = "unknown_column" if section is None else "unknown_setting"
                message = f"{target.text} has no {'column' if section is None else 'key'} {name!r}."
                hint, expected = guess.maybe(guess.name(str(name), names)), "one of " + ", ".join(names)
                self._wrong(code, message, value=str(name), expected=expected, hint=hint)
        for column in columns:
            value = frozen(row.get(column.name))
            if column.name in row or (section is None and not column.blank):
                where = Target(target.table, "", column.name)
                self._settable(where, column, value)
        return tuple((column.name, frozen(row[column.name])) for column in columns if column.name in row)


_PAST = {"scale": "scaled", "shift": "shifted"}


def _without_shares(row: Mapping[str, Any]) -> dict[str, Any]:
    """The inline table `shares` of a section as dotted keys."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        inner = value if name == SHARES_KEY and isinstance(value, Mapping) else None
        found |= {name: value} if inner is None else {f"{SHARES}{key}": part for key, part in inner.items()}
    return found


def _thawed(value: Any) -> Any:
    """Tuples as the lists that settings are read as."""
    return [_thawed(part) for part in value] if isinstance(value, tuple) else value


def number_of(value: Any) -> float | int | None:
    """A finite number, given as one or as a plain text; None if it is none."""
    if isinstance(value, str):
        text = value.strip()
        if not guess.is_plain_number(text):
            return None
        value = int(text) if text.lstrip("+-").isdigit() else float(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value
