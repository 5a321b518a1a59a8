"""Demand: units by period, units that have gone by a period, or demands of one cost together.

The choice is made here once and holds for every block of orders and needs, which state their rules in `dispatched` and
`sent`, units by period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from itertools import accumulate, pairwise
from typing import Any

from models.blocks.demand_classes import merge
from models.draft import Block, Draft, Rows
from models.windows import supply_bound


def _per_unit_period(draft: Draft) -> None:
    """dispatched[o,t], sent[j]: units that leave in a period, as the problem states them."""


def _cumulative(draft: Draft) -> None:
    """delivered[o,t], served[j]: units that have left by the end of the period, with all rules and costs on these.

        dispatched[o,t] = delivered[o,t] − delivered[o,t'],   t' the period before in which the order may leave,
        sent[j]         = served[j] − served[j'],             j' the same move one departure earlier,
        delivered_for_good, served_for_good:  nondecreasing,
        delivered[o,t] ≤ min(quantity, most units of the item that can have left by t).

    A unimodular change of variables: whole totals are whole steps and the other way round, so plans are the same, and
    the linear relaxation is no weaker. Sums up to a period become one term (a rule on what left by t has one entry
    instead of t), and branching decides how much has left by a date instead of how much leaves on it. Costs are on
    totals: Σ late(t) · step(t) = Σ (late(t) − late(t+1)) · total(t), Abel's summation. With `supply = "totals"` this is
    cumulative supply against cumulative demand.

    Source: the echelon view of lot sizing (Pochet & Wolsey 2006, ch. 7; Krarup & Bilde 1977 for demand by due period).
    """
    draft.totals["dispatched"] = _delivered
    draft.totals["sent"] = _served


def _delivered(draft: Draft, dispatched: Any) -> None:
    facts, bound = draft.facts, supply_bound(draft.facts)
    chains: dict[Hashable, list[Any]] = defaultdict(list)
    for o, t in sorted(dispatched, key=lambda index: index[1]):
        chains[o].append((o, t))
    most = {
        (o, t): min(facts.orders[o].quantity, bound[facts.orders[o].item][t])
        for chain in chains.values()
        for o, t in chain
    }
    as_totals(draft, "delivered", dispatched, list(chains.values()), most)


def _served(draft: Draft, sent: Any) -> None:
    moves = draft.notes["moves"]
    chains: dict[Hashable, list[Any]] = defaultdict(list)
    for k in sorted(sent, key=lambda k: moves[k].period):
        chains[moves[k].need, moves[k].item, moves[k].origin, moves[k].route].append(k)
    as_totals(draft, "served", sent, list(chains.values()), {k: sent[k].ub for k in sent})


def as_totals(draft: Draft, name: str, steps: Any, chains: list[list[Any]], most: dict[Any, float]) -> None:
    """Replaces `steps` by running totals `model.name`, chain by chain; `most`: upper bounds of the totals.

    Rows `<name>_for_good`: a total rises by at least the step's lower bound, and by at most its upper one where that is
    less than the total's own.
    """
    least: dict[Any, float] = {}
    whole: set[Any] = set()
    for chain in chains:
        least.update(zip(chain, accumulate(steps[index].lb for index in chain), strict=True))
        if not all(steps[index].is_continuous() for index in chain):
            whole.update(chain)
    bounds: dict[Any, tuple[float, float | None]] = {index: (least[index], most[index]) for c in chains for index in c}
    for chain in chains:
        bounds[chain[0]] = (least[chain[0]], min(most[chain[0]], steps[chain[0]].ub))
    total = draft.variables(name, bounds, whole=whole)
    rows: Rows = {}
    for chain in chains:
        for before, index in pairwise(chain):
            step = steps[index]
            if least[index] == most[index] and least[before] == most[before]:
                continue  # both are given
            upper = step.ub if step.ub < most[index] - least[before] else None
            rows[index] = (step.lb, [(1.0, total[index]), (-1.0, total[before])], upper)
        draft.replace([(steps[index], total[index]) for index in chain])
    draft.rule(f"{name}_for_good", rows)


def _classes(draft: Draft) -> None:
    """Demands that cost the same in every period and wait for the same are one demand of the model, see `merge`.

    A plan of the merged demands is pegged afterwards: units go to the members in the order of the table as they
    leave, first come first served. Exact, with fewer columns, and without the copies of a plan in which such demands
    swap units.
    """
    merged = merge(draft.facts)
    draft.facts, draft.to_model, draft.to_answer = merged.facts, merged.to_model, merged.to_answer


per_unit_period = Block("per_unit_period", "units by period, as the problem states them", (), (), _per_unit_period)
cumulative = Block("cumulative", "units that have left by the end of a period, nondecreasing", (), (), _cumulative)
classes = Block("classes", "demands of equal cost merged, pegged afterwards", (), (), _classes)
