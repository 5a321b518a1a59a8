"""A folder of CSV files and `instance.toml` -> `RawInstance`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optimizer.findings import Finding, error
from optimizer.reading import csv_text, guess, toml_text
from optimizer.reading.columns import COMPANIONS, TABLES
from optimizer.reading.raw import RawInstance, RawSetting, RawSettings, RawTable, SourceFile

SETTINGS_FILE = "instance.toml"


def read_folder(folder: Path) -> RawInstance:
    """All tables and settings of a folder. Files that are neither CSV nor `instance.toml` are left alone."""
    findings: list[Finding] = []
    files: list[SourceFile] = []
    tables: dict[str, RawTable] = {}
    unreadable: set[str] = set()
    settings: RawSettings | None = None
    for path in _listed(folder, findings):
        name = path.stem
        if path.name != SETTINGS_FILE and name not in TABLES:
            findings.append(_unknown_table(path.name, name))
            continue
        try:
            data = path.read_bytes()
        except OSError as failure:
            findings.append(error("cannot_read", path.name, f"The file cannot be read: {failure.strerror}."))
            unreadable.add(name)
            continue
        files.append(SourceFile(path.name, hashlib.sha256(data).hexdigest()))
        if path.name == SETTINGS_FILE:
            settings, found = read_toml(data, SETTINGS_FILE)
        else:
            table, found = csv_text.parse(name, path.name, data)
            if table is None:
                unreadable.add(name)
            else:
                tables[name] = table
        findings += found
    if not (folder / SETTINGS_FILE).exists():
        findings.append(error("missing_table", SETTINGS_FILE, "The folder has no instance.toml."))
    return RawInstance(tables, frozenset(unreadable), settings, tuple(findings), tuple(files))


def _listed(folder: Path, findings: list[Finding]) -> list[Path]:
    """The files that matter, by name: every .csv but the companions, and `instance.toml`."""
    try:
        paths = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as failure:
        findings.append(error("cannot_read", folder.name, f"The folder cannot be read: {failure.strerror}."))
        return []
    return [
        path
        for path in paths
        if path.name == SETTINGS_FILE or (path.suffix.lower() == ".csv" and path.stem not in COMPANIONS)
    ]


def _unknown_table(file: str, name: str) -> Finding:
    meant = guess.name(name, TABLES)
    return error(
        "unknown_table",
        file,
        f"No table of an instance is called {name}.",
        value=name,
        expected="one of " + ", ".join(TABLES),
        hint=guess.maybe(f"{meant}.csv" if meant else ""),
    )


def read_toml(data: bytes, file: str) -> tuple[RawSettings | None, tuple[Finding, ...]]:
    """`instance.toml` as dotted keys; None if it cannot be read, which a finding then says."""
    toml, found = toml_text.parsed(data, file)
    if toml is None:
        return None, found
    lines = dict(_key_lines(toml.text))
    values = {key: RawSetting(value, lines.get(key)) for key, value in _flat(toml.document)}
    sections = frozenset(key for key, value in toml.document.items() if isinstance(value, dict))
    return RawSettings(file, values, sections, typed=True), ()


def _flat(document: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict) and (value or not prefix):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _key_lines(text: str) -> Iterator[tuple[str, int]]:
    """Dotted keys with the line they stand in, as far as a plain search finds them."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([\w.\- ]+?)\s*\]", line)
        if header:
            section = header[1] + "."
            continue
        key = re.match(r"\s*([\w.\-]+)\s*=", line)
        if key:
            yield section + key[1], number
            if re.match(r"\s*\{", line[key.end() :]):
                for inner in re.finditer(r"([\w\-]+)\s*=", line[key.end() :]):
                    yield f"{section}{key[1]}.{inner[1]}", number
