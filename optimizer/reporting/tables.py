"""The tables of the page and of the workbook: one definition of each, rendered twice.

A cell is a raw value; what it means is the column's `kind`. Money in million USD, dates as days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from models.capacity import review_effort
from models.plan import POOL
from models.problem import SCORES
from optimizer.reporting.facts import DemandFacts, replacement_due
from optimizer.reporting.summary import Report
from optimizer.reporting.weights import added

CellKind = Literal[
    "text",
    "anchor",
    "whole",
    "number",
    "money",
    "date",
    "flag",
    "late",
    "missing",
    "share",
    "demands",
    "sent",
    "series",
]
"""`anchor`: the demand the row is about; `late`: weeks, coloured above 0; `missing`: units, coloured above 0;
`share`: 0…1 with a bar; `demands`: links, as (name, text); `sent`: lines of text; `series`: a small chart. The last
two are for the page only."""
PAGE_ONLY = ("sent", "series")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its cells are, and a longer explanation."""

    title: str
    kind: CellKind = "text"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A small chart over the periods: `values`, against `limits` or a level `floor`; `weeks` each period lasts."""

    values: tuple[float, ...]
    limits: tuple[float, ...] | None
    floor: float | None
    weeks: tuple[int, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `name` as a sheet and an anchor, `caption` as a sentence, rows of cells in the columns' order."""

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


def tables(report: Report) -> dict[str, Table]:
    """Every table of the reports, by name, in the order in which a planner reads them."""
    makers: tuple[Callable[[Report], Table], ...] = (
        _needs,
        _orders,
        _packages,
        _payments,
        _pledges,
        _offers,
        _lines,
        _lanes,
        _stock,
        _approvals,
        _weights,
        _dispatches,
    )
    return {table.name: table for table in (make(report) for make in makers)}


def _sent(report: Report, demand: DemandFacts) -> tuple[str, ...]:
    calendar, lines = report.facts.calendar, []
    for row in demand.sent:
        origin = "the pool" if row.origin == POOL else f"offer {row.origin}"
        line = f"{row.quantity} {row.item} from {origin} on {calendar.day(row.period)}"
        if row.route:
            line += f", there on {calendar.day(row.arrival)} by {' > '.join(row.route)}"
        lines.append(line)
    return tuple(lines)


_OUTCOME = (
    Column("delivered", "whole", "units that arrive in the horizon"),
    Column("on time", "whole", "units that arrive by the due date"),
    Column("first arrival", "date"),
    Column("last arrival", "date"),
    Column("weeks late", "late", "mean over all units as the objective counts them; missing units count to its end"),
    Column("missing", "missing", "units that do not arrive in the horizon"),
    Column("why missing"),
    Column("delay", "number", "its part of the objective: weight × million USD × weeks"),
)


def _outcome(demand: DemandFacts) -> tuple[Any, ...]:
    reason = None if demand.reason is None else demand.reason.replace("_", " ")
    return (
        demand.delivered,
        demand.on_time,
        demand.first,
        demand.last,
        demand.weeks_late,
        demand.undelivered,
        reason,
        demand.delay,
    )


def _needs(report: Report) -> Table:
    columns = (
        Column("need", "anchor"),
        Column("item"),
        Column("urgency", "whole", "1 is the highest"),
        Column("quantity", "whole"),
        Column("needed by", "date"),
        Column("expires", "date"),
        *_OUTCOME,
        Column("weight", "number", "the factor for Ukraine × the factor of the urgency"),
        Column("dispatches", "sent"),
    )
    rows = [
        (
            need.need,
            need.item,
            need.urgency,
            need.quantity,
            need.needed_by,
            need.expires_on,
            *_outcome(facts),
            facts.weight,
            _sent(report, facts),
        )
        for need, facts in zip(report.problem.needs, report.facts.needs, strict=True)
    ]
    return Table("needs", "Needs of Ukraine", "What is needed, and when it arrives.", columns, tuple(rows))


def _orders(report: Report) -> Table:
    columns = (
        Column("order", "anchor"),
        Column("recipient"),
        Column("item"),
        Column("quantity", "whole"),
        Column("delivery", note="complete: the order counts when its last unit arrives"),
        Column("due", "date"),
        Column("firm by", "date"),
        *_OUTCOME,
        Column("weight", "number", "priority weight of the recipient × the order's multiplier"),
        Column("case"),
        Column("dispatches", "sent"),
    )
    rows = [
        (
            o.order,
            o.recipient,
            o.item,
            o.quantity,
            o.delivery,
            o.due_date,
            o.firm_by,
            *_outcome(facts),
            facts.weight,
            o.case,
            _sent(report, facts),
        )
        for o, facts in zip(report.problem.orders, report.facts.orders, strict=True)
    ]
    return Table(
        "orders", "Allies' orders", "What was ordered, when it is due, and when it comes.", columns, tuple(rows)
    )


def _packages(report: Report) -> Table:
    columns = (
        Column("package"),
        Column("status"),
        Column("released", "date"),
        Column("value", "money", "million USD"),
        Column("paid", "money", "million USD paid by pledges in this plan; a funded package is paid already"),
        Column("holds", "demands"),
        Column("paid by"),
    )
    rows = []
    donor = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    for package in report.facts.packages:
        holds = tuple((need, f"{quantity} × {need}") for need, quantity, _ in package.contents)
        given: dict[str, float] = {}
        for row in package.payments:
            given[donor[row.pledge]] = given.get(donor[row.pledge], 0.0) + row.amount_usd_m
        who = "; ".join(f"{name} {amount:,.1f}" for name, amount in sorted(given.items(), key=lambda p: (-p[1], p[0])))
        paid = sum(given.values())
        rows.append((package.package, package.status, package.release_date, package.value_usd_m, paid, holds, who))
    return Table("packages", "Packages", "What each package holds, is worth, and who pays.", columns, tuple(rows))


def _payments(report: Report) -> Table:
    columns = (
        Column("package"),
        Column("pledge"),
        Column("donor"),
        Column("category"),
        Column("amount", "money", "million USD"),
    )
    donor = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    rows = [
        (row.package, row.pledge, donor[row.pledge], row.category, row.amount_usd_m)
        for package in report.facts.packages
        for row in package.payments
    ]
    return Table("payments", "Payments", "Who pays how much for what.", columns, tuple(rows))


def _pledges(report: Report) -> Table:
    columns = (
        Column("pledge"),
        Column("donor"),
        Column("earmark"),
        Column("available", "date"),
        Column("expires", "date"),
        Column("amount", "money", "million USD"),
        Column("paid", "money", "million USD paid in this plan"),
        Column("left", "money", "million USD"),
        Column("spent", "share"),
    )
    rows = []
    for facts in report.facts.pledges:
        pledge = facts.pledge
        spent = facts.paid_usd_m / pledge.amount_usd_m if pledge.amount_usd_m else 0.0
        rows.append(
            (
                pledge.pledge,
                pledge.donor,
                pledge.earmark,
                pledge.available_on,
                pledge.expires_on,
                pledge.amount_usd_m,
                facts.paid_usd_m,
                facts.left_usd_m,
                spent,
            )
        )
    return Table(
        "pledges", "Donors' pledges", "What is pledged, and what this plan spends of it.", columns, tuple(rows)
    )


def _offers(report: Report) -> Table:
    columns = (
        Column("offer", "anchor"),
        Column("donor"),
        Column("gives"),
        Column("quantity", "whole"),
        Column("available", "date"),
        Column("accepted", "flag"),
        Column("replaced by"),
        Column("units", "whole", "units of the replacement"),
        Column("promised by", "date"),
        Column("last replaced", "date"),
        Column("replaced in time", "flag"),
        Column("replacement", "sent"),
    )
    facts = {row.demand: row for row in report.facts.replacements}
    rows = []
    for offer in report.problem.offers:
        done = facts.get(offer.offer)
        in_time = None if done is None else done.on_time >= offer.replacement_quantity
        rows.append(
            (
                offer.offer,
                offer.donor,
                offer.item,
                offer.quantity,
                offer.available_on,
                done is not None,
                offer.replacement_item,
                offer.replacement_quantity,
                replacement_due(offer),
                None if done is None else done.last,
                in_time,
                () if done is None else _sent(report, done),
            )
        )
    caption = "What allies offer from their own inventory, and when it is replaced."
    return Table("offers", "Offers and replacements", caption, columns, tuple(rows))


def _lines(report: Report) -> Table:
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


def _lanes(report: Report) -> Table:
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


def _stock(report: Report) -> Table:
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


def _approvals(report: Report) -> Table:
    columns = (
        Column("case"),
        Column("recipient"),
        Column("submitted", "date"),
        Column("review effort", "number", "weeks of review, less on the fast track"),
        Column("approved", "date"),
        Column("dispatch from", "date"),
        Column("orders", "demands"),
    )
    problem, calendar, policy = report.problem, report.facts.calendar, report.problem.approval
    rows = []
    if policy is not None:
        effort = review_effort(problem)
        approved = {row.case: row.period for row in report.plan.approvals}
        orders: dict[str, list[tuple[str, str]]] = {}
        owner = {}
        for order in problem.orders:
            owner[order.case] = order.recipient
            orders.setdefault(order.case, []).append((order.order, order.order))
        for row in problem.approvals:
            period = approved.get(row.case)
            begin = calendar.count if period is None else calendar.shift(period, policy.processing_weeks)
            rows.append(
                (
                    row.case,
                    owner.get(row.case),
                    row.submitted_on,
                    effort[row.case],
                    None if period is None else calendar.day(period),
                    None if begin >= calendar.count else calendar.day(begin),
                    tuple(orders.get(row.case, ())),
                )
            )
    return Table("approvals", "Approvals", "When each sales case under review is approved.", columns, tuple(rows))


def _weights(report: Report) -> Table:
    columns = (
        Column("recipient"),
        Column("name"),
        Column("weight", "number"),
        *(Column(name.replace("_", " "), "number", "what it adds to the weight") for name in SCORES),
        Column("no figure for"),
    )
    policy = report.problem.weights
    rows: list[tuple[Any, ...]] = []
    for recipient in report.problem.recipients:
        priority = report.facts.priorities[recipient.recipient]
        parts = added(priority, policy)
        missing = ", ".join(name.replace("_", " ") for name in priority.missing)
        scores = tuple(parts.get(name) for name in SCORES)
        rows.append((recipient.recipient, recipient.name, priority.weight, *scores, missing or None))
    rows.sort(key=lambda row: (-row[2], row[0]))
    caption = "Priority weights, and what each contribution adds to the least weight."
    return Table("weights", "Priority weights", caption, columns, tuple(rows))


def _dispatch_rows(report: Report) -> Iterator[tuple[Any, ...]]:
    calendar = report.facts.calendar
    for demand in report.facts.demands:
        for row in demand.sent:
            due: dt.date = demand.due
            yield (
                (
                    row.demand,
                    row.kind,
                    row.origin,
                    row.item,
                    row.quantity,
                    calendar.day(row.period),
                    calendar.day(row.arrival),
                    " > ".join(row.route),
                    calendar.late(due, row.arrival),
                )
            )


def _dispatches(report: Report) -> Table:
    columns = (
        Column("demand"),
        Column("kind"),
        Column("origin"),
        Column("item"),
        Column("quantity", "whole"),
        Column("leaves", "date"),
        Column("arrives", "date"),
        Column("route"),
        Column("weeks late", "late"),
    )
    return Table("dispatches", "Dispatches", "What leaves, when, for whom.", columns, tuple(_dispatch_rows(report)))
