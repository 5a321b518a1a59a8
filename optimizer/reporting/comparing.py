"""Two plans' folders read back and compared, and the comparison written for people."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from optimizer.explaining.comparing import Comparison, Side, compare, names, narrowed
from optimizer.findings import Finding, error, has_errors, warning
from optimizer.reporting import output
from optimizer.reporting.again import read_report
from optimizer.reporting.comparison_excel import write_comparison
from optimizer.reporting.comparison_html import comparison_page
from optimizer.reporting.strangers import strangers
from optimizer.reporting.summary import Report, checked


def side_of(report: Report, name: str) -> Side:
    """A judged plan as one side of a comparison; `name` is what people call it, as its folder."""
    broken = checked(report.verdict)
    rules = () if isinstance(broken, str) else tuple(broken)
    bound = report.summary.bound
    return Side(name, report.problem, report.plan, report.facts, report.verdict.terms, rules, bound)


def compare_folders(old: Path, new: Path, only: Sequence[str] = ()) -> tuple[Comparison | None, tuple[Finding, ...]]:
    """Compare the plans in two folders; None where the findings say why not.

    `only`: recipients, demands or items to keep; a name that neither plan has is an error.
    """
    sides, findings = [], []
    for folder in (old, new):
        report, found = _read(folder)
        findings += list(found)
        if report is not None:
            sides.append(side_of(report, str(folder)))
    if len(sides) < 2:
        return None, tuple(findings)
    refused = uncomparable(*sides)
    if refused is not None:
        return None, (*findings, refused)
    comparison = compare(*sides)
    unknown = [_unknown(name, comparison) for name in only if name not in names(comparison)]
    if unknown:
        return None, (*findings, *unknown)
    findings += _warnings(*sides)
    return narrowed(comparison, only) if only else comparison, tuple(findings)


def _read(folder: Path) -> tuple[Report | None, tuple[Finding, ...]]:
    """The report of a folder; a solve that found no plan is told apart from a folder that holds nothing of ours."""
    if output.is_ours(folder) and not output.holds_plan(folder):
        status = json.loads((folder / output.SUMMARY).read_text(encoding="utf-8")).get("status")
        message = f"the solve ended without a plan: its status is {status}"
        return None, (error("missing_file", str(folder), message, expected="the folder of a plan"),)
    report, found = read_report(folder)
    placed = tuple(
        finding if finding.file == str(folder) else replace(finding, file=str(folder / finding.file))
        for finding in found
        if finding.severity == "error" or report is None
    )
    if report is None and not has_errors(placed):
        placed = (*placed, error("cannot_read", str(folder), "no plan was read"))
    return report, placed


def uncomparable(old: Side, new: Side) -> Finding | None:
    """Why two plans cannot be compared: instances of other names that share no demand."""
    if not strangers(old.problem, new.problem):
        return None
    message = (
        f"the two plans answer different instances, {old.problem.name!r} and {new.problem.name!r}, "
        "which have no order and no need in common"
    )
    return error("cannot_compare", new.name, message, expected="plans of one instance, or of two states of it")


def _unknown(name: str, comparison: Comparison) -> Finding:
    known = {known.casefold(): known for known in sorted(names(comparison))}
    near = [known[found] for found in get_close_matches(name.casefold(), known, n=1)]
    message = f"{name!r} is no recipient, demand or item of either plan"
    return error("unknown_key", "--only", message, value=name, hint=f"Maybe {near[0]!r}." if near else "")


def _warnings(old: Side, new: Side) -> list[Finding]:
    found = []
    for side in (old, new):
        if side.broken:
            message = f"the plan breaks rules of its own instance: {', '.join(side.broken)}"
            found.append(warning("cannot_compare", side.name, message, expected="a plan that the checker passes"))
    return found


def write_page(file: Path, comparison: Comparison) -> Finding | None:
    """Write the page whole or not at all; the finding says why it could not be."""
    return _put(file, lambda path: _text(path, comparison_page(comparison)))


def write_book(file: Path, comparison: Comparison) -> Finding | None:
    """Write the workbook whole or not at all; the finding says why it could not be."""
    return _put(file, lambda path: write_comparison(path, comparison))


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _put(file: Path, write: Callable[[Path], None]) -> Finding | None:
    """Fill a file beside the target, then rename it."""
    if file.is_dir():
        return error("cannot_write", str(file), "this is a folder, not a file")
    partial = file.with_name(f".{file.name[:80]}.{secrets.token_hex(4)}")
    try:
        write(partial)
        partial.replace(file)
    except OSError as problem:
        return error("cannot_write", str(file), f"it could not be written: {problem.strerror or problem}")
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return None
