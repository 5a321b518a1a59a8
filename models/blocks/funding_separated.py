"""Funding separated: no payments in the model, only rows that say where money suffices, and cuts where it does not.

Let D[t,c] be the value, in million USD, of all packages released in period t in category c. Who pays is a
transportation problem: pledges with one window and earmark supply their amounts to the pairs (t, c) they may pay for.
By the theorem of Gale (1957) and Hall, payments exist, donors' number and least contribution apart, exactly if for
every set S of pairs

    money_suffices[S]:  Σ_{(t,c) in S} D[t,c] ≤ Σ amounts of pledges that may pay for some pair of S

Categories do not couple packages of one period, so the sum over them loses nothing. The model starts with the sets
"up to period b" and "from period a on", of every category and of all; a violated one is the minimum cut of a network
(`starved`), added as a cut: Benders decomposition with payments as the subproblem (Benders 1962; Geoffrion and Graves,
Management Science 20, 1974). Every row is necessary, so the model is a relaxation at any time. What money alone does
not decide (number of donors, least contribution) is left to method "separating".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import networkx as nx

from models.blocks.funding import purses
from models.blocks.funding_grouped import payables
from models.draft import Block, Draft, Rows, Term
from models.facts import Facts

Pair = tuple[int, str]
"""(period of release, category)."""
Pairs = frozenset[Pair]
_UNIT = 1e-6
"""Flows are counted in whole US dollars, so that the minimum cut is exact."""


def demand_terms(draft: Draft) -> dict[Pair, list[Term]]:
    """D[t,c] as terms: value of what is released in a period, by category, in million USD."""
    facts = draft.facts
    found: dict[Pair, list[Term]] = defaultdict(list)
    for s, place in payables(draft).items():
        if s[0] == "new":
            for c in _categories(facts):
                found[s[1], c] += draft.posted("priced", s[1], s[2], c)
            continue
        worth: dict[str, float] = defaultdict(float)
        for need, quantity in facts.package_contents[s[1]].items():
            worth[facts.category(need)] += facts.price(need) * quantity
        for t, v in place.releases.items():
            for c, amount in worth.items():
                found[t, c].append((amount, v))
    return {pair: terms for pair, terms in found.items() if terms}


def _categories(facts: Facts) -> list[str]:
    return sorted({item.category for item in facts.problem.items})


def money_for(facts: Facts, pairs: Pairs) -> float:
    """Million USD of all pledges that may pay for some pair of the set."""
    total = 0.0
    for (first, last, earmark), amount in purses(facts).items():
        if any(first <= t <= last and earmark in (None, c) for t, c in pairs):
            total += amount
    return total


def money_row(draft: Draft, pairs: Pairs) -> tuple[list[Term], float]:
    """The row of `money_suffices` for a set: terms, and the money that is their upper bound."""
    demand = demand_terms(draft)
    return [term for pair in sorted(pairs) for term in demand.get(pair, [])], money_for(draft.facts, pairs)


def nested(facts: Facts, pairs: Iterable[Pair]) -> list[Pairs]:
    """The sets the model starts with; of nested ones with the same money only the largest."""
    every = sorted(pairs)
    largest: dict[tuple[str, str | None, float], Pairs] = {}
    for c in [None, *_categories(facts)]:
        own = [pair for pair in every if c in (None, pair[1])]
        for b in sorted({t for t, _ in own}):
            for kind, chosen in (
                ("until", frozenset(p for p in own if p[0] <= b)),
                ("from", frozenset(p for p in own if p[0] >= b)),
            ):
                key = (kind, c, money_for(facts, chosen))
                if len(chosen) > len(largest.get(key, ())):
                    largest[key] = chosen
    return sorted(set(largest.values()), key=sorted)


def starved(facts: Facts, demand: dict[Pair, float]) -> Pairs | None:
    """A set of pairs whose pledges cannot pay for its demand (million USD); None if payments exist.

    It is the sink's side of a minimum cut: every pledge that may pay for one of its pairs lies on that side too.
    """
    network = nx.DiGraph()
    total = 0
    for pair, value in demand.items():
        units = round(value / _UNIT)
        if units > 0:
            network.add_edge(pair, "sink", capacity=units)
            total += units
    if not total:
        return None
    for purse, amount in purses(facts).items():
        first, last, earmark = purse
        network.add_edge("source", ("purse", purse), capacity=round(amount / _UNIT) + 1)
        for t, c in [node for node in network.predecessors("sink") if node != "source"]:
            if first <= t <= last and earmark in (None, c):
                network.add_edge(("purse", purse), (t, c))  # no capacity: as much as is there
    if "source" not in network:
        return frozenset(pair for pair, value in demand.items() if value > _UNIT)
    value, (_, side) = nx.minimum_cut(network, "source", "sink")
    if value >= total - len(demand) - 1:  # a dollar a pair is rounding
        return None
    return frozenset(node for node in side if node in demand)


def _build(draft: Draft, cuts: Collection[Pairs]) -> None:
    """Rows of `money_suffices` for the nested sets and the cuts; no variables."""
    if draft.facts.problem.package_policy is None:
        return
    demand = demand_terms(draft)
    rows: Rows = {}
    for number, pairs in enumerate(dict.fromkeys([*nested(draft.facts, demand), *cuts])):
        terms, money = money_row(draft, pairs)
        rows[number] = (None, terms, money)
    draft.rule("money_suffices", rows)


def separated_with(cuts: Collection[Pairs]) -> Block:
    """The block with these cuts from the start."""
    return Block(
        "separated",
        "no payments: money suffices up to and from every period, with cuts; a relaxation: payers are found after",
        (),
        ("priced",),
        lambda draft: _build(draft, cuts),
        relaxes="joint",
    )


separated = separated_with(())
