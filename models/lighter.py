"""A plan as bills to be paid, and the plan with units taken out of its packages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from models.facts import Facts
from models.plan import POOL, Content, Dispatch, Plan
from models.safe_payers import Bill


def bills_of(facts: Facts, plan: Plan) -> list[Bill]:
    """What the plan's releases cost, in the order of release.

    Units of a need may be cut from the new package that releases it last, as far as they leave the pool: then what
    packages hold and what has left still match in every period, the latest dispatches being those that fall away.
    """
    period = {row.package: row.period for row in plan.releases}
    held = {name: dict(content) for name, content in facts.package_contents.items() if name in period}
    for row in plan.contents:
        content = held.setdefault(row.package, {})
        content[row.need] = content.get(row.need, 0) + row.quantity
    last: dict[str, tuple[int, str]] = {}
    for name, content in held.items():
        for need in content:
            last[need] = max(last.get(need, (-1, "")), (period[name], name))
    new = {row.package for row in plan.releases if row.status == "new"}
    leaving = _leaving(facts, plan)
    found = []
    for name in sorted(period, key=lambda name: (period[name], name)):
        amounts: dict[str, float] = defaultdict(float)
        for need, units in held.get(name, {}).items():
            amounts[facts.category(need)] += facts.price(need) * units
        cuttable = {
            need: min(units, leaving[need])
            for need, units in held.get(name, {}).items()
            if name in new and last[need] == (period[name], name)
        }
        found.append(Bill(name, period[name], dict(amounts), cuttable))
    return found


def worth_of(facts: Facts, plan: Plan) -> dict[str, float]:
    """By package of the plan: what a week of waiting costs a million USD of its contents."""
    cost: dict[str, float] = defaultdict(float)
    value: dict[str, float] = defaultdict(float)
    rows = [(row.package, row.need, row.quantity) for row in plan.contents]
    released = {row.package for row in plan.releases}
    rows += [(p, n, u) for p, content in facts.package_contents.items() if p in released for n, u in content.items()]
    for package, need, units in rows:
        cost[package] += facts.need_weight[need] * units
        value[package] += facts.price(need) * units
    return {package: cost[package] / worth for package, worth in value.items() if worth > 0}


def loss_of(facts: Facts, plan: Plan) -> dict[str, float]:
    """By need: what it costs that a unit never comes that is sent now, the mean over those sent from the pool."""
    late: dict[str, float] = defaultdict(float)
    units: Counter[str] = Counter()
    for row in plan.dispatches:
        if row.kind == "need" and row.origin == POOL:
            due = facts.needs[row.demand].needed_by
            never, now = facts.calendar.late(due, facts.T), facts.calendar.late(due, row.arrival)
            count = row.quantity // _per_unit(facts, row)
            late[row.demand] += (never - now) * count
            units[row.demand] += count
    return {need: facts.need_weight[need] * late[need] / count for need, count in units.items() if count}


def without(facts: Facts, plan: Plan, cuts: Mapping[tuple[str, str], int]) -> Plan:
    """The plan without so many units by (package, need), and without the latest dispatches of them from the pool."""
    contents = tuple(
        Content(row.package, row.need, row.quantity - cuts.get((row.package, row.need), 0)) for row in plan.contents
    )
    left: Counter[str] = Counter()
    for (_, need), units in cuts.items():
        left[need] += units
    kept: list[Dispatch] = []
    for row in sorted(plan.dispatches, key=lambda row: (-row.period, row)):
        quantity = row.quantity
        if row.kind == "need" and row.origin == POOL and left[row.demand] > 0:
            each = _per_unit(facts, row)
            gone = min(left[row.demand], row.quantity // each)
            left[row.demand] -= gone
            quantity -= gone * each
        if quantity:
            kept.append(replace(row, quantity=quantity))
    return replace(plan, contents=tuple(row for row in contents if row.quantity), dispatches=tuple(sorted(kept)))


def _leaving(facts: Facts, plan: Plan) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in plan.dispatches:
        if row.kind == "need" and row.origin == POOL:
            found[row.demand] += row.quantity // _per_unit(facts, row)
    return found


def _per_unit(facts: Facts, row: Dispatch) -> int:
    """Units of the item that leave for a unit of the need."""
    item = facts.needs[row.demand].item
    if row.item == item:
        return 1
    rows = facts.problem.substitutes
    return next((sub.units_per_unit for sub in rows if sub.item == item and sub.substitute == row.item), 1)
