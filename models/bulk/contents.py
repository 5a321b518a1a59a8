"""Whole contents of packages, paid for: what is released in a period is dealt to its packages.

What cannot be paid for so goes into packages that come later. Their units are taken category by category, from the one
that lags most behind the relaxation, so that earmarked money is used as there; then whatever still fits, as money that
is never spent is lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from models.blocks.packages import new_name
from models.bulk.batch import NEW, NEW_KEPT, PROPOSED, PROPOSED_KEPT, Batch
from models.bulk.desk import Course, Desk, Queue, Teller, Unit
from models.bulk.pricing import Pricing
from models.bulk.releasing import spent
from models.bulk.tables import Floats
from models.listing.bundles import Bundle
from models.listing.funding import Treasury

_DUST = 1e-6
_HALF = 0.5


def contents(  # noqa: PLR0917 - what a relaxation says of packages is five arrays
    pricing: Pricing,
    batches: Sequence[Batch],
    x: Floats,
    counts: Floats,
    chosen: Floats,
    filled: Mapping[int, Mapping[int, int]] | None = None,
    *,
    teller: Teller | None = None,
) -> list[Bundle]:
    """Whole packages with their contents and payers, near a relaxation, by period of release.

    One that nobody can pay for in its period is made smaller, and released later if it would be too small.

    Args:
        pricing: of the relaxation.
        batches: its generated columns.
        x: values of its standing and its generated columns.
        counts: new packages by period of release.
        chosen: 1 where a proposed package is released.
        filled: units by release and need, if that is decided; else units are due in the order in which they leave in x.
        teller: who finds donors for all packages of a period at once. Without one, pledges pay as they do in x, package
            by package, and where they cannot, those first that expire first and hold least.
    """
    rows = pricing.rows
    policy, facts = rows.policy, rows.facts
    if policy is None:
        return []
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    standing, generated = x[: rows.standing.count], x[rows.standing.count :]
    value = np.cumsum(spent(rows, standing, chosen), axis=1)
    if filled is None:
        unchosen = set(np.flatnonzero(chosen.sum(axis=1) < _HALF).tolist())
        waiting = _waiting(pricing, batches, generated, unchosen)
    else:
        waiting = _decided(pricing, filled)
    queue = Queue(waiting, np.zeros(len(value)), np.zeros(len(value)))
    later = np.diff(value, axis=1, prepend=0.0) if filled is None else _worth(pricing, filled, value.shape)
    treasury = Treasury(facts.problem, facts.calendar, policy)
    desk = Desk(pricing, treasury, Course(rows, standing), teller, later)
    found: list[Bundle] = []
    owed, new = 0, 0
    asked: list[int] = []
    for r, period in enumerate(rows.releases.tolist()):
        queue.goal = value[:, r]
        desk.release = r
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
        made = desk.shared(queue, r, period, count=min(owed, room), low=low, high=high)
        while owed > len(made) and room > len(made):
            budget = float(queue.goal.sum() - queue.worth.sum())
            each = budget / (owed - len(made)) if budget >= (owed - len(made)) * low else budget
            one = desk.filled(queue, int(rows.leaves_from[r]), period, min(high, each), low)
            if one is None:
                break
            made.append(one)
        owed -= len(made)
        for held, shares in made:
            new += 1
            found.append(Bundle(new_name(facts, new), "new", held, period, shares))
    return found


def _worth(pricing: Pricing, filled: Mapping[int, Mapping[int, int]], shape: tuple[int, ...]) -> Floats:
    """Million USD by category and release of decided contents."""
    found = np.zeros(shape)
    for release, content in filled.items():
        for need, units in content.items():
            found[pricing.category[need], release] += pricing.need_price[need] * units
    return found


def _decided(pricing: Pricing, filled: Mapping[int, Mapping[int, int]]) -> dict[int, list[Unit]]:
    """By category, the units that are due by release."""
    found: dict[int, list[Unit]] = defaultdict(list)
    for release, content in sorted(filled.items()):
        for need, units in sorted(content.items()):
            found[int(pricing.category[need])] += [Unit(need, release)] * units
    return found


def _waiting(pricing: Pricing, batches: Sequence[Batch], x: Floats, unchosen: Collection[int]) -> dict[int, list[Unit]]:
    """By category, units in the order in which the relaxation serves them, due at no release; parts of a unit add up.

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
    found: dict[int, list[Unit]] = defaultdict(list)
    never = len(pricing.rows.releases)
    held: dict[int, float] = defaultdict(float)
    taken: Counter[int] = Counter()
    for _, need, amount in rows:
        held[need] += amount
        units = int(np.floor(held[need] + 0.5)) - taken[need]
        found[int(pricing.category[need])] += [Unit(need, never)] * units
        taken[need] += units
    return found
