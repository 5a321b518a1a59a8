"""Tables of supply: items in units, lines in slots, lanes in tonnes, stock in units."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from optimizer.explaining.facts import DemandFacts
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Parts, Series, Table
from optimizer.reporting.tables.names import item_names, site_names
from optimizer.reporting.tables.shares import LEGEND, tally


def items(report: Report) -> Table:
    """What is asked of every item and what comes of it, the most delay first."""
    columns = (
        Column("item", "coded"),
        Column("for Ukraine", "whole", "units needed"),
        Column("for allies", "whole", "units ordered"),
        Column("replacements", "whole", "units promised for accepted offers"),
        Column("delivered", "whole", "units that arrive before the plan ends"),
        Column("on time", "whole", "units that arrive by their date"),
        Column("missing", "whole", "units due before the plan ends that do not arrive before it"),
        Column("weeks late", "late", "mean over all units; a missing unit counts to some weeks after the end"),
        Column("units by outcome", "parts", where="page"),
        Column("share of delay", "share", "its part of all priority-weighted delay of this plan", "page"),
        Column("delay", "number", "priority-weighted delay: weight × million USD × weeks", "book"),
    )
    asked: dict[str, list[DemandFacts]] = defaultdict(list)
    for demand in report.facts.demands:
        asked[demand.item].append(demand)
    total, rows = report.verdict.terms.total, list[tuple[Any, ...]]()
    for code, name in item_names(report.problem).items():
        if not asked[code]:
            continue
        sum_of = tally(asked[code], money=False)
        by_kind = [sum(d.quantity for d in asked[code] if d.kind == kind) for kind in ("need", "order", "replacement")]
        rows.append(
            (
                name,
                *by_kind,
                int(sum_of.delivered),
                int(sum_of.in_time),
                int(sum_of.missing),
                sum_of.weeks_late,
                Parts(sum_of.parts, sum_of.asked, sum_of.label),
                sum_of.delay / total if total > 0 else 0.0,
                sum_of.delay,
            )
        )
    rows.sort(key=lambda row: (-row[-1], row[0]))
    caption = "What is asked of every item, and what comes of it; the item with the most delay first."
    return Table("items", "Items", caption, columns, tuple(rows), legend=LEGEND)


def _due_marks(report: Report) -> dict[str, list[tuple[float, bool]]]:
    """For every item: due dates in weeks since the start, and whether the demand is met in time."""
    begin, marks = report.problem.start, defaultdict(list)
    for demand in report.facts.demands:
        marks[demand.item].append((max(0.0, (demand.due - begin).days / 7), demand.state == "on_time"))
    return marks


def lines(report: Report) -> Table:
    """How much of each line is used, and what is lost."""
    columns = (
        Column("line", "coded"),
        Column("makes", note="items"),
        Column("slots", "whole", "a slot is one unit of the line's output; all of the plan"),
        Column("used", "whole", "slots"),
        Column("idle", "whole", "slots that are lost"),
        Column("load", "share"),
        Column("week by week, and due dates", "series", "used of the slots there are; ticks: due dates of its items"),
    )
    supply, weeks, rows = report.facts.supply, report.facts.calendar.weeks, []
    due, makes = _due_marks(report), defaultdict(list)
    for row in report.problem.line_items:
        makes[row.line].append(row.item)
    end = sum(weeks)
    for line in report.problem.lines:
        slots, used = supply.slots[line.line], supply.used[line.line]
        have, took = sum(slots), sum(used)
        marks = sorted({mark for item in makes[line.line] for mark in due.get(item, ()) if mark[0] <= end})
        chart = Series(
            tuple(a / w for a, w in zip(used, weeks, strict=True)),
            tuple(a / w for a, w in zip(slots, weeks, strict=True)),
            None,
            weeks,
            f"slots used a week on {line.name}",
            report.problem.start,
            tuple(marks),
        )
        share = took / have if have else 0.0
        makes_what = ", ".join(makes[line.line])
        rows.append(((line.line, line.name), makes_what, have, took, have - took, share, chart))
    caption = "How much of each line is used, and what is lost."
    legend = (
        ("limit", "what the line can turn out"),
        ("value", "what is used"),
        ("due-met", "short tick: due, and met in time"),
        ("due-missed", "long tick: due, and late or missing"),
    )
    return Table("lines", "Production lines", caption, columns, tuple(rows), legend=legend)


def lanes(report: Report) -> Table:
    """What travels over each lane."""
    columns = (
        Column("lane"),
        Column("from", "coded"),
        Column("to", "coded"),
        Column("weeks", "whole", "on the way"),
        Column("tonnes", "number", "carried in all", digits=0),
        Column("fullest", "share", "load of its fullest week or period; blank where there is no limit"),
        Column("tonnes week by week", "series", "tonnes a week"),
    )
    supply, weeks, rows = report.facts.supply, report.facts.calendar.weeks, []
    site = site_names(report.problem)
    for lane in report.problem.lanes:
        load, limit = supply.lane_load[lane.lane], supply.lane_limit.get(lane.lane)
        fullest = None
        if limit is not None:
            fullest = max((a / b if b else float(a > 0) for a, b in zip(load, limit, strict=True)), default=0.0)
        chart = Series(
            tuple(a / w for a, w in zip(load, weeks, strict=True)),
            None if limit is None else tuple(a / w for a, w in zip(limit, weeks, strict=True)),
            None,
            weeks,
            f"tonnes a week on {lane.lane}",
            report.problem.start,
        )
        total = float(sum(load))
        rows.append((lane.lane, site[lane.from_site], site[lane.to_site], lane.weeks, total, fullest, chart))
    legend = (("limit", "what the lane can carry"), ("value", "what it carries"))
    return Table("lanes", "Lanes", "What travels over each lane.", columns, tuple(rows), legend=legend)


def stock(report: Report) -> Table:
    """What the pool holds, against the readiness floors."""
    columns = (
        Column("item", "coded"),
        Column("readiness floor", "whole", "units the pool should keep"),
        Column("lowest", "whole", "the least at the end of any week or period"),
        Column("at the end", "whole", "units at the end of the plan"),
        Column("weeks below floor", "late"),
        Column("week by week", "series", "units in the pool; dashed: the floor"),
    )
    supply, weeks, rows = report.facts.supply, report.facts.calendar.weeks, []
    for item in report.problem.items:
        stock, floor = supply.stock[item.item], supply.floors[item.item]
        below = sum(w for held, w in zip(stock, weeks, strict=True) if held < floor)
        units = tuple(map(float, stock))
        chart = Series(units, None, float(floor), weeks, f"stock of {item.name}", report.problem.start)
        lowest, last = min(stock, default=0), stock[-1] if stock else 0
        rows.append(((item.item, item.name), floor, lowest, last, below, chart))
    legend = (("value", "units in the pool"), ("floor", "readiness floor"))
    return Table("stock", "Stock", "What the pool holds, against its floors.", columns, tuple(rows), legend=legend)
