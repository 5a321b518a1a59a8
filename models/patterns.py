"""Package patterns: what one new package released in a period may hold, in whole units of needs.

A *pattern* is a whole-number vector of contents that keeps every rule about one package alone. Its set X[t] is that of
a bounded knapsack with two sides,

    low ≤ Σ_n price[n] · units[n] ≤ high,    0 ≤ units[n] ≤ most[n,t],    Σ_{n in c} price[n] · units[n] ≤ payable[t,c]

with low and high = target · (1 ∓ tolerance) (`package_value`), `most` from `content_within_need` and from when units
can still leave the pool, and `payable[t,c]` what the `max_donors` largest pledges that may pay for category c in period
t have together (`donors_per_package`, `pledge_dates`, `pledge_earmark`); all categories together likewise.

Prices are any amounts of money, so dynamic programming over values would need a grid that they do not have; the
knapsack is solved by branch and bound (`optimizer.solving.pricing`), or its patterns are listed where they are few.
Source: Dantzig and Wolfe (Operations Research 8, 1960); Gilmore and Gomory (Operations Research 9, 1961).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from models.blocks.packages import content_caps, paying_periods, pool_periods, usable
from models.blocks.packages_unindexed import room
from models.draft import Draft
from models.facts import Facts

Pattern = tuple[tuple[str, int], ...]
"""(need, units) with at least one unit each, needs in the order of the table."""
SLACK = 1e-7
"""Million USD by which a value may miss its limits: sums of prices are rounded in the last digits."""


@dataclass(frozen=True)
class Knapsack:
    """The set of patterns of one period: `price`, `most` units and `category` by need; values in million USD.

    `payable`: most value by category; a category that is not named has no limit of its own.
    """

    needs: tuple[str, ...]
    price: tuple[float, ...]
    most: tuple[int, ...]
    category: tuple[str, ...]
    low: float
    high: float
    payable: tuple[tuple[str, float], ...] = ()

    def allows(self, pattern: Pattern, slack: float = SLACK) -> bool:
        """Whether a package released in the period may hold these units."""
        place = {need: k for k, need in enumerate(self.needs)}
        if any(need not in place or not 0 <= units <= self.most[place[need]] for need, units in pattern):
            return False
        worth: dict[str, float] = defaultdict(float)
        for need, units in pattern:
            worth[self.category[place[need]]] += units * self.price[place[need]]
        within = all(worth[c] <= top + slack for c, top in self.payable)
        return within and self.low - slack <= sum(worth.values()) <= self.high + slack

    def patterns(self, limit: int) -> list[Pattern] | None:
        """Every pattern; None if there are more than `limit`, or if they are too hard to find."""
        order = sorted(range(len(self.needs)), key=lambda k: -self.price[k])
        found: list[tuple[int, ...]] = []
        for steps, units in enumerate(self._walk(order), 1):
            if units is not None:
                found.append(units)
            if len(found) > limit or steps > 20 * limit:
                return None
        inverse = {k: position for position, k in enumerate(order)}
        return [
            tuple((need, units[inverse[k]]) for k, need in enumerate(self.needs) if units[inverse[k]])
            for units in found
        ]

    def _walk(self, order: list[int]) -> Iterator[tuple[int, ...] | None]:
        """Units in the given order of needs, of every pattern; None at every dead end."""
        rest = [0.0]
        for k in reversed(order):
            rest.append(rest[-1] + self.price[k] * self.most[k])
        rest.reverse()
        top = dict(self.payable)

        def fill(
            position: int, units: tuple[int, ...], value: float, worth: dict[str, float]
        ) -> Iterator[tuple[int, ...] | None]:
            if value + rest[position] < self.low - SLACK:
                yield None
                return
            if position == len(order):
                yield units
                return
            k = order[position]
            price, own = self.price[k], self.category[k]
            for count in range(self.most[k] + 1):
                more = worth.get(own, 0.0) + price * count
                if value + price * count > self.high + SLACK or more > top.get(own, more) + SLACK:
                    break
                yield from fill(position + 1, (*units, count), value + price * count, {**worth, own: more})

        yield from fill(0, (), 0.0, {})


def extreme(patterns: Collection[Pattern]) -> list[Pattern]:
    """Patterns without those that lie halfway between two others: the convex hull stays the same.

    Tried are the neighbours at one unit more and less of one need, and of two needs; what is left out is no vertex.
    """
    needs = sorted({need for pattern in patterns for need, _ in pattern})
    steps: list[Pattern] = [((n, 1),) for n in needs]
    steps += [((n, 1), (m, sign)) for n in needs for m in needs if n < m for sign in (1, -1)]

    def moved(pattern: Pattern, step: Pattern, sign: int) -> Pattern:
        units = dict(pattern)
        for need, change in step:
            units[need] = units.get(need, 0) + sign * change
        return tuple((need, units[need]) for need in needs if units.get(need, 0))

    known = {moved(pattern, (), 1) for pattern in patterns}
    return [p for p in patterns if not any(moved(p, s, 1) in known and moved(p, s, -1) in known for s in steps)]


def knapsacks(draft: Draft) -> dict[int, Knapsack]:
    """The set of patterns of every period in which a new package can be released."""
    facts = draft.facts
    policy = facts.problem.package_policy
    if policy is None:
        return {}
    periods = sorted(room(facts))
    caps = content_caps(draft, {need: pool_periods(draft, need) for need in facts.needs}, periods)
    left = _left_by_funded(facts)
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    found = {}
    for t in periods:
        top = payable(facts, t)
        total = top.pop("")
        needs = tuple(n for n in facts.needs if min(caps.get((n, t), 0), left[n]) > 0)
        found[t] = Knapsack(
            needs,
            tuple(facts.price(n) for n in needs),
            tuple(min(caps[n, t], left[n]) for n in needs),
            tuple(facts.category(n) for n in needs),
            low,
            min(high, total),
            tuple((c, worth) for c, worth in top.items() if worth < min(high, total)),
        )
    return found


def _left_by_funded(facts: Facts) -> Mapping[str, int]:
    """Units of each need that funded packages do not hold."""
    left = {need: row.quantity for need, row in facts.needs.items()}
    for row in facts.problem.packages:
        if row.status == "funded":
            for need, units in facts.package_contents[row.package].items():
                left[need] -= units
    return left


def payable(facts: Facts, period: int) -> dict[str, float]:
    """Million USD that as many pledges as may pay for one package have in a period: by category, "" for all."""
    policy = facts.problem.package_policy
    assert policy is not None
    able = [g for g in facts.problem.pledges if usable(facts, g) and period in paying_periods(facts, g)]
    found = {}
    for c in ["", *sorted({item.category for item in facts.problem.items})]:
        amounts = sorted((g.amount_usd_m for g in able if not c or g.earmark in (None, c)), reverse=True)
        found[c] = sum(amounts[: policy.max_donors])
    return found
