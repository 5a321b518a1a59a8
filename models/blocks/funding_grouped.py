"""Funding by groups: pledges alike for a release pay as one, except those that have to pay by themselves.

Sets: groups, each of pledges with one window of release periods and one earmark; packages s that may be paid for, as in
`joint` (a release slot, all new packages of a period together, or a proposed package), each standing for at most K[s]
packages. Variables, in million USD: `pays[g,s]` of group or pledge g, named after its first member; and for a pledge by
itself `takes_part[g,s]`, the number of packages it takes part in (0 or 1 where K[s] = 1). With A[g] the largest amount
in the group and released[s] the number of packages released

    fully_funded:       Σ_g pays[g,s] = value[s]
    pledge_earmark:     Σ_{g earmarked to c} pays[g,s] ≤ value[s,c]
    within_pledge:      Σ_s pays[g,s] ≤ Σ amounts in g
    pledge_dates:       pays[g,s] ≤ min(amount[g], value of s) · (releases of s in the window of g), s proposed
    paid_in_window:     as in `joint`
    donors_per_package: Σ_{g group} pays[g,s] / A[g] + Σ_{g by itself} takes_part[g,s] ≤ max_donors · released[s]
    minimum_contribution, takes_part_in_release: as in `joint`, for pledges by themselves

Why it is a relaxation of `joint`: adding up payments over a group keeps every row, `pledge_dates` since a package is
released once; a package to which a group pays x needs at least x / A[g] of its pledges. Why a group loses little:
within a group only sums matter for rules that money alone decides; lost are the least contribution and whole donors,
which seldom decide. Where they do, method "separating" takes pledges out of their groups. With all pledges by
themselves and release slots everywhere it is `joint`. Source: own; merging identical commodities of a flow is standard
(Ahuja, Magnanti, Orlin, Network Flows, 1993).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from models.blocks.funding import ANY, Place, pay_in_full, places, window_rows
from models.blocks.packages import paying_periods, place_releases, usable
from models.blocks.packages_unindexed import room
from models.draft import Block, Draft, Rows, Start, Term
from models.facts import Facts
from models.plan import Plan


@dataclass(frozen=True)
class Group:
    """Pledges alike in window and earmark, or one pledge by itself. `amount`: sum, `largest`: of one, million USD."""

    name: str
    window: range
    earmark: str | None
    amount: float
    largest: float
    alone: bool


@dataclass(frozen=True)
class Payable:
    """What may be paid for: releases by period, the most packages it stands for, the most value of one of them."""

    releases: dict[int, Any]
    most: int
    value: float

    def released(self, window: range | None = None) -> list[Term]:
        """Terms that sum to the number of packages released (in the window)."""
        return [(1.0, v) for t, v in self.releases.items() if window is None or t in window]


def groups(facts: Facts, alone: Collection[str]) -> list[Group]:
    """The groups of pledges that can pay at all; those in `alone` by themselves."""
    members: dict[tuple[Any, ...], list[tuple[str, float]]] = defaultdict(list)
    for g in facts.problem.pledges:
        window = paying_periods(facts, g)
        if usable(facts, g) and window:
            own = g.pledge if g.pledge in alone else None
            members[window[0], window[-1], g.earmark, own].append((g.pledge, g.amount_usd_m))
    return [
        Group(
            rows[0][0],
            range(first, last + 1),
            earmark,
            sum(amount for _, amount in rows),
            max(amount for _, amount in rows),
            own is not None,
        )
        for (first, last, earmark, own), rows in members.items()
    ]


def payables(draft: Draft) -> dict[Place, Payable]:
    """Every package that may be paid for; all new packages of a period without release slots are one entry."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return {}
    high = policy.target_usd_m * (1 + policy.tolerance)
    found: dict[Place, Payable] = {}
    for s, releases in places(draft).items():
        worth = high
        if s[0] == "proposed":
            worth = sum(facts.price(n) * q for n, q in facts.package_contents[s[1]].items())
        found[s] = Payable(releases, 1, worth)
    if hasattr(m, "releases"):
        most = room(facts)
        found.update({("new", t, ANY): Payable({t: v}, most[t], high) for t, v in m.releases.items()})
    return found


def _build(draft: Draft, alone: Collection[str]) -> None:
    """pays[g,s] million USD; takes_part[g,s] whole, for pledges by themselves only."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    every = {g.name: g for g in groups(facts, alone)}
    payable = payables(draft)
    pairs = [(g, s) for g in every.values() for s, place in payable.items() if place.released(g.window)]
    draft.variables("pays", {(g.name, *s): (0, _most(g, payable[s])) for g, s in pairs})
    draft.variables("takes_part", {(g.name, *s): (0, payable[s].most) for g, s in pairs if g.alone}, whole=True)
    within: dict[str, list[Term]] = defaultdict(list)
    paid: dict[Place, list[Term]] = defaultdict(list)
    marked: dict[tuple[Any, ...], list[Term]] = defaultdict(list)
    donors: dict[Place, list[Term]] = defaultdict(list)
    dates: Rows = {}
    for g, s in pairs:
        variable = m.pays[(g.name, *s)]
        within[g.name].append((1.0, variable))
        paid[s].append((1.0, variable))
        donors[s].append((1.0, m.takes_part[(g.name, *s)]) if g.alone else (1.0 / g.largest, variable))
        if g.earmark is not None:
            marked[(*s, g.earmark)].append((1.0, variable))
        if s[0] == "proposed":
            inside = payable[s].released(g.window)
            dates[(g.name, *s)] = (None, [(1.0, variable), *((-_most(g, payable[s]) * c, v) for c, v in inside)], 0)
    pay_in_full(draft, {s: place.released() for s, place in payable.items()}, paid, marked)
    draft.rule("within_pledge", {g: (None, terms, every[g].amount) for g, terms in within.items()})
    draft.rule("pledge_dates", dates)
    worth = {s: place.value for s, place in payable.items()}
    draft.rule("paid_in_window", window_rows(draft, {(g.name,): g.window for g in every.values()}, worth))
    draft.rule(
        "donors_per_package",
        {
            s: (None, terms + [(-policy.max_donors * c, v) for c, v in payable[s].released()], 0)
            for s, terms in donors.items()
        },
    )
    _alone_rules(draft, [(g, s) for g, s in pairs if g.alone], payable)


def _most(group: Group, payable: Payable) -> float:
    """Most that a group pays for a package, or for the packages together that it stands for, in million USD."""
    return min(group.amount, payable.value * payable.most)


def _alone_rules(draft: Draft, pairs: list[tuple[Group, Place]], payable: dict[Place, Payable]) -> None:
    """minimum_contribution and takes_part_in_release of pledges by themselves."""
    m = draft.model
    policy = draft.facts.problem.package_policy
    assert policy is not None
    minimum: Rows = {}
    link: Rows = {}
    for g, s in pairs:
        key = (g.name, *s)
        top = min(g.amount, payable[s].value)
        minimum[(*key, "most")] = (None, [(1.0, m.pays[key]), (-top, m.takes_part[key])], 0)
        if policy.min_contribution_usd_m > 0:
            least = [(1.0, m.pays[key]), (-policy.min_contribution_usd_m, m.takes_part[key])]
            minimum[(*key, "least")] = (0, least, None)
        inside = payable[s].released(g.window)
        link[key] = (None, [(1.0, m.takes_part[key]), *((-c, v) for c, v in inside)], 0)
    draft.rule("minimum_contribution", minimum)
    draft.rule("takes_part_in_release", link)


def _start(draft: Draft, plan: Plan) -> Start:
    m = draft.model
    if draft.facts.problem.package_policy is None:
        return {}
    start: Start = {id(v): 0.0 for v in m.takes_part.values()}
    placed = place_releases(draft.facts, plan)
    status = {row.package: row.status for row in plan.releases}
    paying = {(row.package, row.pledge) for row in plan.payments if row.amount_usd_m > 1e-9 and row.package in placed}
    for package, pledge in paying:
        t, k = placed[package]
        keys: list[tuple[Any, ...]] = [(pledge, "new", t, k), (pledge, "new", t, ANY)]
        if status[package] == "proposed":
            keys = [(pledge, "proposed", package, ANY)]
        for key in keys:
            if key in m.takes_part:
                start[id(m.takes_part[key])] += 1.0
    return start


def grouped_with(alone: Collection[str]) -> Block:
    """The block with these pledges by themselves."""
    return Block(
        "grouped",
        "pledges alike in window and earmark as one; a relaxation: least contribution and whole donors found out after",
        ("fully_funded", "within_pledge", "pledge_earmark", "donors_per_package"),
        ("priced",),
        lambda draft: _build(draft, alone),
        None,
        _start,
        relaxes="joint",
    )


grouped = grouped_with(())
