"""One change of an instance, as a record.

A change is written, in a scenario file as in JSON, as one mapping with the verb as a key:

    {"set": "orders.O1.quantity", "to": 6}            {"scale": "pledges.*.amount_usd_m", "by": 0.5}
    {"shift": "orders.due_date", "by": 4, "where": {"recipient": "DEU"}}
    {"add": "receipts", "rows": [{"item": "SHELL", "date": "2026-03-02", "quantity": 8}]}
    {"remove": "needs.N3"}

`scale` multiplies numbers; `shift` moves dates by weeks and numbers by an amount. Values are numbers and texts; a blank
is an empty text, a date is ISO 8601. Rows are chosen by `where` and `unless`: columns with the texts, or patterns with
`*` and `?`, one of which must stand there; on numbers and dates also `<`, `<=`, `>`, `>=` before a value.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from optimizer.scenarios.target import Place, Target, Verb

Value = str | int | float | bool | tuple[Any, ...]
"""What a cell or a setting is set to; tuples are lists of settings, as `weights.urgency`."""
Conditions = tuple[tuple[str, tuple[str, ...]], ...]
Row = tuple[tuple[str, Value], ...]
ARGUMENT: dict[Verb, str] = {"set": "to", "scale": "by", "shift": "by", "add": "rows"}
"""The key beside the verb; `remove` needs none."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `value`: what is set, the factor, or the amount (dates: weeks); `rows`: what is added.

    `place` says where it was written, for findings; it is no part of what the change is.
    """

    do: Verb
    target: Target
    value: Value = ""
    where: Conditions = ()
    unless: Conditions = ()
    rows: tuple[Row, ...] = ()
    place: Place = field(default=Place(), compare=False)

    def as_dict(self) -> dict[str, Any]:
        """As it is written, ready for JSON and TOML."""
        found: dict[str, Any] = {self.do: self.target.text}
        if self.do == "add":
            found["rows"] = [dict(_plain(row)) for row in self.rows]
        elif self.do != "remove":
            found[ARGUMENT[self.do]] = _plain(self.value)
        for name in ("where", "unless"):
            conditions = getattr(self, name)
            if conditions:
                found[name] = {column: list(patterns) for column, patterns in conditions}
        return found


def frozen(value: Any) -> Any:
    """A value of TOML or JSON as one of a record: lists as tuples, dates as texts, nothing as an empty text."""
    if isinstance(value, (list, tuple)):
        return tuple(frozen(part) for part in value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return "" if value is None else value


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
