"""Funding by purses, with donors counted, package by package and over all: what is short where money is.

Sets: purses, each of pledges with one window of release periods and one earmark; packages s as in `pooled`; the
counted periods t, after which more money arrives, and the last period. Variables, beside `pays[purse,s]` of `pooled`:
`gives[g,t]` in 0 … 1, whether pledge g pays for a new package released by t (for any package, in the last period).

    paid_in_window:            as in `joint`
    donors_per_package[s]:     Σ_purse pays[purse,s] / A[purse] ≤ max_donors · released[s], A the largest pledge in it
    given_by_pledges[purse,t]: Σ_{s released by t} pays[purse,s] ≤ Σ_{g in purse} amount[g] · gives[g,t]
    donors_in_all[t]:          Σ_g gives[g,t] ≤ max_donors · (packages released by t)

Why it is a relaxation of `joint`: a package to which a purse pays x needs at least x / A of its pledges. Packages
released by t have max_donors each, so no more pledges than that pay for them, whoever does; and a purse gives no more
than its pledges that do. Proposed packages enter in the last period only, as payments for them have no period of
release. A period is left out where no more pledges stand by then than one package may have.

Why it is tight: the largest pledge of a purse, with which `donors_per_package` counts, can be used up once only; over
all packages every pledge is. Few large pledges and many small ones are the rule, so the more is released, the smaller
are the pledges that pay for it. Weak where large pledges pay for everything. Order: `pooled` ≤ `grouped` ≤ `counted` ≤
`joint`. Source: own; adding up the rows of a fixed charge is the textbook's aggregation (Nemhauser & Wolsey, Integer
and Combinatorial Optimization, 1988, II.2).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.blocks.funding import Purse, in_purses, places, pooled, proposed_value, window_rows
from models.draft import Block, Draft, Rows, Term


def _counted(draft: Draft) -> None:
    pooled.build(draft)
    if draft.facts.problem.package_policy is None:
        return
    pledges = in_purses(draft.facts)
    worth = {s: proposed_value(draft.facts, s[1]) for s in places(draft) if s[0] == "proposed"}
    draft.rule("paid_in_window", window_rows(draft, {purse: range(purse[0], purse[1] + 1) for purse in pledges}, worth))
    draft.rule("donors_per_package", _per_package(draft, pledges, draft.facts.problem.package_policy.max_donors))
    _in_all(draft, pledges, draft.facts.problem.package_policy.max_donors)


def _per_package(draft: Draft, pledges: dict[Purse, dict[str, float]], most: int) -> Rows:
    """donors_per_package[s]: payments in largest pledges."""
    shares: dict[Any, list[Term]] = defaultdict(list)
    for key, variable in draft.model.pays.items():
        shares[key[3:]].append((1 / max(pledges[key[:3]].values()), variable))
    released = places(draft)
    return {s: (None, [*terms, *((-most, v) for v in released[s].values())], 0) for s, terms in shares.items()}


def _in_all(draft: Draft, pledges: dict[Purse, dict[str, float]], most: int) -> None:
    """`gives`, given_by_pledges[purse,t] and donors_in_all[t]."""
    m, last = draft.model, draft.facts.T - 1
    periods = sorted({max(0, first - 1) for first, _, _ in pledges} | {last})
    standing = {t: [purse for purse in pledges if purse[0] <= t] for t in periods}
    standing = {t: there for t, there in standing.items() if sum(len(pledges[purse]) for purse in there) > most}
    gives = {(g, t): (0.0, 1.0) for t, there in standing.items() for purse in there for g in pledges[purse]}
    draft.variables("gives", gives)
    given: Rows = {}
    donors: Rows = {}
    for t, there in standing.items():
        counted = {s: releases for s, releases in places(draft).items() if t == last or (s[0] == "new" and s[1] <= t)}
        paid: dict[Any, list[Term]] = defaultdict(list)
        for key, variable in m.pays.items():
            if key[3:] in counted:
                paid[key[:3]].append((1.0, variable))
        for purse, terms in paid.items():
            given[*purse, t] = (None, [*terms, *((-a, m.gives[g, t]) for g, a in pledges[purse].items())], 0)
        released = [(-most, v) for releases in counted.values() for v in releases.values()]
        donors[t] = (None, [*((1.0, m.gives[g, t]) for purse in there for g in pledges[purse]), *released], 0)
    draft.rule("given_by_pledges", given)
    draft.rule("donors_in_all", donors)


counted = Block(
    "counted",
    "purses as in pooled, a relaxation; no more pledges pay by any period than packages released by then may have",
    ("fully_funded", "within_pledge", "pledge_earmark", "donors_per_package"),
    ("priced", "is_released"),
    _counted,
    relaxes="joint",
)
