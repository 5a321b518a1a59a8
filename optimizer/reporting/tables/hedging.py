"""What was hedged, as tables: plans that were tried, scenarios, and what is different in the first weeks."""

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
    return Table("hedged", "What was hedged", "" if found is None else caption(found), columns, rows)


def caption(found: Hedging) -> str:
    """What the program says of the first weeks."""
    said = f"What this plan decides in the first {found.shared_weeks} weeks that the nominal plan decides otherwise."
    figures = found.figures
    if figures is not None:
        said += (
            f" Planned anew after the first {found.shared_weeks} weeks, {len(figures.scenarios)} scenarios cost "
            f"{short(figures.expected)} in the mean and {short(figures.cvar)} in the worst {percent(1 - found.level)}"
        )
        if figures.nominal_expected is not None and figures.nominal_cvar is not None:
            nominal = f"{short(figures.nominal_expected)} and {short(figures.nominal_cvar)}"
            said += f", with the nominal plan's first weeks {nominal}"
        said += "."
    return said


def _taken(report: Report, found: Hedging) -> str:
    """Which plan was taken, what it saves in the draws, and what that costs if all goes as planned."""
    if len(found.candidates) < 2:
        return "There was nothing to choose among: this is the nominal plan."
    worlds = [f"{found.trained} draws"] if found.trained or not found.named else []
    if found.named:
        worlds.append(f"the scenario{'s' if len(found.named) > 1 else ''} " + ", ".join(map(repr, found.named)))
    said = f"Of {len(found.candidates)} plans, executed in {' and in '.join(worlds)}, "
    row = next((row for row in found.candidates if row.name == found.taken), found.candidates[0])
    nominal = found.candidates[0]
    if found.taken == nominal.name:
        return said + "none is surely better than the nominal plan, which this one is."
    said += (
        f"this one is {found.taken!r}: mean delay {short(row.expected)} and mean of the worst "
        f"{percent(1 - found.level)} {short(row.cvar)}, with the nominal plan {short(nominal.expected)} and "
        f"{short(nominal.cvar)}."
    )
    objective = report.summary.objective
    if objective is not None and found.nominal_objective is not None:
        more = objective - found.nominal_objective
        said += f" If all goes as planned this plan is worth {short(abs(more))} {'more' if more > 0 else 'less'} delay."
    return said


def candidates(report: Report) -> Table:
    """The plans that were tried, one by one."""
    columns = (
        Column("plan", "text"),
        Column("objective", "number", "if all goes as planned, weight × million USD × weeks", digits=0),
        Column("mean delay", "number", "executed in the draws, weight × million USD × weeks", digits=0),
        Column("CVaR", "number", "mean of the worst", digits=0),
        Column("difference", "number", "of the measure to the nominal plan; below 0 is better", digits=0),
        Column("standard error", "number", "of the difference, draws taken in pairs", digits=0),
        Column("broken promises", "number", "million USD in the mean", digits=1),
        Column("taken", "text"),
    )
    found = report.summary.robust
    rows = () if found is None else tuple(
        (row.name, row.objective, row.expected, row.cvar, row.difference, row.error, row.broken,
         "yes" if row.name == found.taken else "")
        for row in found.candidates
    )  # fmt: skip
    text = "" if found is None else _taken(report, found)
    if found is not None and not found.first_weeks:
        text += f" Nothing in the first {found.shared_weeks} weeks is different from the nominal plan."
    text += " All plans are executed in the same worlds by the same rule; the first is the nominal one."
    return Table("candidates", "Plans that were tried", text, columns, rows)


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
    figures = None if found is None else found.figures
    rows = () if figures is None else tuple(
        (row.name, row.probability, row.cost, row.penalty, row.nominal_cost, row.bound) for row in figures.scenarios
    )  # fmt: skip
    text = "Scenarios that the first weeks were planned against; the first is the instance as it stands."
    return Table("scenarios", "Scenarios", text, columns, rows)
