"""The page of a roll: one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from optimizer.reporting.figures.bundle import bundle
from optimizer.reporting.figures.rolling import rolling_figures
from optimizer.reporting.names import long_date
from optimizer.reporting.numbers import clean, percent, short
from optimizer.reporting.rolling_words import KIND_TITLES, MEASURES, WEEK_COLUMNS, cards
from optimizer.rolling.report import RollReport

_TEMPLATES = Path(__file__).parent / "templates"
MOST_PROMISES = 400
"""Broken promises on the page; all are in `promises.csv`."""


def rolling_page(report: RollReport) -> str:
    """The whole page as text; the same report gives the same bytes."""
    figures = list(rolling_figures(report))
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    scripts = [Markup(bundle())] * bool(figures) + [Markup(script)]
    broken = [row for row in report.promises if row.status == "broken"]
    return (
        _environment()
        .get_template("rolling.html")
        .render(
            report=report,
            cards=cards(report),
            figures=figures,
            columns=WEEK_COLUMNS,
            tally=[(KIND_TITLES[kind], counts) for kind, counts in report.tally().items()],
            measures=MEASURES,
            nervousness=report.nervousness(),
            broken=broken[:MOST_PROMISES],
            more_broken=max(0, len(broken) - MOST_PROMISES),
            kinds=KIND_TITLES,
            scripts=scripts,
            hashes=" ".join(_hash(script) for script in scripts),
        )
    )


@cache
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(short=short, percent=percent, long_date=long_date, shown=_shown, sortable=_sortable)
    found.filters["raw_json"] = lambda figure: Markup(figure.json)  # sealed where it is made
    return found


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return "–"
    if kind == "share":
        return percent(value)
    return short(float(value)) if kind == "number" else str(value)


def _sortable(value: Any, kind: str) -> str:
    if value is None:
        return ""
    return repr(clean(float(value), 6)).removesuffix(".0") if kind in ("number", "share") else str(value)
