"""Complete orders of one item that need not overtake each other: `prework_in_turn`.

Sets: lumped orders a, b of one item (`complete`, nothing committed), with the cost
f[o](t) = ω[o] · quantity[o] · late(due[o], t) for t = 0 … T. a *goes before* b if

    quantity[a] ≤ quantity[b],  a may leave whenever b may (its case waits for nothing, earliest date no later),
    b has no firm date,         f[a] − f[b] does not fall in t (of two orders alike in all this, the first one).

    orders_in_turn:  is_completed[a,t] ≥ is_completed[b,t]   in every t of both windows from a's first one on.

Why no value is lost: take a plan in which b is completed in t1 and a in t2 > t1 (or never), and let a leave in t1 and b
in t2. The pool holds no less than before in any period and line and component use is the same. Cost changes by
(f[b](t2) − f[b](t1)) − (f[a](t2) − f[a](t1)) ≤ 0. The relation has no circle, so exchanges come to an end: with numbers
K[o] that fall along it, Σ K[o] · t[o] falls with each. Completion moved to the window's first period, as late as costs
nothing, keeps the rows. ∎ Source: dominance after Emmons (1969), here for one item and any supply.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from models.blocks.orders import ADDS, completed_by, completions, is_lumped, monotone_completion, monotone_read
from models.blocks.orders_prework import ahead
from models.draft import Block, Draft, Rows, Start
from models.facts import Facts
from models.plan import Plan
from models.problem import Order


def goes_before(facts: Facts, a: Order, b: Order) -> bool:
    """Whether a never has to be completed after b."""
    if a.item != b.item or a.quantity > b.quantity or b.firm_by is not None or a.case in facts.reviewed_cases:
        return False
    if facts.earliest(a) > facts.earliest(b):
        return False
    late = facts.calendar.late
    weights = [facts.order_weight[o.order] * o.quantity for o in (a, b)]
    more = [weights[0] * late(a.due_date, t) - weights[1] * late(b.due_date, t) for t in range(facts.T + 1)]
    return all(after >= before - 1e-9 * max(1.0, abs(before)) for before, after in pairwise(more))


def chains(facts: Facts) -> list[tuple[Order, Order]]:
    """Pairs (a, b), a before b, without those that follow from others."""
    by_item: dict[str, list[Order]] = defaultdict(list)
    for order in facts.problem.orders:
        if is_lumped(facts, order):
            by_item[order.item].append(order)
    found = []
    for orders in by_item.values():
        before = {
            (j, k)
            for j, a in enumerate(orders)
            for k, b in enumerate(orders)
            if j != k and goes_before(facts, a, b) and (j < k or not goes_before(facts, b, a))
        }
        found += [
            (orders[j], orders[k])
            for j, k in sorted(before)
            if not any((j, i) in before and (i, k) in before for i in range(len(orders)))
        ]
    return found


def _build(draft: Draft) -> None:
    monotone_completion(draft, ahead)
    completed, windows = draft.model.is_completed, draft.notes["windows"]
    rows: Rows = {}
    for a, b in chains(draft.facts):
        for t in sorted(set(windows[a.order]) & set(windows[b.order])):
            rows[a.order, b.order, t] = (0, [(1.0, completed[a.order, t]), (-1.0, completed[b.order, t])], None)
    draft.rule("orders_in_turn", rows)


def _start(draft: Draft, plan: Plan) -> Start:
    """A known plan with orders that are out of turn exchanged."""
    done, pairs = completions(draft.facts, plan), chains(draft.facts)
    late = [pair for pair in pairs if done[pair[0].order] > done[pair[1].order]]
    while late:
        for a, b in late:
            if done[a.order] > done[b.order]:
                done[a.order], done[b.order] = done[b.order], done[a.order]
        late = [pair for pair in pairs if done[pair[0].order] > done[pair[1].order]]
    return completed_by(draft, done)


prework_in_turn = Block(
    "prework_in_turn",
    "as prework; of two orders of one item the one that is as small and as urgent is completed first",
    ADDS,
    ("approved_for",),
    _build,
    monotone_read,
    _start,
)
