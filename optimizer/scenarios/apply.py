"""`patched(problem, patches)`: the changed instance, judged again as if it had been read from files."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from models.keys import ADDING_UP
from models.problem import Problem
from optimizer.findings import CODES, Finding, has_errors, warning
from optimizer.reading.cells import BAD, Cell, shown, type_cells
from optimizer.reading.column import Column
from optimizer.reading.columns import TABLES
from optimizer.reading.instance import Reading, judge
from optimizer.reading.settings import typed_setting
from optimizer.scenarios import rounding
from optimizer.scenarios.change import Change, Value
from optimizer.scenarios.patch import Patch
from optimizer.scenarios.selection import keys_of, selected
from optimizer.scenarios.state import State, StateRow, place_of
from optimizer.scenarios.written import number_of


def patched(problem: Problem, patches: Sequence[Patch]) -> Reading:
    """The instance with every change of every patch made, in order.

    Findings about the patches name the file and the scenario they are written in; the changed instance is then judged
    by the rules of the reader, and what it says of a row that a change touched names that change, too. `problem` is
    None exactly if a finding is an error. Nothing is written; the name of the instance stays.
    """
    state = State(problem)
    findings: list[Finding] = []
    for patch in patches:
        for change in patch.changes:
            findings += _Making(state, change).findings()
    if has_errors(findings):
        return Reading(None, tuple(findings), ())
    label = " + ".join(patch.name or "changes" for patch in patches)

    def place(name: str) -> str:
        return place_of(name, label)

    reading = judge(state.raw(place), place)
    return Reading(reading.problem, (*findings, *state.placed(reading.findings, place)), ())


class _Making:
    """Makes one change in a state."""

    def __init__(self, state: State, change: Change) -> None:
        self.state, self.change, self.place = state, change, change.place
        self.found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Make it; all that is wrong with it."""
        target = self.change.target
        if target.section is None:
            self._add_rows() if self.change.do == "add" else self._rows()
        elif not target.column:
            self._section(target.table[1:-1])
        else:
            self._setting()
        return self.found

    def _wrong(self, code: str, message: str, **more: str) -> None:
        self.found.append(self.place.finding(code, message, **more))

    # rows

    def _rows(self) -> None:
        target = self.change.target
        rows = self.state.tables[target.table]
        chosen, finding = selected(self.change, [row.cells for row in rows])
        if finding is not None:
            self.found.append(finding)
            return
        if self.change.do == "remove":
            gone = set(chosen)
            self.state.tables[target.table] = [row for index, row in enumerate(rows) if index not in gone]
            return
        at = TABLES[target.table].column_names.index(target.column)
        column = TABLES[target.table].columns[at]
        if self.change.do == "set":
            (value,), _ = type_cells(column, [_cell(self.change.value)])
            self._put(rows, at, dict.fromkeys(chosen, value))
            return
        given = [index for index in chosen if rows[index].cells[at] is not None]
        if not given:
            message = f"{target.text}: every value is blank, and stays so."
            self.found.append(
                warning("nothing_changed", self.place.file, message, row=self.place.row, column=self.place.at)
            )
            return
        values = self._changed(column, [rows[index].cells[at] for index in given], self._groups(given))
        typed, errors = type_cells(column, values)
        if errors:
            first = errors[0]
            key = ",".join(keys_of(target.table, [rows[given[first.index]].cells])[0])
            more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
            self._limits(column, first.code, values[first.index], f"{target.table}.{key}.{target.column}{more}")
            return
        self._put(rows, at, dict(zip(given, typed, strict=True)))

    def _put(self, rows: list[StateRow], at: int, values: dict[int, Any]) -> None:
        for index, value in values.items():
            rows[index].cells[at] = value
            rows[index].touched = self.place

    def _groups(self, chosen: list[int]) -> list[Any]:
        """What each of the rows counts, for scaling whole units together; otherwise each row for itself."""
        target = self.change.target
        name = rounding.COUNTED.get((target.table, target.column))
        if name is None:
            return list(chosen)
        at = TABLES[target.table].column_names.index(name)
        return [self.state.tables[target.table][index].cells[at] for index in chosen]

    def _changed(self, column: Column, values: list[Any], groups: list[Any]) -> list[Any]:
        """The values scaled or shifted, before their limits are judged."""
        amount = number_of(self.change.value)
        assert amount is not None, "a change that was judged has its number"
        if self.change.do == "scale":
            if column.type == "whole":
                return rounding.shared_out(values, amount, groups)
            return [rounding.scaled(value, amount) for value in values]
        if column.type == "date":
            return [_later(value, int(amount)) for value in values]
        if column.type == "whole":
            return [value + int(amount) for value in values]
        return [rounding.added(value, amount) for value in values]

    def _limits(self, column: Column, code: str, value: Any, what: str) -> None:
        """The result of the change is beyond what may stand there."""
        if value is None or (isinstance(value, float) and math.isinf(value)):
            code = "date_out_of_range" if column.type == "date" else "too_large"
        message = f"{what} after the change: {CODES[code]}."
        expected = column.expected()
        self._wrong(code, message, value="beyond the calendar" if value is None else shown(value), expected=expected)

    def _add_rows(self) -> None:
        name = self.change.target.table
        table, rows = TABLES[name], self.state.tables[name]
        known = set(keys_of(name, [row.cells for row in rows])) if name not in ADDING_UP else set()
        for given in self.change.rows:
            cells = dict(given)
            typed = [type_cells(column, [_cell(cells.get(column.name))])[0][0] for column in table.columns]
            key = keys_of(name, [typed])[0]
            if name not in ADDING_UP and table.key:
                if key in known:
                    text = ",".join(key)
                    hint = f"Maybe set instead of add, as set = {f'{name}.{text}.COLUMN'!r}"
                    self._wrong("duplicate_key", f"{name} has a row {text} already.", value=text, hint=hint)
                    continue
                known.add(key)
            rows.append(StateRow(typed, self.place))

    # settings

    def _section(self, name: str) -> None:
        """A whole section is added or taken away."""
        keys = [key for key in self.state.settings if key.startswith(f"{name}.")]
        if self.change.do == "remove":
            if name not in self.state.sections:
                self._wrong("nothing_selected", f"The instance has no section [{name}].", value=f"[{name}]")
            self.state.sections.discard(name)
            for key in keys:
                del self.state.settings[key]
        elif name in self.state.sections:
            message = f"The instance has a section [{name}] already."
            self._wrong("duplicate_setting", message, value=f"[{name}]", hint=f"Maybe set = '{name}.KEY'")
        else:
            self.state.sections.add(name)
            section = self.change.target.section
            assert section is not None
            self.state.touched[name] = self.place
            for key, value in self.change.rows[0]:
                column = next(column for column in section.columns if column.name == key)
                self._set(f"{name}.{key}", column, value)

    def _setting(self) -> None:
        target, column = self.change.target, self.change.target.column_of
        assert column is not None, "a change that was judged has its setting"
        key = target.text
        if self.change.do == "set":
            if target.table.startswith("["):
                self.state.sections.add(target.table[1:-1])
            self._set(key, column, self.change.value)
        elif key not in self.state.settings:
            self._wrong("nothing_selected", f"The instance has no setting {key}.", value=key)
        elif self.change.do == "remove":
            del self.state.settings[key]
            self.state.touched[key] = self.place
        else:
            before = self.state.settings[key]
            values = list(before) if isinstance(before, tuple) else [before]
            after = self._changed(column, values, list(range(len(values))))
            value = tuple(after) if isinstance(before, tuple) else after[0]
            typed, code, _ = typed_setting(column, list(value) if isinstance(value, tuple) else value)
            if typed is BAD:
                self._limits(column, code, value if not isinstance(value, tuple) else str(value), key)
                return
            self._set(key, column, value)

    def _set(self, key: str, column: Column, value: Any) -> None:
        """Blank takes a setting away."""
        self.state.touched[key] = self.place
        if value == "":
            self.state.settings.pop(key, None)
            return
        self.state.settings[key] = typed_setting(column, list(value) if isinstance(value, tuple) else value)[0]


def _cell(value: Value | None) -> Cell:
    """A value as a cell of a file; a list, which was refused when the change was judged, as a text."""
    return str(value) if isinstance(value, tuple) else value


def _later(day: dt.date, weeks: int) -> dt.date | None:
    """The day so many weeks later; None beyond the calendar."""
    try:
        return day + dt.timedelta(weeks=weeks)
    except OverflowError:
        return None
