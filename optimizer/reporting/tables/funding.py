"""Tables of money: packages, who pays for which, payments, pledges. Amounts in million USD."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from optimizer.reporting.names import words
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.tables.names import item_names, recipient_names

_MONEY = "million USD"


def packages(report: Report) -> Table:
    """What each package holds, is worth, and who pays."""
    columns = (
        Column("package"),
        Column("status", note="funded: paid before this plan; proposed: content fixed, new: content chosen here"),
        Column("released", "date"),
        Column("value", "money", _MONEY),
        Column("paid", "money", "million USD paid by pledges in this plan; blank: paid before"),
        Column("holds", "demands"),
        Column("paid by", note=_MONEY),
    )
    need_item, item = {need.need: need.item for need in report.problem.needs}, item_names(report.problem)
    donor = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    name = {code: pair[1] for code, pair in recipient_names(report.problem).items()}
    rows = []
    for package in report.facts.packages:
        holds = tuple(
            (need, f"{quantity:,} {item[need_item[need]][0]} ({need})") for need, quantity, _ in package.contents
        )
        given: dict[str, float] = defaultdict(float)
        for row in package.payments:
            given[name[donor[row.pledge]]] += row.amount_usd_m
        who = "; ".join(f"{one} {amount:,.1f}" for one, amount in sorted(given.items(), key=lambda p: (-p[1], p[0])))
        paid = None if package.status == "funded" else sum(given.values())
        rows.append((package.package, package.status, package.release_date, package.value_usd_m, paid, holds, who))
    return Table("packages", "Packages", "What each package holds, is worth, and who pays.", columns, tuple(rows))


def contents(report: Report) -> Table:
    """What each package holds, row by row."""
    columns = (
        Column("package"),
        Column("need"),
        Column("item", "coded"),
        Column("quantity", "whole"),
        Column("value", "money", _MONEY),
    )
    need_item, item = {need.need: need.item for need in report.problem.needs}, item_names(report.problem)
    rows = [
        (package.package, need, item[need_item[need]], quantity, value)
        for package in report.facts.packages
        for need, quantity, value in package.contents
    ]
    return Table("package_contents", "Contents of the packages", "What each package holds.", columns, tuple(rows))


def donors(report: Report) -> Table:
    """A row a donor, a column a package: who pays how much for what."""
    paying = [package for package in report.facts.packages if package.payments]
    columns = (
        Column("donor", "coded"),
        Column("pledged", "money", _MONEY),
        *(Column(package.package, "money", "million USD paid for this package") for package in paying),
        Column("paid", "money", "million USD in all"),
        Column("left", "money", "million USD pledged and not spent in this plan"),
        Column("spent", "share"),
    )
    donor_of = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    pledged: dict[str, float] = defaultdict(float)
    for pledge in report.problem.pledges:
        pledged[pledge.donor] += pledge.amount_usd_m
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for package in paying:
        for row in package.payments:
            paid[donor_of[row.pledge], package.package] += row.amount_usd_m
    name = recipient_names(report.problem)

    def cells(label: Any, amounts: list[float], promised: float) -> tuple[Any, ...]:
        total = sum(amounts)
        shown = [amount or None for amount in amounts]
        return (label, promised, *shown, total, promised - total, total / promised if promised else 0.0)

    rows = [
        cells(name[donor], [paid.get((donor, package.package), 0.0) for package in paying], amount)
        for donor, amount in pledged.items()
    ]
    rows.sort(key=lambda row: (-row[-3], -row[1], row[0]))
    per_package = [sum(row.amount_usd_m for row in package.payments) for package in paying]
    foot = cells(("", "all donors"), per_package, sum(pledged.values()))
    caption = "Who pays how much for which package, in million USD. Packages funded before this plan are not in it."
    return Table("donors", "Donors and packages", caption, columns, tuple(rows), foot if rows else None)


def payments(report: Report) -> Table:
    """Who pays how much for what."""
    columns = (
        Column("package"),
        Column("pledge"),
        Column("donor", "coded"),
        Column("category"),
        Column("amount", "money", _MONEY),
    )
    donor = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    name = recipient_names(report.problem)
    rows = [
        (row.package, row.pledge, name[donor[row.pledge]], words(row.category), row.amount_usd_m)
        for package in report.facts.packages
        for row in package.payments
    ]
    return Table("payments", "Payments", "Which pledge pays how much for what.", columns, tuple(rows))


def pledges(report: Report) -> Table:
    """What is pledged, and what the plan spends of it."""
    columns = (
        Column("pledge"),
        Column("donor", "coded"),
        Column("only for", note="the one category it may pay for; blank: any"),
        Column("available", "date"),
        Column("expires", "date"),
        Column("pledged", "money", _MONEY),
        Column("paid", "money", "million USD paid in this plan"),
        Column("left", "money", _MONEY),
        Column("spent", "share"),
    )
    rows, name = [], recipient_names(report.problem)
    for facts in report.facts.pledges:
        pledge = facts.pledge
        rows.append(
            (
                pledge.pledge,
                name[pledge.donor],
                pledge.earmark and words(pledge.earmark),
                pledge.available_on,
                pledge.expires_on,
                pledge.amount_usd_m,
                facts.paid_usd_m,
                facts.left_usd_m,
                facts.paid_usd_m / pledge.amount_usd_m if pledge.amount_usd_m else 0.0,
            )
        )
    return Table("pledges", "Pledges", "What is pledged, and what this plan spends of it.", columns, tuple(rows))
