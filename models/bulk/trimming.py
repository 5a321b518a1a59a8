"""A plan whose packages hold a little less: content that cannot leave is not asked for, and nobody pays for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from models.facts import Facts
from models.plan import Content, Payment, Plan

_DUST = 1e-9


def trimmed(facts: Facts, plan: Plan, left: Mapping[str, int]) -> Plan | None:
    """The plan with so many units of needs less in its new packages, and payments to match; None if no way is found.

    A unit goes from the latest package that stays worth enough without it (`package_value`). Pledges pay less down to
    `minimum_contribution`, or not at all.
    """
    policy = facts.problem.package_policy
    if policy is None:
        return None if any(left.values()) else plan
    low = policy.target_usd_m * (1 - policy.tolerance)
    held = {(row.package, row.need): row.quantity for row in plan.contents}
    worth: dict[str, float] = defaultdict(float)
    for (package, need), units in held.items():
        worth[package] += facts.price(need) * units
    latest = sorted((row.period, row.package) for row in plan.releases if row.status == "new")[::-1]
    saved: Counter[tuple[str, str]] = Counter()
    for need, count in sorted(left.items()):
        price, missing = facts.price(need), count
        for _, package in latest:
            while missing and held.get((package, need), 0) and worth[package] - price >= low - _DUST:
                held[package, need] -= 1
                worth[package] -= price
                missing -= 1
                saved[package, facts.category(need)] += price  # type: ignore[assignment]
        if missing:
            return None
    payments = _less(plan.payments, saved, policy.min_contribution_usd_m)
    if payments is None:
        return None
    contents = tuple(Content(*key, units) for key, units in sorted(held.items()) if units)
    return replace(plan, contents=contents, payments=payments)


def _less(
    payments: tuple[Payment, ...], saved: Mapping[tuple[str, str], float], least: float
) -> tuple[Payment, ...] | None:
    """Payments less what is saved by package and category: the largest pay less first."""
    amount = {(row.package, row.pledge, row.category): row.amount_usd_m for row in payments}
    total: dict[tuple[str, str], float] = defaultdict(float)
    for (package, pledge, _), value in amount.items():
        total[package, pledge] += value
    for (package, category), value in sorted(saved.items()):
        rest = value
        mine = sorted((key for key in amount if (key[0], key[2]) == (package, category)), key=lambda k: (-amount[k], k))
        for key in mine:
            whole = min(amount[key], rest, max(0.0, total[package, key[1]] - least))
            if amount[key] <= rest + _DUST and abs(amount[key] - total[package, key[1]]) <= _DUST:
                whole = amount[key]
            amount[key] -= whole
            total[package, key[1]] -= whole
            rest -= whole
        if rest > _DUST:
            return None
    return tuple(sorted(Payment(*key, value) for key, value in amount.items() if value > _DUST))
