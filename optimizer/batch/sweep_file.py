"""What a sweep file says, judged once: every finding with its key, what stands there, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from models.catalog import DEFAULT, FORMULATIONS
from models.formulation import CHOICES
from optimizer.batch.file_tables import Instances, Strict, as_table, known, wrong
from optimizer.batch.sweep_draws import NAME, Axis, Distribution, Draws
from optimizer.findings import CODES, Finding, error
from optimizer.reading import guess, toml_text
from optimizer.settings import Settings

_DEFAULTS = Settings()


class Entry(Strict):
    """A formulation of the catalogue, with fields replaced."""

    name: str
    changes: dict[str, str] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _in_catalogue(cls, name: str) -> str:
        return known(name, list(FORMULATIONS), "formulation")

    @model_validator(mode="after")
    def _changed(self) -> Entry:
        from optimizer.solving.methods import METHODS

        for part, choice in self.changes.items():
            known(part, [*CHOICES, "method"], "part of a formulation")
            known(choice, list(METHODS) if part == "method" else list(CHOICES[part]), f"choice of {part}")
        try:
            replace(FORMULATIONS[self.name], **self.changes).blocks()
        except ValueError as misfit:
            raise wrong(f"{misfit}.") from misfit
        return self


class Tries(Strict):
    """Limits of the solver, as the options of `solve`: `seconds` of wall clock, or `work`, which is counted."""

    seconds: float | None = Field(default=None, gt=0, le=10**7, allow_inf_nan=False)
    work: float | None = Field(default=None, gt=0, le=10**7, allow_inf_nan=False)
    gap: float = Field(default=_DEFAULTS.gap, ge=0, allow_inf_nan=False)
    threads: int = Field(default=1, ge=1, le=1024)

    def settings(self, seed: int) -> Settings:
        """As a solve takes them."""
        usual = Settings(gap=self.gap, threads=self.threads, seed=seed, work=self.work)
        return usual if self.seconds is None else replace(usual, seconds=self.seconds)


class Scenario(Strict):
    """A named scenario: its changes, or those of a scenario file (all that it names, or `names` of it)."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    about: str = ""
    changes: list[dict[str, Any]] | None = None
    file: str | None = None
    names: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_of_both(self) -> Scenario:
        if (self.file is None) == (self.name is None):
            raise wrong("either 'name' with 'changes', or 'file' is needed.")
        if self.file is None and (self.changes is None or self.names is not None):
            raise wrong("a scenario with a name has 'changes'; 'names' belongs to a 'file'.")
        if self.file is not None and self.changes is not None:
            raise wrong("a 'file' has its own changes.")
        return self


def _as_axis(value: Any) -> Any:
    return {"values": value} if isinstance(value, list) else value


def _distinct(values: list[Any]) -> list[Any]:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise wrong(f"{value!r} stands there twice.", "duplicate_key")
    return values


class SweepFile(Strict):
    """The keys of a sweep file."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)
    about: str = ""
    instances: list[Annotated[Instances, as_table("path")]] = Field(min_length=1)
    formulations: Annotated[list[Annotated[Entry, as_table("name")]], AfterValidator(_distinct)] = Field(
        default=[Entry(name=DEFAULT)], min_length=1
    )
    settings: Annotated[list[Tries], AfterValidator(_distinct)] = Field(default=[Tries()], min_length=1)
    seeds: Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], AfterValidator(_distinct)] = Field(
        default=[0], min_length=1
    )
    base: bool = True
    scenarios: list[Annotated[Scenario, as_table("file")]] = Field(default_factory=list)
    grid: dict[Annotated[str, Field(pattern=NAME)], Annotated[Axis, BeforeValidator(_as_axis)]] = Field(
        default_factory=dict
    )
    draws: Draws | None = None
    changes: list[dict[str, Any]] = Field(default_factory=list)
    memory_gib: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    run_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    plans: bool = False
    deliveries: bool = False

    @model_validator(mode="after")
    def _parameters_and_changes(self) -> SweepFile:
        drawn = [] if self.draws is None else self.draws.names()
        both = sorted(set(drawn) & set(self.grid))
        if both:
            raise wrong(f"{', '.join(both)}: in the grid and among the draws.", "duplicate_key")
        if self.changes and not (self.grid or drawn):
            raise wrong("'changes' need parameters of a 'grid' or of 'draws'; without any they are a scenario.")
        return self


TABLES: dict[str, type[Strict]] = {
    "instances": Instances, "formulations": Entry, "settings": Tries, "scenarios": Scenario, "grid": Axis,
    "draws": Draws, "parameters": Distribution,
}  # fmt: skip


@dataclass(frozen=True)
class SweepSource:
    """A judged sweep file: its content, its own text, and where it stands."""

    content: SweepFile
    path: Path
    text: str


def read_sweep(path: Path) -> tuple[SweepSource | None, tuple[Finding, ...]]:
    """Reads and judges a sweep file: what it says, or every finding why not."""
    data = toml_text.bytes_of(path)
    if isinstance(data, toml_text.Unreadable):
        return None, (data.finding(f"{path}: {data.why}."),)
    toml, found = toml_text.parsed(data, path.name)
    if toml is None:
        return None, found
    try:
        return SweepSource(SweepFile.model_validate(toml.document), path, toml.text), ()
    except ValidationError as problems:
        return None, tuple(_finding(path.name, problem) for problem in problems.errors(include_url=False))


_CODES = {
    "missing": "missing_setting", "extra_forbidden": "unknown_setting", "greater_than": "too_small",
    "greater_than_equal": "too_small", "less_than": "too_large", "less_than_equal": "too_large",
    "finite_number": "not_finite", "too_short": "wrong_length", "too_long": "wrong_length",
    "string_too_long": "too_long", "string_pattern_mismatch": "bad_text", "string_too_short": "missing_value",
}  # fmt: skip


def _finding(file: str, problem: ErrorDetails) -> Finding:
    """A finding of pydantic in the words of the others."""
    loc = [step for step in problem["loc"] if step not in _INNER]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")
    kind, value = problem["type"], problem["input"]
    shown = str(value)[:200] if isinstance(value, str | int | float) else None
    if kind == "extra_forbidden":
        table = next((TABLES[str(step)] for step in reversed(loc[:-1]) if step in TABLES), SweepFile)
        keys = [field.alias or name for name, field in table.model_fields.items()]
        hint = guess.maybe(guess.name(str(loc[-1]), keys))
        message = f"There is no key {str(loc[-1])!r} here."
        return error("unknown_setting", file, message, column=place, expected=f"one of {', '.join(keys)}", hint=hint)
    if kind == "missing":
        return error("missing_setting", file, f"{place} is needed.", column=place)
    code = kind if kind in CODES else _CODES.get(kind, "wrong_type")
    message, _, hint = problem["msg"].partition(" Maybe ")
    hint = f"Maybe {hint}" if hint else ""
    return error(code, file, f"{message.removesuffix('.')}.", column=place or None, value=shown, hint=hint)


_INNER = {"str", "bool", "int", "float", "constrained-float", "function-after", "function-before"}
"""Steps of pydantic's places that are no keys of the file."""
