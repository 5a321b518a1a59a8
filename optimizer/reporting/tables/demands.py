"""Tables of demands: needs, orders, offers with their replacements."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.plan import POOL
from optimizer.explaining.facts import DemandFacts, replacement_due
from optimizer.explaining.queue import Place, places
from optimizer.explaining.reasons import REASON_TITLES, Subject
from optimizer.reporting.names import STATES
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.tables.names import item_names, recipient_names


def _sent(report: Report, demand: DemandFacts) -> tuple[str, ...]:
    calendar, lines = report.facts.calendar, []
    for row in demand.sent:
        origin = "" if row.origin == POOL else f" of offer {row.origin}"
        other = "" if row.item == demand.item else f" {row.item}"
        line = f"{calendar.day(row.period)}: {row.quantity:,}{other}{origin}"
        if row.route:
            line += f", there on {calendar.day(row.arrival)} by {' > '.join(row.route)}"
        lines.append(line)
    return tuple(lines)


def _explained(report: Report, table: Table, *kinds: Subject) -> Table:
    """The table with a column of explanations after the outcome, where the report has any of these kinds."""
    said = [_lines(report, kinds, row[0]) for row in table.rows]
    if not any(said):
        return table
    titles = [column.title for column in table.columns]
    at = 1 + titles.index("outcome" if "outcome" in titles else "accepted")
    columns = (*table.columns[:at], _WHY, *table.columns[at:])
    rows = tuple((*row[:at], lines, *row[at:]) for row, lines in zip(table.rows, said, strict=True))
    return replace(table, columns=columns, rows=rows)


def _lines(report: Report, kinds: tuple[Subject, ...], demand: str) -> tuple[str, ...]:
    return tuple(line for kind in kinds for line in report.explanations.get((kind, demand), ()))


_WHY = Column("explanation", "why", "why it is served as it is; what makes most of it comes first")
_OUTCOME = (
    Column("outcome", "state", "in full by its date, in full but late, part or all missing at the end of the plan"),
    Column("on time", "whole", "units that arrive by the date"),
    Column("delivered", "whole", "units that arrive before the plan ends"),
    Column("first arrival", "date", where="book"),
    Column("last arrival", "date"),
    Column("weeks late", "late", "mean over all units; a missing unit counts to some weeks after the end of the plan"),
    Column("missing", "missing", "units that do not arrive before the plan ends, and what the next of them lacks"),
    Column("share of delay", "share", "its part of all priority-weighted delay of this plan", where="page"),
    Column("delay", "number", "its priority-weighted delay: weight × million USD × weeks", where="book"),
    Column(
        "place in queue",
        "place",
        "among all demands for this item, by when their units leave; beneath it the place by date alone: of the order "
        "when it was placed, of the need when it is needed, of the replacement when the gift is available",
    ),
)


def _outcome(report: Report, demand: DemandFacts, place: Place) -> tuple[Any, ...]:
    total = report.verdict.terms.total
    why = None if demand.reason is None else REASON_TITLES[demand.reason]
    return (
        STATES[demand.state],
        demand.on_time,
        demand.delivered,
        demand.first,
        demand.last,
        demand.weeks_late,
        (demand.undelivered, why),
        demand.delay / total if total > 0 else 0.0,
        demand.delay,
        (place.place, place.of, place.by_date),
    )


def needs(report: Report) -> Table:
    """What is needed, and when it arrives."""
    columns = (
        Column("need", "anchor"),
        Column("item", "coded"),
        Column("urgency", "whole", "1 is the highest"),
        Column("units", "whole", "units needed"),
        Column("needed by", "date"),
        Column("expires", "date", where="book"),
        *_OUTCOME,
        Column("weight", "number", "the factor for Ukraine × the factor of the urgency", "book"),
        Column("dispatches", "sent", "when units leave, how many, and when they arrive", "page"),
    )
    place, item = places(report.problem, report.facts), item_names(report.problem)
    rows = [
        (
            need.need,
            item[need.item],
            need.urgency,
            need.quantity,
            need.needed_by,
            need.expires_on,
            *_outcome(report, facts, place["need", need.need]),
            facts.weight,
            _sent(report, facts),
        )
        for need, facts in zip(report.problem.needs, report.facts.needs, strict=True)
    ]
    table = Table("needs", "Needs of Ukraine", "What is needed, and when it arrives.", columns, tuple(rows))
    return _explained(report, table, "need")


def orders(report: Report) -> Table:
    """What was ordered, when it is due, and when it comes."""
    columns = (
        Column("order", "anchor"),
        Column("recipient", "coded"),
        Column("item", "coded"),
        Column("units", "whole", "units ordered"),
        Column(
            "counts", note="complete: the order counts when its last unit arrives; each: unit by unit", where="book"
        ),
        Column("placed", "date", where="book"),
        Column("due", "date"),
        Column("firm by", "date", "promised: a plan that breaks it is no plan", "book"),
        *_OUTCOME,
        Column("weight", "number", "priority weight of the recipient × the order's multiplier", digits=2),
        Column("case", where="book"),
        Column("dispatches", "sent", "when units leave, and how many", "page"),
    )
    place, item, recipient = places(report.problem, report.facts), *_names(report)
    rows = [
        (
            o.order,
            recipient[o.recipient],
            item[o.item],
            o.quantity,
            o.delivery,
            o.placed_on,
            o.due_date,
            o.firm_by,
            *_outcome(report, facts, place["order", o.order]),
            facts.weight,
            o.case,
            _sent(report, facts),
        )
        for o, facts in zip(report.problem.orders, report.facts.orders, strict=True)
    ]
    table = Table("orders", "Orders", "What was ordered, when it is due, and when it comes.", columns, tuple(rows))
    return _explained(report, table, "order")


def _names(report: Report) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    return item_names(report.problem), recipient_names(report.problem)


def offers(report: Report) -> Table:
    """What allies offer from their own inventory, and when it is replaced."""
    columns = (
        Column("offer", "anchor"),
        Column("donor", "coded"),
        Column("gives", "coded"),
        Column("units", "whole", "units given"),
        Column("available", "date"),
        Column("accepted", "flag"),
        Column("replaced by", "coded"),
        Column("replacements", "whole", "units of the replacement"),
        Column("promised by", "date"),
        Column("last replaced", "date"),
        Column("replaced in time", "flag"),
        Column("replacement", "sent", "when units leave, and how many", "page"),
    )
    facts = {row.demand: row for row in report.facts.replacements}
    item, recipient = _names(report)
    rows = []
    for offer in report.problem.offers:
        done = facts.get(offer.offer)
        rows.append(
            (
                offer.offer,
                recipient[offer.donor],
                item[offer.item],
                offer.quantity,
                offer.available_on,
                done is not None,
                item[offer.replacement_item],
                offer.replacement_quantity,
                replacement_due(offer),
                None if done is None else done.last,
                None if done is None else done.on_time >= offer.replacement_quantity,
                () if done is None else _sent(report, done),
            )
        )
    caption = "What allies offer from their own inventory, and when it is replaced."
    table = Table("offers", "Offers and replacements", caption, columns, tuple(rows))
    return _explained(report, table, "offer", "replacement")
