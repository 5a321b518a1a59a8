"""Who pays for the packages of a plan, and how large they are, chosen so that little rests on money that may fail.

Releases stand. With risk[g, t] the probability that pledge g does not stand in full in period t, worth[k] what a week
that package k waits costs a million USD of it, and weeks the waiting that a million that fails is taken to cost,

    min  weeks · Σ_{g,k} worth[k] · risk[g, t_k] · ( Σ_c pays[g,k,c] + joining · takes_part[g,k] )  +  Σ loss · cut
         Σ_g pays[g,k,c] + Σ_{n of c} price · cut[k,n] = value of k in c                              fully_funded
         Σ_{k,c} pays[g,k,c] ≤ amount                                                                 within_pledge
         min_contribution · takes_part ≤ Σ_c pays[g,k,c] ≤ amount · takes_part                 minimum_contribution
         Σ_g takes_part[g,k] ≤ max_donors                                                        donors_per_package
         Σ_n price · cut[k,n] ≤ value of k − target · (1 − tolerance)                                 package_value

where loss[n] is what it costs that a unit of need n never comes. `weeks` is the degree of caution. Earmarks and dates
hold because only allowed payments have a variable. The plan as it is is a solution, with cut = 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from models.blocks.packages import paying_periods, usable
from models.draft import Draft, Rows, Term
from models.facts import Facts

JOINING = 5.0
"""Million USD at risk that one more donor counts as, times its own risk: whoever may fail holds the package up."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A package to be paid for.

    `amounts`: million USD by category; `cuttable`: by need, the units that may be taken out of it.
    """

    package: str
    period: int
    amounts: Mapping[str, float]
    cuttable: Mapping[str, int]

    @property
    def total(self) -> float:
        """Million USD."""
        return sum(self.amounts.values())


def safe_payers(
    facts: Facts,
    bills: list[Bill],
    *,
    risk: Mapping[tuple[str, int], float],
    worth: Mapping[str, float],
    loss: Mapping[str, float],
    weeks: float,
) -> Draft:
    """Model: pays[g,k,c] in million USD, takes_part[g,k], cut[k,n] in units; `loss` a unit of every need."""
    policy = facts.problem.package_policy
    assert policy is not None
    draft = Draft(facts)
    amounts: dict[tuple[str, int, str], tuple[float, float]] = {}
    for pledge in facts.problem.pledges:
        if usable(facts, pledge):
            for k, bill in enumerate(bills):
                if bill.period in paying_periods(facts, pledge):
                    for c, amount in bill.amounts.items():
                        if pledge.earmark in (None, c) and amount > 0:
                            amounts[pledge.pledge, k, c] = (0.0, min(pledge.amount_usd_m, amount))
    draft.variables("pays", amounts)
    draft.variables("takes_part", dict.fromkeys(((g, k) for g, k, _ in amounts), (0, 1)), whole=True)
    cuttable = {(k, n): (0, units) for k, bill in enumerate(bills) for n, units in bill.cuttable.items() if units > 0}
    draft.variables("cut", cuttable, whole=True)
    _money(draft, bills, risk, worth, weeks)
    _cuts(draft, bills, loss)
    return draft


def _money(
    draft: Draft, bills: list[Bill], risk: Mapping[tuple[str, int], float], worth: Mapping[str, float], weeks: float
) -> None:
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    size = {row.pledge: row.amount_usd_m for row in facts.problem.pledges}
    funded: dict[tuple[int, str], list[Term]] = defaultdict(list)
    given: dict[str, list[Term]] = defaultdict(list)
    each: dict[tuple[str, int], list[Term]] = defaultdict(list)
    joined: dict[int, list[Term]] = defaultdict(list)

    def at_risk(g: str, k: int) -> float:
        return weeks * worth.get(bills[k].package, 0.0) * risk.get((g, bills[k].period), 0.0)

    for (g, k, c), variable in m.pays.items():
        funded[k, c].append((1.0, variable))
        given[g].append((1.0, variable))
        each[g, k].append((1.0, variable))
        draft.cost("needs_delay", at_risk(g, k), variable)
    for (k, n), variable in m.cut.items():
        funded[k, facts.category(n)].append((facts.price(n), variable))
    limits: Rows = {}
    for (g, k), variable in m.takes_part.items():
        joined[k].append((1.0, variable))
        limits[g, k, "most"] = (None, [*each[g, k], (-min(size[g], bills[k].total), variable)], 0)
        limits[g, k, "least"] = (0, [*each[g, k], (-policy.min_contribution_usd_m, variable)], None)
        draft.cost("needs_delay", JOINING * at_risk(g, k), variable)
    asked = {(k, c): amount for k, bill in enumerate(bills) for c, amount in bill.amounts.items() if amount > 0}
    draft.rule("fully_funded", {key: (amount, funded[key], amount) for key, amount in asked.items()})
    draft.rule("within_pledge", {g: (None, terms, size[g]) for g, terms in given.items()})
    draft.rule("minimum_contribution", limits)
    draft.rule("donors_per_package", {k: (None, terms, policy.max_donors) for k, terms in joined.items()})


def _cuts(draft: Draft, bills: list[Bill], loss: Mapping[str, float]) -> None:
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    least = policy.target_usd_m * (1 - policy.tolerance)
    taken: dict[int, list[Term]] = defaultdict(list)
    for (k, n), variable in m.cut.items():
        taken[k].append((facts.price(n), variable))
        draft.cost("needs_delay", loss.get(n, 0.0), variable)
    draft.rule("package_value", {k: (None, terms, max(0.0, bills[k].total - least)) for k, terms in taken.items()})
