"""`burdenshare stress`: a plan executed in many draws of what may happen, and what it leans on most."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson
from optimizer.cli.printing import say, show, show_json
from optimizer.settings import Settings

MOST_DRAWS = 100_000
MOST_SEED = 2**53


def stress(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a plan.", show_default=False)],
    *,
    scenario: Annotated[
        Path,
        typer.Option("--scenario", metavar="FILE", help="What may happen: a disturbance file.", show_default=False),
    ],
    draws: Annotated[int, typer.Option("--draws", min=1, max=MOST_DRAWS, help="How many histories.")] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="The first of their seeds.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR2", help="A folder for page, workbook and tables.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=1024, help="Processes.")] = Settings().threads,
    as_json: AsJson = False,
) -> None:
    """Execute a plan under seeded disturbances: delays, promises at risk, what it leans on."""
    from models.checker import check_plan
    from optimizer.batch.stress import stress as stressed
    from optimizer.batch.stress_files import read_planned, refusal, summary, write_stress
    from optimizer.batch.stress_terminal import stress_lines
    from optimizer.reporting.output import OutputError
    from optimizer.reporting.terminal import finding_lines
    from optimizer.scenarios.disturbance_file import read_disturbances

    planned, findings = read_planned(folder)
    disturbances, found = read_disturbances(scenario, None if planned is None else planned.problem)
    refused = None if out is None else refusal(out)
    findings = (*findings, *found, *([refused] if refused is not None else []))
    if planned is None or disturbances is None or refused is not None:
        raise refuse(findings, as_json)
    shown = [finding for finding in findings if finding.severity != "note"]
    if shown:
        say(finding_lines(shown))
    if not check_plan(planned.problem, planned.plan).passed:
        raise typer.BadParameter("the plan breaks rules of its instance; see `burdenshare check`.", param_hint="'DIR'")
    begun = time.monotonic()
    result = stressed(planned.problem, planned.plan, disturbances, draws=draws, seed=seed, workers=workers)
    if out is not None:
        try:
            write_stress(out, result, scenario, time.monotonic() - begun)
        except OutputError as problem:
            raise refuse((problem.finding,), as_json) from problem
    if as_json:
        show_json(summary(result))
        return
    show(stress_lines(result))
    if out is not None:
        say(f"Written: {out}")
