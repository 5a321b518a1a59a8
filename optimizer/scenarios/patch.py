"""A scenario as a record: a named `Patch`, an ordered tuple of changes (`optimizer.scenarios.change`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.findings import Finding, has_errors
from optimizer.reading import guess
from optimizer.scenarios.change import Change, Value
from optimizer.scenarios.target import Place, Target, Verb
from optimizer.scenarios.written import judged_changes

__all__ = ["Change", "Patch", "Place", "Target", "Value", "Verb", "judged_patch"]

KEYS = ("name", "about", "of", "changes")
"""What a scenario may say; `of` names scenarios of the file whose changes come first (`scenario_file`)."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A named scenario: its changes in the order in which they are made. `about`: what it stands for, in words."""

    name: str
    changes: tuple[Change, ...] = ()
    about: str = field(default="", compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Name, words and changes, ready for JSON and TOML."""
        return {"name": self.name, "about": self.about, "changes": [change.as_dict() for change in self.changes]}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any], file: str = "scenario") -> Patch:
        """The patch that `as_dict` wrote, or the like written by hand.

        Raises `ValueError` with every finding, one a line, if something in it is wrong.
        """
        patch, findings = judged_patch(str(given.get("name", "")), given, file)
        if has_errors(findings):
            raise ValueError("\n".join(finding.line() for finding in findings))
        return patch


def judged_patch(
    name: str, given: Mapping[str, Any], file: str, lines: tuple[int | None, ...] = ()
) -> tuple[Patch, tuple[Finding, ...]]:
    """The patch that a mapping says, and all that is wrong with it; what is wrong is left out of the patch.

    `file` and `lines`, one a change where they are known, are where it was written.
    """
    place = Place(file, name)
    findings = []
    for key in given:
        if key not in KEYS:
            hint = guess.maybe(guess.name(str(key), KEYS))
            expected = "one of " + ", ".join(KEYS[1:])
            message = f"A scenario has no {key!r}."
            findings.append(place.finding("bad_scenario", message, value=str(key), expected=expected, hint=hint))
    about = given.get("about", "")
    if not isinstance(about, str):
        findings.append(place.finding("bad_scenario", "`about` is not a text.", value=str(about), expected="a text"))
        about = ""
    changes, found = judged_changes(given.get("changes", []), place, lines)
    return Patch(name, changes, about), (*findings, *found)
