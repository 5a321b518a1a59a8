"""The named formulations, a line or two each, with their source."""

from __future__ import annotations

from dataclasses import replace

from models.formulation import Formulation

_SLOTS = Formulation(
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
)
_UNINDEXED = replace(
    _SLOTS,
    name="unindexed",
    summary="releases and contents by period, pledges in groups; split into packages and payers afterwards",
    source="own; logic-based Benders (Hooker & Ottosson, 2003) by disaggregation (Rogers et al., 1991)",
    packages="unindexed",
    funding="grouped",
    method="separating",
)
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
    _SLOTS,
    replace(
        _SLOTS,
        name="tight",
        summary="as slots, with units of complete orders set aside while they can still be made, approvals by spans",
        source="own prework of complete orders; interval rows after Horn (1974), rounded after Chvátal (1973)",
        orders="prework",
        approval="covers",
        lanes="binding",
    ),
    Formulation(
        name="ordered",
        summary="packages by index in order of release and value, contents disaggregated by release period",
        source="symmetry breaking after Sherali & Smith (2001), disaggregation after Krarup & Bilde (1977)",
        supply="balance",
        orders="late_only",
        needs="useful",
        packages="ordered",
        funding="by_category",
        offers="late",
        approval="monotone",
        lanes="rounded",
    ),
    replace(
        _SLOTS,
        name="linked",
        summary="as slots, with units that are dear or few linked to the release of their package",
        source="own; links after dual feasible functions of bin packing (Fekete & Schepers, 2001)",
        packages="slots_linked",
    ),
    replace(
        _SLOTS,
        name="columns",
        summary="package patterns as columns, priced as knapsacks; listed where they are few",
        source="Dantzig & Wolfe (1960), Gilmore & Gomory (1961); branching on contents after Vanderbeck (2000)",
        packages="columns",
        method="pricing",
    ),
    _UNINDEXED,
    replace(
        _UNINDEXED,
        name="separated",
        summary="as unindexed, without payments: money suffices for sets of periods and categories, as cuts",
        source="Benders (1962), Geoffrion & Graves (1974); the sets by the theorem of Gale (1957)",
        funding="separated",
    ),
    replace(
        _SLOTS,
        name="lean",
        summary="as slots, with approvals by spans of time, offers linked need by need, lanes only where they can bind",
        source="interval rows after Horn (1974), rounded after Chvátal (1973); links after Krarup & Bilde (1977)",
        offers="disaggregated",
        approval="covers",
        lanes="binding",
    ),
    replace(
        _SLOTS,
        name="integer",
        summary="as slots, with every unit declared whole",
        source="problem.md, 'all decisions on units are whole numbers'",
        units="integer",
    ),
    replace(
        _SLOTS,
        name="classes",
        summary="as slots, with demands of equal cost merged and pegged afterwards",
        source="own; aggregation without loss as in Rogers, Plante, Wong & Evans (1991)",
        demand="classes",
    ),
    replace(
        _SLOTS,
        name="cumulative",
        summary="cumulative supply against cumulative demand: totals by the end of each period, no work by period",
        source="Pochet & Wolsey (2006), ch. 7; Krarup & Bilde (1977); interval rows after Horn (1974)",
        demand="cumulative",
        supply="totals",
        approval="intervals",
        method="direct",
    ),
)
FORMULATIONS: dict[str, Formulation] = {formulation.name: formulation for formulation in _ALL}
"""Every formulation by name."""
DEFAULT = "tight"
"""The formulation `solve` takes unless told otherwise."""
