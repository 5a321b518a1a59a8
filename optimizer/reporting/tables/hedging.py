"""What was hedged, as tables: scenarios, and what is different in the first weeks."""

from __future__ import annotations

from models.stochastic.compared import KINDS
from optimizer.reporting.hedging import Hedging
from optimizer.reporting.numbers import percent, short
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table


def hedged(report: Report) -> Table:
    """What the plan decides in the first weeks that the nominal plan decides otherwise."""
    columns = (
        Column("what", "text"),
        Column("which", "text", "demand, offer, line, package, need, pledge or case"),
        Column("of what", "text", "item, or the need that an offer serves"),
        Column("nominal plan", "number", "total over the shared weeks", digits=1),
        Column("this plan", "number", "total over the shared weeks", digits=1),
    )
    found = report.summary.robust
    rows = () if found is None else tuple(
        (KINDS[row.kind], row.name, row.about, row.nominal, row.amount) for row in found.first_weeks
    )  # fmt: skip
    return Table("hedged", "What was hedged", "" if found is None else caption(report, found), columns, rows)


def caption(report: Report, found: Hedging) -> str:
    """What was planned against, what hedging saves over all scenarios, and what it costs if all goes as planned."""
    said = (
        f"The first {found.shared_weeks} weeks serve {len(found.scenarios)} scenarios at once: expected cost "
        f"{short(found.expected)}, mean of the worst {percent(1 - found.level)} {short(found.cvar)}."
    )
    if found.nominal_expected is not None and found.nominal_cvar is not None:
        said += (
            f" With the nominal plan's first weeks: {short(found.nominal_expected)} and {short(found.nominal_cvar)}."
        )
    objective = report.summary.objective
    if objective is not None and found.nominal_objective is not None:
        more = objective - found.nominal_objective
        said += f" If all goes as planned this plan is worth {short(abs(more))} {'more' if more > 0 else 'less'} delay."
    return said if found.first_weeks else said + " Nothing in these weeks is different from the nominal plan."


def scenarios(report: Report) -> Table:
    """The scenarios one by one."""
    columns = (
        Column("scenario", "text"),
        Column("probability", "share"),
        Column("cost", "number", "weight × million USD × weeks, prices of what gives way included", digits=0),
        Column("of which prices", "number", "promises broken, dispatches of the first weeks missed", digits=0),
        Column("with nominal first weeks", "number", "the same with the nominal plan's first weeks", digits=0),
        Column("at least", "number", "proven, with first weeks of its own", digits=0),
    )
    found = report.summary.robust
    rows = () if found is None else tuple(
        (row.name, row.probability, row.cost, row.penalty, row.nominal_cost, row.bound) for row in found.scenarios
    )  # fmt: skip
    text = "Scenarios that the first weeks were planned against; the first is the instance as it stands."
    return Table("scenarios", "Scenarios", text, columns, rows)
