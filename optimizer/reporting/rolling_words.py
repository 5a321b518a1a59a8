"""A roll in words: titles of columns and measures, the cards of the page, the tables of the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from optimizer.reporting.names import count
from optimizer.reporting.numbers import percent, short
from optimizer.rolling.promises import PromiseKind
from optimizer.rolling.report import RollReport, WeekRow

WEEK_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("date", "day", "date", "Day of planning."),
    ("status", "solve", "text", "Why the solve stopped."),
    ("objective", "objective", "number", "Of the day's plan: what is still ahead, changes included."),
    ("gap", "gap", "share", "Of the plan to the proven bound."),
    ("units_moved", "units moved", "number", "Units that do not leave as the plan before meant them to."),
    ("units_earlier", "earlier", "number", "Of these, moved to an earlier day."),
    ("units_later", "later", "number", "Of these, moved to a later day."),
    ("units_cut", "cut", "number", "Of these, not sent at all any more."),
    ("units_new", "new", "number", "Units sent besides."),
    ("value_moved", "value moved", "number", "Million USD of what was moved to another day."),
    ("frozen_changed", "in frozen weeks", "number", "Units inside the frozen weeks that do not leave as they were to."),
    ("dispatches_changed", "dispatches changed", "number", "Rows of demand, origin, item and day."),
    ("short_units", "output short", "number", "Units that were to be made since the day before, and were not."),
    ("news", "events", "number", "What became known since the day before."),
    ("broken", "given up", "number", "Promises that no plan can hold any more."),
    ("plan_change", "changes cost", "number", "The term of the objective."),
    ("unspent_usd_m", "idle money", "number", "Million USD that could pay and do not."),
    ("seconds", "seconds", "number", "All of the day's work."),
)
"""Field of a week, title, kind, meaning."""

KIND_TITLES: dict[PromiseKind, str] = {
    "firm_date": "Firm dates",
    "replacement": "Replacements",
    "package_content": "Content of released packages",
    "frozen": "Dispatches in frozen weeks",
}
"""Kinds of promises."""

MEASURES: dict[str, str] = {
    "plans_compared": "plans compared with the one before",
    "units_moved_per_week": "units moved or cut a plan",
    "value_moved_per_week_usd_m": "million USD moved or cut a plan",
    "share_of_units_moved": "share of the units planned",
    "units_earlier": "units moved earlier",
    "units_later": "units moved later",
    "units_cut": "units cut",
    "units_new": "units sent besides",
    "frozen_units": "units inside frozen weeks",
    "frozen_units_changed": "of these, changed",
    "frozen_value_changed_usd_m": "million USD of these",
    "dispatches_changed": "dispatches changed",
    "instability_units": "instability, units a dispatch (Sridharan, Berry & Udayabhanu)",
    "instability_usd_m": "instability, million USD a dispatch",
}
"""Measures of nervousness, by the keys of `summary.json`."""


def cards(report: RollReport) -> list[tuple[str, str, str, str]]:
    """(title, figure, line, tone) of the first screen."""
    tally, moves = report.tally(), report.nervousness()
    made, broken = (sum(row[key] for row in tally.values()) for key in ("made", "broken"))
    kept, still = (sum(row[key] for row in tally.values()) for key in ("kept", "open"))
    a_week = moves["units_moved_per_week"]
    found = [
        ("Delay", short(report.delay), "of all that was done and the last plan, as the instance turned out", ""),
        (
            "Nervousness",
            "–" if a_week is None else short(a_week),
            f"units moved a plan; {percent(moves['share_of_units_moved'])} of what was planned",
            "",
        ),
        (
            "Promises",
            f"{broken} of {made} broken",
            f"{kept} kept, {still} open; {count(len(report.broken), 'promise')} given up by the plans",
            "bad" if broken else "good",
        ),
        ("Idle money", short(report.unspent_usd_m), "million USD on the last day", ""),
    ]
    best = report.hindsight
    if best is not None and best.delay is not None:
        more = "as good" if report.regret is None else f"the history is {percent(report.regret)} worse"
        bound = "" if best.bound is None else f"; none is below {short(best.bound)}"
        found.insert(1, ("With hindsight", short(best.delay), f"{more}{bound}", ""))
    return found


def week_line(row: WeekRow) -> str:
    """A day of planning in one line, as it is told while a roll runs."""
    text = f"{row.date}  {row.status}, objective {short(row.objective)}"
    if row.week:
        text += f"; {short(row.units_moved)} units moved, {row.frozen_changed} of them in frozen weeks"
    if row.short_units:
        text += f"; {row.short_units} units short"
    if row.news:
        text += f"; {count(row.news, 'event')}"
    if row.broken:
        text += f"; {count(row.broken, 'promise')} given up"
    return text


def weeks_table(report: RollReport) -> Table:
    """The weeks, for a terminal."""
    table = Table(title=Text(f"{report.instance}, week by week"), box=None, pad_edge=False)
    shown = ("date", "status", "objective", "gap", "units_moved", "units_cut", "units_new", "frozen_changed",
             "short_units", "news", "broken", "unspent_usd_m")  # fmt: skip
    columns = [row for row in WEEK_COLUMNS if row[0] in shown]
    for _, title, kind, _ in columns:
        table.add_column(title, justify="right" if kind in ("number", "share") else "left")
    for row in report.rows:
        table.add_row(*(Text(_cell(getattr(row, name), kind)) for name, _, kind, _ in columns))
    return table


def promises_table(report: RollReport) -> Table:
    """Promises by kind, for a terminal."""
    table = Table(title="Promises", box=None, pad_edge=False)
    table.add_column("kind")
    keys = ("made", "kept", "broken", "open", "lapsed", "units_made", "units_broken")
    for key in keys:
        table.add_column(key.replace("_", " "), justify="right")
    for kind, counts in report.tally().items():
        table.add_row(KIND_TITLES[kind], *(f"{counts[key]:,}" for key in keys))
    return table


def summary_lines(report: RollReport) -> list[str]:
    """What matters most, a line each."""
    found = [f"{title}: {figure} ({line})" for title, figure, line, _ in cards(report)]
    found += [f"given up: {line}" for line in report.broken]
    found += [f"ACCOUNT DOES NOT ADD UP: {line}" for line in report.unaccounted]
    return found


def _cell(value: object, kind: str) -> str:
    if value is None:
        return "–"
    if kind == "share":
        return percent(float(str(value)))
    return short(float(str(value))) if kind == "number" else str(value)
