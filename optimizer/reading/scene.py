"""What the warnings look at: the sound part of an instance, with the places its records came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from models.calendar import Calendar, calendar_of
from models.capacity import component_cumulative, hard_floors, makers, on_hand, receipts, slots
from models.problem import Problem
from optimizer.findings import Finding, warning
from optimizer.reading.cells import shown
from optimizer.reading.settings import TypedSettings
from optimizer.reading.shape import TypedTable


@dataclass(frozen=True)
class Scene:
    """`problem` holds the tables without errors; the others are empty in it, and no check looks at them."""

    problem: Problem
    tables: Mapping[str, TypedTable]
    settings: TypedSettings

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar of the instance."""
        return calendar_of(self.problem)

    @cached_property
    def makeable(self) -> frozenset[str]:
        """Items of which some line can make a unit in some period, with the components there will ever be."""
        most = {line: max(found) for line, found in slots(self.problem, self.calendar).items()}
        fitting = {
            item: any(per_unit <= most[line] for line, per_unit in lines)
            for item, lines in makers(self.problem).items()
        }
        ever = {component: found[-1] for component, found in component_cumulative(self.problem, self.calendar).items()}
        short = {row.item for row in self.problem.item_components if row.units_per_unit > ever[row.component]}
        return frozenset(item for item, fits in fitting.items() if fits and item not in short)

    @cached_property
    def obtainable(self) -> frozenset[str]:
        """Items of which at least one unit may ever leave the pool."""
        held, floors, coming = on_hand(self.problem), hard_floors(self.problem), receipts(self.problem, self.calendar)
        there = {item for item in held if held[item] > floors[item] or any(coming[item])}
        return frozenset(there) | self.makeable

    @cached_property
    def substitutes(self) -> dict[str, list[tuple[str, int]]]:
        """For every item what may serve a need for it: itself with 1, and its substitutes with their units."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for item in self.problem.items:
            found[item.item].append((item.item, 1))
        for row in self.problem.substitutes:
            found[row.item].append((row.substitute, row.units_per_unit))
        return found

    def warn(self, code: str, place: tuple[str, int, str], message: str, expected: str = "") -> Finding:
        """A warning about a table's record of that index, and a column."""
        table, index, column = place
        sound = self.tables[table]
        value = sound.columns[column][index]
        return warning(
            code,
            sound.file,
            message,
            row=sound.rows[index],
            column=column,
            value=shown(value),
            expected=expected,
        )

    def warn_setting(self, code: str, key: str, message: str, expected: str = "") -> Finding:
        """A warning about a dotted key of `instance.toml`."""
        value = self.settings.values[key]
        row = self.settings.rows.get(key)
        return warning(code, self.settings.file, message, row=row, column=key, value=shown(value), expected=expected)
