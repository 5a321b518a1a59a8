"""Tables of supply: lines in slots, lanes in tonnes, stock in units."""

from __future__ import annotations

from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Series, Table


def lines(report: Report) -> Table:
    """How much of each line is used, and what is lost."""
    columns = (
        Column("line"),
        Column("name"),
        Column("slots", "whole", "in the whole horizon"),
        Column("used", "whole"),
        Column("idle", "whole", "slots that are lost"),
        Column("load", "share"),
        Column("by period", "series", "used of the slots there are, a week"),
    )
    supply, weeks, rows = report.facts.supply, report.facts.calendar.weeks, []
    for line in report.problem.lines:
        slots, used = supply.slots[line.line], supply.used[line.line]
        have, took = sum(slots), sum(used)
        chart = Series(
            tuple(a / w for a, w in zip(used, weeks, strict=True)),
            tuple(a / w for a, w in zip(slots, weeks, strict=True)),
            None,
            weeks,
            f"slots used a week on {line.name}",
        )
        rows.append((line.line, line.name, have, took, have - took, took / have if have else 0.0, chart))
    return Table("lines", "Production lines", "How much of each line is used, and what is lost.", columns, tuple(rows))


def lanes(report: Report) -> Table:
    """What travels over each lane."""
    columns = (
        Column("lane"),
        Column("from"),
        Column("to"),
        Column("weeks", "whole"),
        Column("tonnes", "number", "carried in the horizon"),
        Column("fullest", "share", "load of the fullest period; blank where there is no limit"),
        Column("by period", "series", "tonnes a week"),
    )
    supply, weeks, rows = report.facts.supply, report.facts.calendar.weeks, []
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
        )
        rows.append((lane.lane, lane.from_site, lane.to_site, lane.weeks, float(sum(load)), fullest, chart))
    return Table("lanes", "Lanes", "What travels over each lane.", columns, tuple(rows))


def stock(report: Report) -> Table:
    """What the pool holds, against the readiness floors."""
    columns = (
        Column("item"),
        Column("name"),
        Column("readiness floor", "whole"),
        Column("lowest", "whole", "the least at the end of any period"),
        Column("at the end", "whole"),
        Column("weeks below the floor", "late"),
        Column("by period", "series", "units in the pool; the line is the floor"),
    )
    supply, weeks, rows = report.facts.supply, report.facts.calendar.weeks, []
    for item in report.problem.items:
        stock, floor = supply.stock[item.item], supply.floors[item.item]
        below = sum(w for held, w in zip(stock, weeks, strict=True) if held < floor)
        chart = Series(tuple(map(float, stock)), None, float(floor), weeks, f"stock of {item.name}")
        rows.append((item.item, item.name, floor, min(stock, default=0), stock[-1] if stock else 0, below, chart))
    return Table("stock", "Stock and readiness floors", "What the pool holds at each end.", columns, tuple(rows))
