"""Promises that may break, at a price, in scenarios in which what they rest on has slipped.

Variables, in units: `broken_firm[o]`, `broken_replacement[v]`, `broken_content[n]`. With last[o] the last period that
keeps the firm date of o, and P = price · broken_weeks,

    Σ_{t ≤ last[o]} dispatched[o,t] + broken_firm[o] ≥ quantity[o]
    Σ_{t on time} replaced[v,t] + broken_replacement[v] = replacement_quantity[v] · is_accepted[v]
    promise_kept[n] with dispatched + broken_content[n] in place of what is dispatched,

and P · broken is added to `plan_change`. In the nominal scenario promises hold as they are stated. A broken order still
counts as late until its units arrive, a broken content as undelivered; a broken replacement is not made up for within
the horizon.
"""

from __future__ import annotations

from models.draft import Block, Draft, Rows, Term
from models.stochastic.scenario import Prices, ScenarioFacts


def breakable(prices: Prices) -> tuple[Block, Block]:
    """Two blocks: one that comes before those of offers and packages, one that comes after that of orders."""
    before = Block(
        "breakable_promises", "replacements and contents that may break at a price", (), (),
        lambda draft: _replacements_and_contents(draft, prices),
    )  # fmt: skip
    after = Block(
        "breakable_dates", "firm dates that may break at a price", (), ("sent",),
        lambda draft: _firm_dates(draft, prices),
    )  # fmt: skip
    return before, after


def _replacements_and_contents(draft: Draft, prices: Prices) -> None:
    facts, m = draft.facts, draft.model
    offers = {o.offer: (0.0, float(o.replacement_quantity)) for o in facts.problem.offers if o.replacement_quantity}
    needs = {n.need: (0.0, float(n.quantity)) for n in facts.problem.needs if facts.problem.package_policy is not None}
    draft.variables("broken_replacement", offers)
    draft.variables("broken_content", needs)
    for v, variable in m.broken_replacement.items():
        draft.post("unreplaced", v, terms=[(1.0, variable)])
        price = facts.items[facts.offers[v].replacement_item].unit_price_usd_m
        draft.cost("plan_change", price * prices.broken_weeks, variable)
    for n, variable in m.broken_content.items():
        draft.post("unkept", n, terms=[(1.0, variable)])
        draft.cost("plan_change", facts.price(n) * prices.broken_weeks, variable)


def _firm_dates(draft: Draft, prices: Prices) -> None:
    facts, m = draft.facts, draft.model
    assert isinstance(facts, ScenarioFacts)
    orders = {o: facts.orders[o] for o in facts.promised_by}
    draft.variables("broken_firm", {o: (0.0, float(row.quantity)) for o, row in orders.items()})
    rows: Rows = {}
    for o, row in orders.items():
        last = facts.last_on_time(facts.promised_by[o])
        on_time: list[Term] = [term for t in range(last + 1) for term in draft.posted("sent", o, row.item, t)]
        rows[o] = (float(row.quantity), [*on_time, (1.0, m.broken_firm[o])], None)
        price = facts.items[row.item].unit_price_usd_m
        draft.cost("plan_change", price * prices.broken_weeks, m.broken_firm[o])
    draft.rule("firm_or_broken", rows)
