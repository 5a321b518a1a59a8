"""Names for files that other solvers read: as in the glossary, with only the characters that every format allows.

A column or row is `name(index,…)`: the variable or rule, then what it is about. Periods are numbers, counted from 0.
Brackets have a meaning in LP files, so the index stands in parentheses. Moves, which have only numbers in a model, are
named by what they do: `sent(need,item,origin,period,lane.lane)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from models.build import Built
from models.facts import Move
from models.matrix import Key

MOST = 100
"""Characters of a name at most: what the strictest reader (that of LP files in CBC) takes."""
CONSTANT = "constant"
"""The column fixed at 1 that carries the constant of the objective."""
BY_MOVE = frozenset({"sent", "served", "served_for_good"})
"""Variables and rules whose first index is the number of a move."""
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_.]")


def column_names(built: Built) -> list[str]:
    """A name for every column, each different."""
    matrix = built.matrix
    return unique(_names(built, matrix.kinds.tolist(), matrix.column_keys), {CONSTANT})


def row_names(built: Built) -> list[str]:
    """A name for every row, each different from all others and from that of the objective."""
    matrix = built.matrix
    return unique(_names(built, matrix.rules.tolist(), matrix.row_keys), {"objective"})


def unique(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """The names cut to `MOST` characters; one that another one has already gets `~2`, `~3`, … at its end."""
    seen, found, last = set(taken), [], dict[str, int]()
    for name in names:
        short, number = name[:MOST], last.get(name[:MOST], 1)
        candidate = short
        while candidate in seen:
            number += 1
            ending = f"~{number}"
            candidate = short[: MOST - len(ending)] + ending
        last[short] = number
        seen.add(candidate)
        found.append(candidate)
    return found


def safe(part: object) -> str:
    """Letters, digits, `_` and `.` stay; every other character becomes `_`."""
    return _FORBIDDEN.sub("_", str(part))


def _names(built: Built, kinds: Sequence[str], keys: Sequence[Key]) -> Iterator[str]:
    moves: Sequence[Move] = built.draft.notes.get("moves", ())
    for kind, key in zip(kinds, keys, strict=True):
        yield _name(kind, (*_move(moves[key[0]]), *key[1:]) if kind in BY_MOVE else key)


def _name(kind: str, key: Key) -> str:
    return f"{safe(kind)}({','.join(map(safe, key))})" if key else safe(kind)


def _move(move: Move) -> Key:
    route = (".".join(move.route.lanes),) if move.route.lanes else ()
    return (move.need, move.item, move.origin, move.period, *route)
