"""The command `compare`: what moved between two plans, for whom, by how much, and what that goes with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson
from optimizer.cli.printing import say, show, show_json
from optimizer.findings import error


def _at_least_one(value: int | None) -> int | None:
    if value is not None and value < 1:
        raise typer.BadParameter(f"{value} is not a number of 1 or more.")
    return value


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The folder of a plan.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The folder of the other plan.", show_default=False)],
    *,
    top: Annotated[
        int | None,
        typer.Option("--top", callback=_at_least_one, help="Rows of a table; 15 on the terminal.", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="A recipient, demand or item; may be given several times."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write it as a workbook.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what moved between two plans, for whom, by how much, and what that goes with."""
    from optimizer.reporting.comparing import compare_folders, write_book, write_page
    from optimizer.reporting.comparison_json import comparison_dict
    from optimizer.reporting.comparison_terminal import TOP, comparison_lines
    from optimizer.reporting.terminal import finding_lines

    if xlsx is not None and xlsx.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{str(xlsx)!r} does not end in .xlsx.", param_hint="'--xlsx'")
    if html is not None and xlsx is not None and html.absolute() == xlsx.absolute():
        raise refuse((error("cannot_write", str(html), "the page and the workbook cannot be one file"),), as_json)
    comparison, findings = compare_folders(old, new, only or ())
    if comparison is None:
        raise refuse(findings, as_json)
    if findings:
        say(finding_lines(findings))
    written = []
    for file, write in ((html, write_page), (xlsx, write_book)):
        if file is not None:
            refused = write(file, comparison)
            if refused is not None:
                raise refuse((refused,), as_json)
            written.append(file)
    if as_json:
        show_json(comparison_dict(comparison, top))
        return
    show(comparison_lines(comparison, top or TOP))
    for file in written:
        say(f"Written: {file}")
