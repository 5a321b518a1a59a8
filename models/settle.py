"""Settling packages: from releases with fractional contents to payers and whole contents.

A relaxation says which packages to release when, with contents that need not be whole and money that has no donors.
Two small models make that real. `payers` chooses the pledges of every release, within donors' number and least
contribution, so that as little as possible stays unpaid. `contents` then chooses whole units near the wanted ones that
these pledges can pay. Both are restrictions of the rules in `problem.md`, so what they settle is allowed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from models.blocks.funding import ANY, Place
from models.blocks.packages import paying_periods, usable
from models.draft import Draft, Rows, Term
from models.facts import Facts

SPARE_WORTH = 1.2
"""Million USD unpaid that a million spare is worth."""


@dataclass(frozen=True)
class Wanted:
    """A release wanted by a relaxation: its place and its contents (units of need, not whole for a new package)."""

    place: Place
    contents: dict[str, float]

    @property
    def period(self) -> int:
        """Period of release."""
        return int(self.place[1] if self.place[0] == "new" else self.place[2])

    @property
    def payable(self) -> Place:
        """The place as payments are indexed: a proposed package without its period."""
        return self.place if self.is_new else (*self.place[:2], ANY)

    @property
    def is_new(self) -> bool:
        """Whether its contents may be changed."""
        return bool(self.place[0] == "new")


def worth(facts: Facts, wanted: Wanted) -> dict[str, float]:
    """Million USD by category."""
    found: dict[str, float] = defaultdict(float)
    for need, quantity in wanted.contents.items():
        found[facts.category(need)] += facts.price(need) * quantity
    return dict(found)


def payers(facts: Facts, releases: list[Wanted], spare: float = 0.0) -> Draft:
    """Model: pays[g,s], takes_part[g,s], unpaid[s]; least Σ unpaid over the releases (all must reach their minimum).

    `spare`: million USD that a new release may get beyond what is wanted where that is near the least it must be worth.
    Whole units seldom add up to just that, and money that cannot be more leaves them no choice; so a million spare is
    worth a little more than one that stays unpaid elsewhere.
    """
    policy = facts.problem.package_policy
    assert policy is not None
    draft = Draft(facts)
    least_value = policy.target_usd_m * (1 - policy.tolerance)
    totals = {k: sum(worth(facts, wanted).values()) for k, wanted in enumerate(releases)}
    beyond = {k: max(0.0, least_value + spare - totals[k]) for k, wanted in enumerate(releases) if wanted.is_new}
    index = {}
    for pledge in facts.problem.pledges:
        if usable(facts, pledge):
            for k, wanted in enumerate(releases):
                if wanted.period in paying_periods(facts, pledge):
                    index[pledge.pledge, k] = (0.0, min(pledge.amount_usd_m, totals[k] + beyond.get(k, 0.0)))
    draft.variables("pays", index)
    draft.variables("takes_part", dict.fromkeys(index, (0, 1)), whole=True)
    draft.variables("spare", {k: (0.0, most) for k, most in beyond.items() if spare > 0.0 and most > 0.0})
    draft.variables("unpaid", {k: (0, max(0.0, totals[k] - least_value) if releases[k].is_new else 0) for k in totals})
    m = draft.model
    paid: dict[int, list[Term]] = defaultdict(list)
    marked: dict[tuple[int, str], list[Term]] = defaultdict(list)
    given: dict[str, list[Term]] = defaultdict(list)
    joined: dict[int, list[Term]] = defaultdict(list)
    amount = {g.pledge: g.amount_usd_m for g in facts.problem.pledges}
    earmark = {g.pledge: g.earmark for g in facts.problem.pledges}
    limits: Rows = {}
    for (g, k), variable in m.pays.items():
        paid[k].append((1.0, variable))
        given[g].append((1.0, variable))
        joined[k].append((1.0, m.takes_part[g, k]))
        if (mark := earmark[g]) is not None:
            marked[k, mark].append((1.0, variable))
        limits[g, k, "most"] = (None, [(1.0, variable), (-index[g, k][1], m.takes_part[g, k])], 0)
        limits[g, k, "least"] = (0, [(1.0, variable), (-policy.min_contribution_usd_m, m.takes_part[g, k])], None)
    for k, variable in m.spare.items():
        paid[k].append((-1.0, variable))
        draft.cost("needs_delay", -SPARE_WORTH, variable)
    draft.rule("fully_funded", {k: (totals[k], [*paid[k], (1.0, m.unpaid[k])], totals[k]) for k in totals})
    draft.rule("within_pledge", {g: (None, terms, amount[g]) for g, terms in given.items()})
    draft.rule(
        "pledge_earmark",
        {(k, c): (None, terms, worth(facts, releases[k]).get(c, 0.0)) for (k, c), terms in marked.items()},
    )
    draft.rule("minimum_contribution", limits)
    draft.rule("donors_per_package", {k: (None, terms, policy.max_donors) for k, terms in joined.items()})
    for k in totals:
        draft.cost("needs_delay", 1.0, m.unpaid[k])
    return draft


def contents(
    facts: Facts, releases: list[Wanted], paying: dict[int, set[str]], most: dict[str, int], saving: dict[str, float]
) -> Draft:
    """Model: whole content[n,k] near the wanted contents, paid by the chosen pledges.

    `paying`: pledges by release; `most`: units a need may get from new packages in all; `saving`: what a unit of each
    need saves. Cost: the savings of units that are fewer than wanted, and a tenth of them for units that are more.
    """
    policy = facts.problem.package_policy
    assert policy is not None
    draft = Draft(facts)
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    units = {
        (n, k): (0, most.get(n, 0))
        for k, wanted in enumerate(releases)
        if wanted.is_new
        for n in facts.needs
        if most.get(n, 0) > 0 and facts.price(n) <= high
    }
    draft.variables("content", units, whole=True)
    draft.variables("less", dict.fromkeys(units, (0, None)))
    draft.variables("more", dict.fromkeys(units, (0, None)))
    amount = {g.pledge: g.amount_usd_m for g in facts.problem.pledges}
    earmark = {g.pledge: g.earmark for g in facts.problem.pledges}
    draft.variables("pays", {(g, k): (0.0, amount[g]) for k, chosen in paying.items() for g in sorted(chosen)})
    draft.variables("takes_part", dict.fromkeys(draft.model.pays, (0, 1)), whole=True)
    m = draft.model
    value: dict[int, dict[str, list[Term]]] = {k: defaultdict(list) for k in range(len(releases))}
    near: Rows = {}
    total: dict[str, list[Term]] = defaultdict(list)
    for (n, k), variable in m.content.items():
        value[k][facts.category(n)].append((facts.price(n), variable))
        total[n].append((1.0, variable))
        wanted = releases[k].contents.get(n, 0.0)
        near[n, k] = (wanted, [(1.0, variable), (1.0, m.less[n, k]), (-1.0, m.more[n, k])], wanted)
        draft.cost("needs_delay", saving[n], m.less[n, k])
        draft.cost("needs_delay", 0.1 * saving[n], m.more[n, k])
    draft.rule("near", near)
    draft.rule("content_within_need", {n: (None, terms, most[n]) for n, terms in total.items()})
    band: Rows = {}
    funded: Rows = {}
    marks: Rows = {}
    limits: Rows = {}
    given: dict[str, list[Term]] = defaultdict(list)
    for k, wanted in enumerate(releases):
        everything = [term for terms in value[k].values() for term in terms]
        fixed = worth(facts, wanted) if not wanted.is_new else {}
        if wanted.is_new:
            band[k] = (low, everything, high)
        money = [(1.0, m.pays[g, k]) for g in sorted(paying.get(k, ()))]
        funded[k] = (sum(fixed.values()), money + [(-c, v) for c, v in everything], sum(fixed.values()))
        for c in sorted({str(earmark[g]) for g in paying.get(k, ()) if earmark[g] is not None}):
            terms = [(1.0, m.pays[g, k]) for g in sorted(paying[k]) if earmark[g] == c]
            marks[k, c] = (None, terms + [(-a, v) for a, v in value[k].get(c, [])], fixed.get(c, 0.0))
    for (g, k), variable in m.pays.items():
        given[g].append((1.0, variable))
        limits[g, k, "most"] = (None, [(1.0, variable), (-amount[g], m.takes_part[g, k])], 0)
        limits[g, k, "least"] = (0, [(1.0, variable), (-policy.min_contribution_usd_m, m.takes_part[g, k])], None)
    draft.rule("package_value", band)
    draft.rule("fully_funded", funded)
    draft.rule("pledge_earmark", marks)
    draft.rule("within_pledge", {g: (None, terms, amount[g]) for g, terms in given.items()})
    draft.rule("minimum_contribution", limits)
    return draft
