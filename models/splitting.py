"""Splitting what is released in a period into packages, and finding who pays for each.

A relaxation without package index says how many new packages are released in each period and what they hold together;
one without donors says nothing of payers. `split` is the model of what is missing: content[n,t,k] of the k-th package
of period t with the right sums and value, and payments with whole donors and the least contribution. It has a solution
exactly if a plan with these releases and contents keeps `package_value` and the rules of funding; then its solution
makes the relaxation's solution a plan. Source: own; the subproblem of a logic-based Benders decomposition (Hooker and
Ottosson, Math. Programming 96, 2003).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from models.blocks.funding import ANY, Place
from models.blocks.packages import paying_periods, usable
from models.draft import Draft, Rows, Term
from models.facts import Facts


@dataclass(frozen=True)
class Released:
    """What is released: new packages by period, units they hold together by (need, period), proposed ones by period."""

    count: dict[int, int]
    content: dict[tuple[str, int], int]
    proposed: dict[str, int]

    @property
    def periods(self) -> list[int]:
        """Periods in which anything is released."""
        return sorted({*self.count, *self.proposed.values()})

    def within(self, periods: Collection[int]) -> Released:
        """Only the releases of some periods."""
        return Released(
            {t: n for t, n in self.count.items() if t in periods},
            {key: q for key, q in self.content.items() if key[1] in periods},
            {p: t for p, t in self.proposed.items() if t in periods},
        )

    def value(self, facts: Facts) -> dict[tuple[int, str], float]:
        """Million USD by (period, category)."""
        found: dict[tuple[int, str], float] = defaultdict(float)
        for (need, t), quantity in self.content.items():
            found[t, facts.category(need)] += facts.price(need) * quantity
        for p, t in self.proposed.items():
            for need, quantity in facts.package_contents[p].items():
                found[t, facts.category(need)] += facts.price(need) * quantity
        return dict(found)


def split(facts: Facts, released: Released, paid: bool = True) -> Draft:
    """Model: content[n,t,k] whole, with sums and values as they must be; and who pays, if `paid`. Nothing is minimised.

    Packages of one period are interchangeable; they are numbered in order of value, the dearest first.
    """
    policy = facts.problem.package_policy
    assert policy is not None
    draft = Draft(facts)
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    draft.variables(
        "content",
        {(n, t, k): (0, q) for (n, t), q in released.content.items() for k in range(released.count.get(t, 0))},
        whole=True,
    )
    held: dict[Place, dict[str, list[Term]]] = {
        ("new", t, k): defaultdict(list) for t, count in released.count.items() for k in range(count)
    }
    sums: dict[tuple[str, int], list[Term]] = {key: [] for key in released.content}
    for (n, t, k), v in draft.model.content.items():
        held["new", t, k][facts.category(n)].append((facts.price(n), v))
        sums[n, t].append((1.0, v))
    draft.rule(
        "split_content", {key: (released.content[key], terms, released.content[key]) for key, terms in sums.items()}
    )
    worth = {s: [term for terms in categories.values() for term in terms] for s, categories in held.items()}
    draft.rule("package_value", {s: (low, terms, high) for s, terms in worth.items()})
    turns: Rows = {
        s: (0, worth[s[0], s[1], s[2] - 1] + [(-c, v) for c, v in terms], None)
        for s, terms in worth.items()
        if s[2] > 0
    }
    draft.rule("dearest_first", turns)
    if paid:
        _payments(draft, released, held)
    return draft


def _payments(draft: Draft, released: Released, held: dict[Place, dict[str, list[Term]]]) -> None:
    """pays[g,s], takes_part[g,s]: the rules of funding, as in `joint`, for releases that are known."""
    facts = draft.facts
    policy = facts.problem.package_policy
    assert policy is not None
    when: dict[Place, int] = {s: s[1] for s in held} | {("proposed", p, ANY): t for p, t in released.proposed.items()}
    fixed: dict[Place, dict[str, float]] = {s: defaultdict(float) for s in when}
    for p in released.proposed:
        for need, quantity in facts.package_contents[p].items():
            fixed["proposed", p, ANY][facts.category(need)] += facts.price(need) * quantity
    high = policy.target_usd_m * (1 + policy.tolerance)
    pledges = {g.pledge: g for g in facts.problem.pledges if usable(facts, g)}
    top: dict[tuple[Any, ...], tuple[float, float | None]] = {}
    for g, row in pledges.items():
        for s, t in when.items():
            if t in paying_periods(facts, row):
                top[(g, *s)] = (0.0, min(row.amount_usd_m, high if s in held else sum(fixed[s].values())))
    m = draft.model
    draft.variables("pays", top)
    draft.variables("takes_part", dict.fromkeys(top, (0, 1)), whole=True)
    given: dict[str, list[Term]] = defaultdict(list)
    paid: dict[Place, list[Term]] = defaultdict(list)
    joined: dict[Place, list[Term]] = defaultdict(list)
    marked: dict[tuple[Place, str], list[Term]] = defaultdict(list)
    minimum: Rows = {}
    for key, v in m.pays.items():
        g, s = key[0], key[1:]
        given[g].append((1.0, v))
        paid[s].append((1.0, v))
        joined[s].append((1.0, m.takes_part[key]))
        earmark = pledges[g].earmark
        if earmark is not None:
            marked[s, earmark].append((1.0, v))
        minimum[(*key, "most")] = (None, [(1.0, v), (-(top[key][1] or 0.0), m.takes_part[key])], 0)
        minimum[(*key, "least")] = (0, [(1.0, v), (-policy.min_contribution_usd_m, m.takes_part[key])], None)

    def less(s: Place, c: str | None) -> list[Term]:
        """The value of new content, negated, of one category or of all."""
        found = held.get(s, {})
        return [(-k, v) for own, terms in found.items() if c in (None, own) for k, v in terms]

    total = {s: sum(fixed[s].values()) for s in when}
    draft.rule("fully_funded", {s: (total[s], paid[s] + less(s, None), total[s]) for s in when})
    draft.rule(
        "pledge_earmark",
        {(*s, c): (None, terms + less(s, c), fixed[s].get(c, 0.0)) for (s, c), terms in marked.items()},
    )
    draft.rule("within_pledge", {g: (None, terms, pledges[g].amount_usd_m) for g, terms in given.items()})
    draft.rule("donors_per_package", {s: (None, terms, policy.max_donors) for s, terms in joined.items()})
    draft.rule("minimum_contribution", minimum)
