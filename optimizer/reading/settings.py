"""`instance.toml` (or the sheet `instance`) -> typed values and policy records, with findings."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from models.problem import SCORES
from optimizer.findings import CODES, Finding, error
from optimizer.reading import guess
from optimizer.reading.cells import BAD, shown, type_cell
from optimizer.reading.column import LAST_DATE, MAX_PERIODS, Column, Section
from optimizer.reading.raw import RawSetting, RawSettings
from optimizer.reading.sections import SECTIONS, SHARES

_PERIODS = TypeAdapter(list[tuple[Annotated[int, Field(strict=True, ge=1)], Annotated[int, Field(strict=True, ge=1)]]])
_LISTS = {"numbers", "periods", "terms"}
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class TypedSettings:
    """Values by dotted key (`BAD` where there is a finding), policies by section name; None: the feature is off."""

    file: str
    values: dict[str, Any]
    rows: dict[str, int | None]
    policies: dict[str, Any]
    whole: frozenset[str]
    """Sections without any finding; the empty name for the keys outside sections."""


def type_settings(raw: RawSettings) -> tuple[TypedSettings, list[Finding]]:
    """All settings typed and judged."""
    findings = _unknown(raw)
    values: dict[str, Any] = {}
    policies: dict[str, Any] = {}
    whole: set[str] = set()
    for section in SECTIONS.values():
        if section.name and section.name not in raw.sections:
            policies[section.name] = None
            whole.add(section.name)
            continue
        found = [finding for column in section.columns for finding in _type_setting(raw, section, column, values)]
        found += _judge(raw, section, values)
        findings += found
        # a key with a slip in its name has its finding elsewhere, and still has no value
        sound = not found and all(values[section.dotted(column)] is not BAD for column in section.columns)
        if sound:
            whole.add(section.name)
        policies[section.name] = _policy(section, values) if section.record is not None and sound else None
    rows = {key: setting.row for key, setting in raw.values.items()}
    return TypedSettings(raw.file, values, rows, policies, frozenset(whole)), findings


def _unknown(raw: RawSettings) -> list[Finding]:
    """Keys and sections that do not exist. A key with a slip is not missed a second time: see `_type_setting`."""
    findings = []
    known = _known_keys()
    names = [name for name in SECTIONS if name]
    for section in sorted(raw.sections - set(names)):
        expected = "sections " + ", ".join(names)
        findings.append(_unknown_setting(raw, section, None, expected, guess.name(section, names)))
    for key, setting in raw.values.items():
        prefix = key.split(".", 1)[0] if "." in key else ""
        if key in known or (prefix in raw.sections and prefix not in SECTIONS):
            continue
        prefix = prefix if prefix in SECTIONS else ""
        siblings = [SECTIONS[prefix].dotted(column) for column in SECTIONS[prefix].columns]
        meant = guess.name(key, [other for other in siblings if other not in raw.values])
        findings.append(_unknown_setting(raw, key, setting, "one of " + ", ".join(siblings), meant))
    return findings


def _known_keys() -> set[str]:
    return {section.dotted(column) for section in SECTIONS.values() for column in section.columns}


def _unknown_setting(raw: RawSettings, key: str, setting: RawSetting | None, expected: str, meant: str) -> Finding:
    return error(
        "unknown_setting",
        raw.file,
        f"There is no setting {key}.",
        row=setting.row if setting else None,
        column=key,
        value=_shown(setting.value) if setting else key,
        expected=expected,
        hint=guess.maybe(meant),
    )


def _type_setting(raw: RawSettings, section: Section, column: Column, values: dict[str, Any]) -> list[Finding]:
    """Type one key into `values`."""
    key = section.dotted(column)
    setting = raw.values.get(key)
    if setting is None:
        values[key] = column.default if column.blank else BAD
        if column.blank or _is_misspelt(raw, key):
            return []
        where = f"[{section.name}]" if section.name else raw.file
        message = f"{where} lacks {key.removeprefix(section.name + '.')}."
        return [error("missing_setting", raw.file, message, column=key, expected=column.expected())]
    value, code, hint = typed_setting(column, setting.value, from_toml=raw.typed)
    values[key] = value
    if not code:
        return []
    return [
        error(
            code,
            raw.file,
            f"{CODES[code][0].upper()}{CODES[code][1:]}.",
            row=setting.row,
            column=key,
            value=_shown(setting.value),
            expected=column.expected(),
            hint=hint,
        )
    ]


def _is_misspelt(raw: RawSettings, key: str) -> bool:
    """Whether an unknown key is a slip of this one, which its own finding says."""
    known = _known_keys()
    return any(other not in known and guess.name(other, known - set(raw.values)) == key for other in raw.values)


def _shown(value: Any) -> str:
    return shown(value) if not isinstance(value, (list, dict)) else str(value)[:200]


def typed_setting(column: Column, value: Any, *, from_toml: bool = False) -> tuple[Any, str, str]:
    """The value typed, or `BAD` with a code and a hint. `from_toml`: values have types of their own."""
    if column.type in _LISTS:
        return _typed_list(column, value)
    if isinstance(value, (list, dict)):
        return BAD, "wrong_type", ""
    if from_toml:
        is_text = isinstance(value, str)
        if is_text != (column.type in {"text", "choice"}):
            hint = "Maybe without the quotation marks" if is_text else "Maybe in quotation marks"
            return BAD, "wrong_type", hint
    typed, wrong = type_cell(column, value)
    return (typed, "", "") if wrong is None else (BAD, wrong.code, wrong.hint)


def _typed_list(column: Column, value: Any) -> tuple[Any, str, str]:
    if isinstance(value, str):
        try:
            value = tomllib.loads(f"value = {value}")["value"]
        except (tomllib.TOMLDecodeError, ValueError, RecursionError):
            return BAD, "wrong_type", ""
    if not isinstance(value, list):
        return BAD, "wrong_type", ""
    if column.type == "periods":
        return _typed_periods(value)
    if column.type == "terms":
        if not value or len(set(map(str, value))) < len(value):
            return BAD, "wrong_length", ""
        wrong = [word for word in value if word not in column.choices]
        hint = guess.maybe(guess.name(str(wrong[0]), column.choices)) if wrong else ""
        return (BAD, "unknown_choice", hint) if wrong else (tuple(value), "", "")
    return _typed_numbers(column, value)


def _typed_numbers(column: Column, value: list[Any]) -> tuple[Any, str, str]:
    if column.length is not None and len(value) != column.length:
        return BAD, "wrong_length", ""
    one = Column(column.name, "number", column.meaning, minimum=column.minimum, maximum=column.maximum)
    numbers = []
    for entry in value:
        if isinstance(entry, (str, list, dict)):
            return BAD, "wrong_type", ""
        typed, wrong = type_cell(one, entry)
        if wrong is not None:
            return BAD, wrong.code, wrong.hint
        numbers.append(typed)
    return tuple(numbers), "", ""


def _typed_periods(value: list[Any]) -> tuple[Any, str, str]:
    if not value:
        return BAD, "wrong_length", ""
    try:
        periods = _PERIODS.validate_python(value)
    except ValidationError as failure:
        kinds = {detail["type"] for detail in failure.errors(include_url=False, include_input=False)}
        return BAD, "too_small" if kinds == {"greater_than_equal"} else "wrong_type", ""
    if sum(count for count, _ in periods) > MAX_PERIODS:
        return BAD, "too_many_periods", ""
    return tuple(periods), "", ""


def _judge(raw: RawSettings, section: Section, values: dict[str, Any]) -> list[Finding]:
    """What holds between the keys of a section."""
    if not section.name:
        return _judge_calendar(raw, values)
    return _judge_weights(raw, values) if section.name == "weights" else []


def _judge_calendar(raw: RawSettings, values: dict[str, Any]) -> list[Finding]:
    start, periods = values["start"], values["periods"]
    findings = []
    if isinstance(start, dt.date) and start.weekday():
        monday = start - dt.timedelta(days=start.weekday())
        findings.append(
            error(
                "not_a_monday",
                raw.file,
                f"The start is a {start:%A}.",
                row=raw.values["start"].row,
                column="start",
                value=start.isoformat(),
                expected="a Monday",
                hint=guess.maybe(f"{monday} or {monday + dt.timedelta(days=7)}"),
            )
        )
    if isinstance(start, dt.date) and isinstance(periods, tuple):
        total = sum(count * weeks for count, weeks in periods)
        if total > (LAST_DATE - start).days // 7:
            setting = raw.values["periods"]
            findings.append(
                error(
                    "date_out_of_range",
                    raw.file,
                    f"The horizon of {total:,} weeks ends beyond any plausible planning.",
                    row=setting.row,
                    column="periods",
                    value=_shown(setting.value),
                    expected=f"an end before {LAST_DATE}",
                )
            )
    return findings


def _judge_weights(raw: RawSettings, values: dict[str, Any]) -> list[Finding]:
    findings = []
    low, high = values["weights.minimum"], values["weights.maximum"]
    if low is not BAD and high is not BAD and high < low:
        findings.append(
            error(
                "too_small",
                raw.file,
                "The maximum weight is below the minimum weight.",
                row=raw.values["weights.maximum"].row,
                column="weights.maximum",
                value=shown(high),
                expected=f"at least {shown(low)}",
            )
        )
    shares = [values[f"weights.{SHARES}{score}"] for score in SCORES]
    if BAD not in shares and abs(sum(shares) - 1) > _SUM_TOLERANCE:
        row = raw.values[f"weights.{SHARES}{SCORES[0]}"].row
        total = f"{sum(shares):.6g}"
        message = f"The shares sum to {total}."
        findings.append(
            error("wrong_sum", raw.file, message, row=row, column="weights.shares", value=total, expected="a sum of 1")
        )
    return findings


def _policy(section: Section, values: dict[str, Any]) -> Any:
    """The section's record; entries of `shares` come together in one dictionary."""
    fields = {column.name: values[section.dotted(column)] for column in section.columns}
    shares = {name.removeprefix(SHARES): fields.pop(name) for name in list(fields) if name.startswith(SHARES)}
    if shares:
        fields["shares"] = shares
    assert section.record is not None
    return section.record(**fields)
