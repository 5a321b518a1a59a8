"""The command `explain`: where a demand's units come from, why it is late or short, and who used a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli.look import refuse
from optimizer.cli.options import AsJson, positive
from optimizer.cli.printing import say, show, show_json
from optimizer.findings import Finding, error

if TYPE_CHECKING:
    from optimizer.explaining.counterfactual import Counterfactual
    from optimizer.reporting.summary import Report


def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a plan.")],
    demand: Annotated[
        str | None,
        typer.Argument(
            metavar="DEMAND",
            help="An order, a need or an offer; also a pledge, a package or a case. Without it: all that is late.",
            show_default=False,
        ),
    ] = None,
    *,
    line: Annotated[
        str | None,
        typer.Option("--line", metavar="L", help="Who uses this line, and who wanted it.", show_default=False),
    ] = None,
    week: Annotated[
        str | None,
        typer.Option("--week", metavar="DATE", help="The week of --line; default: the first.", show_default=False),
    ] = None,
    on_time: Annotated[
        bool, typer.Option("--on-time", help="Also the least change, of every kind, that brings the demand on time.")
    ] = False,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="N", callback=positive, help="Limit of each model of --on-time.")
    ] = 20.0,
    as_json: AsJson = False,
) -> None:
    """Say where a demand's units come from, and why it is late or short."""
    from optimizer.reporting.again import read_report
    from optimizer.reporting.terminal import finding_lines

    if line is not None and demand is not None:
        raise typer.BadParameter("Give a DEMAND or a --line, not both.", param_hint="'--line'")
    if week is not None and line is None:
        raise typer.BadParameter("It says the week of a --line, and there is none.", param_hint="'--week'")
    if on_time and demand is None:
        raise typer.BadParameter("It takes a DEMAND to bring on time.", param_hint="'--on-time'")
    report, findings = read_report(folder, only=demand)
    if report is None:
        raise refuse(findings, as_json)
    if findings:
        say(finding_lines(findings))
    if line is not None:
        _line(report, line, week, as_json)
    elif demand is None:
        _all(report, as_json)
    else:
        _subject(report, demand, seconds if on_time else None, as_json)


def _subject(report: Report, name: str, seconds: float | None, as_json: bool) -> None:
    """One subject; `seconds` for each counterfactual, None for none."""
    from optimizer.reporting.counterfactual_words import counterfactual_dict, counterfactual_lines
    from optimizer.reporting.explanation import DEMANDS, as_dict, shown, subjects

    known = subjects(report)
    if name not in known:
        raise refuse((_unknown("DEMAND", name, known, "nothing in the plan has this name"),), as_json)
    kind = next((one for one in DEMANDS if one in known[name]), None)
    if seconds is not None and kind is None:
        some = [one for one, kinds in known.items() if set(kinds) & set(DEMANDS)]
        raise refuse((_unknown("DEMAND", name, some, "only a demand can be brought on time"),), as_json)
    answers: list[Counterfactual] = []
    if seconds is not None and kind is not None:
        from optimizer.valuing.on_time import on_time_by_kind

        answers = list(on_time_by_kind(report.problem, report.plan, name, seconds=seconds))
    if as_json:
        found = [as_dict(report, subject, name) for subject in known[name]]
        # one document: an offer that was accepted is its replacement as well
        document = found[0] if len(found) == 1 else found[0] | {"also": found[1:]}
        show_json(document | ({"on_time_if": [counterfactual_dict(one) for one in answers]} if answers else {}))
        return
    for subject in known[name]:
        show(shown(report, subject, name))
    if answers:
        show(counterfactual_lines(answers))


def _all(report: Report, as_json: bool) -> None:
    from optimizer.reporting.explanation import as_dict, explained, overview

    if as_json:
        show_json({"reasons": [as_dict(report, demand.kind, demand.demand) for demand, _ in explained(report)]})
    else:
        show(overview(report))


def _line(report: Report, line: str, week: str | None, as_json: bool) -> None:
    from optimizer.explaining.usage import slot_use
    from optimizer.reporting.explanation import line_as_dict, line_shown

    calendar, findings = report.facts.calendar, []
    lines = [row.line for row in report.problem.lines]
    if line not in lines:
        findings.append(_unknown("--line", line, lines, "there is no such line"))
    date = calendar.start if week is None else _date(week)
    end = calendar.day(calendar.count)
    expected = f"a date from {calendar.start} to {end - dt.timedelta(days=1)}"
    if date is None:
        findings.append(error("not_a_date", "--week", "this is not a date", value=week, expected=expected))
    elif not calendar.start <= date < end:
        message = "the plan does not cover this date"
        findings.append(error("date_out_of_range", "--week", message, value=week, expected=expected))
    if findings or date is None:
        raise refuse(tuple(findings), as_json)
    period = calendar.period(date)
    made = [(row.item, row.quantity) for row in report.plan.made if row.line == line and row.period == period]
    use = slot_use(report.problem, report.facts, made, line, period)
    if as_json:
        show_json(line_as_dict(report, use))
    else:
        show(line_shown(report, use))


def _unknown(option: str, value: str, known: Iterable[str], message: str) -> Finding:
    """A name that the plan does not have, with what was probably meant."""
    from optimizer.reading.guess import maybe, name

    names = list(known)
    some = ", ".join(names[:5]) + (f" … ({len(names)} in all)" if len(names) > 5 else "")
    return error(
        "unknown_key", option, message, value=value, expected=some or "nothing", hint=maybe(name(value, names))
    )


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
