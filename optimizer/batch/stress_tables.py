"""The tables of a stress test: one definition of each, for the terminal, the page, the workbook and the CSV files."""

from __future__ import annotations

from typing import Any

from optimizer.batch.stress import LATER, Stress
from optimizer.batch.stress_statistics import Spread
from optimizer.batch.stress_words import ELEMENTS, PROBE, PROMISE_TITLES
from optimizer.reporting.comparison_tables import Head, Sheet


def sheets(stress: Stress) -> tuple[Sheet, ...]:
    """All tables, in the order in which a planner reads them."""
    return totals(stress), leans(stress), promises(stress), demands(stress)


def totals(stress: Stress) -> Sheet:
    """The delay, and the whole objective, over the draws."""
    heads = (
        Head("of all draws"),
        Head("planned", "number"),
        Head("mean", "number"),
        Head("mean, from", "number", "95 per cent interval (bootstrap)"),
        Head("mean, to", "number", "95 per cent interval (bootstrap)"),
        Head("median", "number"),
        Head("P90", "number", "nine draws in ten come to no more"),
        Head("CVaR90", "number", "mean of the worst tenth of the draws"),
        Head("CVaR90, from", "number", "95 per cent interval (bootstrap)"),
        Head("CVaR90, to", "number", "95 per cent interval (bootstrap)"),
        Head("least", "number"),
        Head("most", "number"),
    )
    rows = (
        _spread("delay of needs and orders", stress.planned_delay, stress.delay),
        _spread("all terms of the objective", stress.planned.total, stress.objective),
    )
    caption = "Priority weight × million USD × weeks late, of the executed plan in the instance as it turned out."
    return Sheet("totals", "Delay over all draws", caption, heads, rows, whole=True)


def _spread(title: str, planned: float, spread: Spread) -> tuple[Any, ...]:
    return (
        *(title, planned, spread.mean, spread.mean_low, spread.mean_high, spread.median, spread.p90),
        *(spread.cvar90, spread.cvar90_low, spread.cvar90_high, spread.least, spread.most),
    )


def leans(stress: Stress) -> Sheet:
    """What the plan leans on, the most first."""
    rise = stress.delay.mean - stress.planned_delay
    heads = (
        Head("what"),
        Head("name"),
        Head("delay owed to it", "worse", "its part of the expected rise (Shapley value, estimated)"),
        Head("±", "number", "95 per cent"),
        Head("part", "share", "of the whole expected rise"),
        Head("alone", "worse", "the expected rise if nothing else were disturbed"),
        Head("disturbed", "share", "of the draws"),
        Head("probe", "worse", PROBE),
    )
    rows = tuple(
        (
            ELEMENTS[lean.element.kind],
            lean.element.name,
            lean.share,
            lean.error,
            lean.share / rise if rise > 0 else None,
            lean.alone,
            lean.disturbed,
            lean.probe,
        )
        for lean in stress.leans
    )
    caption = "How much of the expected rise of the delay each element is owed; together they are all of it. " + PROBE
    return Sheet("leans", "What the plan leans on", caption, heads, rows)


def promises(stress: Stress) -> Sheet:
    """Promises at risk, the likeliest to be broken first."""
    heads = (
        Head("promise"),
        Head("name"),
        Head("item"),
        Head("due", "date", "blank: in the horizon"),
        Head("units", "whole"),
        Head("broken", "share", "of the draws"),
        Head("from", "share", "95 per cent interval (Wilson)"),
        Head("to", "share", "95 per cent interval (Wilson)"),
        Head("missing then", "number", "units (of a release: periods late), the mean over the draws that break it"),
    )
    found = sorted(stress.promise_risks, key=lambda row: (-row.broken, row.promise.kind, row.promise.name))
    rows = tuple(
        (
            *(PROMISE_TITLES[row.promise.kind], row.promise.name, row.promise.item, row.promise.due, row.promise.units),
            *(row.probability, row.low, row.high, row.missing if row.broken else None),
        )
        for row in found
    )
    caption = "Everything that the plan promises, and in how many draws it is broken."
    return Sheet("promises", "Promises at risk", caption, heads, rows)


def demands(stress: Stress) -> Sheet:
    """Every demand, those first whose delay rises most."""
    weeks = "weeks late, the mean over its units"
    heads = (
        Head("demand"),
        Head("kind"),
        Head("units", "whole"),
        Head("planned weeks", "late", weeks),
        Head("mean weeks", "late", weeks),
        Head("median weeks", "late", weeks, where="book"),
        Head("P90 weeks", "late", weeks),
        Head("CVaR90 weeks", "late", "mean of the worst tenth of the draws"),
        Head("planned delay", "number"),
        Head("mean delay", "number"),
        Head("median delay", "number", where="book"),
        Head("P90 delay", "number", where="book"),
        Head("CVaR90 delay", "number", "mean of the worst tenth of the draws"),
        Head("rise", "worse", "mean delay less the planned"),
        Head("later by", "late", "weeks by which its units arrive later than planned, the mean"),
        *(
            Head(
                "later" if not k else f"by over {k} weeks",
                "share",
                f"draws in which it is later by more than {k} weeks",
            )
            for k in LATER
        ),
        Head("short", "share", "draws in which fewer of its units arrive than planned"),
    )
    found = sorted(stress.demand_risks, key=lambda row: (row.planned_delay - row.delay.mean, -row.later, row.demand))
    rows = tuple(
        (
            *(row.demand, row.kind, row.quantity, row.planned_weeks_late),
            *(row.weeks_late.mean, row.weeks_late.median, row.weeks_late.p90, row.weeks_late.cvar90),
            *(row.planned_delay, row.delay.mean, row.delay.median, row.delay.p90, row.delay.cvar90),
            *(row.delay.mean - row.planned_delay, row.later, *row.later_than, row.short),
        )
        for row in found
    )
    caption = "Every order, need and replacement over all draws. What never comes counts as after the end."
    return Sheet("demands", "Who waits, and how long", caption, heads, rows)
