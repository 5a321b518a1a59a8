"""`burdenshare whatif`: a changed instance solved beside the unchanged one, and what that moves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import AsJson, any_share, one_of, positive, seed_option
from optimizer.cli.printing import errors, say, show, show_json

if TYPE_CHECKING:
    from optimizer.batch.whatif import Answer
    from optimizer.findings import Finding
    from optimizer.scenarios.patch import Patch


def _many(name: str, metavar: str, help_text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, show_default=False)


def whatif(
    instance: Annotated[
        Path,
        typer.Argument(
            metavar="INSTANCE", help="An instance, or the folder of a plan, which is then the base.", show_default=False
        ),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where it all goes.", show_default=False)],
    set_: Annotated[
        list[str] | None, _many("--set", "TABLE.KEY.COLUMN=VALUE", "Set a value; SECTION.KEY=VALUE for a policy.")
    ] = None,
    scale: Annotated[list[str] | None, _many("--scale", "TABLE.KEY.COLUMN=FACTOR", "Multiply a number.")] = None,
    shift: Annotated[
        list[str] | None, _many("--shift", "TABLE.KEY.COLUMN=N", "Move a date by weeks, a number by an amount.")
    ] = None,
    add: Annotated[list[str] | None, _many("--add", "'TABLE COLUMN=VALUE …'", "Add a row, or a section.")] = None,
    remove: Annotated[list[str] | None, _many("--remove", "TABLE.KEY", "Remove rows, or a [SECTION].")] = None,
    scenario: Annotated[
        list[str] | None, _many("--scenario", "FILE[:NAME]", "A scenario of a file; several are made in order.")
    ] = None,
    base: Annotated[
        Path | None, typer.Option("--base", metavar="DIR", help="A plan of INSTANCE: it is not solved again.")
    ] = None,
    formulation: Annotated[
        str, typer.Option("--formulation", metavar="NAME", help="Default: that of the base.", show_default=False)
    ] = "",
    gap: Annotated[
        float | None, typer.Option("--gap", callback=any_share, help="As in solve; default: that of the base.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", callback=positive, help="Time for both solves together, wall clock.")
    ] = None,
    work: Annotated[
        float | None,
        typer.Option("--work", callback=positive, help="Units of work for both together, as in solve.", metavar="N"),
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, max=1024, help="Threads.")] = None,
    seed: Annotated[int | None, seed_option("Of random choices.")] = None,
    top: Annotated[int | None, typer.Option("--top", min=1, help="Rows of a table; 15 on the terminal.")] = None,
    as_json: AsJson = False,
) -> None:
    """Solve INSTANCE as it is and changed, alike, and compare; write both plans and the comparison to DIR."""
    from models.catalog import FORMULATIONS
    from optimizer.batch.whatif import Answer, what_if
    from optimizer.reporting.output import OutputError
    from optimizer.reporting.progress_line import ProgressLine

    if formulation:
        one_of(formulation, FORMULATIONS, "formulation", "--formulation")
    words = {"set": set_, "scale": scale, "shift": shift, "add": add, "remove": remove}
    if not any((*words.values(), scenario)):
        message = "nothing is changed: give --set, --scale, --shift, --add, --remove or --scenario."
        raise typer.BadParameter(message, param_hint="'--set'")
    patches, findings = _asked(words, scenario or [])
    given = {"formulation": formulation, "gap": gap, "seconds": seconds, "work": work, "threads": threads, "seed": seed}
    try:
        with ProgressLine(errors()) as progress:
            answer = what_if(instance, out, patches, base=base, given=given, findings=findings, progress=progress)
    except OutputError as refused:
        answer = Answer(2, (refused.finding,))
    _tell(answer, as_json, top)
    raise typer.Exit(answer.code)


def _asked(words: dict[str, list[str] | None], files: list[str]) -> tuple[list[Patch], list[Finding]]:
    """The scenarios of files, then the changes of the options, and all that is wrong with them."""
    from optimizer.scenarios.options import asked_changes, asked_scenario

    patches: list[Patch] = []
    findings: list[Finding] = []
    for word in files:
        patch, found = asked_scenario(word)
        findings += found
        if patch is not None:
            patches.append(patch)
    options, found = asked_changes({verb: given or [] for verb, given in words.items()})  # type: ignore[misc]
    findings += found
    if options.changes or not patches:
        patches.append(options)
    return patches, findings


def _tell(answer: Answer, as_json: bool, top: int | None) -> None:
    from rich.text import Text

    from optimizer.batch.whatif_files import summary_dict
    from optimizer.reporting.comparison_terminal import TOP, comparison_lines
    from optimizer.reporting.terminal import clash_lines, counted, finding_lines, status_lines

    if answer.findings:
        say(finding_lines(answer.findings))
    if answer.base is None or answer.changed is None:
        say(f"Nothing was written to --out: {counted(answer.findings)}.")
        if as_json:
            findings = [finding.as_dict() for finding in answer.findings]
            show_json({"error": "the arguments or the input are wrong", "findings": findings})
        return
    both = {"base": answer.base, "changed": answer.changed}
    if as_json:
        show_json(summary_dict(answer.patches, both, answer.comparison, answer.notes, short=False))
    else:
        for name, summary in both.items():
            show(Text(f"{name}:", style="bold"))
            show(clash_lines(summary) if summary.status == "infeasible" else status_lines(summary))
        for note in answer.notes:
            show(Text(note))
        if answer.comparison is None:
            show(Text("There are not two plans to compare.", style="bold"))
        else:
            show(comparison_lines(answer.comparison, top or TOP))
    if answer.folder is not None:
        what = "What each solve came to is" if answer.comparison is None else "Both plans and the comparison are"
        say(f"{what} in {answer.folder}")
