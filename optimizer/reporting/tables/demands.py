"""Tables of demands: needs, orders, offers with their replacements, and all dispatches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from models.plan import POOL
from optimizer.reporting.facts import DemandFacts, replacement_due
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table


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


def needs(report: Report) -> Table:
    """What is needed, and when it arrives."""
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


def orders(report: Report) -> Table:
    """What was ordered, when it is due, and when it comes."""
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


def offers(report: Report) -> Table:
    """What allies offer from their own inventory, and when it is replaced."""
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


def dispatches(report: Report) -> Table:
    """What leaves, when, for whom."""
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
