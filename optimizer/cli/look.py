"""Commands that only look: `check`, `weights`, `formulations`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from models.plan import Verdict
from optimizer.cli.options import AsJson, Instance
from optimizer.cli.printing import say, show, show_json
from optimizer.findings import Finding, has_errors


def check(
    instance: Instance,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="DIR", help="A plan to judge, rule by rule.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print every finding about the input; with a plan, the checker's verdict rule by rule."""
    from models.checker import RULES, check_plan
    from optimizer.reading.instance import read_instance
    from optimizer.reading.plan import read_plan
    from optimizer.reporting.output import instance_in
    from optimizer.reporting.terminal import counted, finding_lines, verdict_table

    reading = read_instance(instance_in(instance))
    findings, verdict = list(reading.findings), None
    if plan is not None and reading.problem is not None:
        decided, found = read_plan(plan, reading.problem)
        findings += found
        if decided is not None:
            verdict = check_plan(reading.problem, decided)
    if as_json:
        show_json([*(finding.as_dict() for finding in findings), *violations(verdict, plan)])
    else:
        if findings:
            show(finding_lines(findings))
        show(Text(f"{counted(findings)}."))
        if verdict is not None:
            show(verdict_table(RULES, verdict))
        elif plan is not None:
            say("The plan was not judged.")
    raise typer.Exit(2 if has_errors(findings) or (verdict is not None and not verdict.passed) else 0)


def violations(verdict: Verdict | None, plan: Path | None) -> list[dict[str, Any]]:
    """Broken rules in the shape of findings: `code` is the rule; `index` and `amount` say where and by how much."""
    if verdict is None:
        return []
    return [
        {
            "severity": "error",
            "code": broken.rule,
            "file": str(plan),
            "row": None,
            "column": None,
            "value": None,
            "message": broken.message,
            "expected": "",
            "hint": "",
            "rule": broken.rule,
            "index": list(broken.index),
            "amount": broken.amount,
        }
        for broken in verdict.violations
    ]


def refuse(findings: tuple[Finding, ...], as_json: bool) -> typer.Exit:
    """Say what is wrong with the input; the exit to raise."""
    from optimizer.reporting.terminal import finding_lines

    say(finding_lines(findings))
    if as_json:
        show_json({"error": "the input is wrong", "findings": [finding.as_dict() for finding in findings]})
    return typer.Exit(2)


def weights(instance: Instance, as_json: AsJson = False) -> None:
    """Print priority weights, and what each contribution adds to them."""
    from models.priority import priorities
    from optimizer.reading.instance import read_instance
    from optimizer.reporting.output import instance_in
    from optimizer.reporting.terminal import finding_lines, weights_table
    from optimizer.reporting.weights import weights_list

    reading = read_instance(instance_in(instance))
    problem = reading.problem
    if problem is None:
        raise refuse(reading.findings, as_json)
    found = priorities(problem)
    missing = [finding for finding in reading.findings if finding.code == "missing_score"]
    if missing:
        say(finding_lines(missing))
    if as_json:
        show_json(weights_list(problem, found))
    else:
        names = {recipient.recipient: recipient.name for recipient in problem.recipients}
        show(weights_table(names, found, problem.weights))


def formulations(as_json: AsJson = False) -> None:
    """Print the names of the formulations, one line each, and their source."""
    from models.catalog import DEFAULT, FORMULATIONS

    if as_json:
        show_json(
            [
                {"name": name, "summary": one.summary, "source": one.source, "default": name == DEFAULT}
                for name, one in FORMULATIONS.items()
            ]
        )
        return
    table = Table()
    for head in ("name", "summary", "source"):
        table.add_column(head, overflow="fold")
    for name, one in FORMULATIONS.items():
        table.add_row(Text(f"{name} (default)" if name == DEFAULT else name), Text(one.summary), Text(one.source))
    show(table)
