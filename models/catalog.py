"""The named formulations, a line or two each, with their source."""

from __future__ import annotations

from models.formulation import Formulation

_ALL = (
    Formulation(
        name="textbook",
        summary="the literal reading of the problem: every index, big-M links, everything whole; the yardstick",
        source="problem.md, rule by rule",
        supply="cumulative",
        orders="literal",
        needs="literal",
        packages="indexed",
        funding="by_category",
        offers="literal",
        approval="natural",
    ),
    Formulation(
        name="slots",
        summary="release slots instead of package indices, undominated moves, completion as a monotone binary",
        source="own; balances after Krarup & Bilde (1977), monotone ('by') variables after Sousa & Wolsey (1992)",
        supply="balance",
        orders="late_only",
        needs="useful",
        packages="slots",
        funding="joint",
        offers="late",
        approval="monotone",
        lanes="rounded",
        method="guided",
    ),
)
FORMULATIONS: dict[str, Formulation] = {formulation.name: formulation for formulation in _ALL}
"""Every formulation by name."""
DEFAULT = "slots"
"""The formulation `solve` takes unless told otherwise."""
