"""`burdenshare sweep`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from optimizer.cli.options import AsJson, Cluster, only_local, positive, workers_option
from optimizer.cli.printing import errors, say, show, show_json

if TYPE_CHECKING:
    from optimizer.batch.executors.interface import Executor
    from optimizer.batch.sweep import Swept
    from optimizer.batch.sweep_plan import SweepPlan


def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sweep, as in docs/sweep.md.", show_default=False)],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go and are.", show_default=False)],
    workers: Annotated[
        int | None, workers_option("Processes at a time; 0 runs everything in this one.", "cores")
    ] = None,
    cluster: Cluster = "",
    plans: Annotated[bool, typer.Option("--plans", help="Keep the folder of every plan, in DIR/plans.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Make failed runs again.")] = False,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="More runs than this are refused.")] = 10_000,
    memory_gib: Annotated[
        float | None,
        typer.Option(
            "--memory-gib", callback=positive, help="A run that takes more is ended. Default: what the file says.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="Say how many runs there are, and make none.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make many runs: scenarios, parameters, instances, formulations, seeds. Goes on where it stopped."""
    from optimizer.batch.executors.interface import ExecutorError
    from optimizer.batch.extras import NEEDED, extra
    from optimizer.batch.lock import LockedError
    from optimizer.batch.sweep import CannotWriteError, planned_sweep
    from optimizer.batch.sweep_run import OtherProgramError
    from optimizer.extras import MissingExtraError

    try:
        for module in NEEDED:
            extra(module)
        plan, findings = planned_sweep(file, out, most_runs=most, plans=plans)
        if plan is None:
            raise _refused(findings, as_json)
        if memory_gib is not None:
            plan = plan.with_memory(1024.0 * memory_gib)
        executor, at_once = _executor(workers, cluster, plan)
        _announce(plan, executor, at_once)
        if count:
            if as_json:
                show_json({"sweep": plan.name, "wanted": len(plan.planned), "different": len(plan.tasks())})
            return
        swept = _swept(plan, out, executor, retry_failed=retry_failed)
        _tell(swept, out, as_json)
    except CannotWriteError as problem:
        say("What was finished before is kept: the same command goes on where this one stopped.")
        raise _refused((problem.finding,), as_json) from problem
    except (MissingExtraError, LockedError, ExecutorError, OtherProgramError) as problem:
        raise _error(str(problem), as_json) from problem
    if swept.interrupted:
        say("interrupted: the same command goes on where this one stopped")
        raise typer.Exit(130)


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _executor(workers: int | None, cluster: str, plan: SweepPlan) -> tuple[Executor, int]:
    """Where runs are made, and about how many at a time."""
    from optimizer.batch.extras import extra

    threads = max((task.settings.threads for task in plan.tasks().values()), default=1)
    several = workers if workers is not None else max(1, cores() // threads)
    if cluster:
        extra("distributed")
        from optimizer.batch.executors.cluster import Cluster as OnDask
        from optimizer.solving.places.where import LOCAL

        only_local(cluster, workers)
        memory = max((t.limits.memory_mib or 0.0 for t in plan.tasks().values()), default=0.0)
        at_once = max(1, several)
        return OnDask(cluster, at_once, memory_mib=memory * 1.25 or None), at_once if cluster == LOCAL else 0
    if several == 0:
        from optimizer.batch.executors.here import Here

        return Here(), 1
    extra("pebble")
    from optimizer.batch.executors.pool import Pool

    return Pool(several), several


def _announce(plan: SweepPlan, executor: Executor, at_once: int) -> None:
    from optimizer.reporting.numbers import short

    different = len(plan.tasks())
    also = f", {different:,} of them different" if different != len(plan.planned) else ""
    longest = ""
    if at_once:
        hours = plan.worst_seconds(at_once) / 3600
        longest = f"; solving takes {short(hours)} hours at most if every run takes its time" if hours >= 1 else ""
        longest = longest or f"; solving takes {short(60 * hours)} minutes at most if every run takes its time"
    say(Text(f"{plan.name}: {len(plan.planned):,} runs{also}, in {executor.name}{longest}"))


def _swept(plan: SweepPlan, out: Path, executor: Executor, *, retry_failed: bool) -> Swept:
    """Runs, with a bar on a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from optimizer.batch.sweep import Progress as Reached
    from optimizer.batch.sweep import sweep as run_sweep
    from optimizer.batch.sweep_page import write_pages

    console = errors()
    columns = (
        *(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
        *(TimeRemainingColumn(), TextColumn("{task.fields[note]}", markup=False)),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(plan.name, total=len(plan.tasks()), note="")

        def told(reached: Reached) -> None:
            note = f"{reached.failed} failed" if reached.failed else ""
            bar.update(task, completed=reached.done, note=note)

        return run_sweep(plan, out, executor, retry_failed=retry_failed, told=told, also=write_pages)


def _tell(swept: Swept, out: Path, as_json: bool) -> None:
    from optimizer.batch.sweep_table import as_document, rich_table

    if as_json:
        show_json(as_document(swept))
    else:
        show(rich_table(swept))
    for row in swept.failed[:10]:
        say(Text(f"failed: {row['label']}: {row['status']}: {(row['message'] or '').splitlines()[:1]}"[:300]))
    say(Text(f"{swept.done} of {swept.wanted} runs made now, {swept.known} known before; results are in {out}"))


def _refused(findings: Any, as_json: bool) -> typer.Exit:
    """Says what is wrong with the file; the exit to raise."""
    from optimizer.reporting.terminal import counted, finding_lines

    say(finding_lines(findings))
    say(f"No run was made: {counted(findings)}.")
    if as_json:
        listed = [finding.as_dict() for finding in findings]
        show_json({"error": "the arguments or the input are wrong", "findings": listed})
    return typer.Exit(2)


def _error(message: str, as_json: bool) -> typer.Exit:
    say(Text(f"error: {message}"))
    if as_json:
        show_json({"error": message})
    return typer.Exit(2)
