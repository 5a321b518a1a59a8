"""A stress test as one page, one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from optimizer.batch.stress import Stress
from optimizer.batch.stress_charts import figures
from optimizer.batch.stress_tables import sheets
from optimizer.batch.stress_words import headline
from optimizer.reporting.comparison_html import cell_tone, sortable
from optimizer.reporting.comparison_tables import plain
from optimizer.reporting.figures.bundle import bundle
from optimizer.reporting.html import TEMPLATES
from optimizer.reporting.numbers import short

MOST_ROWS = 1200
"""A longer table shows the rows that matter most; all are in the workbook."""


def stress_page(stress: Stress) -> str:
    """The whole page as text; the same test gives the same bytes."""
    drawn = figures(stress)
    scripts = [Markup(bundle()), Markup((TEMPLATES / "report.js").read_text(encoding="utf-8"))]
    return (
        _environment()
        .get_template("stress.html")
        .render(
            stress=stress,
            sentences=headline(stress),
            cards=_cards(stress),
            sheets=[sheet for sheet in sheets(stress) if sheet.rows],
            figures=drawn,
            most=MOST_ROWS,
            scripts=scripts,
            hashes=" ".join(_hash(script) for script in scripts),
        )
    )


def _cards(stress: Stress) -> list[tuple[str, str, str]]:
    """(title, figure, line) of the first screen."""
    spread, planned = stress.delay, stress.planned_delay
    broken = sum(row.broken > 0 for row in stress.promise_risks)
    cards = [
        ("Mean delay", short(spread.mean), f"planned {short(planned)}"),
        ("Worst tenth", short(spread.cvar90), f"mean of the worst tenth; the worst of all {short(spread.most)}"),
        ("Promises", f"{broken} of {len(stress.promise_risks)}", "are broken in some draw"),
    ]
    if stress.leans and stress.leans[0].share > 0:
        first = stress.leans[0]
        cards.append(("Leans on", first.element.name or "reviewers", f"{short(first.share)} of delay is owed to it"))
    return cards


def _hash(script: str) -> str:
    """What the page's policy knows a script by: no other one runs, whatever stands in the data."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader([Path(__file__).parent / "templates", TEMPLATES], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(shown=lambda value, head: plain(head, value), sortable=sortable, tone=cell_tone)
    # what a chart holds of a user's text is escaped where it is drawn
    found.filters["raw_json"] = lambda figure: Markup(figure.json)
    return found
