"""A comparison as one page, one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from jinja2 import Environment

from optimizer.explaining.causes import CAUSES
from optimizer.explaining.comparing import Comparison
from optimizer.explaining.moved import MOVEMENTS
from optimizer.reporting.comparison_tables import Head, plain, sheets
from optimizer.reporting.comparison_words import MOVEMENT_TITLES, headline, signed
from optimizer.reporting.names import count, words
from optimizer.reporting.numbers import clean, short
from optimizer.reporting.pages import environment, rendered

MOST_ROWS = 1200
"""A longer table shows the rows that matter most; all are in the workbook."""


def comparison_page(comparison: Comparison) -> str:
    """The whole page as text; the same comparison gives the same bytes."""
    found = [sheet for sheet in sheets(comparison) if sheet.rows]
    sentences = headline(comparison)
    return rendered(
        _environment(),
        "comparison.html",
        drawn=False,
        comparison=comparison,
        sentences=sentences,
        cards=_cards(comparison),
        sheets=[] if comparison.same else found,
        figures={},
        most=MOST_ROWS,
        movements=[(MOVEMENT_TITLES[name], text) for name, text in MOVEMENTS.items()],
        causes=[(words(name), text) for name, text in CAUSES.items()],
    )


def _cards(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """(title, figure, line, tone) of the first screen."""
    moved, more = comparison.moved, comparison.difference
    better = [change for change in moved if change.delay < -1e-9]
    worse = [change for change in moved if change.delay > 1e-9]
    kept = comparison.stability.later.share_of_value
    cards = [
        ("Delay", signed(more), f"{short(comparison.old.objective)} → {short(comparison.new.objective)}", _tone(more)),
        ("Better off", str(len(better)), _sum(sum(change.delay for change in better)), ""),
        ("Worse off", str(len(worse)), _sum(sum(change.delay for change in worse)), ""),
    ]
    if kept is not None:
        cards.append(("Unchanged", f"{100 * kept:.0f} %", "of the value the old plan sends after any frozen weeks", ""))
    changed = count(len(comparison.inputs), "place")
    cards.append(("Input", str(len(comparison.inputs)), f"The instances differ in {changed}", ""))
    return cards


def _sum(delay: float) -> str:
    return f"demands; together {signed(delay)} delay"


def _tone(value: float) -> str:
    return "bad" if value > 1e-9 else "good" if value < -1e-9 else ""


@cache
def _environment() -> Environment:
    return environment(shown=lambda value, head: plain(head, value), sortable=sortable, tone=cell_tone)


def sortable(value: Any, head: Head) -> str | None:
    """The value a column is sorted by, None where the text of the cell serves."""
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, dt.date):
        return repr(clean(float(value), 6)).removesuffix(".0")
    return None if head.kind in ("text", "long", "date") else str(value)


def cell_tone(value: Any, head: Head) -> str:
    """The classes of a cell: its kind, and whether a difference is good or bad."""
    return f"number {_tone(value)}".strip() if head.kind == "worse" and value else head.kind
