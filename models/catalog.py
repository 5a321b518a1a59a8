"""The named formulations, a line or two each, with their source."""

from __future__ import annotations

from models.formulation import Formulation

_ALL = (
    Formulation(
        name="textbook",
        summary="the literal reading of the problem: every index, big-M links, everything whole; the yardstick",
        source="problem.md, rule by rule",
        units="integer",
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
    Formulation(
        name="linked",
        summary="as slots, with units that are dear or few linked to the release of their package",
        source="own; links after dual feasible functions of bin packing (Fekete & Schepers, 2001)",
        supply="balance",
        orders="late_only",
        needs="useful",
        packages="slots_linked",
        funding="joint",
        offers="late",
        approval="monotone",
        lanes="rounded",
        method="guided",
    ),
    Formulation(
        name="unindexed",
        summary="releases and contents by period, pledges in groups; split into packages and payers afterwards",
        source="own; logic-based Benders decomposition (Hooker & Ottosson, 2003) by disaggregation (Rogers et al., 1991)",
        supply="balance",
        orders="late_only",
        needs="useful",
        packages="unindexed",
        funding="grouped",
        offers="late",
        approval="monotone",
        lanes="rounded",
        method="separating",
    ),
    Formulation(
        name="separated",
        summary="as unindexed, without payments: money suffices for sets of periods and categories, as cuts",
        source="Benders (1962), Geoffrion & Graves (1974); the sets by the theorem of Gale (1957)",
        supply="balance",
        orders="late_only",
        needs="useful",
        packages="unindexed",
        funding="separated",
        offers="late",
        approval="monotone",
        lanes="rounded",
        method="separating",
    ),
)
FORMULATIONS: dict[str, Formulation] = {formulation.name: formulation for formulation in _ALL}
"""Every formulation by name."""
DEFAULT = "slots"
"""The formulation `solve` takes unless told otherwise."""
