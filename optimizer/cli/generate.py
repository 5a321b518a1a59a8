"""`burdenshare generate`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson, one_of
from optimizer.cli.printing import show, show_json
from optimizer.findings import Finding, error


def _factor(value: float) -> float:
    if not (math.isfinite(value) and 0 < value <= 1000):
        raise typer.BadParameter(f"{value:g} is not a number above 0, at most 1000.")
    return value


def generate(
    size: Annotated[
        str,
        typer.Argument(metavar="CLASS", help="toy, weekly, alliance, book or book-weekly.", show_default=False),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the instance goes.", show_default=False)],
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Of everything that is drawn.")] = 0,
    factor: Annotated[
        float, typer.Option("--factor", callback=_factor, help="Multiplies every count of the class.")
    ] = 1.0,
    force: Annotated[bool, typer.Option("--force", help="Replace an instance that is in DIR.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic instance of a size class."""
    from optimizer.generating.classes import CLASSES
    from optimizer.generating.generate import generate as generated

    name = one_of(size, CLASSES, "size class", "CLASS")
    refused = _refused(out, force)
    if refused is not None:
        raise refuse((refused,), as_json)
    try:
        made = generated(name, seed, out, factor)
    except OSError as problem:
        raise refuse((error("cannot_write", str(out), f"{problem.strerror or problem}"),), as_json) from problem
    if as_json:
        show_json(
            {
                "written": str(out),
                "instance": made.name,
                "class": name,
                "seed": seed,
                "factor": factor,
                "rows": made.rows,
            }
        )
    else:
        show(f"Written: {out} ({made.name}; {made.rows['orders']:,} orders, {made.rows['needs']:,} needs)")


def _refused(out: Path, force: bool) -> Finding | None:
    """Why DIR may not be written, if so."""
    from optimizer.reading.folder import SETTINGS_FILE

    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if out.is_dir() and (out / SETTINGS_FILE).is_file():
        if force:
            return None
        message = "there is an instance, and it is not overwritten without --force"
        return error("target_exists", str(out), message, expected="a new path, or --force")
    message = "something else than an instance is there, and is not overwritten"
    return error("target_exists", str(out), message, expected="a new path, or an empty folder")
