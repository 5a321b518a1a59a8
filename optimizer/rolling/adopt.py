"""An instance whose quantities stand on the new first day already: only what the plan decided is taken over.

Its stock, orders and money are what they are; nothing is rolled. Commitments, packages that were released and paid, and
accepted offers come from the plan before. Where its quantities differ from what the plan led to expect, that is noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.calendar import calendar_of
from models.capacity import on_hand
from models.plan import Plan
from models.problem import Problem
from optimizer.rolling.happened import past_of
from optimizer.rolling.left_over import commitments, fitted, left_over
from optimizer.rolling.records import Advanced, Note


def adopt(problem: Problem, plan: Plan, base: Problem, expected: Advanced) -> Advanced:
    """What is left to plan, from an instance as of its own first day and what rolling `base` on led to expect."""
    calendar = calendar_of(problem)
    past = past_of(problem, base, plan, problem.start, expected.elapsed)
    accepted = set(plan.accepted_offers)
    offers = tuple(replace(row, status="accepted") if row.offer in accepted else row for row in problem.offers)
    listed = {row.package: row for row in problem.packages}
    needed = {row.need: row.quantity for row in problem.needs}
    funded = {row.package: row for row in expected.problem.packages if row.status == "funded"}
    released = {row.package for row in expected.happened.released} | {name for _, name in expected.renamed}
    added = [row for name, row in funded.items() if name not in listed and name in released]
    packages = (
        *(funded[name] if row.status == "proposed" and name in funded else row for name, row in listed.items()),
        *added,
    )
    names = {row.package for row in added}
    contents = (
        *problem.package_contents,
        *(
            replace(row, quantity=min(row.quantity, needed[row.need]))
            for row in expected.problem.package_contents
            if row.package in names and row.need in needed
        ),
    )
    carried = fitted(
        past, left_over(past, calendar), calendar, (problem.orders, problem.needs, offers, problem.approvals)
    )
    rolled = replace(
        problem,
        offers=offers,
        packages=packages,
        package_contents=contents,
        commitments=commitments(carried, calendar),
        actuals=(),
        as_of=problem.start,
        depth=problem.depth or base.depth or base.periods,
    )
    notes = tuple(_differences(problem, expected.problem))
    return Advanced(rolled, carried, (), notes, expected.happened, expected.elapsed, expected.renamed)


def _differences(problem: Problem, expected: Problem) -> Iterator[Note]:
    """Where the quantities are not those that the plan led to expect."""
    there, thought = on_hand(problem), on_hand(expected)
    for receipt in expected.receipts:
        if receipt.date == expected.start and receipt not in problem.receipts:
            thought[receipt.item] += receipt.quantity
    for item, units in there.items():
        if item in thought and units != thought[item]:
            text = f"stock of {item}: {units}, and the plan before led to expect {thought[item]}"
            yield Note("unexpected", (item,), float(units - thought[item]), text)
    for name, key in (("orders", "order"), ("needs", "need"), ("offers", "offer")):
        rows = {getattr(row, key): row.quantity for row in getattr(expected, name)}
        for row in getattr(problem, name):
            was = rows.get(getattr(row, key))
            if was is not None and was != row.quantity:
                text = f"{key} {getattr(row, key)}: {row.quantity}, and the plan before led to expect {was}"
                yield Note("unexpected", (getattr(row, key),), float(row.quantity - was), text)
