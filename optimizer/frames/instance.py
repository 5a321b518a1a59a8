"""An instance as frames, one a table, and back, judged as if it had been read from files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.problem import Problem
from optimizer.findings import Finding, error, has_errors
from optimizer.frames.frame import frame, raw_of
from optimizer.reading import guess
from optimizer.reading.column import text as text_column
from optimizer.reading.columns import TABLES
from optimizer.reading.instance import Reading, judge
from optimizer.reading.raw import RawInstance, RawSetting, RawSettings
from optimizer.reading.write import plain, settings_of, table_rows, text_of_list
from optimizer.scenarios.state import State

if TYPE_CHECKING:
    import polars as pl

SETTINGS = "instance"
"""The frame of key and value that stands for `instance.toml`, as the sheet of that name does in a workbook."""
_SETTING_COLUMNS = (text_column("key", "The dotted key.", "start"), text_column("value", "Its value.", "2026-01-05"))


def instance_frames(problem: Problem) -> dict[str, pl.DataFrame]:
    """Every table of the instance, also those without rows, and the settings as `instance`.

    Raises `MissingExtraError` without polars.
    """
    settings = [(f"{section}.{key}" if section else key, _text(value)) for section, key, value in settings_of(problem)]
    frames = {name: frame(table.columns, table_rows(problem, table)) for name, table in TABLES.items()}
    return {SETTINGS: frame(_SETTING_COLUMNS, settings), **frames}


def _text(value: Any) -> str:
    return text_of_list(value) if isinstance(value, tuple) else plain(value)


def with_frames(problem: Problem | None, frames: Mapping[str, Any]) -> Reading:
    """The instance with these tables in place of its own, judged; without an instance, of these tables alone.

    A frame of key and value called `instance` stands for all settings. Findings name the table and count rows as a file
    does, from 2. Raises `TypeError` for what is no frame, `MissingExtraError` without polars.
    """
    findings = [_unknown(name) for name in frames if name != SETTINGS and name not in TABLES]
    raws = {name: raw_of(name, _place(name), given) for name, given in frames.items()}
    tables = {name: raw for name, raw in raws.items() if name in TABLES and (raw.rows or TABLES[name].required)}
    settings: RawSettings | None = None
    if problem is not None:
        own = State(problem).raw(_place)
        tables = {**{name: raw for name, raw in own.tables.items() if name not in raws}, **tables}
        settings = own.settings
    if SETTINGS in frames:
        settings, found = _settings(frames[SETTINGS])
        findings += found
    if settings is None and not has_errors(findings):
        message = "Nothing says when the horizon begins."
        findings.append(
            error("missing_table", _place(SETTINGS), message, expected="a table `instance` of key and value")
        )
    return judge(RawInstance(tables, frozenset(), settings, tuple(findings), ()), _place)


def _place(name: str) -> str:
    return f"table {name}"


def _unknown(name: str) -> Finding:
    return error(
        "unknown_table",
        _place(name),
        f"An instance has no table {name!r}.",
        value=name,
        expected="one of " + ", ".join((SETTINGS, *TABLES)),
        hint=guess.maybe(guess.name(name, (SETTINGS, *TABLES))),
    )


def _settings(given: Any) -> tuple[RawSettings | None, list[Finding]]:
    """The settings of a frame of key and value."""
    raw = raw_of(SETTINGS, _place(SETTINGS), given)
    if set(raw.header) != {"key", "value"}:
        message = "The settings are a table of `key` and `value`."
        return None, [error("missing_column", raw.file, message, row=1, expected="columns key, value")]
    at = raw.header.index("key"), raw.header.index("value")
    values: dict[str, RawSetting] = {}
    findings = []
    for row in raw.rows:
        key = str(row.cells[at[0]] or "").strip()
        if key in values:
            findings.append(error("duplicate_setting", raw.file, f"{key} is given twice.", row=row.number, column=key))
        if row.cells[at[1]] is not None:
            values[key] = RawSetting(row.cells[at[1]], row.number)
    sections = frozenset(key.split(".")[0] for key in values if "." in key)
    return RawSettings(raw.file, values, sections, typed=False), findings
