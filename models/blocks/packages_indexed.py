"""Packages and funding as written: packages by index, payments by pledge, package and category, big-M links."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.blocks.packages import dispatchable_from, new_name, paying_periods, place_releases
from models.draft import Block, Draft, Rows, Start, Term, Value
from models.facts import Facts
from models.plan import Content, Payment, Plan, Release


def _new(facts: Facts) -> list[str]:
    policy = facts.problem.package_policy
    assert policy is not None
    return [new_name(facts, k + 1) for k in range(policy.max_new)]


def _proposed(facts: Facts) -> list[str]:
    return [row.package for row in facts.problem.packages if row.status == "proposed"]


def _indexed(draft: Draft) -> None:
    """is_released[p,t] ∈ {0,1}; content[p,n] whole; released_content[p,n,t] ≤ content, ≤ quantity · Σ is_released.

    dispatch_after_release: Σ_{t'≤t} dispatched from the pool ≤ funded + Σ_p content of packages dispatchable by t.
    """
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    new, proposed = _new(facts), _proposed(facts)
    T, needs = facts.T, list(facts.needs)
    draft.variables("is_released", {(p, t): (0, 1) for p in [*new, *proposed] for t in range(T)}, whole=True)
    draft.variables("content", {(p, n): (0, facts.needs[n].quantity) for p in new for n in needs}, whole=True)
    by: dict[tuple[str, int], list[Term]] = {}
    for p in [*new, *proposed]:
        for t in range(T):
            by[p, t] = [(1.0, m.is_released[p, u]) for u in range(T) if dispatchable_from(facts, u) <= t]
    usable_index = {(p, n, t): (0, facts.needs[n].quantity) for p in new for n in needs for t in range(T) if by[p, t]}
    draft.variables("released_content", usable_index)
    ever = {p: [(1.0, m.is_released[p, t]) for t in range(T)] for p in [*new, *proposed]}
    draft.rule("released_once", {p: (None, ever[p], 1) for p in ever})
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    worth = {p: [(facts.price(n), m.content[p, n]) for n in needs] for p in new}
    value: dict[Any, Any] = {(p, "least"): (0, worth[p] + [(-low * c, v) for c, v in ever[p]], None) for p in new}
    value |= {(p, "most"): (None, worth[p] + [(-high * c, v) for c, v in ever[p]], 0) for p in new}
    draft.rule("package_value", value)
    if policy.max_releases_per_period is not None:
        limit = policy.max_releases_per_period
        draft.rule(
            "releases_per_period", {t: (None, [(1.0, m.is_released[p, t]) for p in ever], limit) for t in range(T)}
        )
    link: dict[Any, Any] = {}
    for p, n, t in usable_index:
        variable, quantity = m.released_content[p, n, t], facts.needs[n].quantity
        link[p, n, t, "content"] = (None, [(1.0, variable), (-1.0, m.content[p, n])], 0)
        link[p, n, t, "released"] = (None, [(1.0, variable)] + [(-quantity * c, v) for c, v in by[p, t]], 0)
    draft.rule("released_content_link", link)
    _need_rules(draft, new, proposed, by)


def _need_rules(draft: Draft, new: list[str], proposed: list[str], by: dict[tuple[str, int], list[Term]]) -> None:
    facts, m = draft.facts, draft.model
    within, after, kept = {}, {}, {}
    for n, need in facts.needs.items():
        funded_total = sum(
            facts.package_contents[row.package].get(n, 0) for row in facts.problem.packages if row.status == "funded"
        )
        promised: list[Term] = [(1.0, m.content[p, n]) for p in new]
        for p in proposed:
            quantity = facts.package_contents[p].get(n, 0)
            promised += [(quantity, m.is_released[p, t]) for t in range(facts.T)]
        within[n] = (None, promised + draft.posted("offered", n), need.quantity - funded_total)
        so_far: list[Term] = []
        for t in range(facts.T):
            so_far = so_far + draft.posted("from_pool", n, t)
            row = list(so_far)
            row += [(-1.0, m.released_content[p, n, t]) for p in new if (p, n, t) in m.released_content]
            for p in proposed:
                row += [(-facts.package_contents[p].get(n, 0) * c, v) for c, v in by[p, t]]
            after[n, t] = (None, row, sum(q for u, q in facts.funded.get(n, ()) if u <= t))
        kept[n] = (0, so_far + [(-c, v) for c, v in promised], None)
    draft.rule("content_within_need", within)
    draft.rule("dispatch_after_release", after)
    draft.rule("promise_kept", kept)


def _indexed_read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    facts, m = draft.facts, draft.model
    if facts.problem.package_policy is None:
        return {}
    new = set(_new(facts))
    when = {p: t for (p, t), v in m.is_released.items() if value(v) > 0.5}
    releases = [Release(p, "new" if p in new else "proposed", t) for p, t in when.items()]
    contents = [Content(p, n, round(value(v))) for (p, n), v in m.content.items() if p in when and value(v) > 0.5]
    return {"releases": releases, "contents": contents}


def _indexed_start(draft: Draft, plan: Plan) -> Start:
    facts, m = draft.facts, draft.model
    if facts.problem.package_policy is None:
        return {}
    own = numbered(facts, plan)
    when = dict(own.values())
    units = {(own[row.package][0], row.need): row.quantity for row in plan.contents}
    start: Start = {id(v): float(when.get(p) == t) for (p, t), v in m.is_released.items()}
    start.update({id(v): float(units.get(key, 0)) for key, v in m.content.items()})
    return start


def numbered(facts: Facts, plan: Plan) -> dict[str, tuple[str, int]]:
    """For every release of a plan its name in models with package indices, and its period.

    Releases are moved to where `place_releases` puts them. New ones are numbered by period, in one period the dearest
    first, which is the order that formulations without copies ask for.
    """
    placed = place_releases(facts, plan)
    value: dict[str, float] = defaultdict(float)
    for row in plan.contents:
        value[row.package] += facts.price(row.need) * row.quantity
    when = {row.package: placed[row.package][0] if row.package in placed else row.period for row in plan.releases}
    new = sorted((when[r.package], -value[r.package], r.package) for r in plan.releases if r.status == "new")
    found = {row.package: (row.package, when[row.package]) for row in plan.releases if row.status == "proposed"}
    found.update({package: (new_name(facts, k), t) for k, (t, _, package) in enumerate(new, 1)})
    return found


def _by_category(draft: Draft) -> None:
    """pays[g,p,c] ≥ 0 million USD, contributes[g,p] ∈ {0,1}; a pledge pays only for packages released in its window."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    new, proposed = _new(facts), _proposed(facts)
    categories = sorted({item.category for item in facts.problem.items})
    pledges = {g.pledge: g for g in facts.problem.pledges}
    amount = {g: row.amount_usd_m for g, row in pledges.items()}
    draft.variables("pays", {(g, p, c): (0, amount[g]) for g in pledges for p in [*new, *proposed] for c in categories})
    draft.variables("contributes", {(g, p): (0, 1) for g in pledges for p in [*new, *proposed]}, whole=True)
    funded: dict[Any, Any] = {}
    for p in [*new, *proposed]:
        for c in categories:
            row: list[Term] = [(1.0, m.pays[g, p, c]) for g in pledges]
            if p in proposed:
                worth = sum(facts.price(n) * q for n, q in facts.package_contents[p].items() if facts.category(n) == c)
                row += [(-worth, m.is_released[p, t]) for t in range(facts.T)]
            else:
                row += [(-facts.price(n), m.content[p, n]) for n in facts.needs if facts.category(n) == c]
            funded[p, c] = (0, row, 0)
    draft.rule("fully_funded", funded)
    every = {(g, p): [(1.0, m.pays[g, p, c]) for c in categories] for g, p in m.contributes}
    pledged: dict[str, list[Term]] = defaultdict(list)
    for (g, _), terms in every.items():
        pledged[g] += terms
    draft.rule("within_pledge", {g: (None, terms, amount[g]) for g, terms in pledged.items()})
    draft.rule(
        "pledge_earmark",
        {
            (g, p, c): (None, [(1.0, m.pays[g, p, c])], 0)
            for (g, p, c) in m.pays
            if pledges[g].earmark is not None and pledges[g].earmark != c
        },
    )
    dates: Rows = {}
    minimum: Rows = {}
    for (g, p), terms in every.items():
        inside = [(1.0, m.is_released[p, t]) for t in paying_periods(facts, pledges[g])]
        dates[g, p] = (None, [(1.0, m.contributes[g, p])] + [(-c, v) for c, v in inside], 0)
        minimum[g, p, "most"] = (None, [*terms, (-amount[g], m.contributes[g, p])], 0)
        minimum[g, p, "least"] = (0, [*terms, (-policy.min_contribution_usd_m, m.contributes[g, p])], None)
    draft.rule("pledge_dates", dates)
    draft.rule("minimum_contribution", minimum)
    donors = {p: (None, [(1.0, m.contributes[g, p]) for g in pledges], policy.max_donors) for p in [*new, *proposed]}
    draft.rule("donors_per_package", donors)


def _by_category_read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    if draft.facts.problem.package_policy is None:
        return {}
    m = draft.model
    when = {p for (p, t), v in m.is_released.items() if value(v) > 0.5}
    rows = [Payment(p, g, c, value(v)) for (g, p, c), v in m.pays.items() if p in when and value(v) > 1e-7]
    return {"payments": rows}


def _by_category_start(draft: Draft, plan: Plan) -> Start:
    facts, m = draft.facts, draft.model
    if facts.problem.package_policy is None:
        return {}
    own = numbered(facts, plan)
    paying = {(row.pledge, own[row.package][0]) for row in plan.payments if row.amount_usd_m > 1e-9}
    return {id(v): float(key in paying) for key, v in m.contributes.items()}


indexed = Block(
    "indexed",
    "packages by index, content linked to release by big-M: the literal reading",
    (
        "released_once", "package_value", "releases_per_period", "content_within_need", "dispatch_after_release",
        "promise_kept", "content_by_package",
    ),
    ("from_pool", "offered"),
    _indexed,
    _indexed_read,
    _indexed_start,
)  # fmt: skip
by_category = Block(
    "by_category",
    "payments by pledge, package and category, participation by big-M: the literal reading",
    (
        "fully_funded", "within_pledge", "pledge_earmark", "pledge_dates", "minimum_contribution",
        "donors_per_package",
    ),
    ("content_by_package",),
    _by_category,
    _by_category_read,
    _by_category_start,
)  # fmt: skip
