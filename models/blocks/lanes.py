"""Lanes: Σ tonnes of everything that uses a limited lane in a period ≤ tonnes_per_week · weeks[t]."""

from __future__ import annotations

from models.draft import Block, Draft


def _build(draft: Draft) -> None:
    facts = draft.facts
    rows = {
        (lane, t): (None, terms, facts.lane_tonnes[lane][t])
        for lane in facts.lane_tonnes
        for t in range(facts.T)
        if (terms := draft.posted("tonnes", lane, t))
    }
    draft.rule("lane_capacity", rows)


natural = Block("natural", "tonnes by lane and period", ("lane_capacity",), ("tonnes",), _build)
