"""An instance with its packages, approvals and offers decided: what is left is when units leave."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from models.facts import Facts
from models.plan import Plan
from models.problem import Package, PackageContent, Problem


def settled(facts: Facts, plan: Plan) -> tuple[Problem, Counter[str]]:
    """The problem that a plan's releases, approvals and accepted offers leave, and units of needs that have to leave.

    Released packages are funded ones with their contents; orders of cases never approved are gone, unless they are
    promises, others wait for the approval of their case; offers that are not accepted are gone. Any plan of it is one
    of the whole problem, with these decisions.
    """
    problem, calendar = facts.problem, facts.calendar
    release = {row.package: row.period for row in plan.releases}
    contents = [row for row in problem.package_contents if _stays(problem, row.package, release)]
    contents += [PackageContent(row.package, row.need, row.quantity) for row in plan.contents]
    packages = [row for row in problem.packages if row.status == "funded"]
    packages += [Package(name, "funded", calendar.day(period)) for name, period in release.items()]
    promised: Counter[str] = Counter()
    for row in contents:
        if row.package in release:
            promised[row.need] += row.quantity
    approved = {row.case: row.period for row in plan.approvals}
    orders = []
    for order in problem.orders:
        if order.case not in facts.reviewed_cases:
            orders.append(order)
            continue
        first = facts.after_approval(order.case, approved[order.case]) if order.case in approved else facts.T
        if first < facts.T or order.firm_by is not None:  # a promise stays, even one that cannot be kept any more
            day = calendar.day(first)
            earliest = day if order.earliest_date is None else max(day, order.earliest_date)
            orders.append(replace(order, earliest_date=earliest))
    offers = tuple(replace(o, status="accepted") for o in problem.offers if o.offer in plan.accepted_offers)
    policy = None if problem.package_policy is None else replace(problem.package_policy, max_new=0)
    return (
        replace(
            problem, orders=tuple(orders), approvals=(), offers=offers, packages=tuple(packages),
            package_contents=tuple(contents), pledges=(), package_policy=policy,
        ),
        promised,
    )  # fmt: skip


def _stays(problem: Problem, package: str, release: dict[str, int]) -> bool:
    status = {row.package: row.status for row in problem.packages}
    return status[package] == "funded" or package in release
