"""`burdenshare roll`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from optimizer.cli.options import (
    DEFAULTS,
    AsJson,
    Formulation,
    Instance,
    Threads,
    any_share,
    formulation_named,
    seconds_option,
    seed_option,
    settings_of,
    work_option,
)
from optimizer.cli.printing import errors, say, show, show_json

if TYPE_CHECKING:
    from optimizer.batch.roll import RollResult
    from optimizer.rolling.report import WeekRow


def roll(
    instance: Instance,
    *,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=5000, help="Weeks to plan in.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the roll goes.", show_default=False)],
    scenario: Annotated[
        Path | None, typer.Option("--scenario", metavar="FILE", help="A disturbance file; without, nothing happens.")
    ] = None,
    seed: Annotated[int, seed_option("Of the history, and of the solver.")] = DEFAULTS.seed,
    stability: Annotated[
        bool, typer.Option("--stability/--no-stability", help="Whether changing the plan before costs something.")
    ] = True,
    fixed_end: Annotated[
        bool, typer.Option("--fixed-end", help="End where the instance ends; else the horizon rolls on.")
    ] = False,
    plans: Annotated[bool, typer.Option("--plans", help="Write every plan's folder whole.")] = False,
    hindsight: Annotated[
        bool, typer.Option("--hindsight/--no-hindsight", help="Make the plan that knew everything, to compare with.")
    ] = True,
    formulation: Formulation = "",
    gap: Annotated[
        float,
        typer.Option("--gap", callback=any_share, help="Stop a solve when its plan is proven this near the best."),
    ] = DEFAULTS.gap,
    seconds: Annotated[float | None, seconds_option("Time for each solve, wall clock; with --work only a net.")] = None,
    work: Annotated[
        float | None,
        work_option("Limit of each solve that gives the same plans again: units of work, about a second each."),
    ] = None,
    threads: Threads = DEFAULTS.threads,
    as_json: AsJson = False,
) -> None:
    """Plan week after week, each plan from what the last one committed, while a drawn history unfolds."""
    from optimizer.batch.roll import RollOptions, RollResult
    from optimizer.batch.roll import roll as run
    from optimizer.findings import error
    from optimizer.reporting.output import OutputError
    from optimizer.reporting.progress_line import ProgressLine

    options = RollOptions(
        weeks,
        stability=stability,
        horizon="fixed" if fixed_end else "rolling",
        formulation=formulation_named(formulation),
        settings=settings_of(gap, seconds, work, threads, seed),
        keep_plans=plans,
        hindsight=hindsight,
    )
    try:
        with ProgressLine(errors()) as progress:
            result = run(instance, out, options, scenario=scenario, seed=seed, progress=progress, told=_tell_week)
    except OutputError as refused:
        result = RollResult(2, (refused.finding,))
    except OSError as failure:
        message = f"nothing could be written there: {failure.strerror or failure}"
        result = RollResult(2, (error("cannot_write", str(out), message),))
    _tell(result, as_json)
    raise typer.Exit(result.code)


def _tell_week(row: WeekRow, known: bool) -> None:
    from optimizer.reporting.rolling_words import week_line

    say(Text(f"week {row.week}  {week_line(row)}{' (made before)' if known else ''}"))


def _tell(result: RollResult, as_json: bool) -> None:
    from optimizer.reporting.rolling_words import promises_table, summary_lines, weeks_table
    from optimizer.reporting.terminal import counted, finding_lines

    shown = [finding for finding in result.findings if finding.severity != "note" or result.folder is None]
    if shown:
        say(finding_lines(shown))
    report = result.report
    if report is None:
        words = result.message or f"Nothing was written to --out: {counted(result.findings)}."
        say(Text(words))
        if as_json:
            findings = [finding.as_dict() for finding in result.findings]
            show_json({"error": result.message or "the arguments or the input are wrong", "findings": findings})
        return
    if as_json:
        show_json(report.as_dict())
    else:
        show(weeks_table(report))
        show(promises_table(report))
        for line in summary_lines(report):
            show(Text(line))
    say(f"The roll is in {result.folder}")
