"""`burdenshare bench`: measuring a suite, and comparing what was measured at two commits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from optimizer.cli.options import AsJson, share
from optimizer.cli.printing import say, show, show_json

if TYPE_CHECKING:
    from optimizer.bench.records import Record
    from optimizer.peers.records import Job


class _RunUnlessNamed(TyperGroup):
    """`bench SUITE` means `bench run SUITE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts `run` before arguments that name no command."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


bench = typer.Typer(
    cls=_RunUnlessNamed,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Measure formulations, peers and baselines: `bench SUITE.toml --out DIR`, then `bench compare DIR`.",
)

Results = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of results.", show_default=False)]


@bench.command()
def run(
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="A suite, as in docs/bench.md.", show_default=False)],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results go and are.", show_default=False)],
    again: Annotated[bool, typer.Option("--again", help="Measure also what is known; nothing is lost.")] = False,
    at_once: Annotated[int, typer.Option("--jobs", min=1, max=256, help="Runs at the same time.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure what a suite asks for, and show the results. What was measured before is not measured again."""
    from optimizer.bench.extras import all_present
    from optimizer.bench.page import write_results
    from optimizer.bench.run import run_suite
    from optimizer.bench.suite import SuiteError, read_suite
    from optimizer.extras import MissingExtraError

    if at_once > 1:
        say(f"warning: {at_once} runs at the same time disturb each other's times; compare solved counts and gaps only")
    try:
        all_present()
        chosen = read_suite(suite)
        finished = run_suite(chosen, out, again=again, at_once=at_once, told=_tell)
    except MissingExtraError as missing:
        raise _refused([f"error: {missing}"], as_json) from missing
    except SuiteError as wrong:
        raise _refused([f"error: {line}" for line in wrong.findings], as_json) from wrong
    except OSError as failure:
        raise _refused([f"error: {out}: {failure.strerror or failure}"], as_json) from failure
    summary = write_results(out, chosen.content.name, chosen.content.about, finished)
    if as_json:
        from optimizer.bench.page import as_document

        show_json(as_document(chosen.content.name, finished, summary))
    else:
        _show(chosen.content.name, finished, summary)
    say(f"{finished.done} of {finished.wanted} runs measured now, {finished.known} known before; results are in {out}")
    if finished.interrupted:
        say("interrupted: the same command goes on where this one stopped")
        raise typer.Exit(130)


@bench.command()
def compare(
    folder: Results,
    *,
    old: Annotated[str, typer.Option("--old", metavar="COMMIT", help="Default: the one before the newest.")] = "",
    new: Annotated[str, typer.Option("--new", metavar="COMMIT", help="Default: the newest measured.")] = "",
    tolerance: Annotated[
        float, typer.Option("--tolerance", callback=share, help="How much slower is still no regression; 0.2 is 20 %.")
    ] = 0.2,
    as_json: AsJson = False,
) -> None:
    """Show what got slower or faster from one commit to another; exit code 1 if something got worse."""
    from optimizer.bench.compare import CompareError, compare_records
    from optimizer.bench.compare_table import comparison_table, lines
    from optimizer.bench.store import Store
    from optimizer.extras import MissingExtraError

    try:
        if not (folder / "records").is_dir():
            raise CompareError(f"{folder} holds no results of `burdenshare bench`")
        comparison = compare_records(Store(folder).all(), old, new, tolerance)
    except (CompareError, MissingExtraError) as wrong:
        raise _refused([f"error: {wrong}"], as_json) from wrong
    if as_json:
        show_json(comparison.as_dict())
    else:
        show(comparison_table(comparison))
        for line in lines(comparison):
            show(Text(line))
    raise typer.Exit(1 if comparison.regressions else 0)


def _refused(lines: list[str], as_json: bool) -> typer.Exit:
    """Says what is wrong; the exit to raise."""
    for line in lines:
        say(Text(line))
    if as_json:
        show_json({"error": "the arguments or the input are wrong", "findings": lines})
    return typer.Exit(2)


def _tell(count: int, number: int, job: Job, record: Record | None) -> None:
    """A line for every run, at its begin and at its end."""
    what = f"[{number}/{count}] {job.label}, {job.entry}, seed {job.seed}"
    what += f", repeat {job.repeat}" if job.repeat else ""
    if record is None:
        say(Text(f"{what} ..."))
        return
    from optimizer.bench.table import percent, seconds

    note = f"; {record.message.splitlines()[-1][:200]}" if record.failed and record.message else ""
    say(Text(f"{what}: {record.status} after {seconds(record.total_seconds)} s, gap {percent(record.gap)}{note}"))


def _show(name: str, finished: Any, summary: Any) -> None:
    from optimizer.bench.table import rich_table, settings_of

    for setting in settings_of(summary):
        show(rich_table([row for row in summary.rows if row.setting == setting], f"{name}: {setting}"))
    for line in (*(f"CONTRADICTION {line}" for line in summary.contradictions), *summary.notes):
        show(Text(line))
