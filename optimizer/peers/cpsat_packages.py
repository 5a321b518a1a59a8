"""Packages and funding for CP-SAT: package by package, pledge by pledge, money in whole steps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from models.blocks.packages import dispatchable_from, new_name, paying_periods
from models.facts import Facts
from models.problem import PackagesPolicy
from optimizer.peers.cpsat_model import Sketch
from optimizer.peers.scaling import Grid, grid


@dataclass
class Packages:
    """Packages that may be released, with the step of money."""

    policy: PackagesPolicy
    money: Grid
    new: list[str]
    proposed: list[str]
    released: dict[str, list[Any]] = field(default_factory=dict)
    worth: dict[tuple[str, str], Any] = field(default_factory=dict)


def money_of(facts: Facts) -> Grid:
    """The grid of money: prices of what packages may hold lie on it, if they have few enough decimals."""
    return grid(facts.price(n) for n in facts.needs)


def packages(sketch: Sketch) -> None:
    """All rules of packages and funding; nothing where needs need no package."""
    facts, policy = sketch.facts, sketch.facts.problem.package_policy
    if policy is None:
        return
    new = [new_name(facts, k + 1) for k in range(policy.max_new)]
    proposed = [row.package for row in facts.problem.packages if row.status == "proposed"]
    found = Packages(policy, money_of(facts), new, proposed)
    if not found.money.exact:
        sketch.notes.append("prices are rounded to millionths of a million USD")
    _releases(sketch, found)
    _contents(sketch, found)
    _dispatches(sketch, found)
    _funding(sketch, found)


def _releases(sketch: Sketch, found: Packages) -> None:
    """released_once, releases_per_period. New packages are alike: they are released in the order of their names."""
    facts, model = sketch.facts, sketch.model
    for p in [*found.new, *found.proposed]:
        states = found.released[p] = [sketch.statement("is_released", (p, t)) for t in range(facts.T)]
        model.add_at_most_one(states)
    if found.policy.max_releases_per_period is not None:
        for t in range(facts.T):
            model.add(sum(states[t] for states in found.released.values()) <= found.policy.max_releases_per_period)
    for first, second in zip(found.new, found.new[1:], strict=False):
        for t in range(facts.T):
            model.add(sum(found.released[first][: t + 1]) >= sum(found.released[second][: t + 1]))


def _contents(sketch: Sketch, found: Packages) -> None:
    """package_value, content_within_need; a unit is in a package only if it is released."""
    facts, model, money = sketch.facts, sketch.model, found.money
    policy = found.policy
    low = money.at_least(policy.target_usd_m * (1 - policy.tolerance))
    high = money.at_most(policy.target_usd_m * (1 + policy.tolerance))
    categories = sorted({facts.category(n) for n in facts.needs})
    for p in found.new:
        parts: dict[str, list[Any]] = defaultdict(list)
        for n, need in facts.needs.items():
            price = money.nearest(facts.price(n))
            most = need.quantity if price <= 0 else min(need.quantity, high // price)
            parts[facts.category(n)].append(price * sketch.whole("content", (p, n), most))
        released = sum(found.released[p])
        total = sum(term for terms in parts.values() for term in terms)
        model.add(total >= low * released)
        model.add(total <= high * released)
        found.worth |= {(p, c): sum(parts[c]) for c in categories}
        for n, need in facts.needs.items():
            model.add(sketch.variables["content"][p, n] <= need.quantity * released)  # a unit may be worth nothing
    for p in found.proposed:
        worth: dict[str, int] = defaultdict(int)
        for n, quantity in facts.package_contents[p].items():
            worth[facts.category(n)] += money.nearest(facts.price(n)) * quantity
        found.worth |= {(p, c): worth[c] * sum(found.released[p]) for c in categories}


def _dispatches(sketch: Sketch, found: Packages) -> None:
    """dispatch_after_release, promise_kept, content_within_need."""
    facts, model, content = sketch.facts, sketch.model, sketch.variables["content"]
    paid = [row.package for row in facts.problem.packages if row.status == "funded"]
    for n, need in facts.needs.items():
        held = {p: facts.package_contents[p].get(n, 0) for p in found.proposed}
        promised = sum(content[p, n] for p in found.new)
        promised += sum(held[p] * sum(found.released[p]) for p in found.proposed)
        funded = sum(facts.package_contents[p].get(n, 0) for p in paid)
        model.add(promised + sketch.posted("offered", n) <= need.quantity - funded)
        waiting: Any = 0
        sent: list[Any] = []
        for t in range(facts.T):
            leaving = sketch.ledger.get(("from_pool", n, t), [])
            sent += leaving
            arriving = sum(quantity for u, quantity in facts.funded.get(n, ()) if u == t) + _arriving(
                sketch, found, n, t
            )
            waiting = sketch.total("waiting", (n, t), need.quantity, waiting + arriving - sum(leaving))
        model.add(sum(sent) >= promised)


def _arriving(sketch: Sketch, found: Packages, n: str, t: int) -> Any:
    """Units of the need, in proposed and new packages, that may leave from t on and not before."""
    facts, model, quantity = sketch.facts, sketch.model, sketch.facts.needs[n].quantity
    released = [u for u in range(facts.T) if dispatchable_from(facts, u) == t]
    if not released:
        return 0
    arriving = sum(
        facts.package_contents[p].get(n, 0) * sum(found.released[p][u] for u in released) for p in found.proposed
    )
    for p in found.new:
        units = sketch.whole("released_content", (p, n, t), quantity)
        model.add(units <= sketch.variables["content"][p, n])
        model.add(units <= quantity * sum(found.released[p][u] for u in released))
        arriving += units
    return arriving


def _funding(sketch: Sketch, found: Packages) -> None:
    """fully_funded, within_pledge, pledge_earmark, pledge_dates, minimum_contribution, donors_per_package."""
    facts, model, money = sketch.facts, sketch.model, found.money
    least = money.at_least(found.policy.min_contribution_usd_m)
    given: dict[str, list[Any]] = defaultdict(list)
    paid: dict[tuple[str, str], list[Any]] = defaultdict(list)
    part: dict[str, list[Any]] = defaultdict(list)
    for g in facts.problem.pledges:
        amount = money.at_most(g.amount_usd_m)
        for p in found.released:
            takes_part = sketch.statement("contributes", (g.pledge, p))
            total = []
            for c in {c for q, c in found.worth if q == p and g.earmark in (None, c)}:
                pays = sketch.whole("pays", (g.pledge, p, c), amount)
                paid[p, c].append(pays)
                total.append(pays)
            given[g.pledge] += total
            part[p].append(takes_part)
            model.add(sum(total) <= amount * takes_part)
            model.add(sum(total) >= least * takes_part)
            model.add(takes_part <= sum(found.released[p][t] for t in paying_periods(facts, g)))
        model.add(sum(given[g.pledge]) <= amount)
    for (p, c), worth in found.worth.items():
        model.add(sum(paid[p, c]) == worth)
    for p in found.released:
        model.add(sum(part[p]) <= found.policy.max_donors)
