"""What a what-if is asked about: an instance still to be solved, or a plan's folder whose plan is the base."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.catalog import DEFAULT, FORMULATIONS
from models.problem import Problem
from optimizer.explaining.changes import changes
from optimizer.findings import Finding, error, has_errors
from optimizer.reading.instance import Reading, read_instance
from optimizer.reporting import output
from optimizer.reporting.again import read_report
from optimizer.reporting.comparison_words import change_text
from optimizer.reporting.summary import Report, checked
from optimizer.settings import Settings

BASE, CHANGED = "base", "changed"
"""The two plans' folders inside the folder of a what-if."""


@dataclass(frozen=True)
class Home:
    """The unchanged instance: where it was read, its bytes as they were, and its plan and folder if there is one."""

    source: Path
    problem: Problem
    reading: Reading
    copies: dict[str, bytes]
    report: Report | None = None
    folder: Path | None = None


def refusals(out: Path, *sources: Path | None) -> tuple[Finding, ...]:
    """Why nothing can be written to `out`: as for any plan, and because it holds, or is held by, what is read."""
    found = [refused] if (refused := output.refusal(out)) is not None else []
    target = out.resolve()
    for source in sources:
        place = source.resolve() if source is not None else None
        if place is not None and (place == target or target in place.parents or place in target.parents):
            message = f"what is asked about is there: {source}"
            found.append(error("target_exists", str(out), message, expected="a folder apart from it"))
    return tuple(found)


def home_of(instance: Path, base: Path | None = None) -> tuple[Home | None, tuple[Finding, ...]]:
    """The unchanged instance and, if `instance` or `base` is the folder of a plan, that plan; None with an error.

    Raises `OutputError` if a file changes while it is read.
    """
    if (instance / BASE).is_dir() and output.is_ours(instance) and not output.holds_plan(instance):
        message = "this is the folder of a what-if, which holds two plans"
        hint = f"Maybe {instance / BASE} or {instance / CHANGED}"
        return None, (error("not_an_instance", str(instance), message, expected="an instance or a plan", hint=hint),)
    if output.holds_plan(instance):
        if base is not None:
            message = "INSTANCE is the folder of a plan already"
            return None, (
                error("cannot_compare", str(base), message, expected="INSTANCE or --base, one of them a plan"),
            )
        return _of_plan(instance)
    if base is None:
        return _of_instance(instance)
    home, findings = _of_plan(base)
    other, found = _of_instance(instance)
    if home is None or other is None:
        return None, (*findings, *found)
    differences = [change for change in changes(home.problem, other.problem) if change.column != "name" or change.key]
    if differences:
        more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
        message = f"the plan answers another instance: {change_text(differences[0])}{more}"
        expected = f"a plan of {instance}"
        return None, (*findings, *found, error("cannot_compare", str(base), message, expected=expected))
    return home, findings


def _of_instance(instance: Path) -> tuple[Home | None, tuple[Finding, ...]]:
    account = instance / output.INSTANCE
    source = output.instance_in(account if output.is_ours(instance) and account.is_dir() else instance)
    reading = read_instance(source)
    if reading.problem is None:
        return None, reading.findings
    return Home(source, reading.problem, reading, output.snapshot(source, reading.files)), reading.findings


def _of_plan(folder: Path) -> tuple[Home | None, tuple[Finding, ...]]:
    report, findings = read_report(folder)
    placed = tuple(
        found if found.file == str(folder) else replace(found, file=str(folder / found.file)) for found in findings
    )
    if report is None:
        if not has_errors(placed):
            placed = (*placed, error("cannot_read", str(folder), "no plan was read"))
        return None, placed
    if not report.verdict.passed:
        broken = checked(report.verdict)
        message = f"the plan breaks rules of its own instance: {', '.join(broken)}"
        return None, (*placed, error("cannot_compare", str(folder), message, expected="a plan that the checker passes"))
    source = output.instance_in(folder / output.INSTANCE)
    reading = read_instance(source)
    copies = output.snapshot(source, reading.files)
    return Home(source, report.problem, reading, copies, report, folder), placed


def asked_as(home: Home, given: Mapping[str, Any]) -> tuple[str, Settings]:
    """Formulation and settings: those given (not None), else those the base was solved with, else the usual ones."""
    options: dict[str, Any] = {}
    if home.folder is not None:
        try:
            manifest = json.loads((home.folder / output.MANIFEST).read_text(encoding="utf-8"))
            options = manifest["options"] if isinstance(manifest["options"], dict) else {}
        except (OSError, ValueError, KeyError):
            options = {}
    usual = Settings()
    chosen = {name: _like(options.get(name), getattr(usual, name)) for name in Settings.__dataclass_fields__}
    chosen |= {name: value for name, value in given.items() if value is not None and name in chosen}
    formulation = given.get("formulation") or options.get("formulation")
    return formulation if formulation in FORMULATIONS else DEFAULT, Settings(**chosen)


def _like(value: Any, usual: Any) -> Any:
    """What a manifest says, if it is of the kind that a setting takes."""
    if usual is None:
        return value if isinstance(value, int) else None
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return type(usual)(value) if numeric else usual
