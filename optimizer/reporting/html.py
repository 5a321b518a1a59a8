"""`report.html`: one page, one file, nothing fetched from anywhere. Every text of the user is escaped by Jinja2."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from models.problem import TERMS
from optimizer.explaining.reasons import REASON_TITLES, REASONS
from optimizer.reporting.charts import axis_svg, parts_svg, series_svg
from optimizer.reporting.figures.drawn import figures
from optimizer.reporting.headline import cards, culprits, proven
from optimizer.reporting.names import STATES, STATUS_WORDS, TERM_TITLES, long_date, whole_percent, words
from optimizer.reporting.numbers import clean, percent, short
from optimizer.reporting.pages import environment, rendered
from optimizer.reporting.summary import Report, Summary
from optimizer.reporting.tables import Column, Table, tables

CHAPTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("part-before", "Since the plan before", ("promises", "moved", "happened", "rolled")),
    ("part-needs", "Needs", ("needs",)),
    ("part-allies", "Allies", ("allies", "orders", "offers", "weights")),
    ("part-packages", "Packages and donors", ("packages", "donors")),
    ("part-sharing", "Burden sharing", ("sharing", "gap_categories", "gap", "asks")),
    ("part-queue", "Queue", ("queue", "queue_recipients", "queue_lines", "queue_before")),
    ("part-lines", "Production", ("items", "lines")),
    ("part-industry", "Industry", ("industry", "backlog", "components")),
    ("part-stock", "Stock", ("stock",)),
    ("part-money", "Money", ("pledges", "payments")),
    ("part-approvals", "Approvals", ("approvals",)),
    ("part-delivery", "Delivery", ("soon", "lanes")),
    ("part-values", "What one more is worth", ("values",)),
    ("part-hedging", "What was hedged", ("candidates", "hedged", "scenarios")),
)
"""Chapters of the page: anchor, title, tables. Dispatches stand in the rows of their demands."""
FOLDED = ("payments", "rolled", "gap", "queue_lines", "queue_before", "backlog")
"""Tables that open with a click: for the record more than for reading."""
MOST_VALUES = 60
"""Marginal values on the page: those that are worth most."""
MOST_ROWS, SHORTENED = 1200, 400
"""Of a table with more rows than the first the page shows as many as the second, those that matter most: so it opens at
once whatever the size of the book. All are in `plan.xlsx`."""
MOST_CHARTS = 300
"""Rows on the page of a table that draws a chart in each."""
_MATTERS = {"delay": "with the most delay", "is worth": "that are worth most"}
"""Heads of columns by which rows are chosen, and how the page says so."""


@dataclass(frozen=True)
class Section:
    """A table ready for the page: `shown` of its rows, cell by cell in `columns` = (index of the cell, column).

    `by`: what they have more of than those that are left out; blank where they are the first as they stand.
    """

    table: Table
    columns: tuple[tuple[int, Column], ...]
    shown: tuple[tuple[Any, ...], ...]
    by: str = ""

    @property
    def remark(self) -> str:
        """Which rows are shown, where not all are."""
        which = f"The {len(self.shown):,} rows {self.by}" if self.by else f"The first {len(self.shown):,} rows"
        return f"{which}; {self.left_out:,} more are in plan.xlsx."

    @property
    def left_out(self) -> int:
        """Rows that are only in the workbook."""
        return len(self.table.rows) - len(self.shown)

    @property
    def states(self) -> tuple[str, ...]:
        """The outcomes that occur in the table, the best first; empty where it has none."""
        at = next((index for index, column in self.columns if column.kind == "state"), None)
        if at is None:
            return ()
        used = {row[at] for row in self.shown}
        return tuple(word for word in STATES.values() if word in used)


@dataclass(frozen=True)
class Chapter:
    """Sections that belong together."""

    anchor: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Bar:
    """One horizontal bar of the objective by term: (term, width in percent of the longest, value in words)."""

    title: str
    total: str
    legal: bool
    parts: tuple[tuple[str, float, str], ...]


def page(report: Report, found: Mapping[str, Table] | None = None) -> str:
    """The whole page as text; the same plan gives the same bytes. `found`: its tables, where the caller has them."""
    chapters = _chapters(tables(report) if found is None else found)
    anchors = _anchors(cell for chapter in chapters for section in chapter.sections for cell in _names(section))
    horizon = report.facts.calendar
    charts = figures(report)
    shown = {section.table.name for chapter in chapters for section in chapter.sections}
    drawn = {name: figure for name, figure in charts.items() if name in shown}
    used = {demand.reason for demand in report.facts.demands if demand.reason is not None}
    return rendered(
        _environment(),
        "report.html",
        drawn=bool(drawn),
        problem=report.problem,
        summary=report.summary,
        violations=report.verdict.violations,
        begin=report.problem.start,
        end=horizon.day(horizon.count) - dt.timedelta(days=1),
        chapters=chapters,
        anchors=anchors,
        status=STATUS_WORDS[report.summary.status],
        cards=cards(report),
        culprits=culprits(report),
        proven=proven(report.summary),
        bars=_bars(report.summary),
        terms=TERMS,
        term_titles=TERM_TITLES,
        state_of={word: state for state, word in STATES.items()},
        reasons=[(REASON_TITLES[name], text) for name, text in REASONS.items() if name in used],
        folded=FOLDED,
        figures=drawn,
    )


@cache
def _environment() -> Environment:
    return environment(
        short=short,
        percent=percent,
        words=words,
        long_date=long_date,
        share=whole_percent,
        sortable=_sortable,
        glued=lambda text: text.replace(" %", "\u00a0%"),
        # Charts are markup of our own; what they hold of a user's text is escaped where they are drawn.
        series=lambda value: Markup(series_svg(value)),
        axis=lambda value: Markup(axis_svg(value)),
        parts=lambda value: Markup(parts_svg(value)),
    )


def _sortable(value: Any, kind: str) -> str | None:
    """The value a column is sorted by, None where the text of the cell serves: numbers bare, blanks an empty text."""
    if value is None:
        return ""
    if kind in ("place", "missing"):
        return str(value[0])
    if kind == "state":
        return str(list(STATES.values()).index(value))
    if kind == "flag":
        return str(int(value))
    if kind in ("whole", "number", "money", "late", "share"):
        return repr(clean(float(value), 6)).removesuffix(".0")
    return None


def _chapters(found: Mapping[str, Table]) -> tuple[Chapter, ...]:
    chapters = []
    for anchor, title, names in CHAPTERS:
        sections = tuple(_section(found[name]) for name in names if found[name].rows)
        if sections:
            chapters.append(Chapter(anchor, title, sections))
    return tuple(chapters)


def _section(table: Table) -> Section:
    columns = tuple((index, column) for index, column in enumerate(table.columns) if column.where != "book")
    shown = _most(table, [column for _, column in columns])
    titles = [column.title for column in table.columns]
    by = next((title for title in _MATTERS if title in titles), None)
    if shown is None:
        return Section(table, columns, table.rows)
    if by is None:
        return Section(table, columns, table.rows[:shown])
    at = titles.index(by)
    return Section(table, columns, tuple(sorted(table.rows, key=lambda row: -row[at])[:shown]), _MATTERS[by])


def _most(table: Table, columns: Sequence[Column]) -> int | None:
    """How many rows of the table the page shows; None for all."""
    if table.name == "values":
        most = shown = MOST_VALUES
    elif any(column.kind == "series" for column in columns):
        most = shown = MOST_CHARTS
    else:
        most, shown = MOST_ROWS, min(MOST_ROWS, SHORTENED)
    return shown if len(table.rows) > most else None


def _names(section: Section) -> Iterable[str]:
    for index, column in section.columns:
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
