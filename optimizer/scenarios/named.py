"""Named scenarios of a robust file: `[[named]]` entries -> patches with probabilities, judged on the instance.

[[named]]
name = "ramp-slips"            # of a scenario file (docs/whatif.md) …
file = "scenarios.toml"
probability = 0.1

[[named]]
name = "half the money"        # … or with changes of its own
probability = 0.05
changes = [{ scale = "pledges.*.amount_usd_m", by = 0.5 }]
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.problem import Problem
from optimizer.findings import Finding, error, has_errors
from optimizer.reading import guess, toml_text
from optimizer.reading.cells import UNPRINTABLE
from optimizer.reading.column import MAX_TEXT
from optimizer.scenarios.apply import patched
from optimizer.scenarios.bearable import CHANGEABLE, unbearable
from optimizer.scenarios.patch import Patch, judged_patch
from optimizer.scenarios.scenario_file import Scenarios, scenarios_in
from optimizer.scenarios.target import Place

KEY = "named"
KEYS = ("name", "file", "changes", "about", "probability")
NOMINAL = "nominal"
"""The name of the instance as it stands."""
FIXED = frozenset({"packages"})
"""Tables that an execution could bear to differ, and first weeks that all scenarios share could not."""
_TAKEN = re.compile(r"nominal|draw \d+")
_PROBABILITY = "a number above 0 and below 1"


@dataclass(frozen=True, slots=True)
class Named:
    """A scenario with a name and a probability of its own."""

    name: str
    probability: float
    patch: Patch

    def world(self, problem: Problem) -> Problem:
        """The instance as the scenario has it. It was judged when the file was read."""
        found = patched(problem, [self.patch]).problem
        if found is None:
            raise ValueError(f"scenario {self.name!r} does not fit the instance")
        return found


@dataclass
class NamedScenarios:
    """The entries of a file as far as they are right, bytes of the scenario files by name, and all that is wrong."""

    found: list[Named] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The probability of all of them."""
        return math.fsum(row.probability for row in self.found)


def read_named(
    document: dict[str, Any], path: Path, text: str, problem: Problem | None = None, *, kept: bool = False
) -> NamedScenarios:
    """The named scenarios of a robust file. Never raises for what the files hold.

    Args:
        document: the file's content.
        path: the file; scenario files are looked for from its folder, `kept`: beside it under their own names.
        text: the file's text, for lines.
        problem: the instance that the scenarios are tried on.
    """
    return _Reader(path, text, problem, kept=kept).all(document.get(KEY, []))


class _Reader:
    def __init__(self, path: Path, text: str, problem: Problem | None, *, kept: bool) -> None:
        self.path, self.problem, self.kept = path, problem, kept
        header = re.compile(rf"\s*\[\[\s*{KEY}\s*\]\]")
        self.lines = [number for number, line in enumerate(text.splitlines(), start=1) if header.match(line)]
        self.result = NamedScenarios()
        self.read: dict[str, Scenarios | None] = {}
        self.row: int | None = None

    def all(self, given: Any) -> NamedScenarios:
        """Every entry."""
        if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
            self._wrong("wrong_type", f"`{KEY}` is no list of tables.", "", given, expected=f"[[{KEY}]] blocks")
            return self.result
        for number, entry in enumerate(given):
            self.row = self.lines[number] if number < len(self.lines) else None
            self._entry(entry)
        return self.result

    def _wrong(self, code: str, message: str, key: str, value: Any = None, **more: str) -> None:
        column = f"{KEY}.{key}" if key else KEY
        shown = None if value is None else str(value)[:200]
        self.result.findings.append(
            error(code, self.path.name, message, row=self.row, column=column, value=shown, **more)
        )

    def _entry(self, entry: dict[str, Any]) -> None:
        before = len(self.result.findings)
        for key in entry:
            if key not in KEYS:
                self._wrong("unknown_setting", f"A named scenario has no {key!r}.", key,
                            expected="one of " + ", ".join(KEYS), hint=guess.maybe(guess.name(key, KEYS)))  # fmt: skip
        name, probability = self._name(entry), self._probability(entry)
        if ("file" in entry) == ("changes" in entry):
            message = "A named scenario has either changes of its own or a file that it stands in."
            self._wrong("missing_setting", message, "file", expected="'file' or 'changes', not both")
            return
        patch = self._of_file(entry["file"], name) if "file" in entry else self._own(entry, name)
        if patch is not None and self.problem is not None:
            self._tried(patch, self.problem)
        if not has_errors(self.result.findings[before:]) and patch is not None:
            self.result.found.append(Named(name, probability, replace(patch, name=name)))

    def _name(self, entry: dict[str, Any]) -> str:
        name = entry.get("name")
        if name is None:
            self._wrong("missing_setting", "A named scenario needs a name.", "name", expected="a short text")
        elif not isinstance(name, str) or not name.strip() or UNPRINTABLE.search(name) or len(name) > MAX_TEXT:
            self._wrong("bad_text", "This cannot be the name of a scenario.", "name", name,
                        expected="a short text on one line")  # fmt: skip
        elif _TAKEN.fullmatch(name):
            self._wrong("reserved_key", f"{name!r} is what another scenario is called.", "name", name,
                        expected="another name")  # fmt: skip
        elif any(row.name == name for row in self.result.found):
            self._wrong("duplicate_key", f"{name!r} stands here twice.", "name", name, expected="each name once")
        else:
            return name
        return ""

    def _probability(self, entry: dict[str, Any]) -> float:
        value = entry.get("probability")
        if value is None:
            self._wrong("missing_setting", "A named scenario needs a probability.", "probability",
                        expected=_PROBABILITY)  # fmt: skip
        elif isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong("not_a_number", "The probability is no number.", "probability", value, expected=_PROBABILITY)
        elif not math.isfinite(value):
            self._wrong("not_finite", "The probability must be finite.", "probability", value, expected=_PROBABILITY)
        elif value <= 0:
            self._wrong("too_small", "The probability is too small.", "probability", value, expected=_PROBABILITY)
        elif value >= 1:
            hint = guess.maybe(f"{value / 100:g}") if 1 < value < 100 else ""
            self._wrong("too_large", "The probability is too large.", "probability", value,
                        expected=_PROBABILITY, hint=hint)  # fmt: skip
        else:
            return float(value)
        return 0.0

    def _own(self, entry: dict[str, Any], name: str) -> Patch | None:
        given = {"changes": entry["changes"], "about": entry.get("about", "")}
        count = len(entry["changes"]) if isinstance(entry["changes"], list) else 0
        lines = (self.row,) * count
        patch, findings = judged_patch(name or KEY, given, self.path.name, lines)
        self.result.findings += findings
        return None if has_errors(findings) else patch

    def _of_file(self, given: Any, name: str) -> Patch | None:
        expected = "the name of a scenario file (TOML), from this file's folder"
        if not isinstance(given, str) or not given.strip() or "\0" in given:
            self._wrong("wrong_type", "This is no name of a file.", "file", given, expected=expected)
            return None
        if given not in self.read:
            self._read(given, expected)
        scenarios = self.read[given]
        if scenarios is None or not name:
            return None
        patch, finding = scenarios.named(name)
        if finding is not None:
            place: dict[str, Any] = {"file": self.path.name, "row": self.row, "column": f"{KEY}.name"}
            self.result.findings.append(replace(finding, **place))
        return patch

    def _read(self, given: str, expected: str) -> None:
        own = Path(given).name
        there = self.path.parent / (own if self.kept else given)
        self.read[given] = None
        content = toml_text.bytes_of(there)
        if isinstance(content, toml_text.Unreadable):
            near = guess.maybe(guess.name(given, sorted(row.name for row in self.path.parent.glob("*.toml"))))
            self._wrong(content.code, content.finding(expected=expected).message, "file", given,
                        expected=expected, hint=near)  # fmt: skip
            return
        if self.result.files.setdefault(own, content) != content:
            message = f"Another file is called {own}, too: they could not be kept beside one plan."
            self._wrong("duplicate_key", message, "file", given, expected="files with different names")
        scenarios, findings = scenarios_in(there)
        self.result.findings += findings
        self.read[given] = None if has_errors(findings) else scenarios

    def _tried(self, patch: Patch, problem: Problem) -> None:
        """What is wrong with the instance as the scenario has it; what is no error there was said of the instance."""
        reading = patched(problem, [patch])
        self.result.findings += [
            row
            for row in reading.findings
            if row.severity == "error" or (row.code == NO_EFFECT and row not in self.result.findings)
        ]
        if reading.problem is not None:
            self.result.findings += out_of_reach(problem, reading.problem, Place(self.path.name, patch.name))


NO_EFFECT = "nothing_changed"
"""Scenarios that are made of one another would say it twice."""


def out_of_reach(problem: Problem, world: Problem, place: Place) -> Iterator[Finding]:
    """Why no plan of the instance could be carried out in the world, or share its first weeks with it."""
    reach = ", ".join(f"[{name}]" if name == "approval" else name for name in CHANGEABLE if name not in FIXED)
    expected = f"changes in {reach}; needs may only be added, lanes carry other loads"
    what = [*unbearable(problem, world)]
    what += [f"other {name} hold" for name in sorted(FIXED) if getattr(problem, name) != getattr(world, name)]
    for why in what:
        yield place.finding("wrong_change", f"A plan cannot be carried out where {why}.", expected=expected)
