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
    recipient: Annotated[
        str,
        typer.Argument(metavar="RECIPIENT", help="As in recipients.csv; default: all that order.", show_default=False),
    ] = "",
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
    if recipient:
        one_of(recipient, [row.recipient for row in report.problem.recipients], "recipient", "RECIPIENT")
    if item:
        one_of(item, [row.item for row in report.problem.items], "item", "--item")
    shown = [finding for finding in findings if finding.severity != "note"]
    if shown:
        say(finding_lines(shown))
    if not report.verdict.passed:
        raise typer.BadParameter("the plan breaks rules of its instance; see `burdenshare check`.", param_hint="'DIR'")
    ordering = {order.recipient for order in report.problem.orders}
    wanted = [recipient] if recipient else [r.recipient for r in report.problem.recipients if r.recipient in ordering]
    curves = []
    for one in wanted:
        if not recipient:
            say(f"{one}:")
        try:
            curves.append(
                curve_of(
                    report.problem, report.plan, one, by=what, points=points, seconds_per_point=seconds,
                    threads=threads, whole=whole, bound=report.summary.bound, item=item, told=say,
                )
            )  # fmt: skip
        except NoCurveError as none:
            if recipient:
                raise typer.BadParameter(f"{none}.", param_hint="'RECIPIENT'") from none
            say(f"{none}.")
    if as_json:
        show_json(curve_dict(curves[0]) if recipient else {"curves": [curve_dict(curve) for curve in curves]})
        return
    for curve in curves:
        show(curve_lines(curve))
