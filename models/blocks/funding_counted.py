"""Funding by purses, with donors counted over all packages: what is short where money is.

Sets: purses, each of pledges with one window of release periods and one earmark; packages s as in `pooled`; the
counted periods t, after which more money arrives, and the last period. Variables, beside `pays[purse,s]` of `pooled`:
`gives[g,t]` in 0 … 1, whether pledge g pays for a new package released by t (for any package, in the last period).

    paid_in_window:            as in `joint`
    given_by_pledges[purse,t]: Σ_{s released by t} pays[purse,s] ≤ Σ_{g in purse} amount[g] · gives[g,t]
    donors_in_all[t]:          Σ_g gives[g,t] ≤ max_donors · (packages released by t)

Why it is a relaxation of `joint`: packages released by t have max_donors each, so no more pledges than that pay for
them, whoever does; and a purse gives no more than its pledges that do. Proposed packages enter in the last period only,
as payments for them have no period of release. A period is left out where all pledges that stand by then are no more
than the donors of the packages that their money makes: the largest of them pay for less, in proportion or better.

Why it is tight: `donors_per_package` of `grouped` counts with the largest pledge of a purse, for every package anew;
over all packages each pledge is used up once. Few large pledges and many small ones are the rule, so the more is
released, the smaller are the pledges that pay for it. Weak where large pledges pay for everything. Order: `pooled` ≤
`counted` ≤ `joint`; neither of `counted` and `grouped` is always the tighter. Source: own; adding up the rows of a
fixed charge is the textbook's aggregation (Nemhauser & Wolsey, Integer and Combinatorial Optimization, 1988, II.2).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.blocks.funding import Purse, in_purses, places, pooled, proposed_value, window_rows
from models.draft import Block, Draft, Rows, Term
from models.problem import PackagesPolicy


def _counted(draft: Draft) -> None:
    pooled.build(draft)
    if draft.facts.problem.package_policy is None:
        return
    pledges = in_purses(draft.facts)
    worth = {s: proposed_value(draft.facts, s[1]) for s in places(draft) if s[0] == "proposed"}
    draft.rule("paid_in_window", window_rows(draft, {purse: range(purse[0], purse[1] + 1) for purse in pledges}, worth))
    _in_all(draft, pledges, draft.facts.problem.package_policy, max(worth.values(), default=0.0))


def _in_all(draft: Draft, pledges: dict[Purse, dict[str, float]], policy: PackagesPolicy, proposed: float) -> None:
    """`gives`, given_by_pledges[purse,t], donors_in_all[t]. `proposed`: the most that a proposed package is worth."""
    m, last, most = draft.model, draft.facts.T - 1, policy.max_donors
    full = max(proposed, policy.target_usd_m * (1 + policy.tolerance))
    periods = sorted({max(0, first - 1) for first, _, _ in pledges} | {last})
    standing = {t: [purse for purse in pledges if purse[0] <= t] for t in periods}
    standing = {t: there for t, there in standing.items() if _scarce([pledges[purse] for purse in there], most, full)}
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


def _scarce(purses: list[dict[str, float]], most: int, full: float) -> bool:
    """Whether there are more pledges than their money, in packages as full as can be, may have donors."""
    return sum(map(len, purses)) * full > most * sum(sum(amounts.values()) for amounts in purses)


counted = Block(
    "counted",
    "purses as in pooled, a relaxation; no more pledges pay by any period than packages released by then may have",
    ("fully_funded", "within_pledge", "pledge_earmark"),
    ("priced", "is_released"),
    _counted,
    relaxes="joint",
)
