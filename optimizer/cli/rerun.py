"""The command `rerun`: a plan's folder run again, and whether the same comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson
from optimizer.cli.printing import errors, say, show, show_json

if TYPE_CHECKING:
    from optimizer.batch.rerun import Rerun


def rerun(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a plan.", show_default=False)],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR2", help="Keep the new plan here; else it is only compared."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a plan's folder again, from its manifest alone, and compare what comes of it."""
    from optimizer.batch.rerun import rerun as run_again
    from optimizer.batch.rerun_words import rerun_lines
    from optimizer.reporting.output import OutputError
    from optimizer.reporting.progress_line import ProgressLine

    try:
        with ProgressLine(errors()) as progress:
            found = run_again(folder, out, progress)
    except OutputError as refused:
        raise refuse((refused.finding,), as_json) from refused
    if found.findings:
        raise refuse(found.findings, as_json)
    if as_json:
        show_json(found.as_dict())
    else:
        show(rerun_lines(found))
    _tell(found)
    raise typer.Exit(found.code)


def _tell(found: Rerun) -> None:
    if found.folder is not None:
        say(f"The plan is in {found.folder}")
