"""Which rows of a table a change is about: by key, by `*` and patterns, by conditions on columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from models.keys import ADDING_UP, TABLE_KEYS
from optimizer.findings import Finding
from optimizer.reading import guess
from optimizer.reading.cells import shown
from optimizer.reading.columns import TABLES
from optimizer.scenarios.change import Change
from optimizer.scenarios.conditions import asked, matching
from optimizer.scenarios.target import ANY

_SHOWN_KEYS = 8
_GUESSED_KEYS = 200


def selected(change: Change, rows: Sequence[Sequence[Any]]) -> tuple[list[int], Finding | None]:
    """The indices of the rows, in order; a finding where there is none, or where it is not clear which is meant."""
    table = TABLES[change.target.table]
    chosen, finding = _by_key(change, rows)
    if finding is not None:
        return [], finding
    if not chosen:
        return [], _no_row(change, rows)
    position = {name: at for at, name in enumerate(table.column_names)}
    for wanted, conditions in ((True, change.where), (False, change.unless)):
        for name, patterns in conditions:
            at = position[name]
            answers = asked(table.column(name), patterns, (row[at] for row in rows))
            kept = [index for index in chosen if answers(rows[index][at]) == wanted]
            if not kept:
                return [], _no_answer(change, name, patterns, [rows[index][at] for index in chosen], wanted)
            chosen = kept
    return chosen, None


def keys_of(table: str, rows: Sequence[Sequence[Any]]) -> list[tuple[str, ...]]:
    """The key of every row, as texts."""
    names = TABLES[table].column_names
    at = [names.index(name) for name in TABLE_KEYS[table]]
    return [tuple(shown(row[index]) for index in at) for row in rows]


def _by_key(change: Change, rows: Sequence[Sequence[Any]]) -> tuple[list[int], Finding | None]:
    """Rows whose key is the text; else those whose key begins so, part by part; else those that answer to a pattern."""
    text = change.target.key
    if text in ("", ANY):
        return list(range(len(rows))), None
    keys = keys_of(change.target.table, rows)
    tidy = re.sub(r"\s*,\s*", ",", text.strip())
    for wanted in dict.fromkeys((text, tidy)):
        same = [index for index, key in enumerate(keys) if ",".join(key) == wanted]
        if len(same) > 1 and change.target.table not in ADDING_UP and len({keys[index] for index in same}) > 1:
            message = f"More than one row of {change.target.table} can be meant by {text!r}."
            expected = "`where` with a condition on every column of the key"
            return [], change.place.finding("bad_scenario", message, value=change.target.text, expected=expected)
        if same:
            return same, None
        begins = [k for k, key in enumerate(keys) if any(",".join(key[:n]) == wanted for n in range(1, len(key)))]
        if begins:
            return begins, None
    answers = matching(tidy, set())
    return [index for index, key in enumerate(keys) if answers(",".join(key))], None


def _no_row(change: Change, rows: Sequence[Sequence[Any]]) -> Finding:
    """No row has the key."""
    target = change.target
    if not rows:
        message = f"The table {target.table} has no rows."
        return change.place.finding("nothing_selected", message, value=target.text)
    keys = list(dict.fromkeys(",".join(key) for key in keys_of(target.table, rows)))
    listed = ", ".join(keys[:_SHOWN_KEYS]) + (", …" if len(keys) > _SHOWN_KEYS else "")
    hint = guess.maybe(guess.name(target.key, keys)) if len(keys) <= _GUESSED_KEYS else ""
    message = f"No row of {target.table} is called {target.key!r}."
    return change.place.finding("nothing_selected", message, value=target.text, expected=f"one of {listed}", hint=hint)


def _no_answer(change: Change, name: str, patterns: Sequence[str], cells: Sequence[Any], wanted: bool) -> Finding:
    """No row is left after a condition; `cells` are those of the rows that were left before it."""
    texts = list(dict.fromkeys(shown(cell) for cell in cells))
    listed = ", ".join(texts[:_SHOWN_KEYS]) + (", …" if len(texts) > _SHOWN_KEYS else "")
    near = ""
    if wanted and len(texts) <= _GUESSED_KEYS:
        near = next((found for text in patterns if (found := guess.name(text, texts))), "")
    what = "where" if wanted else "unless"
    asked_for = ", ".join(repr(text) for text in patterns)
    message = (
        f"`{what}` leaves no row of {change.target.table}: {name} {'is' if wanted else 'is nothing but'} {asked_for}."
    )
    return change.place.finding(
        "nothing_selected", message, value=f"{name} = {asked_for}", expected=f"{name}: {listed}", hint=guess.maybe(near)
    )
