"""Packages: what is released when, with which content, and what that lets leave the pool.

The strong form has no package index but *release slots* s = (t, k): the k-th new package released in period t. Only
periods in which money arrives (and those just after, where releases per period are limited) are needed: a package
released later than its payers' money is there may as well be released earlier. Content needs no cumulative rows: what
is released and not yet dispatched is a balance.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from models.draft import Block, Draft, Rows, Start, Term, Value
from models.facts import Facts
from models.plan import Content, Plan, Release
from models.problem import Pledge

Slot = tuple[int, int]
"""(period, k): the k-th new package released in the period."""


def paying_periods(facts: Facts, pledge: Pledge) -> range:
    """Periods in which a package may be released that the pledge pays for."""
    first = facts.calendar.period(pledge.available_on)
    last = facts.T - 1 if pledge.expires_on is None else min(facts.T - 1, facts.calendar.period(pledge.expires_on))
    return range(first, last + 1)


def usable(facts: Facts, pledge: Pledge) -> bool:
    """Whether the pledge is large enough to pay the least contribution."""
    policy = facts.problem.package_policy
    assert policy is not None
    return pledge.amount_usd_m > 0 and pledge.amount_usd_m >= policy.min_contribution_usd_m


def dispatchable_from(facts: Facts, release: int) -> int:
    """`shift(release, contract_weeks)`: when the content of a package released then may first leave."""
    policy = facts.problem.package_policy
    assert policy is not None
    return facts.calendar.shift(release, policy.contract_weeks)


def money_arrivals(facts: Facts) -> set[int]:
    """Periods in which some usable pledge becomes available; 0 too where a release may need no money."""
    policy = facts.problem.package_policy
    assert policy is not None
    windows = [paying_periods(facts, g) for g in facts.problem.pledges if usable(facts, g)]
    arrivals = {window[0] for window in windows if window}
    proposed = [row.package for row in facts.problem.packages if row.status == "proposed"]
    free = any(not any(facts.package_contents[p].values()) for p in proposed)
    if free or policy.target_usd_m * (1 - policy.tolerance) <= 0:
        arrivals.add(0)
    return arrivals


def release_periods(facts: Facts) -> list[int]:
    """Periods in which a release can be needed: money arrives, or the limit of releases pushed it there.

    Moving a release earlier, down to the period when the last of its payers' money is there, keeps every rule but
    `releases_per_period`; a full period holds r releases, so at most (packages − 1) // r periods are skipped.
    """
    policy = facts.problem.package_policy
    assert policy is not None
    proposed = sum(1 for row in facts.problem.packages if row.status == "proposed")
    spill = 0
    if policy.max_releases_per_period is not None:
        if policy.max_releases_per_period < 1:
            return []
        spill = (policy.max_new + proposed - 1) // policy.max_releases_per_period
    found = {t for a in money_arrivals(facts) for t in range(a, min(a + spill, facts.T - 1) + 1)}
    return sorted(t for t in found if dispatchable_from(facts, t) < facts.T)


def release_slots(facts: Facts) -> list[Slot]:
    """Release slots: as many a period as the policy and the money that is there allow."""
    policy = facts.problem.package_policy
    assert policy is not None
    least = policy.target_usd_m * (1 - policy.tolerance)
    slots = []
    for t in release_periods(facts):
        money = sum(g.amount_usd_m for g in facts.problem.pledges if usable(facts, g) and t in paying_periods(facts, g))
        most = policy.max_new
        if policy.max_releases_per_period is not None:
            most = min(most, policy.max_releases_per_period)
        if least > 0:
            most = min(most, math.floor(money / least + 1e-9))
        slots += [(t, k) for k in range(most)]
    return slots


def _slots(draft: Draft) -> None:
    """is_released[t,k], proposed_released[p,t] ∈ {0,1}; content[n,t,k] whole units of the need.

    package_value: least · is_released ≤ Σ price · content ≤ most · is_released
    dispatch_after_release: waiting[n,t] = waiting[n,t'] + content that becomes dispatchable − dispatched, ≥ 0
    promise_kept: what is left waiting at the end is at most what funded packages brought
    """
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    slots = release_slots(facts)
    draft.notes["release_slots"] = slots
    most = policy.target_usd_m * (1 + policy.tolerance)
    least = policy.target_usd_m * (1 - policy.tolerance)
    useful_from = {n.need: pool_periods(draft, n.need) for n in facts.problem.needs}
    caps = content_caps(draft, useful_from, sorted({t for t, _ in slots}))
    content = {(need, t, k): (0, caps[need, t]) for need in useful_from for t, k in slots if (need, t) in caps}
    draft.variables("is_released", dict.fromkeys(slots, (0, 1)), whole=True)
    draft.variables("content", content, whole=True)
    proposed = [row.package for row in facts.problem.packages if row.status == "proposed"]
    periods = release_periods(facts)
    draft.variables("proposed_released", {(p, t): (0, 1) for p in proposed for t in periods}, whole=True)
    _release_rules(draft, slots, proposed, periods)
    worth: dict[Slot, list[Term]] = defaultdict(list)
    for (need, t, k), variable in m.content.items():
        worth[t, k].append((facts.price(need), variable))
    value_rows: Rows = {}
    for s in slots:
        value_rows[(*s, "most")] = (None, [*worth[s], (-most, m.is_released[s])], 0)
        value_rows[(*s, "least")] = (0, [*worth[s], (-least, m.is_released[s])], None)
    for (need, t, k), variable in m.content.items():
        if not facts.price(need):  # the value says nothing of what costs nothing
            link: list[Term] = [(1.0, variable), (-content[need, t, k][1], m.is_released[t, k])]
            value_rows[t, k, f"content {need}"] = (None, link, 0)
    draft.rule("package_value", value_rows)
    released: dict[str, list[Term]] = defaultdict(list)
    steps: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (need, t, k), variable in m.content.items():
        released[need].append((1.0, variable))
        steps[need, dispatchable_from(facts, t)].append((1.0, variable))
        draft.post("priced", t, k, facts.category(need), terms=[(facts.price(need), variable)])
    for (p, t), variable in m.proposed_released.items():
        for need, quantity in facts.package_contents[p].items():
            released[need].append((quantity, variable))
            steps[need, dispatchable_from(facts, t)].append((quantity, variable))
    content_rules(draft, released)
    waiting_rules(draft, steps, useful_from)


def content_caps(draft: Draft, useful_from: dict[str, list[int]], periods: list[int]) -> dict[tuple[str, int], int]:
    """Most units of each need that one new package released in a period may hold; pairs without use are left out.

    `useful_from`: periods in which the need can take units from the pool.
    """
    facts = draft.facts
    policy = facts.problem.package_policy
    assert policy is not None
    most = policy.target_usd_m * (1 + policy.tolerance)
    caps = {}
    for need, leaving in useful_from.items():
        cap = facts.needs[need].quantity
        if facts.price(need) > 0:
            cap = min(cap, math.floor(most / facts.price(need) + 1e-9))
        # What funded packages let leave keeps a promise too, so such a need may fill up a package released too late.
        filler = bool(leaving) and any(q and u <= leaving[-1] for u, q in facts.funded.get(need, ()))
        for t in periods:
            if leaving and cap and (filler or leaving[-1] >= dispatchable_from(facts, t)):
                caps[need, t] = cap
    return caps


def pool_periods(draft: Draft, need: str) -> list[int]:
    """Periods in which some move can take units of the need from the pool."""
    return [t for t in range(draft.facts.T) if draft.posted("from_pool", need, t)]


def _release_rules(draft: Draft, slots: list[Slot], proposed: list[str], periods: list[int]) -> None:
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    once = {p: (None, [(1.0, m.proposed_released[p, t]) for t in periods], 1) for p in proposed}
    once["new"] = (None, [(1.0, m.is_released[s]) for s in slots], policy.max_new)
    draft.rule("released_once", once)
    draft.rule(
        "slots_in_turn",
        {(t, k): (None, [(1.0, m.is_released[t, k]), (-1.0, m.is_released[t, k - 1])], 0) for t, k in slots if k},
    )
    if policy.max_releases_per_period is not None:
        rows = {}
        for t in periods:
            row = [(1.0, m.is_released[s]) for s in slots if s[0] == t]
            row += [(1.0, m.proposed_released[p, t]) for p in proposed]
            rows[t] = (None, row, policy.max_releases_per_period)
        draft.rule("releases_per_period", rows)


def content_rules(draft: Draft, released: dict[str, list[Term]]) -> None:
    """content_within_need: funded + released content + dispatched from offers ≤ quantity."""
    facts = draft.facts
    funded = {n.need: _funded_total(facts, n.need) for n in facts.problem.needs}
    rows = {
        n.need: (None, released[n.need] + draft.posted("offered", n.need), n.quantity - funded[n.need])
        for n in facts.problem.needs
    }
    draft.rule("content_within_need", rows)


def _funded_total(facts: Facts, need: str) -> int:
    return sum(
        facts.package_contents[row.package].get(need, 0) for row in facts.problem.packages if row.status == "funded"
    )


def waiting_rules(draft: Draft, steps: dict[tuple[str, int], list[Term]], useful_from: dict[str, list[int]]) -> None:
    """dispatch_after_release and promise_kept as a balance; `steps`: content by need and period it may leave from.

    What is posted under "unkept" need not leave (`models.stochastic.promises`).
    """
    facts, m = draft.facts, draft.model
    index = {(need, t): (0, None) for need, periods in useful_from.items() for t in periods}
    draft.variables("waiting", index)
    rows, kept = {}, {}
    contents: dict[str, list[tuple[int, list[Term]]]] = defaultdict(list)
    for (need, u), terms in steps.items():
        contents[need].append((u, terms))
    for need, periods in useful_from.items():
        funded = facts.funded.get(need, [])
        before = -1
        for t in periods:
            row: list[Term] = [(1.0, m.waiting[need, t]), *draft.posted("from_pool", need, t)]
            if before >= 0:
                row.append((-1.0, m.waiting[need, before]))
            for u in range(before + 1, t + 1):
                row += [(-c, v) for c, v in steps.get((need, u), ())]
            ready = sum(q for u, q in funded if before < u <= t)
            rows[need, t] = (ready, row, ready)
            before = t
        if periods:
            ready = sum(q for u, q in funded if u <= periods[-1])
            late = [term for u, terms in contents[need] if u > periods[-1] for term in terms]
            left: list[Term] = [(1.0, m.waiting[need, periods[-1]]), *late]
        else:
            ready = 0
            left = [term for _, terms in contents[need] for term in terms]
        kept[need] = (None, left + [(-c, v) for c, v in draft.posted("unkept", need)], ready)
    draft.rule("dispatch_after_release", rows)
    draft.rule("promise_kept", kept)


def new_name(facts: Facts, number: int) -> str:
    """Name of the n-th new package, counted from 1, that no package of the table has."""
    taken = {row.package for row in facts.problem.packages}
    prefix = "NEW"
    while any(name.startswith(f"{prefix}-") for name in taken):
        prefix += "X"
    return f"{prefix}-{number:02d}"


def slot_names(draft: Draft, value: Value) -> dict[Slot, str]:
    """Names of the new packages of a solution, numbered in order of release."""
    used = sorted(s for s, v in draft.model.is_released.items() if value(v) > 0.5)
    return {s: new_name(draft.facts, k) for k, s in enumerate(used, 1)}


def _read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    if draft.facts.problem.package_policy is None:
        return {}
    m, names = draft.model, slot_names(draft, value)
    releases = [Release(name, "new", s[0]) for s, name in names.items()]
    releases += [Release(p, "proposed", t) for (p, t), v in m.proposed_released.items() if value(v) > 0.5]
    contents = [
        Content(names[t, k], need, round(value(v)))
        for (need, t, k), v in m.content.items()
        if (t, k) in names and value(v) > 0.5
    ]
    return {"releases": releases, "contents": contents}


def place_releases(facts: Facts, plan: Plan) -> dict[str, tuple[int, int]]:
    """For every release of a plan the release slot that stands for it: (period, k); k counts new packages only.

    Releases are moved to the first period with room from when their payers' money is there, in order of release.
    """
    policy = facts.problem.package_policy
    if policy is None:
        return {}
    pledges = {g.pledge: g for g in facts.problem.pledges}
    allowed = release_periods(facts)
    ready: dict[str, int] = defaultdict(int)
    for paid in plan.payments:
        ready[paid.package] = max(ready[paid.package], paying_periods(facts, pledges[paid.pledge])[0])
    full = policy.max_releases_per_period or policy.max_new + len(plan.releases)
    count: dict[int, int] = defaultdict(int)
    new: dict[int, int] = defaultdict(int)
    placed = {}
    for row in sorted(plan.releases, key=lambda r: (r.period, r.package)):
        t = next((u for u in allowed if ready[row.package] <= u <= row.period and count[u] < full), None)
        if t is None:
            continue
        placed[row.package] = (t, new[t] if row.status == "new" else -1)
        count[t] += 1
        new[t] += row.status == "new"
    return placed


def _start(draft: Draft, plan: Plan) -> Start:
    facts, m = draft.facts, draft.model
    if facts.problem.package_policy is None:
        return {}
    start: Start = {id(v): 0.0 for v in [*m.is_released.values(), *m.content.values(), *m.proposed_released.values()]}
    placed = place_releases(facts, plan)
    for row in plan.releases:
        if row.package not in placed:
            continue
        t, k = placed[row.package]
        if row.status == "proposed":
            start[id(m.proposed_released[row.package, t])] = 1.0
        elif (t, k) in m.is_released:
            start[id(m.is_released[t, k])] = 1.0
    for held in plan.contents:
        if held.package in placed and (held.need, *placed[held.package]) in m.content:
            start[id(m.content[(held.need, *placed[held.package])])] = float(held.quantity)
    return start


slots = Block(
    "slots",
    "release slots by period where money arrives, content by slot, released and undispatched as a balance",
    (
        "released_once", "package_value", "content_within_need", "dispatch_after_release", "promise_kept", "priced",
        "is_released",
    ),
    ("from_pool", "offered"),
    _slots,
    _read,
    _start,
)  # fmt: skip
