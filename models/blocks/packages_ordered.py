"""Packages by index, in order of release, with content by release period: the literal index without its copies.

Sets: new packages p = 1 … max_new, release periods t (`models.blocks.packages.release_periods`). Variables:
`is_released[p,t]` ∈ {0,1}; `released_then[p,n,t]` whole units of need n in package p if it is released in t;
`content[p,n]` their sum over t. With low and high = target · (1 ∓ tolerance):

    released_once:      Σ_t is_released[p,t] ≤ 1
    package_value:      low · is_released[p,t] ≤ Σ_n price[n] · released_then[p,n,t] ≤ high · is_released[p,t]
    content_of_release: content[p,n] = Σ_t released_then[p,n,t];
                        released_then[p,n,t] ≤ min(quantity[n], ⌊high / price[n]⌋) · is_released[p,t]
    released_in_order:  Σ_{u≤t} is_released[p+1,u] ≤ Σ_{u≤t} is_released[p,u]
    dearest_first:      value[p+1] − value[p] ≤ (high − low) · (2 − is_released[p,t] − is_released[p+1,t])

Why it is tight: the product of content and release is written out by release period (disaggregation, Krarup and Bilde
1977), so `released_content` of `indexed` is a sum, and every solution of this linear relaxation is one of that of
`indexed`. Why nothing is lost: new packages are interchangeable, so any plan can number them by period of release, and
those of one period by value, the dearest first; then both rows of order hold, for of two packages in a row the second
is released with the first or later, and is worth at most high − low more where their periods differ. Few release
periods are enough, see `packages`. When weak: every index repeats all release periods, so it is `slots` times max_new;
the rows of order cut off copies, not fractions. Source: symmetry breaking by ordering, Sherali and Smith, Management
Science 47 (2001).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise

from models.blocks.packages import (
    content_caps,
    content_rules,
    dispatchable_from,
    new_name,
    pool_periods,
    release_periods,
    waiting_rules,
)
from models.blocks.packages_indexed import indexed, numbered
from models.draft import Block, Draft, Rows, Start, Term
from models.facts import Facts
from models.plan import Plan


def _new(facts: Facts) -> list[str]:
    policy = facts.problem.package_policy
    assert policy is not None
    return [new_name(facts, k + 1) for k in range(policy.max_new)]


def _build(draft: Draft) -> None:
    """is_released[p,t] ∈ {0,1}, fixed at 0 outside release periods; released_then[p,n,t], content[p,n] whole units."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    new = _new(facts)
    proposed = [row.package for row in facts.problem.packages if row.status == "proposed"]
    periods = release_periods(facts)
    useful_from = {n.need: pool_periods(draft, n.need) for n in facts.problem.needs}
    caps = content_caps(draft, useful_from, periods)
    allowed = set(periods)
    draft.variables(
        "is_released", {(p, t): (0, int(t in allowed)) for p in [*new, *proposed] for t in range(facts.T)}, whole=True
    )
    draft.variables("released_then", {(p, n, t): (0, cap) for p in new for (n, t), cap in caps.items()}, whole=True)
    most = {n: max((cap for (other, _), cap in caps.items() if other == n), default=0) for n in facts.needs}
    draft.variables("content", {(p, n): (0, most[n]) for p in new for n in facts.needs})
    _release_rules(draft, new, proposed, periods)
    _content_links(draft, new, caps)
    released: dict[str, list[Term]] = defaultdict(list)
    steps: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (_, n, t), variable in m.released_then.items():
        released[n].append((1.0, variable))
        steps[n, dispatchable_from(facts, t)].append((1.0, variable))
    for p in proposed:
        for n, quantity in facts.package_contents[p].items():
            for t in periods:
                released[n].append((quantity, m.is_released[p, t]))
                steps[n, dispatchable_from(facts, t)].append((quantity, m.is_released[p, t]))
    content_rules(draft, released)
    waiting_rules(draft, steps, useful_from)


def _release_rules(draft: Draft, new: list[str], proposed: list[str], periods: list[int]) -> None:
    m = draft.model
    policy = draft.facts.problem.package_policy
    assert policy is not None
    ever = {p: [(1.0, m.is_released[p, t]) for t in periods] for p in [*new, *proposed]}
    draft.rule("released_once", {p: (None, terms, 1) for p, terms in ever.items()})
    order: Rows = {}
    for before, after in pairwise(new):
        terms: list[Term] = []
        for t in periods:
            terms = [*terms, (1.0, m.is_released[after, t]), (-1.0, m.is_released[before, t])]
            order[after, t] = (None, terms, 0)
    draft.rule("released_in_order", order)
    if policy.max_releases_per_period is not None:
        limit = policy.max_releases_per_period
        draft.rule(
            "releases_per_period", {t: (None, [(1.0, m.is_released[p, t]) for p in ever], limit) for t in periods}
        )


def _content_links(draft: Draft, new: list[str], caps: Mapping[tuple[str, int], int]) -> None:
    """package_value, content_of_release, and the order of value among packages of one period."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    periods = release_periods(facts)
    value: Rows = {}
    links: Rows = {}
    dearest: Rows = {}
    for p in new:
        for t in periods:
            worth: list[Term] = [(facts.price(n), m.released_then[p, n, t]) for n in facts.needs if (n, t) in caps]
            value[p, t, "most"] = (None, [*worth, (-high, m.is_released[p, t])], 0)
            value[p, t, "least"] = (0, [*worth, (-low, m.is_released[p, t])], None)
        for n in facts.needs:
            parts = [(1.0, m.released_then[p, n, t]) for t in periods if (n, t) in caps]
            links[p, n, "sum"] = (0, [*parts, (-1.0, m.content[p, n])], 0)
            for t in periods:
                if (n, t) in caps and not math.isclose(caps[n, t] * facts.price(n), high):
                    row: list[Term] = [(1.0, m.released_then[p, n, t]), (-float(caps[n, t]), m.is_released[p, t])]
                    links[p, n, t] = (None, row, 0)
    for before, after in pairwise(new):
        difference = [(facts.price(n), m.content[after, n]) for n in facts.needs]
        difference += [(-facts.price(n), m.content[before, n]) for n in facts.needs]
        for t in periods:
            both: list[Term] = [(high - low, m.is_released[before, t]), (high - low, m.is_released[after, t])]
            dearest[after, t] = (None, [*difference, *both], 2 * (high - low))
    draft.rule("package_value", value)
    draft.rule("content_of_release", links)
    draft.rule("dearest_first", dearest)


def _start(draft: Draft, plan: Plan) -> Start:
    facts, m = draft.facts, draft.model
    if facts.problem.package_policy is None:
        return {}
    own = numbered(facts, plan)
    start: Start = {id(v): 0.0 for v in [*m.is_released.values(), *m.released_then.values()]}
    for name, t in own.values():
        start[id(m.is_released[name, t])] = 1.0
    for row in plan.contents:
        if row.package in own:
            name, t = own[row.package]
            if (name, row.need, t) in m.released_then:
                start[id(m.released_then[name, row.need, t])] = float(row.quantity)
    return start


ordered = Block(
    "ordered",
    "packages by index in order of release and value, content by release period",
    (
        "released_once", "package_value", "content_within_need", "dispatch_after_release", "promise_kept",
        "content_by_package",
    ),
    ("from_pool", "offered"),
    _build,
    indexed.read,
    _start,
)  # fmt: skip
