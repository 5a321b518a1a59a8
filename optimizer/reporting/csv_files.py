"""The CSV files of a plan's folder, row by row, in a stable order; columns from the table the plan reader uses too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from models.plan import Dispatch
from models.problem import SCORES, WeightsPolicy
from optimizer.explaining.facts import due_dates
from optimizer.reading.column import Table
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reporting.numbers import text
from optimizer.reporting.summary import Report

Row = tuple[object, ...]


def _dispatches(report: Report) -> Iterator[Row]:
    """`weeks_late` is of the arrival itself, also for an order that counts only when it is complete."""
    calendar, due = report.facts.calendar, due_dates(report.problem)

    def order(row: Dispatch) -> tuple[object, ...]:
        return (row.period, row.kind, row.demand, row.origin, row.item, row.route, row.quantity)

    for row in sorted(report.plan.dispatches, key=order):
        late = calendar.late(due[row.kind, row.demand], row.arrival)
        dates = (calendar.day(row.period), calendar.day(row.arrival))
        yield (row.demand, row.kind, row.origin, row.item, row.quantity, *dates, " > ".join(row.route), late)


def _undelivered(report: Report) -> Iterator[Row]:
    for demand in report.facts.demands:
        if demand.undelivered > 0:
            yield demand.demand, demand.kind, demand.item, demand.undelivered, demand.reason


def _production(report: Report) -> Iterator[Row]:
    supply, calendar = report.facts.supply, report.facts.calendar
    per_unit = {(row.line, row.item): row.slots_per_unit for row in report.problem.line_items}
    for made in sorted(report.plan.made, key=lambda row: (row.line, row.period, row.item)):
        slots = made.quantity * per_unit[made.line, made.item]
        yield (
            made.line,
            made.item,
            calendar.day(made.period),
            made.quantity,
            slots,
            supply.slots[made.line][made.period],
        )


def _stock(report: Report) -> Iterator[Row]:
    supply, calendar = report.facts.supply, report.facts.calendar
    for item in report.problem.items:
        for period, quantity in enumerate(supply.stock[item.item]):
            yield item.item, calendar.day(period), quantity, supply.floors[item.item]


def _packages(report: Report) -> Iterator[Row]:
    for package in report.facts.packages:
        yield package.package, package.status, package.release_date, package.value_usd_m


def _package_contents(report: Report) -> Iterator[Row]:
    for package in report.facts.packages:
        for need, quantity, _ in package.contents:
            yield package.package, need, quantity


def _payments(report: Report) -> Iterator[Row]:
    donor = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    for package in report.facts.packages:
        for paid in package.payments:
            yield paid.package, paid.pledge, donor[paid.pledge], paid.category, paid.amount_usd_m


def _offers(report: Report) -> Iterator[Row]:
    accepted = set(report.plan.accepted_offers)
    for offer in report.problem.offers:
        yield offer.offer, offer.offer in accepted


def _approvals(report: Report) -> Iterator[Row]:
    if report.problem.approval is None:
        return
    approved = {row.case: report.facts.calendar.day(row.period) for row in report.plan.approvals}
    for case in report.problem.approvals:
        yield case.case, approved.get(case.case)


def _weights(report: Report) -> Iterator[Row]:
    policy: WeightsPolicy | None = report.problem.weights
    for name, priority in report.facts.priorities.items():
        scores = (None,) * len(SCORES) if policy is None else tuple(priority.scores[score] for score in SCORES)
        yield name, priority.weight, *scores


_ROWS: dict[str, Callable[[Report], Iterable[Row]]] = {
    "dispatches": _dispatches,
    "undelivered": _undelivered,
    "production": _production,
    "stock": _stock,
    "packages": _packages,
    "package_contents": _package_contents,
    "payments": _payments,
    "offers": _offers,
    "approvals": _approvals,
    "weights": _weights,
}


def rows_of(report: Report) -> Iterator[tuple[str, Table, Iterable[Row]]]:
    """The name, the table and the typed rows of every CSV file of the plan's folder."""
    for name, rows in _ROWS.items():
        yield name, PLAN_TABLES[name], rows(report)


def csv_files(report: Report) -> Iterator[tuple[str, str]]:
    """The name and the text of every CSV file of the plan's folder; lines end with a line feed on every system."""
    for name, table, rows in rows_of(report):
        columns = table.column_names
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            if len(row) != len(columns):
                raise ValueError(f"{name}.csv has {len(columns)} columns and a row of {len(row)} cells")
            writer.writerow([text(value) for value in row])
        yield f"{name}.csv", out.getvalue()
