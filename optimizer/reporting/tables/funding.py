"""Tables of money: packages, payments, pledges. Amounts in million USD."""

from __future__ import annotations

from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table


def packages(report: Report) -> Table:
    """What each package holds, is worth, and who pays."""
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


def payments(report: Report) -> Table:
    """Who pays how much for what."""
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


def pledges(report: Report) -> Table:
    """What is pledged, and what the plan spends of it."""
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
