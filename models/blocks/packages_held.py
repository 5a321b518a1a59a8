"""Packages that a plan has released, as it released them: which, when, and who pays is given.

For models solved again beside a plan in hand. Sets: packages p that the plan releases, t(p) their periods; pledges g
that pay for p in the plan. `content[n,t,p]` units of the need in a new package, at the plan's quantity or open;
`proposed_released[p,t]` = 1; `pays[g,p,c]` million USD, only where contents are open. Releases and payers are not
variables here, so `released_once`, `releases_per_period`, `pledge_dates` and `donors_per_package` hold as in the plan.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.blocks.packages import content_caps, content_rules, dispatchable_from, pool_periods, waiting_rules
from models.draft import Block, Draft, Rows, Start, Term
from models.plan import Plan

PAID = 1e-9
"""Million USD above which a pledge pays for a package."""


def held(plan: Plan, *, open_contents: bool) -> Block:
    """The block of a plan's packages; `open_contents`: whether contents of new packages and payments may change."""

    def build(draft: Draft) -> None:
        """Builds releases as data, contents held or open, and with open contents the money behind them."""
        if draft.facts.problem.package_policy is None:
            return
        _contents(draft, plan, open_contents)
        if open_contents:
            _money(draft, plan)

    def start(draft: Draft, known: Plan) -> Start:
        """Contents of the plan."""
        if draft.facts.problem.package_policy is None:
            return {}
        units = {(row.need, row.package): row.quantity for row in known.contents}
        return {id(v): float(units.get((need, p), 0)) for (need, _, p), v in draft.model.content.items()}

    return Block(
        "held",
        "packages released and paid for as in a plan in hand",
        ("package_value", "content_within_need", "dispatch_after_release", "promise_kept", "fully_funded",
         "within_pledge", "minimum_contribution"),
        ("from_pool", "offered"),
        build,
        None,
        start,
    )  # fmt: skip


def _contents(draft: Draft, plan: Plan, open_contents: bool) -> None:
    facts = draft.facts
    useful_from = {n.need: pool_periods(draft, n.need) for n in facts.problem.needs}
    when = {row.package: row.period for row in plan.releases}
    new = [row.package for row in plan.releases if row.status == "new"]
    units = {(row.package, row.need): row.quantity for row in plan.contents if row.need in useful_from}
    bounds: dict[Any, tuple[float, float | None]] = {}
    if open_contents:
        caps = content_caps(draft, useful_from, sorted({when[p] for p in new}))
        for p in new:
            for need in useful_from:
                if (need, when[p]) in caps or (p, need) in units:
                    bounds[need, when[p], p] = (0, max(caps.get((need, when[p]), 0), units.get((p, need), 0)))
    else:
        bounds = {(need, when[p], p): (quantity, quantity) for (p, need), quantity in units.items()}
    draft.variables("content", bounds, whole=True)
    given = {(row.package, row.period): (1, 1) for row in plan.releases if row.status == "proposed"}
    draft.variables("proposed_released", given, whole=True)
    released: dict[str, list[Term]] = defaultdict(list)
    steps: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (need, t, _), variable in draft.model.content.items():
        released[need].append((1.0, variable))
        steps[need, dispatchable_from(facts, t)].append((1.0, variable))
    for (p, t), variable in draft.model.proposed_released.items():
        for need, quantity in facts.package_contents[p].items():
            if need in useful_from:
                released[need].append((quantity, variable))
                steps[need, dispatchable_from(facts, t)].append((quantity, variable))
    content_rules(draft, released)
    waiting_rules(draft, steps, useful_from)


def _money(draft: Draft, plan: Plan) -> None:
    """package_value, fully_funded, within_pledge and minimum_contribution of the packages, payers as in the plan."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    assert policy is not None
    worth: dict[str, list[Term]] = defaultdict(list)
    of_category: dict[tuple[str, str], list[Term]] = defaultdict(list)
    for (need, _, p), variable in m.content.items():
        term = (facts.price(need), variable)
        worth[p].append(term)
        of_category[p, facts.category(need)].append(term)
    for (p, _), variable in m.proposed_released.items():
        for need, quantity in facts.package_contents[p].items():
            of_category[p, facts.category(need)].append((quantity * facts.price(need), variable))
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    value: Rows = {(p, "least"): (low, terms, None) for p, terms in worth.items()}
    value |= {(p, "most"): (None, terms, high) for p, terms in worth.items()}
    draft.rule("package_value", value)
    payers = sorted({(row.pledge, row.package) for row in plan.payments if row.amount_usd_m > PAID})
    pledges = {g.pledge: g for g in facts.problem.pledges}
    index = {
        (g, p, c): (0.0, None)
        for g, p in payers
        for c in sorted(c for package, c in of_category if package == p)
        if pledges[g].earmark in (None, c)
    }
    draft.variables("pays", index)
    by: dict[str, list[Term]] = defaultdict(list)
    part: dict[tuple[str, str], list[Term]] = defaultdict(list)
    toward: dict[tuple[str, str], list[Term]] = defaultdict(list)
    for (g, p, c), variable in m.pays.items():
        by[g].append((1.0, variable))
        part[g, p].append((1.0, variable))
        toward[p, c].append((1.0, variable))
    draft.rule("fully_funded", {
        key: (0, [*toward[key], *((-price, variable) for price, variable in terms)], 0)
        for key, terms in of_category.items()
    })  # fmt: skip
    draft.rule("within_pledge", {g: (None, terms, pledges[g].amount_usd_m) for g, terms in by.items()})
    draft.rule("minimum_contribution", {k: (policy.min_contribution_usd_m, terms, None) for k, terms in part.items()})
