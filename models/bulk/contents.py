"""Whole contents of packages, paid for, from a relaxation: what leaves first is released first.

The relaxation says by category and period how much money's worth is released, and which units of needs leave when.
Units are taken category by category, from the one that lags most behind the relaxation, so that earmarked money is used
as there; then whatever still fits, as money that is never spent is lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.blocks.packages import new_name
from models.bulk.batch import NEW, NEW_KEPT, PROPOSED, PROPOSED_KEPT, Batch
from models.bulk.pricing import Pricing
from models.bulk.rows import Rows
from models.bulk.tables import Floats
from models.listing.bundles import Bundle
from models.listing.funding import Share, Treasury, split, thrifty

_DUST = 1e-6
_HALF = 0.5
ROUGH = 0.02
"""A package is large enough where less than this share of the target is missing to what it should hold."""
STEP, STEPS = 0.01, 20
"""A package that nobody can pay for is made smaller by this share of the target, so many times at most."""


def whole_releases(rows: Rows, standing: Floats) -> tuple[Floats, Floats]:
    """Whole numbers of releases near a relaxation: `released` by period, and `proposed_released`, 0 or 1.

    A proposed package is released where the relaxation releases most of it, if that is more than half in all. A new one
    as soon as money enough for it is spent in the relaxation; where the number of packages is scarce, enough is what is
    left to spend, shared among those that may still be released.
    """
    policy = rows.policy
    released, proposed = standing[rows.names["released"]], standing[rows.names["proposed_released"]]
    counts, chosen = np.zeros(len(released)), np.zeros(proposed.shape)
    if policy is None:
        return counts, chosen
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    for k, share in enumerate(proposed):
        if share.sum() > _HALF:
            chosen[k, np.argmax(share)] = 1.0
    money = _spent(rows, standing, chosen).sum(axis=0)
    limit = policy.max_releases_per_period
    room = len(proposed) + policy.max_new if limit is None else limit
    carried, left, made = 0.0, float(money.sum()), 0
    for r, value in enumerate(money.tolist()):
        carried += value
        while made < policy.max_new and counts[r] + chosen[:, r].sum() < room:
            enough = max(low, min(high, left / (policy.max_new - made)) - ROUGH * policy.target_usd_m)
            if carried < enough - _DUST:
                break
            worth = min(carried, high - ROUGH * policy.target_usd_m)
            counts[r] += 1
            made += 1
            carried -= worth
            left -= worth
    return counts, chosen


@dataclass
class _Queue:
    """Needs whose units wait for a package, by category, in the order in which they leave.

    `goal`, `worth`: million USD by category that the relaxation has released so far, and that packages hold so far.
    """

    units: dict[int, list[int]]
    goal: Floats
    worth: Floats


def contents(pricing: Pricing, batches: Sequence[Batch], x: Floats, counts: Floats, chosen: Floats) -> list[Bundle]:
    """Whole packages with their contents and payers, near a relaxation, by period of release.

    One that nobody can pay for in its period is made smaller, and released later if it would be too small.

    Args:
        pricing: of the relaxation.
        batches: its generated columns.
        x: values of its standing and its generated columns.
        counts: new packages by period of release.
        chosen: 1 where a proposed package is released.
    """
    rows = pricing.rows
    policy, facts = rows.policy, rows.facts
    if policy is None:
        return []
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    standing, generated = x[: rows.standing.count], x[rows.standing.count :]
    value = np.cumsum(_spent(rows, standing, chosen), axis=1)
    unchosen = np.flatnonzero(chosen.sum(axis=1) < _HALF)
    queue = _Queue(
        _waiting(pricing, batches, generated, set(unchosen.tolist())), np.zeros(len(value)), np.zeros(len(value))
    )
    desk = _Desk(pricing, Treasury(facts.problem, facts.calendar, policy))
    found: list[Bundle] = []
    owed, new = 0, 0
    asked: list[int] = []
    for r, period in enumerate(rows.releases.tolist()):
        queue.goal = value[:, r]
        owed += int(counts[r])
        asked += np.flatnonzero(chosen[:, r] > _HALF).tolist()
        limit = policy.max_releases_per_period
        room = owed + len(asked) if limit is None else limit
        for p in asked.copy():
            held = facts.package_contents[rows.proposed[p]]
            shares = desk.paid(held, period) if room else None
            if shares is not None:
                found.append(Bundle(rows.proposed[p], "proposed", held, period, shares))
                asked.remove(p)
                room -= 1
        while owed and room:
            budget = float(queue.goal.sum() - queue.worth.sum())
            each = budget / owed if budget >= owed * low else budget
            made = desk.filled(queue, int(rows.leaves_from[r]), period, min(high, each), low)
            if made is None:
                break
            owed, room, new = owed - 1, room - 1, new + 1
            found.append(Bundle(new_name(facts, new), "new", made[0], period, made[1]))
    return found


def _spent(rows: Rows, standing: Floats, chosen: Floats) -> Floats:
    """Million USD by category and period for new packages, less what proposed ones that are released lack."""
    found: Floats = standing[rows.names["content_value"]].copy()
    for p, share in enumerate(standing[rows.names["proposed_released"]] - chosen):
        found += rows.proposed_worth[p][:, None] * share[None, :]
    return found


def _waiting(pricing: Pricing, batches: Sequence[Batch], x: Floats, unchosen: Collection[int]) -> dict[int, list[int]]:
    """By category, needs unit by unit in the order in which the relaxation serves them; parts of a unit add up.

    `unchosen`: proposed packages that are not released: what the relaxation takes from them waits for new ones.
    """
    proposals = pricing.rows.proposals
    rows: list[tuple[int, int, float]] = []
    at = 0
    for batch in batches:
        value = x[at : at + batch.who.size]
        at += batch.who.size
        if batch.kind in (NEW, NEW_KEPT, PROPOSED, PROPOSED_KEPT):
            fresh = batch.kind in (NEW, NEW_KEPT)
            for k in np.flatnonzero(value > _DUST).tolist():
                if not fresh and proposals[int(batch.mark[k])].package not in unchosen:
                    continue
                rows.append((int(batch.when[k]), int(pricing.tables.ways.need[batch.who[k]]), float(value[k])))
    rows.sort()
    found: dict[int, list[int]] = defaultdict(list)
    held: dict[int, float] = defaultdict(float)
    taken: Counter[int] = Counter()
    for _, need, amount in rows:
        held[need] += amount
        units = int(np.floor(held[need] + 0.5)) - taken[need]
        found[int(pricing.category[need])] += [need] * units
        taken[need] += units
    return found


class _Desk:
    """Fills packages and has them paid, one after the other."""

    def __init__(self, pricing: Pricing, treasury: Treasury) -> None:
        self.pricing, self.treasury = pricing, treasury

    def filled(
        self, queue: _Queue, leaves: int, period: int, budget: float, low: float
    ) -> tuple[dict[str, int], tuple[Share, ...]] | None:
        """Content worth the budget or less, and who pays for it in the period; taken out of queue and pledges."""
        policy, needs = self.pricing.rows.policy, self.pricing.rows.facts.problem.needs
        assert policy is not None
        for step in range(STEPS):
            content = self._chosen(queue, leaves, budget - step * STEP * policy.target_usd_m)
            worth = sum(self.pricing.need_price[n] * count for n, count in content.items())
            if worth < low - _DUST:
                return None
            held = {needs[n].need: units for n, units in sorted(content.items())}
            shares = self.paid(held, period)
            if shares is not None:
                self._take(queue, content)
                return held, shares
        return None

    def paid(self, content: Mapping[str, int], period: int) -> tuple[Share, ...] | None:
        """Who pays for the content in the period; nobody, if no way is found."""
        facts, policy = self.pricing.rows.facts, self.pricing.rows.policy
        assert policy is not None
        value: dict[str, float] = defaultdict(float)
        for need, units in content.items():
            if units:
                value[facts.category(need)] += facts.price(need) * units
        purses = self.treasury.open_in(period)
        shares = thrifty(value, purses, policy) or split(value, purses, policy)
        if shares is not None:
            self.treasury.pay(shares)
        return shares

    def _chosen(self, queue: _Queue, leaves: int, budget: float) -> Counter[int]:
        """Units that are released next: worth as much of the budget as fits."""
        pricing = self.pricing
        lag = queue.goal - queue.worth
        at = dict.fromkeys(queue.units, 0)
        found: Counter[int] = Counter()
        while at:
            category = max(at, key=lambda c: float(lag[c]))
            units, k = queue.units[category], at[category]
            while k < len(units) and not (
                pricing.need_price[units[k]] <= budget + _DUST and pricing.last_open[units[k]] >= leaves
            ):
                k += 1
            if k == len(units):
                del at[category]
                continue
            price = float(pricing.need_price[units[k]])
            budget -= price
            lag[category] -= price
            found[units[k]] += 1
            at[category] = k + 1
        return found

    def _take(self, queue: _Queue, content: Counter[int]) -> None:
        """Takes the first units of these needs out of the queue."""
        left = Counter(content)
        for category, units in queue.units.items():
            kept = []
            for n in units:
                if left[n]:
                    left[n] -= 1
                    queue.worth[category] += self.pricing.need_price[n]
                else:
                    kept.append(n)
            queue.units[category] = kept
