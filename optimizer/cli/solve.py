"""`burdenshare solve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from optimizer.cli.options import (
    DEFAULTS,
    AsJson,
    Cluster,
    Formulation,
    Instance,
    Threads,
    any_share,
    formulation_named,
    one_of,
    only_local,
    positive,
    seconds_option,
    seed_option,
    settings_of,
    work_option,
    workers_option,
)
from optimizer.cli.printing import errors, say, show, show_json


def solve(
    instance: Instance,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the plan goes.", show_default=False)],
    formulation: Formulation = "",
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous",
            metavar="DIR",
            help="Plan on from the plan in this folder: a week later, or at INSTANCE's start.",
        ),
    ] = None,
    robust: Annotated[
        Path | None,
        typer.Option("--robust", metavar="FILE", help="Plan against the scenarios of this file (docs/robust.md)."),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(
            "--gap",
            callback=any_share,
            help="Stop when the plan is proven to be this near the best.",
            show_default=f"{DEFAULTS.gap:g}",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        seconds_option(
            "Time for solving, wall clock; order books 900 at most; with --work a net, 20 a unit, 600 at least."
        ),
    ] = None,
    work: Annotated[
        float | None,
        work_option(
            "Limit that gives the same plan again: units of work, about a second each. See docs/determinism.md."
        ),
    ] = None,
    memory_gib: Annotated[
        float | None,
        typer.Option(
            "--memory-gib",
            callback=positive,
            help="End with the best plan so far before all processes take more than this.",
            show_default="what the machine has",
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            metavar="FOLDER",
            help="Keep what is found in FOLDER; the same command goes on from there if it was cut off.",
        ),
    ] = None,
    threads: Threads = DEFAULTS.threads,
    cluster: Cluster = "",
    workers: Annotated[
        int | None, workers_option("Processes that parts of an order book are solved in at a time.", "--threads")
    ] = None,
    seed: Annotated[int, seed_option("Of random choices.")] = DEFAULTS.seed,
    as_json: AsJson = False,
) -> None:
    """Find a plan, judge it, and write it to DIR."""
    from optimizer.batch.robust import FITTING, solve_robust_instance
    from optimizer.extras import MissingExtraError
    from optimizer.pipeline import Result, solve_instance
    from optimizer.reporting.output import OutputError
    from optimizer.reporting.progress_line import ProgressLine
    from optimizer.solving.places.link import ClusterError
    from optimizer.solving.places.where import Where

    name = formulation_named(formulation)
    if robust is not None:
        one_of(name, FITTING, "formulation in which scenarios can be linked", "--formulation")
        if previous is not None:
            message = "a plan against scenarios is not planned on from a plan before: give one of the two"
            raise typer.BadParameter(message, param_hint="--robust")
        for given, option in ((memory_gib, "--memory-gib"), (checkpoint, "--checkpoint")):
            if given is not None:
                raise typer.BadParameter("a plan against scenarios does not know it", param_hint=option)
        if cluster:
            message = "a plan against scenarios is found on this machine alone"
            raise typer.BadParameter(message, param_hint="--cluster")
        if workers is not None:
            message = "a plan against scenarios takes as many processes as it has --threads"
            raise typer.BadParameter(message, param_hint="--workers")
    only_local(cluster, workers)
    settings = replace(settings_of(gap, seconds, work, threads, seed), memory_gib=memory_gib)
    try:
        with ProgressLine(errors()) as progress:
            if robust is None:
                result = solve_instance(
                    instance, out, name, settings, progress, previous=previous, hold=gap is None,
                    usual=seconds is None and work is None, checkpoint=checkpoint,
                    where=Where(cluster, workers),
                )  # fmt: skip
            else:
                result = solve_robust_instance(
                    instance, out, robust, formulation=name, settings=settings, progress=progress
                )
    except OutputError as refused:
        result = Result(2, (refused.finding,))
    except (ClusterError, MissingExtraError) as problem:
        say(Text(f"error: {problem}"))
        if as_json:
            show_json({"error": str(problem)})
        raise typer.Exit(2) from problem
    _tell(result, as_json)
    raise typer.Exit(result.code)


def _tell(result: Result, as_json: bool) -> None:  # type: ignore[name-defined]  # noqa: F821
    from optimizer.reporting.terminal import (
        clash_lines,
        counted,
        finding_lines,
        objective_table,
        replanning_lines,
        status_lines,
    )

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
        if summary.replanning is not None:
            show(replanning_lines(summary.replanning))
    if result.folder is not None:
        say(f"{'The plan is' if result.holds_plan else 'The account is'} in {result.folder}")
    else:
        say("Nothing was written: the plan that stands there was kept.")
