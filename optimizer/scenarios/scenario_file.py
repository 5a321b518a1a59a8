"""Scenario files: named patches in TOML, alone or beside what else a file says.

    [scenario.late-money]
    about = "Every pledge comes eight weeks later."
    changes = [
      { shift = "pledges.*.available_on", by = 8 },
    ]

    [scenario.late-and-half]
    of = ["late-money"]            # these first, in order, then its own changes
    changes = [{ scale = "pledges.*.amount_usd_m", by = 0.5 }]

Everything wrong is said at once, with the file, the scenario, the change, what stands there and what would be right,
and with the line where a plain search of the text finds it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from optimizer.findings import Finding, error, has_errors
from optimizer.reading import guess, toml_text
from optimizer.reading.cells import UNPRINTABLE
from optimizer.reading.column import MAX_TEXT
from optimizer.scenarios.change import Change
from optimizer.scenarios.patch import Patch, judged_patch
from optimizer.scenarios.target import Place

KEY = "scenario"
_VERB = re.compile(r"""\{\s*["']?(?:set|scale|shift|add|remove)["']?\s*=""")
_NAME = r"""(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|'(?P<literal>[^']*)'|(?P<bare>[\w-]+))"""
_HEADER = re.compile(rf"\s*\[\s*{KEY}\s*\.\s*{_NAME}\s*\]")
_MEMBER = re.compile(rf"\s*\[\[\s*{KEY}\s*\.\s*{_NAME}\s*\.\s*changes\s*\]\]")


@dataclass(frozen=True, slots=True)
class Scenarios:
    """The scenarios of a file by name, those that `of` names put together already."""

    file: str
    patches: dict[str, Patch]

    def named(self, name: str) -> tuple[Patch | None, Finding | None]:
        """The scenario of that name; the only one, where the name is empty; otherwise why there is none."""
        if name in self.patches:
            return self.patches[name], None
        known = list(self.patches)
        listed = ", ".join(known) or "nothing: the file holds no scenario"
        if not name and len(known) == 1:
            return self.patches[known[0]], None
        message = (
            f"There is no scenario {name!r}." if name else f"The file holds {len(known)} scenarios: which is meant?"
        )
        hint = guess.maybe(guess.name(name, known))
        return None, error("unknown_scenario", self.file, message, value=name, expected=f"one of {listed}", hint=hint)


def read_scenarios(path: Path) -> tuple[Scenarios | None, tuple[Finding, ...]]:
    """The scenarios of a file; None exactly if a finding is an error. Never raises for what the file holds."""
    scenarios, findings = scenarios_in(path)
    return (None if has_errors(findings) else scenarios), findings


def scenarios_in(path: Path) -> tuple[Scenarios | None, tuple[Finding, ...]]:
    """As `read_scenarios`, and with errors what could be understood: to be tried on an instance for more findings."""
    file, data = str(path), toml_text.bytes_of(path)
    if isinstance(data, toml_text.Unreadable):
        gone = data.code == "no_such_path"
        message = f"There is no file {path}." if gone else f"{path} cannot be read: {data.why}."
        return None, (data.finding(message, expected="a scenario file"),)
    toml, broken = toml_text.parsed(data, file)
    if toml is None:
        return None, broken
    others = [key for key in toml.document if key != KEY]
    findings = [
        error(
            "bad_scenario",
            file,
            f"A scenario file has no {key!r}.",
            column=key,
            value=key,
            expected="[scenario.NAME]",
            hint=guess.maybe(guess.name(key, [KEY])),
        )
        for key in others
    ]
    scenarios, found = judged_scenarios(toml.document.get(KEY, {}), file, toml.text)
    return scenarios, (*findings, *found)


def judged_scenarios(given: Any, file: str, text: str = "") -> tuple[Scenarios, tuple[Finding, ...]]:
    """The scenarios of the table `scenario` of a document, and all that is wrong with them.

    `text`: the file they stand in, where lines are to be found.
    """
    place = Place(file, KEY)
    if not isinstance(given, Mapping):
        wrong = place.finding("bad_scenario", "`scenario` is not a table.", expected="[scenario.NAME]")
        return Scenarios(file, {}), (wrong,)
    lines = lines_of(text)
    patches: dict[str, Patch] = {}
    findings: list[Finding] = []
    parts: dict[str, list[str]] = {}
    for name, body in given.items():
        if not isinstance(body, Mapping):
            expected = f"[scenario.{name}] with `changes`"
            message = f"{name!r} is not a scenario."
            findings.append(
                Place(file, name).finding("bad_scenario", message, value=str(body)[:200], expected=expected)
            )
            continue
        if not name.strip() or UNPRINTABLE.search(name) or len(name) > MAX_TEXT:
            message = "This cannot be the name of a scenario."
            expected = "a short text on one line"
            findings.append(place.finding("bad_text", message, value=name[:200], expected=expected))
        patches[name], found = judged_patch(name, {**body, "name": name}, file, lines.get(name, ()))
        findings += found
        parts[name], unknown = _parts(name, body.get("of", []), given, file)
        findings += unknown
    findings += _circles(parts, file)
    if not has_errors(findings):
        patches = {name: _put_together(name, patches, parts) for name in patches}
    return Scenarios(file, patches), tuple(findings)


def _parts(name: str, given: Any, known: Iterable[str], file: str) -> tuple[list[str], list[Finding]]:
    """The scenarios that come first."""
    place = Place(file, f"{name}, of")
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not all(isinstance(part, str) for part in given):
        expected = "a list of names of scenarios of this file"
        return [], [
            place.finding("bad_scenario", "`of` is not a list of names.", value=str(given)[:200], expected=expected)
        ]
    names = list(known)
    findings = [
        place.finding(
            "unknown_scenario",
            f"There is no scenario {part!r}.",
            value=part,
            expected="one of " + ", ".join(names),
            hint=guess.maybe(guess.name(part, names)),
        )
        for part in given
        if part not in names
    ]
    return [part for part in given if part in names], findings


def _circles(parts: Mapping[str, Sequence[str]], file: str) -> list[Finding]:
    """Scenarios that are made of themselves."""
    found = []
    for name in parts:
        seen, ahead = set[str](), list(parts[name])
        while ahead:
            part = ahead.pop()
            if part not in seen:
                seen.add(part)
                ahead += parts.get(part, [])
        if name in seen:
            message = f"{name!r} is made of itself."
            expected = "scenarios that are not made of this one"
            found.append(Place(file, f"{name}, of").finding("bad_scenario", message, value=name, expected=expected))
    return found


def _put_together(name: str, patches: Mapping[str, Patch], parts: Mapping[str, Sequence[str]]) -> Patch:
    """The scenario with the changes of all its parts first."""

    def changes(of: str) -> tuple[Change, ...]:
        first = tuple(change for part in parts[of] for change in changes(part))
        return (*first, *patches[of].changes)

    return Patch(name, changes(name), patches[name].about)


def lines_of(text: str) -> dict[str, tuple[int, ...]]:
    """By scenario the lines in which its changes begin, as far as a plain search finds them."""
    found: dict[str, list[int]] = {}
    current: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        member, header = _MEMBER.match(line), _HEADER.match(line)
        if member:
            found.setdefault(_name(member), []).append(number)
            current = None
        elif header:
            current = _name(header)
        elif re.match(r"\s*\[[^\[{]*\]\s*(#.*)?$", line):
            current = None
        elif current is not None and not line.lstrip().startswith("#"):
            found.setdefault(current, []).extend(number for _ in _VERB.finditer(line))
    return {name: tuple(lines) for name, lines in found.items()}


def _name(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return str(tomllib.loads(f'name = "{match["quoted"]}"')["name"])
    return match["literal"] if match["literal"] is not None else match["bare"]


def scenarios_text(patches: Iterable[Patch]) -> str:
    """The text of a scenario file that reads back as these patches."""
    tables = {}
    for patch in patches:
        written = patch.as_dict()
        name = written.pop("name")
        tables[name] = {key: value for key, value in written.items() if value or key == "changes"}
    return tomli_w.dumps({KEY: tables})
