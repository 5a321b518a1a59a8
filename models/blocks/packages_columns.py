"""Packages as columns: what a release slot holds is a pattern, and patterns are variables.

Sets: release slots (t, k) as in `slots`; patterns b of period t, the vectors units[b,n] of whole contents that a
package released in t may have by itself (`models.patterns`). Variable: `pattern_share[b,t,k]` in 0 … 1, the part that
pattern b has in what the slot releases, where the patterns of t are few enough to be listed. Rows, besides those of
`slots_linked`:

    one_pattern:          Σ_b pattern_share[b,t,k] = is_released[t,k]
    content_of_patterns:  content[n,t,k] = Σ_b units[b,n] · pattern_share[b,t,k]

Why it is exact: whole contents within the limits of one package are a pattern themselves, with share 1; so the new
variables need not be declared whole. Patterns halfway between two others are left out for the same reason. Why it is
tight: contents per release lie in the convex hull of the patterns, which is what the Dantzig–Wolfe reformulation of a
package gives; value limits, dear units and the money that so many donors have at once are in it whole.

Where patterns are many, the slots of the period stand as in `slots_linked`, and method "pricing" finds the patterns
that are worth their while (`optimizer.solving.pricing`): the master there has one set of columns a period, as the slots
of a period are alike. Source: Dantzig and Wolfe (Operations Research 8, 1960); Vanderbeck (Operations Research 48,
2000) for branching on the original variables, which is what whole contents amount to.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.blocks.packages_unindexed import slots_linked
from models.draft import Block, Draft, Rows, Term
from models.patterns import Knapsack, Pattern, extreme, knapsacks

MOST_FOUND = 1500
"""Patterns of a period are listed only if there are no more than so many …"""
MOST_LISTED = 120
"""… of which no more than so many are not halfway between two others."""


def listed(held: dict[int, Knapsack]) -> dict[int, list[Pattern]]:
    """By period, patterns whose convex hull is that of all; periods with too many are left out."""
    known: dict[Knapsack, list[Pattern] | None] = {}
    for knapsack in held.values():
        if knapsack not in known:
            every = knapsack.patterns(MOST_FOUND)
            known[knapsack] = None if every is None else extreme(every)
    found = {}
    for t, knapsack in held.items():
        patterns = known[knapsack]
        if patterns is not None and len(patterns) <= MOST_LISTED:
            found[t] = patterns
    return found


def _build(draft: Draft) -> None:
    """As `slots_linked`, with pattern_share[b,t,k] for every listed pattern of the period."""
    slots_linked.build(draft)
    m = draft.model
    if draft.facts.problem.package_policy is None:
        return
    patterns = listed(knapsacks(draft))
    slots = [(t, k) for t, k in m.is_released if t in patterns]
    draft.variables("pattern_share", {(b, t, k): (0, 1) for t, k in slots for b in range(len(patterns[t]))})
    one: Rows = {}
    held: dict[Any, list[Term]] = defaultdict(list)
    for t, k in slots:
        shares = [m.pattern_share[b, t, k] for b in range(len(patterns[t]))]
        one[t, k] = (0, [(1.0, m.is_released[t, k]), *((-1.0, v) for v in shares)], 0)
        for pattern, v in zip(patterns[t], shares, strict=True):
            for need, units in pattern:
                held[need, t, k].append((-float(units), v))
    draft.rule("one_pattern", one)
    contents = {key: v for key, v in m.content.items() if key[1] in patterns}
    draft.rule("content_of_patterns", {key: (0, [(1.0, v), *held[key]], 0) for key, v in contents.items()})


columns = Block(
    "columns",
    "package patterns as columns: listed where they are few, priced as knapsacks by the method where they are many",
    slots_linked.adds,
    slots_linked.needs,
    _build,
    slots_linked.read,
    slots_linked.start,
)
