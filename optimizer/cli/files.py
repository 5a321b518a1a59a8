"""Commands that write files other than a new plan: `convert`, `template`, `report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson, Instance
from optimizer.cli.printing import say, show, show_json
from optimizer.findings import Finding, error


def convert(
    instance: Instance,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new .xlsx workbook, or a folder.")],
    as_json: AsJson = False,
) -> None:
    """Turn a folder into a workbook, or a workbook into a folder, without loss."""
    from optimizer.reading.convert import convert as converted
    from optimizer.reporting.output import instance_in

    _done(converted(instance_in(instance), target), target, as_json)


def template(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The workbook to write.")],
    as_json: AsJson = False,
) -> None:
    """Write an empty workbook with drop-downs, notes and an example row."""
    from optimizer.reading.template import write_template

    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{str(file)!r} does not end in .xlsx.", param_hint="'FILE.xlsx'")
    if file.exists():
        raise refuse((error("target_exists", str(file), "the file exists, and is not overwritten"),), as_json)
    try:
        write_template(file)
    except OSError as problem:
        raise refuse((error("cannot_write", str(file), f"{problem.strerror or problem}"),), as_json) from problem
    _done((), file, as_json)


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a plan.")],
    as_json: AsJson = False,
) -> None:
    """Write report.html and plan.xlsx again, from the plan's folder alone."""
    from optimizer.reporting.again import report_again

    findings = report_again(folder)
    _done(findings, folder, as_json)


def _done(findings: tuple[Finding, ...], target: Path, as_json: bool) -> None:
    from optimizer.findings import has_errors
    from optimizer.reporting.terminal import finding_lines

    if has_errors(findings):
        raise refuse(findings, as_json)
    if findings:
        say(finding_lines(findings))
    if as_json:
        show_json({"written": str(target)})
    else:
        show(f"Written: {target}")
