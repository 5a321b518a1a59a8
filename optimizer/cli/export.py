"""`burdenshare export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson, Formulation, Instance, formulation_named
from optimizer.cli.printing import say, show, show_json
from optimizer.findings import error


def export(
    instance: Instance,
    *,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE.mps|FILE.lp", help="The file to write.", show_default=False)
    ],
    formulation: Formulation = "",
    as_json: AsJson = False,
) -> None:
    """Write the model for another solver, as free MPS or LP."""
    from models.catalog import FORMULATIONS
    from optimizer.exporting.export import FORMATS
    from optimizer.exporting.export import export as exported
    from optimizer.reading.instance import read_instance
    from optimizer.reporting.output import instance_in
    from optimizer.reporting.terminal import finding_lines

    name = formulation_named(formulation)
    if to.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{str(to)!r} ends in neither .mps nor .lp.", param_hint="'--to'")
    if to.exists():
        raise refuse((error("target_exists", str(to), "the file exists, and is not overwritten"),), as_json)
    reading = read_instance(instance_in(instance))
    if reading.problem is None:
        raise refuse(reading.findings, as_json)
    shown = [finding for finding in reading.findings if finding.severity != "note"]
    if shown:
        say(finding_lines(shown))
    try:
        done = exported(reading.problem, FORMULATIONS[name], to)
    except OSError as problem:
        raise refuse((error("cannot_write", str(to), f"{problem.strerror or problem}"),), as_json) from problem
    if done.stage is not None:
        say(
            f"note: the instance minimises in stages; the file minimises the first one, {done.stage}. "
            f"For the next, add a row that holds it (docs/export.md)."
        )
    if done.relaxation is not None:
        say(f"note: the file holds {done.relaxation}.")
    if as_json:
        size = {"rows": done.rows, "columns": done.columns, "nonzeros": done.nonzeros}
        show_json({"written": str(to), "formulation": name, "objective": done.stage or "weighted", **size})
    else:
        show(f"Written: {to} ({done.rows} rows, {done.columns} columns, {done.nonzeros} nonzeros)")
