"""What must hold within a row of `actuals`: which cells its event uses, and what they name.

Whether it agrees with the plan before is judged where that is known (`optimizer.rolling.judging`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.findings import Finding, error
from optimizer.reading import guess
from optimizer.reading.cells import BAD, shown
from optimizer.reading.shape import TypedTable

Tables = Mapping[str, TypedTable]
_NAMED = {
    "produced": (("lines", "line"),),
    "dispatched": (("orders", "order"), ("needs", "need"), ("offers", "offer")),
    "paid": (("pledges", "pledge"),),
    "approved": (("approvals", "case"),),
}
"""For every event with an entity, the columns one of which lists it."""
_UNUSED = {
    "produced": ("origin", "package"),
    "dispatched": ("package",),
    "arrived": ("entity", "origin", "package"),
    "paid": ("item", "origin"),
    "approved": ("item", "origin", "package"),
}
"""Cells that say nothing for an event and stay blank."""


def actuals(tables: Tables) -> Iterator[Finding]:
    """Every breach, row by row."""
    if "actuals" not in tables:
        return
    table = tables["actuals"]
    for at, number in enumerate(table.rows):
        cells = {name: table.columns[name][at] for name in table.table.column_names}
        if cells["event"] is BAD:
            continue
        for finding in (*_blank(cells), *_named(cells, tables), *_item(cells, tables), *_whole(cells)):
            code, column, message, expected, hint = finding
            yield error(
                code,
                table.file,
                message,
                row=number,
                column=column,
                value=shown(cells[column]),
                expected=expected,
                hint=hint,
            )


Breach = tuple[str, str, str, str, str]
"""Code, column, message, what would be right, and a guess."""


def _blank(cells: Mapping[str, Any]) -> Iterator[Breach]:
    for column in _UNUSED[cells["event"]]:
        if cells[column] is not None and cells[column] is not BAD:
            yield "value_unexpected", column, f"{cells['event']} says nothing of {column}.", "a blank", ""


def _named(cells: Mapping[str, Any], tables: Tables) -> Iterator[Breach]:
    event, entity = cells["event"], cells["entity"]
    if event not in _NAMED or entity is BAD:
        return
    where = _NAMED[event]
    expected = "a name listed in " + " or ".join(f"{table}.{column}" for table, column in where)
    if entity is None:
        yield "missing_value", "entity", f"What was {event} needs a name.", expected, ""
        return
    listed = [(table, column) for table, column in where if table in tables and column not in tables[table].absent]
    known = set[str]().union(*(tables[table].texts(column) for table, column in listed))
    if entity not in known:
        hint = guess.maybe(guess.name(entity, known))
        yield "unknown_key", "entity", f"{' and '.join(name for name, _ in where)} have no {entity}.", expected, hint


def _item(cells: Mapping[str, Any], tables: Tables) -> Iterator[Breach]:
    """What arrived has an item; what a line produced is one that it makes."""
    event, entity, item = cells["event"], cells["entity"], cells["item"]
    if event == "arrived" and item is None:
        yield "missing_value", "item", "What arrived needs an item.", "an item listed in items.item", ""
    if event != "produced" or entity is BAD or item is BAD or "line_items" not in tables:
        return
    makes = tables["line_items"]
    pairs = zip(makes.columns["line"], makes.columns["item"], strict=True)
    items = sorted({other for line, other in pairs if line == entity and isinstance(other, str)})
    expected = " or ".join(items) or "an item that the line makes"
    if item is None and len(items) != 1:
        yield "missing_value", "item", f"{entity} makes several items, or none.", expected, ""
    elif item is not None and items and item not in items:
        yield "unknown_key", "item", f"{entity} does not make {item}.", expected, guess.maybe(guess.name(item, items))


def _whole(cells: Mapping[str, Any]) -> Iterator[Breach]:
    event, quantity = cells["event"], cells["quantity"]
    if quantity is BAD or event == "paid":
        return
    if event == "approved" and quantity not in (0, 1):
        yield "unknown_choice", "quantity", "A case is approved, or it is not.", "1 or 0", ""
    elif float(quantity) != int(quantity):
        yield "not_whole", "quantity", "Units are whole.", "a whole number", ""
