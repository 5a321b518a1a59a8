"""A path -> a judged `Problem`, or all the findings that say why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.problem import ObjectivePolicy, Problem
from optimizer.findings import Finding, error, has_errors
from optimizer.reading import never, validate
from optimizer.reading.columns import TABLES
from optimizer.reading.folder import SETTINGS_FILE, read_folder
from optimizer.reading.raw import RawInstance, SourceFile
from optimizer.reading.scene import Scene
from optimizer.reading.sections import SECTIONS
from optimizer.reading.settings import TypedSettings, type_settings
from optimizer.reading.shape import TypedTable, empty, type_table
from optimizer.reading.workbook import is_workbook_name, read_workbook, sheet_file

_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading: `problem` is None exactly if a finding is an error; `files` are all that were read.

    `rows`: by table, the row in which each of its records stands.
    """

    problem: Problem | None
    findings: tuple[Finding, ...]
    files: tuple[SourceFile, ...]
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def read_instance(path: Path, since: dt.date | None = None) -> Reading:
    """Read and judge a folder or a workbook. Never raises for what a file holds.

    `since`: the first day of the plan before, where the instance is planned on from one (see `validate.judge`).
    """
    try:
        path.stat()
    except (OSError, ValueError) as failure:
        there = isinstance(failure, PermissionError)
        message = f"{path} cannot be read." if there else f"There is no {path}."
        return Reading(None, (error("cannot_read" if there else "no_such_path", str(path), message),), ())
    if path.is_dir():
        return judge(read_folder(path), lambda name: SETTINGS_FILE if name == "instance" else f"{name}.csv", since)
    if is_workbook_name(path):
        return judge(read_workbook(path), lambda name: sheet_file(path, name), since)
    expected = "a folder with an instance.toml, or an .xlsx workbook"
    hint = f"Maybe {path.parent}" if path.suffix in {".csv", ".toml"} else ""
    message = f"{path.name} is neither a folder nor a workbook."
    return Reading(None, (error("not_an_instance", str(path), message, expected=expected, hint=hint),), ())


def judge(raw: RawInstance, place: Callable[[str], str], since: dt.date | None = None) -> Reading:
    """Type and judge all that was read. `place` names the file that a table stands, or would stand, in."""
    findings = list(raw.findings)
    tables: dict[str, TypedTable] = {}
    for name, table in TABLES.items():
        if name in raw.tables:
            tables[name], found = type_table(table, raw.tables[name])
            findings += found
    settings: TypedSettings | None = None
    if raw.settings is not None:
        settings, found = type_settings(raw.settings)
        findings += found
    findings += validate.judge(tables, raw.unreadable, settings, place, since)
    wrong = {finding.file for finding in findings if finding.severity == "error"}
    sound = frozenset(name for name in TABLES if name not in raw.unreadable and place(name) not in wrong)
    problem: Problem | None = None
    if settings is not None and not {"name", "start", "periods"} & _bad(settings):
        full = {name: tables[name] if name in tables else empty(TABLES[name], place(name)) for name in TABLES}
        problem = _problem(full, settings, sound)
        sections = {f"[{name}]" for name in settings.whole if name}
        if settings.file in wrong:
            sections -= {"[delivery]"}
        findings += never.judge(Scene(problem, full, settings), sound | sections)
    findings = _sorted(findings, place)
    rows = {name: typed.rows for name, typed in tables.items()}
    return Reading(None if has_errors(findings) else problem, tuple(findings), raw.files, rows)


def _bad(settings: TypedSettings) -> set[str]:
    """Keys outside sections without which there is no calendar."""
    whole = "" in settings.whole
    return set() if whole else {column.name for column in SECTIONS[""].columns}


def _problem(tables: dict[str, TypedTable], settings: TypedSettings, sound: frozenset[str]) -> Problem:
    """The problem of all tables and sections without errors; the others are left empty."""
    rows: dict[str, Any] = {name: tables[name].records() if name in sound else () for name in TABLES}
    policies: dict[str, Any] = {
        section.field: settings.policies[name] for name, section in SECTIONS.items() if section.record is not None
    }
    policies["objective"] = policies["objective"] or ObjectivePolicy()
    top = {column.name: settings.values[column.name] for column in SECTIONS[""].columns}
    return Problem(**top, **rows, **policies)


def _sorted(findings: list[Finding], place: Callable[[str], str]) -> list[Finding]:
    """By file in the order of the tables, then by row; errors before warnings before notes."""
    files = {place(name): rank for rank, name in enumerate(("instance", *TABLES))}
    return sorted(
        findings,
        key=lambda found: (_SEVERITIES.index(found.severity), files.get(found.file, -1), found.file, found.row or 0),
    )
