"""Decisions of the first weeks, which all scenarios share: what they are, and what may be missed where output slips.

A `Decision` is a kind, the names it is about and a period; `draft.notes["shared"]` holds its value as terms. With τ the
number of periods that begin within the shared weeks, for t < τ:

    dispatched (demand, item)   Σ_{u ≤ t} units from the pool
    given (offer, need)         Σ_{u ≤ t} units of the need from the offer
    made (line, item)           Σ_{u ≤ t} units, where the line has a choice
    released (k), proposed (p)  is_released[t,k], proposed_released[p,t]
    content (n, k)              content[n,t,k]
    paid (g, k)                 pays[g,t,k] million USD; proposed packages are paid for scenario by scenario
    approved (c), reviewed (c)  is_approved[c,t], reviewed[c,t] (not where a case takes other effort)
    accepted (v)                is_accepted[v], for offers that are there in the first weeks (t = 0)

Non-anticipativity (Rockafellar & Wets 1991): every scenario has the value of the nominal one, where the scenario has
what the decision is about at all. Where output of the item (money for packages, review for approvals) is other within
the first weeks, what was decided may be impossible; there less may be done. For dispatches and contents `missed` ≥ 0
is the difference: units that should have left by t and have not, at price · missed_weeks a period. They may leave
later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from models.blocks.supply import always_made
from models.draft import Block, Draft, Terms_
from models.facts import Facts
from models.plan import POOL
from models.problem import Problem
from models.stochastic.scenario import Prices


class Decision(NamedTuple):
    """A decision of the first weeks; see the module."""

    kind: str
    names: tuple[str | int, ...]
    period: int


@dataclass(frozen=True, slots=True)
class Loose:
    """What a scenario cannot promise to do as decided in the first weeks: `items` whose supply is less or other,
    `lines` with other output, `money` if pledges differ, `demands` whose own row differs or whose lanes may."""

    items: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    money: bool = False
    review: bool = False
    demands: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether everything can be done as decided."""
        return not (self.items or self.lines or self.money or self.review or self.demands)


NOTHING = Loose()
"""Everything can be done as decided."""


def loose_in(facts: Facts, nominal: Facts, first: int) -> Loose:
    """What differs in the first periods between a scenario and the nominal instance."""

    def other(mine: Mapping[str, list[int]], theirs: Mapping[str, list[int]]) -> set[str]:
        return {k for k in mine.keys() | theirs.keys() if mine.get(k, [])[:first] != theirs.get(k, [])[:first]}

    lines = other(facts.slots, nominal.slots)
    parts = other(facts.component_cumulative, nominal.component_cumulative)
    items = other(facts.receipts, nominal.receipts)
    items |= {i for i in facts.items if facts.on_hand.get(i) != nominal.on_hand.get(i)}
    items |= {row.item for row in nominal.problem.line_items if row.line in lines}
    items |= {row.item for row in nominal.problem.item_components if row.component in parts}
    mine = {row.pledge: row for row in facts.problem.pledges}
    money = any(
        nominal.calendar.period(row.available_on) < first and mine.get(row.pledge) != row
        for row in nominal.problem.pledges
    )
    rows = {row.need: row for row in facts.problem.needs}
    demands = {row.need for row in nominal.problem.needs if rows.get(row.need) != row}
    given = {row.offer: row for row in facts.problem.offers}
    demands |= {row.offer for row in nominal.problem.offers if given.get(row.offer) != row}
    if facts.lane_tonnes != nominal.lane_tonnes:
        # any of them may travel there, and what leaves in the first weeks may use a lane after them
        demands |= {row.need for row in nominal.problem.needs}
    review = (facts.problem.approvals, facts.problem.approval) != (nominal.problem.approvals, nominal.problem.approval)
    return Loose(frozenset(items), frozenset(lines), money, review, frozenset(demands))


def has(problem: Problem, decisions: Iterable[Decision]) -> set[Decision]:
    """Those of the decisions that are about something the instance has."""
    needs, pledges = {row.need for row in problem.needs}, {row.pledge for row in problem.pledges}
    offers = {row.offer for row in problem.offers}
    demands = needs | offers | {row.order for row in problem.orders}
    packages = {row.package for row in problem.packages}
    cases = {row.case for row in problem.approvals}
    there: dict[str, set[str]] = {
        "dispatched": demands, "content": needs, "paid": pledges, "proposed": packages, "approved": cases,
        "reviewed": cases, "accepted": offers,
    }  # fmt: skip
    found = set()
    for decision in decisions:
        known = there.get(decision.kind)
        absent = known is not None and decision.names[0] not in known
        if decision.kind == "given":
            absent = decision.names[0] not in offers or decision.names[1] not in needs
        if not absent:
            found.add(decision)
    return found


def first_weeks(first: int, loose: Loose, wanted: Iterable[Decision], prices: Prices) -> Block:
    """The block that comes last: `draft.notes["shared"]`, with `missed` where the scenario is loose.

    Args:
        first: number of shared periods.
        loose: what may be missed; nothing in the nominal scenario.
        wanted: decisions of the nominal scenario, so that what the scenario has no variable for can be missed too.
        prices: of what is missed.
    """
    return Block(
        "first_weeks", "values of the decisions of the first weeks", (), ("sent", "made"),
        lambda draft: _build(draft, first, loose, list(wanted), prices),
    )  # fmt: skip


def _build(draft: Draft, first: int, loose: Loose, wanted: list[Decision], prices: Prices) -> None:
    shared = decided(draft, first)
    if loose.review:
        wanted = [d for d in wanted if d.kind != "reviewed"]
        shared = {d: terms for d, terms in shared.items() if d.kind != "reviewed"}
    gives: dict[Decision, float] = {}
    if not loose.nothing:
        for decision in has(draft.facts.problem, dict.fromkeys([*shared, *wanted])):
            price = _price(draft.facts, decision, loose, prices)
            if price is not None:
                gives[decision] = price
    draft.notes["below"] = {decision for decision, price in gives.items() if not price}
    order = sorted((d for d, price in gives.items() if price), key=in_order)
    draft.variables("missed", {decision: (0.0, _most(draft.facts, decision, loose)) for decision in order})
    for decision in order:
        variable = draft.model.missed[decision]
        shared.setdefault(decision, []).append((1.0, variable))
        draft.cost("plan_change", gives[decision], variable)
    draft.notes["shared"] = shared


def in_order(decision: Decision) -> tuple[str, int, tuple[str, ...]]:
    """A key by which decisions are sorted, whatever their names are."""
    return decision.kind, decision.period, tuple(map(str, decision.names))


def decided(draft: Draft, first: int) -> dict[Decision, Terms_]:
    """Every decision of the first periods as terms."""
    found: dict[Decision, Terms_] = {}
    _dispatches(draft, first, found)
    _output(draft, first, found)
    _packages(draft, first, found)
    m, facts = draft.model, draft.facts
    for (c, t), variable in getattr(m, "is_approved", {}).items():
        if t < first:
            found[Decision("approved", (c,), t)] = [(1.0, variable)]
    for (c, t), variable in getattr(m, "reviewed", {}).items():
        if t < first:
            found[Decision("reviewed", (c,), t)] = [(1.0, variable)]
    for v, variable in m.is_accepted.items():
        if facts.calendar.period(facts.offers[v].available_on) < first:
            found[Decision("accepted", (v,), 0)] = [(1.0, variable)]
    return found


def _so_far(steps: Mapping[tuple[str, ...], Mapping[int, Terms_]], kind: str, first: int) -> dict[Decision, Terms_]:
    """Running totals of steps by period, from the first period with a step on."""
    found: dict[Decision, Terms_] = {}
    for names, by_period in steps.items():
        terms: Terms_ = []
        for t in range(min(by_period), first):
            terms = [*terms, *by_period.get(t, ())]
            found[Decision(kind, names, t)] = terms
    return found


def _dispatches(draft: Draft, first: int, found: dict[Decision, Terms_]) -> None:
    pool: dict[tuple[str, ...], dict[int, Terms_]] = defaultdict(dict)
    for key, terms in draft.ledger.items():
        if key[0] == "sent" and key[3] < first and terms:
            pool[key[1], key[2]][key[3]] = list(terms)
    given: dict[tuple[str, ...], dict[int, Terms_]] = defaultdict(lambda: defaultdict(list))
    for k, move in enumerate(draft.notes["moves"]):
        if move.origin != POOL and move.period < first:
            given[move.origin, move.need][move.period].append((1.0, draft.model.sent[k]))
    found |= _so_far(pool, "dispatched", first)
    found |= _so_far(given, "given", first)


def _output(draft: Draft, first: int, found: dict[Decision, Terms_]) -> None:
    always = always_made(draft.facts)
    made: dict[tuple[str, ...], dict[int, Terms_]] = defaultdict(dict)
    for (line, item, t), variable in draft.model.made.items():
        if t < first and (line, item) not in always:
            made[line, item][t] = [(1.0, variable)]
    found |= _so_far(made, "made", first)


def _packages(draft: Draft, first: int, found: dict[Decision, Terms_]) -> None:
    m = draft.model
    if draft.facts.problem.package_policy is None:
        return
    for (t, k), variable in m.is_released.items():
        if t < first:
            found[Decision("released", (k,), t)] = [(1.0, variable)]
    for (p, t), variable in m.proposed_released.items():
        if t < first:
            found[Decision("proposed", (p,), t)] = [(1.0, variable)]
    for (n, t, k), variable in m.content.items():
        if t < first:
            found[Decision("content", (n, k), t)] = [(1.0, variable)]
    for key, variable in m.pays.items():
        if key[1] == "new" and key[2] < first:
            found[Decision("paid", (key[0], key[3]), key[2])] = [(1.0, variable)]


def _most(facts: Facts, decision: Decision, loose: Loose) -> float | None:
    """Units that may be missed at most: all there are; None where the demand is another one in the scenario."""
    name = str(decision.names[1] if decision.kind == "given" else decision.names[0])
    if name in loose.demands:
        return None
    if name in facts.orders:
        return float(facts.orders[name].quantity)
    if name in facts.offers:
        return float(facts.offers[name].replacement_quantity)
    ratio = dict(facts.variants(facts.needs[name])).get(str(decision.names[-1]), 1)
    return float(facts.needs[name].quantity * (ratio if decision.kind == "dispatched" else 1))


def _price(facts: Facts, decision: Decision, loose: Loose, prices: Prices) -> float | None:
    """What a unit missed costs in a period; None if nothing may be missed."""
    kind, names = decision.kind, decision.names
    if kind == "dispatched":
        demand, item = str(names[0]), str(names[1])
        waits = loose.review and demand in facts.orders and facts.orders[demand].case in facts.reviewed_cases
        if item in loose.items or demand in loose.demands or (loose.money and demand in facts.needs) or waits:
            return facts.items[item].unit_price_usd_m * prices.missed_weeks
    elif kind == "given":
        if loose.money or loose.demands & set(names):
            return facts.price(str(names[1])) * prices.missed_weeks
    elif kind == "made":
        if names[0] in loose.lines or names[1] in loose.items:
            return 0.0
    elif kind == "content":
        if loose.money or names[0] in loose.demands:
            return facts.price(str(names[0])) * prices.missed_weeks
    elif kind in ("released", "proposed", "paid"):
        if loose.money or loose.demands & facts.needs.keys():
            return 0.0
    elif (kind == "approved" and loose.review) or (kind == "accepted" and names[0] in loose.demands):
        return 0.0
    return None
