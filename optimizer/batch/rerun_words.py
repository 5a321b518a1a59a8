"""A rerun in the terminal. Every text of a file goes in as plain text, never as markup."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from optimizer.batch.rerun import Difference, Rerun
from optimizer.reporting.numbers import short
from optimizer.reporting.summary import Summary

_FILES = {"differs": "differs", "missing": "is not written any more", "new": "was not written before"}


def rerun_lines(found: Rerun) -> RenderableType:
    """Whether the plan came out the same, what differs, and with what it was run otherwise."""
    lines = [Text(_verdict(found), style="green" if found.identical else "yellow")]
    if not found.identical:
        lines.append(Text(f"Objective: {_worth(found.then)} then, {_worth(found.now)} now."))
        lines += [Text(f"{name} {_FILES[same]}.") for name, same in (found.files or {}).items() if same in _FILES]
    lines += [Text(_difference(row)) for row in found.differences]
    return Group(*lines)


def _verdict(found: Rerun) -> str:
    if found.identical:
        return f"Identical: {len(found.files or {})} files, but for times."
    if found.files is None:
        return "No plan came of it: there is nothing to compare."
    if found.promised:
        return "Not identical, though the limit was work."
    return "Not identical. That was not promised: the limit was seconds, or something else than work ended the solve."


def _worth(summary: Summary | None) -> str:
    return "no plan" if summary is None or summary.objective is None else short(summary.objective)


def _difference(row: Difference) -> str:
    then = "it was not there" if row.then is None else row.then
    now = "it is not there" if row.now is None else row.now
    return f"{row.what}: {then} then, {now} now."
