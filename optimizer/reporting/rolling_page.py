"""The page of a roll: one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from optimizer.reporting.figures.rolling import rolling_figures
from optimizer.reporting.names import long_date
from optimizer.reporting.numbers import clean, percent, short
from optimizer.reporting.pages import environment, rendered
from optimizer.reporting.rolling_words import KIND_TITLES, MEASURES, WEEK_COLUMNS, cards
from optimizer.rolling.report import RollReport

MOST_PROMISES = 400
"""Broken promises on the page; all are in `promises.csv`."""


def rolling_page(report: RollReport) -> str:
    """The whole page as text; the same report gives the same bytes."""
    figures = list(rolling_figures(report))
    broken = [row for row in report.promises if row.status == "broken"]
    return rendered(
        _environment(),
        "rolling.html",
        drawn=bool(figures),
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
    )


@cache
def _environment() -> Environment:
    return environment(short=short, percent=percent, long_date=long_date, shown=_shown, sortable=_sortable)


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
