"""`report.html`: one page, one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.problem import SCORES, TERMS
from optimizer.reporting.numbers import clean, percent, short
from optimizer.reporting.reasons import REASONS
from optimizer.reporting.sparkline import svg
from optimizer.reporting.summary import Report, Summary
from optimizer.reporting.tables import Table, tables
from optimizer.reporting.terminal import STATUS, words

ON_PAGE = (
    "needs",
    "orders",
    "packages",
    "pledges",
    "payments",
    "offers",
    "lines",
    "lanes",
    "stock",
    "approvals",
    "weights",
)
"""Sections of the page, in order; dispatches stand in the rows of their demands."""
MOST_ROWS = 1200
"""A longer table shows the rows that matter most, so that the page stays small; all are in `plan.xlsx`."""

IN_TIME, LATE, MISSING = "Demands met in time", "Demands met late", "Demands with units missing"


@dataclass(frozen=True)
class Section:
    """A table ready for the page: `shown` of its rows, and how many there are."""

    table: Table
    shown: tuple[tuple[Any, ...], ...]

    @property
    def left_out(self) -> int:
        """Rows that are only in the workbook."""
        return len(self.table.rows) - len(self.shown)


@dataclass(frozen=True)
class Bar:
    """One horizontal bar of the objective by term; `width` and `at` in percent of the longest."""

    title: str
    total: str
    legal: bool
    parts: tuple[tuple[str, float, str], ...]


def page(report: Report) -> str:
    """The whole page as text; the same plan gives the same bytes."""
    sections = [_section(table) for name, table in tables(report).items() if name in ON_PAGE and table.rows]
    anchors = _anchors(cell for section in sections for cell in _names(section))
    horizon = report.facts.calendar
    template = _environment().get_template("report.html")
    return template.render(
        problem=report.problem,
        summary=report.summary,
        violations=report.verdict.violations,
        begin=report.problem.start,
        end=horizon.day(horizon.count) - dt.timedelta(days=1),
        sections=sections,
        anchors=anchors,
        status=STATUS[report.summary.status],
        bars=_bars(report.summary),
        gains=_gains(report.summary),
        late=_late(report),
        terms=TERMS,
        scores=SCORES,
        reasons={name: text for name, text in REASONS.items() if name in _used(report)},
        most_rows=MOST_ROWS,
    )


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    found = Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(short=short, percent=percent, words=words, sortable=_sortable, spark=_spark)
    return found


def _sortable(value: Any) -> str:
    """The value a column is sorted by: numbers and dates as they are, blanks as an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return repr(clean(value, 6))
    return str(value)


def _spark(value: Any) -> Markup:
    return Markup(svg(value))


def _section(table: Table) -> Section:
    if len(table.rows) <= MOST_ROWS:
        return Section(table, table.rows)
    titles = [column.title for column in table.columns]
    by = titles.index("delay") if "delay" in titles else None
    rows = table.rows if by is None else sorted(table.rows, key=lambda row: -row[by])
    return Section(table, tuple(rows[:MOST_ROWS]))


def _names(section: Section) -> Iterable[str]:
    for index, column in enumerate(section.table.columns):
        if column.kind == "anchor":
            for row in section.shown:
                yield row[index]


def _anchors(names: Iterable[str]) -> dict[str, str]:
    """An id for every demand, made of plain letters; two names that would share one get a number."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = anchor = "demand-" + re.sub(r"[^A-Za-z0-9_-]+", "-", name)
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        found[name] = anchor
    return found


def _bars(summary: Summary) -> tuple[Bar, ...]:
    rows = [(case.title, case.objective, case.terms, case.passed) for case in summary.baselines]
    if summary.terms is not None and summary.objective is not None:
        rows.append(("This plan", summary.objective, summary.terms, True))
    longest = max((total for _, total, _, _ in rows), default=0.0) or 1.0
    return tuple(
        Bar(
            title,
            short(total),
            legal,
            tuple((term, round(100 * terms[term] / longest, 3), short(terms[term])) for term in TERMS),
        )
        for title, total, terms, legal in rows
    )


def _gains(summary: Summary) -> list[tuple[str, str]]:
    """How much less delay than the two cases to compare with, in words."""
    found = []
    for case in summary.baselines:
        if summary.objective is None or case.objective <= 0:
            continue
        share = 1 - summary.objective / case.objective
        word = "less delay" if share >= 0 else "more delay"
        found.append((case.title, "the same" if abs(share) < 5e-4 else f"{percent(abs(share), 1)} {word}"))
    return found


def _late(report: Report) -> dict[str, int]:
    """Demands by how they end: in full by their date, in full but late, or with units missing."""
    found = dict.fromkeys((IN_TIME, LATE, MISSING), 0)
    for demand in report.facts.orders + report.facts.needs:
        if demand.undelivered:
            found[MISSING] += 1
        else:
            found[LATE if demand.on_time < demand.delivered else IN_TIME] += 1
    return found


def _used(report: Report) -> set[str]:
    return {demand.reason for demand in report.facts.demands if demand.reason is not None}
