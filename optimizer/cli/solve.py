"""`burdenshare solve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.options import AsJson, Instance, one_of, positive, share
from optimizer.cli.printing import errors, say, show, show_json
from optimizer.settings import Settings

_DEFAULTS = Settings()


def solve(
    instance: Instance,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the plan goes.", show_default=False)],
    formulation: Annotated[
        str, typer.Option("--formulation", metavar="NAME", help="See `burdenshare formulations`.")
    ] = "",
    gap: Annotated[
        float, typer.Option("--gap", callback=share, help="Stop when the plan is proven to be this near the best.")
    ] = _DEFAULTS.gap,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            callback=positive,
            help="Time for solving, wall clock; with --work only a net, 20 a unit and 600 at least.",
            show_default=f"{_DEFAULTS.seconds:g}",
        ),
    ] = None,
    work: Annotated[
        float | None,
        typer.Option(
            "--work",
            callback=positive,
            help="Limit that gives the same plan again: units of work, about a second each. See docs/determinism.md.",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, max=1024, help="Threads.")] = _DEFAULTS.threads,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of random choices.")] = _DEFAULTS.seed,
    as_json: AsJson = False,
) -> None:
    """Find a plan, judge it, and write it to DIR."""
    from models.catalog import DEFAULT, FORMULATIONS
    from optimizer.pipeline import Result, solve_instance
    from optimizer.reporting.output import OutputError
    from optimizer.reporting.progress_line import ProgressLine

    name = one_of(formulation or DEFAULT, FORMULATIONS, "formulation", "--formulation")
    settings = Settings(gap=gap, threads=threads, seed=seed, work=work)
    if seconds is not None:
        settings = replace(settings, seconds=seconds)
    try:
        with ProgressLine(errors()) as progress:
            result = solve_instance(instance, out, name, settings, progress)
    except OutputError as refused:
        result = Result(2, (refused.finding,))
    _tell(result, as_json)
    raise typer.Exit(result.code)


def _tell(result: Result, as_json: bool) -> None:  # type: ignore[name-defined]  # noqa: F821
    from optimizer.reporting.terminal import clash_lines, counted, finding_lines, objective_table, status_lines

    summary = result.summary
    shown = [finding for finding in result.findings if finding.severity != "note" or summary is None]
    if shown:
        say(finding_lines(shown))
    if summary is None:
        say(f"Nothing was written to --out: {counted(result.findings)}.")
        if as_json:
            findings = [finding.as_dict() for finding in result.findings]
            show_json({"error": "the arguments or the input are wrong", "findings": findings})
        return
    if as_json:
        show_json(summary.as_dict())
    elif summary.status == "infeasible":
        show(clash_lines(summary))
    else:
        show(objective_table(summary))
        show(status_lines(summary))
    if result.folder is not None:
        say(f"{'The plan is' if result.holds_plan else 'The account is'} in {result.folder}")
    else:
        say("Nothing was written: the plan that stands there was kept.")
