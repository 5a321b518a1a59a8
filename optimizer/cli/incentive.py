"""`burdenshare incentive`: how a recipient's deliveries move with what it contributes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson, one_of, positive
from optimizer.cli.printing import say, show, show_json
from optimizer.settings import Settings


def incentive(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a plan.")],
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="Three capital letters, as in recipients.csv.")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="WHAT", help="defence, support or offer.")] = "defence",
    points: Annotated[int, typer.Option("--points", min=2, max=100, help="About how many points.")] = 8,
    seconds: Annotated[
        float, typer.Option("--seconds", callback=positive, help="Time for each point, wall clock.")
    ] = 20.0,
    item: Annotated[str, typer.Option("--item", metavar="ITEM", help="What is offered (with --by offer).")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="Solve the whole instance again at every point, too.")] = False,
    threads: Annotated[int, typer.Option("--threads", min=1, max=1024, help="Worker processes.")] = Settings().threads,
    as_json: AsJson = False,
) -> None:
    """Show how a recipient's deliveries move as it contributes more."""
    from optimizer.explaining.incentive import BYS
    from optimizer.findings import has_errors
    from optimizer.reporting.again import read_report
    from optimizer.reporting.incentive_words import curve_dict, curve_lines
    from optimizer.reporting.terminal import finding_lines
    from optimizer.valuing.contributions import NoCurveError
    from optimizer.valuing.incentive import incentive as curve_of

    what = next(name for name in BYS if name == one_of(by, BYS, "contribution", "--by"))
    report, findings = read_report(folder)
    if report is None or has_errors(findings):
        raise refuse(findings, as_json)
    one_of(recipient, [row.recipient for row in report.problem.recipients], "recipient", "RECIPIENT")
    if item:
        one_of(item, [row.item for row in report.problem.items], "item", "--item")
    shown = [finding for finding in findings if finding.severity != "note"]
    if shown:
        say(finding_lines(shown))
    if not report.verdict.passed:
        raise typer.BadParameter("the plan breaks rules of its instance; see `burdenshare check`.", param_hint="'DIR'")
    try:
        curve = curve_of(
            report.problem, report.plan, recipient, by=what, points=points, seconds_per_point=seconds, threads=threads,
            whole=whole, bound=report.summary.bound, item=item, told=say,
        )  # fmt: skip
    except NoCurveError as none:
        raise typer.BadParameter(f"{none}.", param_hint="'RECIPIENT'") from none
    if as_json:
        show_json(curve_dict(curve))
    else:
        show(curve_lines(curve))
