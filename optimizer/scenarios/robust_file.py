"""A robust file (TOML) -> `RobustFile`, or every finding that says why not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.problem import Problem
from models.stochastic.risk import Risk
from models.stochastic.scenario import Prices
from optimizer.findings import Finding, error, has_errors
from optimizer.reading import guess, toml_text
from optimizer.scenarios.disturbance_file import judged
from optimizer.scenarios.disturbances import Disturbances
from optimizer.scenarios.named import KEY as NAMED
from optimizer.scenarios.named import Named, NamedScenarios, read_named

MOST_DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the file: what it means, its least and largest value, and what it is where it is not given."""

    name: str
    means: str
    least: float
    most: float
    default: float | None
    whole: bool = False
    open_below: bool = False
    open_above: bool = False

    @property
    def expected(self) -> str:
        """What would be right, in words."""
        what = "a whole number" if self.whole else "a number"
        low = f"above {self.least:g}" if self.open_below else f"from {self.least:g}"
        high = f"below {self.most:g}" if self.open_above else f"to {self.most:g}"
        return f"{what} {low} {high}"


KEYS: tuple[Key, ...] = (
    Key("scenarios", "scenarios that are planned against beside the nominal one", 1, 500, 5, whole=True),
    Key("draws", "histories drawn, of which the scenarios are chosen", 1, MOST_DRAWS, 100, whole=True),
    Key("seed", "of the first draw; the others follow", 0, 2**31 - 1, 1, whole=True),
    Key("shared_weeks", "weeks whose decisions all scenarios share", 0, 5000, 4, whole=True),
    Key("level", "of CVaR: the worst 1 − level of the probability counts", 0, 1, 0.9, open_above=True),
    Key("weight", "of CVaR against the expected value", 0, 1, 0.5),
    Key("nominal_weight", "probability of the instance as it stands", 0, 1, 0.2, open_below=True),
    Key("broken_weeks", "price of a unit of a broken promise, in weeks of its price", 0, 1e6, 1000.0),
    Key("missed_weeks", "price of a unit missed in the first weeks, in weeks of its price a period", 0, 1e6, 1.0),
)
_FILE = "disturbances"
_DRAWING = ("scenarios", "draws", "seed")
_NOTHING = 1e-9
"""Probability that counts as none."""
KEPT = "robust.toml"
"""What the copy of a robust file in a plan's folder is called."""


@dataclass(frozen=True, slots=True)
class RobustFile:
    """What a robust solve plans against; see `KEYS`.

    `disturbances`: None where all scenarios have names; then nothing is drawn, `disturbance_file` is empty, `scenarios`
    and `draws` are 0. `named`: scenarios with a name and a probability of their own. `files`: the bytes of all files
    that the robust file names, by their own names.
    """

    disturbances: Disturbances | None
    disturbance_file: str
    files: Mapping[str, bytes]
    scenarios: int
    draws: int
    seed: int
    shared_weeks: int
    risk: Risk
    nominal_weight: float
    prices: Prices
    named: tuple[Named, ...] = ()

    @property
    def drawn_weight(self) -> float:
        """What of the probability is left for the draws."""
        left = 1.0 - self.nominal_weight - math.fsum(row.probability for row in self.named)
        return left if left > _NOTHING else 0.0


def read_robust(
    path: Path, problem: Problem | None = None, *, kept: bool = False
) -> tuple[RobustFile | None, tuple[Finding, ...]]:
    """Read and judge a robust file and the files that it names. Never raises for what they hold.

    `kept`: these are the copies in a plan's folder, where the files it names lie beside under their own names.

    The first value is None exactly if a finding is an error.
    """
    data = toml_text.bytes_of(path)
    if isinstance(data, toml_text.Unreadable):
        return None, (data.finding(expected="a robust file (TOML)"),)
    toml, broken = toml_text.parsed(data, path.name)
    if toml is None:
        return None, broken
    document, lines = toml.document, _lines(toml.text)
    findings = [*_unknown(document, path.name, lines)]
    values: dict[str, float] = {}
    for key in KEYS:
        found, wrong = _number(key, document, path.name, lines)
        if wrong is not None:
            findings.append(wrong)
        elif found is not None:
            values[key.name] = found
    if "scenarios" not in document and "draws" in values:
        values["scenarios"] = min(values["scenarios"], values["draws"])
    if "draws" not in document and "scenarios" in values:
        values["draws"] = max(values["draws"], values["scenarios"])
    if values.get("draws", 1) < values.get("scenarios", 1):
        findings.append(
            error("too_large", path.name, "There are more scenarios than draws to choose them from.",
                  row=lines.get("scenarios") or lines.get("draws"), column="scenarios",
                  value=f"{values['scenarios']:g}", expected=f"at most draws, {values['draws']:g}")
        )  # fmt: skip
    disturbances, name, content, more = _disturbances(document, path, lines, problem, kept=kept)
    named = read_named(document, path, toml.text, problem, kept=kept)
    findings += [*more, *named.findings]
    findings += _names(path, name, content, named, lines)
    if _FILE not in document:
        values |= {"scenarios": 0, "draws": 0}
        if "nominal_weight" not in document:
            values["nominal_weight"] = 1 - named.total
    if "nominal_weight" in values and not has_errors(named.findings):
        findings += _probabilities(values["nominal_weight"], named, path.name, lines, drawn=_FILE in document)
    if any(row.severity == "error" for row in findings):
        return None, tuple(findings)
    file = RobustFile(
        disturbances, name, {**named.files, **({Path(name).name: content} if name else {})}, int(values["scenarios"]),
        int(values["draws"]), int(values["seed"]), int(values["shared_weeks"]), Risk(values["level"], values["weight"]),
        values["nominal_weight"], Prices(values["broken_weeks"], values["missed_weeks"]), tuple(named.found),
    )  # fmt: skip
    return file, tuple(findings)


def _names(path: Path, name: str, content: bytes, named: NamedScenarios, lines: dict[str, int]) -> Iterator[Finding]:
    """Why the files that are named could not lie beside one plan under their own names."""
    own = Path(name).name
    if name and named.files.get(own, content) != content:
        yield error("duplicate_key", path.name, f"A scenario file is called {own}, too.", row=lines.get(_FILE),
                    column=_FILE, value=name, expected="files with different names")  # fmt: skip
    if KEPT in (*named.files, own):
        message = f"A file that is named here is called {KEPT}, as the copy of this one in a plan's folder is."
        yield error("reserved_key", path.name, message, value=KEPT, expected="another name for that file")


def _probabilities(
    nominal: float, named: NamedScenarios, file: str, lines: dict[str, int], *, drawn: bool
) -> Iterator[Finding]:
    """What is wrong with the probabilities together. Without draws the instance as it stands has all that is left."""
    total = named.total
    place: dict[str, Any] = {"row": lines.get("nominal_weight"), "column": "nominal_weight", "value": f"{nominal:g}"}
    if total >= 1 - _NOTHING:
        message = "Nothing is left for the instance as it stands."
        yield error("wrong_sum", file, message, row=lines.get(NAMED), column=f"{NAMED}.probability",
                    value=f"{total:g} in all", expected="less than 1 in all")  # fmt: skip
    elif not drawn and abs(nominal + total - 1) > _NOTHING:
        message = "Without draws, the instance as it stands has what the named scenarios leave."
        yield error("wrong_sum", file, message, **place, expected=f"{1 - total:g}, or leave it out")
    elif nominal + total > 1 + _NOTHING:
        message = f"The probabilities sum to more than 1, those of named scenarios to {total:g}."
        yield error("wrong_sum", file, message, **place, expected=f"{1 - total:g} at most")


def _disturbances(
    document: dict[str, Any], path: Path, lines: dict[str, int], problem: Problem | None, *, kept: bool
) -> tuple[Disturbances | None, str, bytes, list[Finding]]:
    """The disturbance file that is named, beside the robust file unless the way to it is whole."""
    name = document.get(_FILE)
    place: dict[str, Any] = {"row": lines.get(_FILE), "column": _FILE}
    expected = "the name of a disturbance file (TOML), from this file's folder"
    if _FILE not in document and document.get(NAMED):
        # as long as nothing says that something is to be drawn
        drawing = [key for key in _DRAWING if key in document]
        if not drawing:
            return None, "", b"", []
        message = f"The key {_FILE!r} is missing, of which {drawing[0]!r} speaks."
        return None, "", b"", [error("missing_setting", path.name, message, row=lines.get(drawing[0]), column=_FILE,
                                     expected=f"{expected}, or none of these keys")]  # fmt: skip
    if _FILE not in document:
        expected += f", or [[{NAMED}]] scenarios"
        message = f"The key {_FILE!r} is missing."
        return None, "", b"", [error("missing_setting", path.name, message, column=_FILE, expected=expected)]
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        return None, "", b"", [
            error("wrong_type", path.name, "This is no name of a file.", **place, value=str(name), expected=expected)
        ]  # fmt: skip
    there = path.parent / (Path(name).name if kept else name)
    content = toml_text.bytes_of(there)
    if isinstance(content, toml_text.Unreadable):
        near = guess.maybe(guess.name(name, sorted(row.name for row in path.parent.glob("*.toml"))))
        wrong = replace(content.finding(expected=expected), file=path.name, value=name, hint=near, **place)
        return None, name, b"", [wrong]
    found, findings = judged(content, there.name, problem)
    return found, name, content, list(findings)


def _unknown(document: dict[str, Any], file: str, lines: dict[str, int]) -> Iterator[Finding]:
    known = [_FILE, NAMED, *(key.name for key in KEYS)]
    for name in document:
        if name not in known:
            yield error(
                "unknown_setting", file, f"There is no key {name!r} here.", row=lines.get(name), column=name,
                expected="one of " + ", ".join(known), hint=guess.maybe(guess.name(name, known)),
            )  # fmt: skip


def _number(
    key: Key, document: dict[str, Any], file: str, lines: dict[str, int]
) -> tuple[float | None, Finding | None]:
    """The value of a key, or what is wrong with it."""
    if key.name not in document:
        return key.default, None
    value = document[key.name]
    place: dict[str, Any] = {
        "row": lines.get(key.name), "column": key.name, "value": str(value), "expected": key.expected
    }  # fmt: skip
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = guess.number(value) if isinstance(value, str) else ""
        return None, error("not_a_number", file, f"{key.name} is no number.", **place, hint=hint)
    if not math.isfinite(value):
        return None, error("not_finite", file, f"{key.name} must be finite.", **place)
    if key.whole and value != int(value):
        return None, error("not_whole", file, f"{key.name} must be whole.", **place)
    if value < key.least or (key.open_below and value == key.least):
        return None, error("too_small", file, f"{key.name} is too small: it is {key.means}.", **place)
    if value > key.most or (key.open_above and value == key.most):
        hint = guess.maybe(f"{value / 100:g}") if key.most == 1 and 1 < value <= 100 else ""
        return None, error("too_large", file, f"{key.name} is too large: it is {key.means}.", **place, hint=hint)
    return float(value), None


def _lines(text: str) -> dict[str, int]:
    """Keys with the line they stand in."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        key = re.match(r"\s*\[*\s*([\w-]+)\s*\]*\s*(=|$)", line)
        if key:
            found.setdefault(key[1], number)
    return found
