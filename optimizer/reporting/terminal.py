"""What the terminal shows: rich tables and lines. Every text of the user goes in as plain text, never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.plan import Verdict, Violation
from models.priority import Priority
from models.problem import SCORES, TERMS, WeightsPolicy
from optimizer.findings import Finding
from optimizer.reporting.names import words
from optimizer.reporting.numbers import percent, short
from optimizer.reporting.replanned import Replanning
from optimizer.reporting.replanning_words import sentences
from optimizer.reporting.summary import Summary, terms_dict
from optimizer.reporting.weights import added

SHOWN = 8
"""So many demands that moved the terminal names."""
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
STATUS = {
    "optimal": "Optimal: no plan can be better.",
    "gap_reached": "Proven to be within the gap that was asked for.",
    "time_limit": "Time ran out before the gap was proven.",
    "interrupted": "Interrupted: the best plan so far.",
    "infeasible": "No plan can exist.",
    "no_plan": "No plan was found in the time there was.",
}
"""What each status of `summary.json` means."""


def finding_lines(findings: Iterable[Finding]) -> RenderableType:
    """Every finding on a line of its own."""
    lines = []
    for finding in findings:
        line = Text(finding.line())
        line.stylize(_COLOURS[finding.severity], 0, len(finding.severity))
        lines.append(line)
    return Group(*lines)


def counted(findings: Sequence[Finding]) -> str:
    """How many errors, warnings and notes."""
    parts = []
    for severity in ("error", "warning", "note"):
        count = sum(finding.severity == severity for finding in findings)
        parts.append(_counted(count, severity))
    return ", ".join(parts)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def objective_table(summary: Summary) -> Table:
    """The objective by term, for the two cases to compare with and for the plan."""
    table = Table(title="Priority-weighted delay (weight × million USD × weeks)", title_justify="left")
    table.add_column("term")
    for case in summary.baselines:
        table.add_column(Text(case.title), justify="right")
    table.add_column("Plan", justify="right", style="bold")
    plan = summary.terms
    for term in TERMS:
        cells = [short(case.terms[term]) for case in summary.baselines]
        table.add_row(words(term), *cells, "–" if plan is None else short(plan[term]))
    table.add_section()
    cells = [short(case.objective) for case in summary.baselines]
    table.add_row("total", *cells, "–" if summary.objective is None else short(summary.objective), style="bold")
    return table


def status_lines(summary: Summary) -> RenderableType:
    """Why it stopped, what is proven, and which of the two cases is no legal plan."""
    stopped = summary.status == "interrupted" and summary.objective is None
    lines = [Text("Interrupted before there was a plan." if stopped else STATUS[summary.status], style="bold")]
    lines += [Text(said) for said in summary.warnings]
    if summary.objective is not None and summary.bound is not None:
        lines.append(Text(f"No plan can be below {short(summary.bound)}: the gap is {percent(summary.gap)}."))
    elif summary.objective is not None:
        lines.append(Text("No lower bound is known yet."))
    for case in summary.baselines:
        if isinstance(case.checker, list):
            lines.append(
                Text(f"{case.title} is not a legal plan: it breaks {', '.join(case.checker)}.", style="yellow")
            )
    if summary.unmet is not None:
        unmet = summary.unmet
        lines.append(
            Text(
                f"Unmet at the end: {_counted(unmet['orders'], 'order')} ({_counted(unmet['order_units'], 'unit')}), "
                f"{_counted(unmet['needs'], 'need')} ({_counted(unmet['need_units'], 'unit')})."
            )
        )
    return Group(*lines)


def replanning_lines(found: Replanning) -> RenderableType:
    """How much moved since the plan before and why; a promise that broke in red."""
    lines = []
    for said in sentences(found):
        lines.append(Text(said, style="red" if said.startswith("Promise broken") else ""))
    for row in found.moved[:SHOWN]:
        lines.append(Text(f"  {row.demand} ({row.movement}): {row.why}"))
    if found.demands_moved > SHOWN:
        lines.append(Text(f"  and {found.demands_moved - SHOWN} more: see report.html"))
    return Group(*lines)


def clash_lines(summary: Summary) -> RenderableType:
    """Which rules clash, and by how much."""
    lines = [Text("These promises and limits cannot all hold:", style="bold red")]
    for clash in summary.clashes:
        where = ", ".join(clash.entities)
        lines.append(Text(f"  {clash.rule} [{where}]: {clash.message} (by {short(clash.amount)} {clash.unit})"))
    if not summary.clashes:
        lines.append(Text("  (which ones could not be found out in the time there was)"))
    return Group(*lines)


def verdict_table(rules: Iterable[str], verdict: Verdict) -> RenderableType:
    """The checker's verdict rule by rule, and the objective it computes."""
    by_rule: dict[str, list[Violation]] = {}
    for violation in verdict.violations:
        by_rule.setdefault(violation.rule, []).append(violation)
    table = Table(title="Checker", title_justify="left")
    table.add_column("rule")
    table.add_column("verdict")
    for rule in [*rules, *(name for name in by_rule if name not in set(rules))]:
        broken = by_rule.get(rule, [])
        table.add_row(rule, Text(f"broken {len(broken)}×", style="red") if broken else Text("holds", style="green"))
    lines: list[RenderableType] = [table]
    lines += [Text(f"{v.rule} [{', '.join(v.index)}]: {v.message} (by {short(v.amount)})") for v in verdict.violations]
    terms = ", ".join(f"{words(term)} {short(value)}" for term, value in terms_dict(verdict.terms).items())
    lines.append(Text(f"Objective {short(verdict.terms.total)}: {terms}."))
    return Group(*lines)


def weights_table(names: Mapping[str, str], found: Mapping[str, Priority], policy: WeightsPolicy | None) -> Table:
    """Priority weights, heaviest first, and what each contribution adds to them."""
    minimum = 1.0 if policy is None else policy.minimum
    table = Table(
        title=f"Priority weights: {short(minimum)} plus what each contribution adds (its score in brackets)",
        title_justify="left",
        caption="* no figure: the policy's missing score is used",
    )
    for head in ("recipient", "name"):
        table.add_column(head)
    for head in ("weight", *SCORES):
        table.add_column(words(head), justify="right")
    for code, priority in sorted(found.items(), key=lambda pair: (-pair[1].weight, pair[0])):
        parts = added(priority, policy)
        cells = [
            f"+{parts[name]:.2f} ({priority.scores[name]:.2f}){'*' if name in priority.missing else ''}"
            if policy is not None
            else "–"
            for name in SCORES
        ]
        table.add_row(Text(code), Text(names[code]), f"{priority.weight:.2f}", *cells)
    return table
