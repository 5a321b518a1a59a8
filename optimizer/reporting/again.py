"""The page and the workbook once more, from a plan's folder alone."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

from models.checker import check_plan
from models.plan import Verdict
from optimizer.explaining.facts import facts_of
from optimizer.findings import Finding, error, has_errors
from optimizer.reading.instance import read_instance
from optimizer.reading.plan import read_plan
from optimizer.reporting import output
from optimizer.reporting.summary import Report, Summary, checked, terms_dict
from optimizer.reporting.values_csv import read_values
from optimizer.solving.outcome import relative_gap

_log = logging.getLogger(__name__)


def read_report(folder: Path, only: str | None = None) -> tuple[Report | None, tuple[Finding, ...]]:
    """Read a plan's folder back, and judge the plan again; None if it cannot be read.

    `only`: explain the order or need of this name and nothing else; all of the plan if there is none.
    """
    if not output.holds_plan(folder):
        return None, (error("missing_file", str(folder), "the folder holds no plan", expected="what `solve` wrote"),)
    reading = read_instance(output.instance_in(folder / output.INSTANCE))
    if reading.problem is None:
        return None, reading.findings
    plan, findings = read_plan(folder, reading.problem)
    if plan is None:
        return None, findings
    summary = summary_of(folder)
    if isinstance(summary, Finding):
        return None, (summary,)
    verdict = check_plan(reading.problem, plan)
    named = {*(order.order for order in reading.problem.orders), *(need.need for need in reading.problem.needs)}
    facts = facts_of(reading.problem, plan, only=only if only in named else None)
    summary = replace(_brought_up(summary, verdict), unmet=facts.unmet())
    values = read_values(folder / output.VALUES, reading.problem) if verdict.passed else None
    return Report(reading.problem, plan, verdict, facts, summary, values=values), findings


def summary_of(folder: Path) -> Summary | Finding:
    """The summary in a plan's folder, or why it cannot be read."""
    try:
        return Summary.from_dict(json.loads((folder / output.SUMMARY).read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError, OSError) as problem:
        return error("missing_value", output.SUMMARY, f"this is not the summary of a plan: {problem}")


def _brought_up(summary: Summary, verdict: Verdict) -> Summary:
    """The summary as it is, unless the plan was changed by hand since: then what the checker says now."""
    value = verdict.terms.total
    same = summary.objective is not None and abs(value - summary.objective) <= 1e-6 * max(1.0, abs(value))
    if same and summary.checker == checked(verdict):
        return summary
    _log.warning("the plan is not the one that was written here: the page shows what the checker says of it now")
    return replace(
        summary,
        objective=value,
        gap=relative_gap(value, summary.bound),
        terms=terms_dict(verdict.terms),
        checker=checked(verdict),
    )


def report_again(folder: Path) -> tuple[Finding, ...]:
    """Write `report.html` and `plan.xlsx` again; the findings say why not, or what is odd."""
    report, findings = read_report(folder)
    if report is None:
        return findings if has_errors(findings) else (*findings, error("cannot_read", str(folder), "no plan was read"))
    try:
        output.write_for_people(folder, report)
    except OSError as problem:
        return (error("cannot_write", str(folder), f"{problem.strerror or problem}"),)
    return findings
