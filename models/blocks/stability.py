"""Stability: what moving away from the plan before costs (`plan_change`).

moved[d,i,t] ≥ committed[d,i,t] − dispatched from the pool for demand d of item i in t, moved ≥ 0.
"""

from __future__ import annotations

from models.draft import Block, Draft


def _build(draft: Draft) -> None:
    facts = draft.facts
    draft.variables("moved", {key: (0, quantity) for key, quantity in facts.committed.items()})
    rows = {}
    for (demand, item, t), quantity in facts.committed.items():
        variable = draft.model.moved[demand, item, t]
        rows[demand, item, t] = (quantity, [(1.0, variable), *draft.posted("sent", demand, item, t)], None)
        draft.cost("plan_change", facts.change_cost(item, t), variable)
    draft.rule("plan_change", rows)


natural = Block("natural", "a slack for every committed dispatch", ("plan_change",), ("sent",), _build)
