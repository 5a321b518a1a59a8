"""Packages without an index: how many are released in a period, and what they hold together.

Sets: release periods t, each with room for K[t] new packages (`models.blocks.packages.release_slots`). Variables:
`releases[t]` whole in 0 … K[t]; `content[n,t,"any"]` whole units of need n in all new packages released in t together.
With low and high = target · (1 ∓ tolerance):

    package_value:      low · releases[t] ≤ Σ_n price[n] · content[n,t] ≤ high · releases[t]
    content_by_release: Σ_{n : (m+1) · price[n] > high} content[n,t] ≤ m · releases[t]          for small whole m
                        content[n,t] ≤ quantity[n] · releases[t]                               where this says more

The other rules know packages by their release period only, so they read as in `slots`.

Why it is a relaxation: summing the rows of the release slots (t, 1), …, (t, K[t]) of `slots` gives these rows. A
package holds at most m units that cost more than a (m+1)-th of it each, which sums to `content_by_release`: the bound
of bin packing by dual feasible functions (Lueker 1983; Fekete and Schepers, Math. Programming 91, 2001). Why it is as
tight: a fractional solution spread evenly over the K[t] slots solves the linear relaxation of `slots`, so without
`content_by_release` both have the same bound, at a fraction of the size and without copies of one plan.

What is lost: dear units do not divide, so contents within the value of k packages need not split into k packages, each
within its value and with payers of its own. Periods in which this matters are *refined*: they get release slots as in
`slots` again. With all periods refined the block is exact, with tighter links than `slots`: the choice `slots_linked`.
Which periods to refine is found out by method "separating" (`optimizer.solving.separating`). Source: own; the merging
of interchangeable bins is folklore (Vance 1998 for cutting stock).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from models.blocks.funding import ANY
from models.blocks.packages import (
    content_caps,
    content_rules,
    dispatchable_from,
    place_releases,
    pool_periods,
    release_periods,
    release_slots,
    slots,
    waiting_rules,
)
from models.draft import Block, Draft, Rows, Start, Term
from models.facts import Facts
from models.plan import Plan

Cell = tuple[int, Any]
"""(period, k): a release slot of a refined period; (period, "any"): all new packages of a period together."""
MOST_DEAR = 12
"""`content_by_release` is written for units of which at most so many fill a package; of cheaper ones it says little."""


def room(facts: Facts) -> dict[int, int]:
    """K[t]: most new packages that can be released in each release period; periods without room are left out."""
    found: dict[int, int] = defaultdict(int)
    for t, _ in release_slots(facts):
        found[t] += 1
    return dict(found)


def _cells(facts: Facts, refined: Collection[int] | None) -> dict[Cell, int]:
    """Cells with the most packages each stands for; `refined` None: every period."""
    found: dict[Cell, int] = {}
    for t, most in room(facts).items():
        if refined is None or t in refined:
            found.update({(t, k): 1 for k in range(most)})
        else:
            found[t, ANY] = most
    return found


def _build(draft: Draft, refined: Collection[int] | None) -> None:
    """releases[t], is_released[t,k], content[n,t,k], whole; `refined`: the periods with slots (None: all)."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    cells = _cells(facts, refined)
    draft.notes["release_slots"] = [cell for cell in cells if cell[1] != ANY]
    useful_from = {n.need: pool_periods(draft, n.need) for n in facts.problem.needs}
    caps = content_caps(draft, useful_from, sorted({t for t, _ in cells}))
    content = {
        (need, *cell): (0, min(facts.needs[need].quantity, caps[need, cell[0]] * most))
        for need in useful_from
        for cell, most in cells.items()
        if (need, cell[0]) in caps
    }
    draft.variables("releases", {t: (0, most) for (t, k), most in cells.items() if k == ANY}, whole=True)
    draft.variables("is_released", {cell: (0, 1) for cell in cells if cell[1] != ANY}, whole=True)
    draft.variables("content", content, whole=True)
    proposed = [row.package for row in facts.problem.packages if row.status == "proposed"]
    periods = release_periods(facts)
    draft.variables("proposed_released", {(p, t): (0, 1) for p in proposed for t in periods}, whole=True)
    released = {(t, k): m.releases[t] if k == ANY else m.is_released[t, k] for t, k in cells}
    _release_rules(draft, released, proposed, periods)
    _value_rules(draft, released)
    contents: dict[str, list[Term]] = defaultdict(list)
    steps: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (need, t, k), variable in m.content.items():
        contents[need].append((1.0, variable))
        steps[need, dispatchable_from(facts, t)].append((1.0, variable))
        draft.post("priced", t, k, facts.category(need), terms=[(facts.price(need), variable)])
    for (p, t), variable in m.proposed_released.items():
        for need, quantity in facts.package_contents[p].items():
            contents[need].append((quantity, variable))
            steps[need, dispatchable_from(facts, t)].append((quantity, variable))
    content_rules(draft, contents)
    waiting_rules(draft, steps, useful_from)


def _release_rules(draft: Draft, released: dict[Cell, Any], proposed: list[str], periods: list[int]) -> None:
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    once: Rows = {p: (None, [(1.0, m.proposed_released[p, t]) for t in periods], 1) for p in proposed}
    once["new"] = (None, [(1.0, v) for v in released.values()], policy.max_new)
    draft.rule("released_once", once)
    turns: Rows = {
        (t, k): (None, [(1.0, v), (-1.0, released[t, k - 1])], 0)
        for (t, k), v in released.items()
        if k != ANY and k > 0
    }
    draft.rule("slots_in_turn", turns)
    if policy.max_releases_per_period is not None:
        rows: Rows = {}
        for t in periods:
            row = [(1.0, v) for cell, v in released.items() if cell[0] == t]
            row += [(1.0, m.proposed_released[p, t]) for p in proposed]
            rows[t] = (None, row, policy.max_releases_per_period)
        draft.rule("releases_per_period", rows)


def _value_rules(draft: Draft, released: dict[Cell, Any]) -> None:
    """package_value, and content_by_release for units that are dear or few."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    held: dict[Cell, dict[str, Any]] = {cell: {} for cell in released}
    for (need, t, k), variable in m.content.items():
        held[t, k][need] = variable
    value: Rows = {}
    links: Rows = {}
    for cell, count in released.items():
        worth: list[Term] = [(facts.price(need), v) for need, v in held[cell].items()]
        value[(*cell, "most")] = (None, [*worth, (-high, count)], 0)
        value[(*cell, "least")] = (0, [*worth, (-low, count)], None)
        fits = {need: _fits(facts.price(need), high) for need in held[cell]}
        for most in sorted({n for n in fits.values() if n <= MOST_DEAR}):
            terms: list[Term] = [(1.0, held[cell][need]) for need, n in fits.items() if n <= most]
            links[(*cell, most)] = (None, [*terms, (-float(most), count)], 0)
        for need, v in held[cell].items():
            quantity = facts.needs[need].quantity
            if quantity < fits[need]:
                links[(*cell, f"content {need}")] = (None, [(1.0, v), (-float(quantity), count)], 0)
    draft.rule("package_value", value)
    draft.rule("content_by_release", links)


def _fits(price: float, high: float) -> float:
    """How many units of a price a package holds at most."""
    return math.floor(high / price + 1e-9) if price > 0 else math.inf


def _start(draft: Draft, plan: Plan) -> Start:
    m = draft.model
    if draft.facts.problem.package_policy is None:
        return {}
    whole = (m.releases, m.is_released, m.content, m.proposed_released)
    start: Start = {id(v): 0.0 for variables in whole for v in variables.values()}
    placed = place_releases(draft.facts, plan)
    cells = {package: (t, ANY if t in m.releases else k) for package, (t, k) in placed.items()}
    for row in plan.releases:
        if row.package not in placed:
            continue
        t, k = cells[row.package]
        if row.status == "proposed":
            start[id(m.proposed_released[row.package, t])] = 1.0
        elif k == ANY:
            start[id(m.releases[t])] += 1.0
        elif (t, k) in m.is_released:
            start[id(m.is_released[t, k])] = 1.0
    for held in plan.contents:
        if held.package in placed and (held.need, *cells[held.package]) in m.content:
            start[id(m.content[(held.need, *cells[held.package])])] += float(held.quantity)
    return start


_ADDS = ("released_once", "package_value", "content_within_need", "dispatch_after_release", "promise_kept", "priced")


def unindexed_with(refined: Collection[int]) -> Block:
    """The block with release slots in the refined periods."""
    return Block(
        "unindexed",
        "releases and content by period; a relaxation: whether they split into packages is found out afterwards",
        _ADDS,
        ("from_pool", "offered"),
        lambda draft: _build(draft, refined),
        None,
        _start,
        relaxes="slots",
    )


unindexed = unindexed_with(())
slots_linked = Block(
    "slots_linked",
    "release slots, with units that are dear or few linked to the release",
    (*_ADDS, "is_released"),
    ("from_pool", "offered"),
    lambda draft: _build(draft, None),
    slots.read,
    _start,
)
