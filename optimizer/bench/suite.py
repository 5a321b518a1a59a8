"""What a suite file says, judged once: every finding with its key, what stands there, and what would be right."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from models.catalog import FORMULATIONS
from models.formulation import CHOICES
from optimizer.batch import file_tables
from optimizer.batch.file_tables import Strict, as_table, is_instance, wrong
from optimizer.bench.names import BASELINES, classes, methods, peers
from optimizer.reading import toml_text
from optimizer.settings import Settings

_DEFAULTS = Settings()
ALL = "*"
"""Stands for every formulation of the catalogue."""


class SuiteError(ValueError):
    """The suite cannot be run; `findings` holds a line each."""

    def __init__(self, findings: list[str]) -> None:
        """Takes a line a finding."""
        super().__init__("\n".join(findings))
        self.findings = findings


def known(value: str, names: list[str], what: str) -> str:
    """The value if it is one of the names; otherwise a finding with the nearest one."""
    if value in names:
        return value
    near = difflib.get_close_matches(value, names, n=1)
    hint = f" Maybe {near[0]!r}." if near else ""
    raise wrong(f"{value!r} is no {what}.{hint} There are: {', '.join(names) or 'none'}.")


def _misfit(part: str, choice: str) -> str:
    """What is wrong with a change; empty if it can be made."""
    try:
        known(part, [*CHOICES, "method"], "part of a formulation")
        known(choice, methods() if part == "method" else list(CHOICES[part]), f"choice of {part}")
    except PydanticCustomError as finding:
        return finding.message()
    return ""


class Limits(Strict):
    """Limits of a run, as the options of `solve`."""

    seconds: float = Field(default=_DEFAULTS.seconds, gt=0, allow_inf_nan=False)
    gap: float = Field(default=_DEFAULTS.gap, ge=0, allow_inf_nan=False)
    threads: int = Field(default=_DEFAULTS.threads, ge=1, le=1024)


class Entry(Strict):
    """A formulation of the catalogue, or all of them (`*`), with fields replaced."""

    name: str
    changes: dict[str, str] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _in_catalogue(cls, name: str) -> str:
        return known(name, [*FORMULATIONS, ALL], "formulation")

    @model_validator(mode="after")
    def _changed(self) -> Entry:
        findings = [finding for part, choice in self.changes.items() if (finding := _misfit(part, choice))]
        if findings:
            raise wrong(" And: ".join(findings))
        for name in self.names:
            try:
                replace(FORMULATIONS[name], **self.changes).blocks()
            except ValueError as misfit:
                raise wrong(f"{misfit}.") from misfit
        return self

    @property
    def names(self) -> list[str]:
        """The formulations of the catalogue that are meant."""
        return list(FORMULATIONS) if self.name == ALL else [self.name]


class Instances(file_tables.Instances):
    """Instances on disk or generated ones, as in a sweep; of a class that there is not it speaks like a suite."""

    @field_validator("of_class")
    @classmethod
    def _there_is_such_a_class(cls, name: str | None) -> str | None:
        return name if name is None else known(name, classes(), "class of instances")


def _found(instances: Instances, info: ValidationInfo) -> Instances:
    folder: Path = (info.context or {})["folder"]
    if instances.path is not None and not any(map(is_instance, instances.paths(folder))):
        raise wrong(f"no instance matches {instances.path!r}, seen from the folder of the suite.")
    return instances


def _peer(name: str) -> str:
    missing = peers()[known(name, list(peers()), "peer")].missing
    if missing is not None:
        raise wrong(f"{missing}.")
    return name


def _baseline(name: str) -> str:
    return known(name, list(BASELINES), "baseline")


class SuiteFile(Strict):
    """The keys of a suite file."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    about: str = ""
    instances: list[Annotated[Instances, as_table("path"), AfterValidator(_found)]] = Field(min_length=1)
    formulations: list[Annotated[Entry, as_table("name")]] = Field(default_factory=list)
    peers: list[Annotated[str, AfterValidator(_peer)]] = Field(default_factory=list)
    baselines: list[Annotated[str, AfterValidator(lambda name: known(name, list(BASELINES), "baseline"))]] = Field(
        default_factory=list
    )
    seeds: list[Annotated[int, Field(ge=0, le=2**31 - 1)]] = Field(default=[0], min_length=1)
    settings: list[Limits] = Field(default=[Limits()], min_length=1)
    repeats: int = Field(default=1, ge=1, le=1000)
    memory_gib: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _something_to_run(self) -> SuiteFile:
        if not (self.formulations or self.peers or self.baselines):
            raise wrong("nothing to run: 'formulations', 'peers' and 'baselines' are all empty.")
        return self


_TABLES: dict[str, type[Strict]] = {"instances": Instances, "formulations": Entry, "settings": Limits}


@dataclass(frozen=True)
class Suite:
    """A judged suite, and the folder that its paths are seen from."""

    content: SuiteFile
    folder: Path


def read_suite(path: Path) -> Suite:
    """Reads and judges a suite. Raises `SuiteError` with every finding."""
    data = toml_text.bytes_of(path)
    if isinstance(data, toml_text.Unreadable):
        raise SuiteError([f"{path} cannot be read: {data.why}."])
    toml, broken = toml_text.parsed(data, path.name)
    if toml is None:
        raise SuiteError([f"{path}{finding.message.removeprefix('The file')}" for finding in broken])
    try:
        return Suite(SuiteFile.model_validate(toml.document, context={"folder": path.parent}), path.parent)
    except ValidationError as findings:
        raise SuiteError([_line(path.name, finding) for finding in findings.errors()]) from findings


def _line(file: str, finding: ErrorDetails) -> str:
    """`suite.toml: settings[0].secnds = 5: there is no such key. Maybe 'seconds'.`"""
    place, loc = "", finding["loc"]
    for step in loc:
        place += f"[{step}]" if isinstance(step, int) else f"{'.' if place else ''}{step}"
    kind, value = finding["type"], finding["input"]
    shown = f" = {str(value)[:60]!r}" if isinstance(value, str) else f" = {value}" if _is_short(value) else ""
    if kind == "extra_forbidden":
        table = _TABLES.get(str(loc[0]), SuiteFile) if len(loc) > 1 else SuiteFile
        keys = [field.alias or name for name, field in table.model_fields.items()]
        near = difflib.get_close_matches(str(loc[-1]), keys, n=1)
        hint = f" Maybe {near[0]!r}." if near else ""
        return f"{file}: {place}{shown}: there is no such key.{hint} There are: {', '.join(keys)}."
    message = f"{finding['msg'].removesuffix('.')}."
    if kind == "missing":
        return f"{file}: {place}: this key is needed."
    return f"{file}: {place}{shown}: {message}" if place else f"{file}: {message}"


def _is_short(value: object) -> bool:
    return isinstance(value, int | float | bool) or (isinstance(value, list) and len(str(value)) <= 60)
