"""Lanes: Σ tonnes of everything that uses a limited lane in a period ≤ tonnes_per_week · weeks[t]."""

from __future__ import annotations

import math

from models.draft import Block, Draft, Rows, Term

FEW = 12
"""Rounded rows are worth having where so few units fill the lane in a period."""


def capacity(draft: Draft) -> Rows:
    """lane_capacity by lane and period, where something uses the lane."""
    facts = draft.facts
    return {
        (lane, t): (None, terms, facts.lane_tonnes[lane][t])
        for lane in facts.lane_tonnes
        for t in range(facts.T)
        if (terms := draft.posted("tonnes", lane, t))
    }


def _natural(draft: Draft) -> None:
    """lane_capacity as it is written."""
    draft.rule("lane_capacity", capacity(draft))


def _rounded(draft: Draft) -> None:
    """lane_capacity, and its Chvátal-Gomory roundings for heavy units.

    For whole units x and any weight d: Σ ⌊tonnes / d⌋ · x ≤ ⌊capacity / d⌋. With d the weight of a unit of which few
    fill the lane, the row says how many whole ones fit: two lots of 60 t need two weeks of a lane of 90 t a week.
    """
    rows = capacity(draft)
    draft.rule("lane_capacity", rows)
    draft.rule("lane_rounded", roundings(rows))


def roundings(rows: Rows) -> Rows:
    """The Chvátal-Gomory roundings of rows of lane_capacity, by lane, period and weight d."""
    found: Rows = {}
    for (lane, t), (_, terms, most_tonnes) in rows.items():
        assert most_tonnes is not None
        for d in sorted({tonnes for tonnes, _ in terms if tonnes > 0 and most_tonnes / tonnes < FEW}):
            most = math.floor(most_tonnes / d + 1e-9)
            heavy: list[Term] = [(k, v) for tonnes, v in terms if (k := math.floor(tonnes / d + 1e-9))]
            if most < most_tonnes / d - 1e-6 or any(abs(tonnes / d - round(tonnes / d)) > 1e-6 for tonnes, _ in terms):
                found[lane, t, d] = (None, heavy, most)
    return found


natural = Block("natural", "tonnes by lane and period", ("lane_capacity",), ("tonnes",), _natural)
rounded = Block(
    "rounded", "with Chvátal-Gomory rows for units of which few fill a lane", ("lane_capacity",), ("tonnes",), _rounded
)
