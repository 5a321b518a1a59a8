"""A stress test as one page, one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment

from optimizer.batch.stress import Stress
from optimizer.batch.stress_charts import figures
from optimizer.batch.stress_tables import sheets
from optimizer.batch.stress_words import headline
from optimizer.reporting.comparison_html import cell_tone, sortable
from optimizer.reporting.comparison_tables import plain
from optimizer.reporting.numbers import short
from optimizer.reporting.pages import environment, rendered

MOST_ROWS = 1200
"""A longer table shows the rows that matter most; all are in the workbook."""


def stress_page(stress: Stress) -> str:
    """The whole page as text; the same test gives the same bytes."""
    return rendered(
        _environment(),
        "stress.html",
        drawn=True,
        stress=stress,
        sentences=headline(stress),
        cards=_cards(stress),
        sheets=[sheet for sheet in sheets(stress) if sheet.rows],
        figures=figures(stress),
        most=MOST_ROWS,
    )


def _cards(stress: Stress) -> list[tuple[str, str, str, str]]:
    """(title, figure, line, tone) of the first screen."""
    spread, planned = stress.delay, stress.planned_delay
    broken = sum(row.broken > 0 for row in stress.promise_risks)
    cards = [
        ("Mean delay", short(spread.mean), f"planned {short(planned)}", ""),
        ("Worst tenth", short(spread.cvar90), f"mean of the worst tenth; the worst of all {short(spread.most)}", ""),
        ("Promises", f"{broken} of {len(stress.promise_risks)}", "are broken in some draw", ""),
    ]
    if stress.leans and stress.leans[0].share > 0:
        first = stress.leans[0]
        line = f"{short(first.share)} of delay is owed to it"
        cards.append(("Leans on", first.element.name or "reviewers", line, ""))
    return cards


@cache
def _environment() -> Environment:
    own = Path(__file__).parent / "templates"
    return environment(own, shown=lambda value, head: plain(head, value), sortable=sortable, tone=cell_tone)
