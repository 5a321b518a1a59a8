"""The commands and their order in the help."""

from __future__ import annotations

from typing import Annotated

import typer

from optimizer.cli.bench import bench
from optimizer.cli.compare import compare
from optimizer.cli.explain import explain
from optimizer.cli.export import export
from optimizer.cli.files import convert, report, template
from optimizer.cli.generate import generate
from optimizer.cli.incentive import incentive
from optimizer.cli.look import check, formulations, weights
from optimizer.cli.rerun import rerun
from optimizer.cli.roll import roll
from optimizer.cli.solve import solve
from optimizer.cli.stress import stress
from optimizer.cli.sweep import sweep
from optimizer.cli.value import value
from optimizer.cli.whatif import whatif
from optimizer.reporting.manifest import PROGRAM, version_of

app = typer.Typer(
    name=PROGRAM,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Allocates scarce defence production and donor money by policy, proves how good the plan is, and explains it.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {version_of(PROGRAM) or 'unknown'}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Options of the command itself."""


for command in (
    *(solve, explain, value, compare, whatif, sweep, roll, stress, rerun),
    *(incentive, check, weights, convert, template, generate, report, export, formulations),
):
    app.command()(command)
app.add_typer(bench, name="bench")
