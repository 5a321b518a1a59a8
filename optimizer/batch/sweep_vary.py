"""What a sweep varies: named scenarios, crossed with the grid, crossed with the draws, as patches of one instance."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.problem import Problem
from optimizer.batch.sweep_file import SweepFile, SweepSource
from optimizer.batch.sweep_task import Scalar
from optimizer.findings import Finding, error
from optimizer.reading import guess
from optimizer.reading.columns import TABLES
from optimizer.scenarios.patch import Patch, judged_patch

BASE, VARIED = "base", "varied"
"""What a run is called in which nothing is changed, and one in which only parameters are."""
DRAW = "draw"
"""The column with the number of a draw."""
_NAMED = re.compile(r"\$(?:\{(?P<braced>[^}]*)\}|(?P<plain>[a-z][a-z0-9_]*)|(?P<dollar>\$))")

Parameters = tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to change an instance: the scenario's name, the parameters, and the patches as JSON."""

    scenario: str
    parameters: Parameters
    patches: tuple[str, ...]

    @property
    def base(self) -> bool:
        """Whether nothing is changed."""
        return not self.patches


@dataclass(frozen=True, slots=True)
class Named:
    """A named scenario: changes as they are written, with parameters in them, or a patch of a file."""

    name: str
    changes: Sequence[Mapping[str, Any]] = ()
    patch: Patch | None = None


def parameters_of(content: SweepFile) -> list[str]:
    """All parameters, in the order of the file; the number of the draw comes last."""
    drawn = [] if content.draws is None else [*content.draws.names(), DRAW]
    return [*content.grid, *drawn]


def named_scenarios(source: SweepSource) -> tuple[list[Named], list[Finding]]:
    """The named scenarios of the sweep, those of files included, and what is wrong with them."""
    found: list[Named] = []
    findings: list[Finding] = []
    file = source.path.name
    for number, row in enumerate(source.content.scenarios):
        if row.file is None:
            found.append(Named(row.name or "", row.changes or []))
            continue
        from optimizer.scenarios.scenario_file import read_scenarios

        scenarios, wrong = read_scenarios(source.path.parent / row.file)
        findings += wrong
        patches = {} if scenarios is None else scenarios.patches
        names = list(patches) if row.names is None else row.names
        for name in names:
            if name not in patches:
                if not wrong:
                    message, hint = f"{row.file} holds no scenario {name!r}.", guess.maybe(guess.name(name, patches))
                    place = f"scenarios[{number}].names"
                    findings.append(error("unknown_scenario", file, message, column=place, value=name, hint=hint))
                continue
            found.append(Named(name, patch=patches[name]))
    taken = {BASE: "an unchanged run", VARIED: "a run in which only parameters change"}
    for number, one in enumerate(found):
        if one.name in taken:
            message = f"{one.name!r} is the name of {taken[one.name]} already."
            findings.append(error("duplicate_key", file, message, column=f"scenarios[{number}].name", value=one.name))
        taken[one.name] = "another scenario"
    return found, findings


def judged_parameters(source: SweepSource, named: Iterable[Named]) -> list[Finding]:
    """Parameters that are used and not there, and parameters that change nothing."""
    content, file = source.content, source.path.name
    there = [name for name in parameters_of(content) if name != DRAW]
    places = [("changes", content.changes), *((f"scenario {one.name}", one.changes) for one in named)]
    findings, used = [], set()
    for place, changes in places:
        for name in sorted(set(_names_in(changes))):
            used.add(name)
            if name not in there:
                hint = guess.maybe(guess.name(name, there))
                expected = f"one of {', '.join(there)}" if there else "a parameter of [grid] or [draws.parameters]"
                message = f"${name} is no parameter of this sweep."
                findings.append(
                    error("unknown_key", file, message, column=place, value=f"${name}", expected=expected, hint=hint)
                )
    for name in there:
        if name not in used:
            message = f"The parameter {name!r} changes nothing."
            findings.append(
                error("bad_scenario", file, message, column=name, expected=f'a change with "${name}" in it')
            )
    return findings


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for match in _NAMED.finditer(value):
            if match["dollar"] is None:
                yield match["braced"] if match["braced"] is not None else match["plain"]
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _names_in(key)
            yield from _names_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _names_in(part)


def filled(value: Any, parameters: Mapping[str, Scalar]) -> Any:
    """A change with its parameters put in: alone in a text they keep their type, within a text they become text."""
    if isinstance(value, str):
        whole = _NAMED.fullmatch(value)
        if whole is not None and whole["dollar"] is None:
            return parameters[whole["braced"] if whole["braced"] is not None else whole["plain"]]
        return _NAMED.sub(lambda match: _text(match, parameters), value)
    if isinstance(value, Mapping):
        return {filled(key, parameters): filled(part, parameters) for key, part in value.items()}
    return [filled(part, parameters) for part in value] if isinstance(value, list) else value


def _text(match: re.Match[str], parameters: Mapping[str, Scalar]) -> str:
    if match["dollar"] is not None:
        return "$"
    value = parameters[match["braced"] if match["braced"] is not None else match["plain"]]
    return f"{value:g}" if isinstance(value, float) else str(value)


def count(source: SweepSource, named: Sequence[Named], problem: Problem | None) -> int:
    """How many ways to change one instance there are, without making them. A column that is not there counts none."""
    content = source.content
    ways = 1
    for axis in content.grid.values():
        values = axis.fixed()
        ways *= len(values) if values is not None else len(_standing(problem, axis.column or "") or ())
    if content.draws is not None:
        ways *= content.draws.count
    varied = bool(content.grid or content.draws)
    changed = ways * max(1, len(named)) if varied else len(named)
    return changed + int(content.base or not changed)


def variants(source: SweepSource, named: Sequence[Named], problem: Problem) -> tuple[list[Variant], list[Finding]]:
    """Every way to change the instance, the unchanged one first, and what is wrong with the changes as written."""
    content, file = source.content, source.path.name
    findings: list[Finding] = []
    axes: dict[str, list[Scalar]] = {}
    for name, axis in content.grid.items():
        values = axis.fixed()
        if values is None:
            standing = _standing(problem, axis.column or "")
            if standing is None:
                findings.append(_no_column(file, name, axis.column or ""))
            elif not standing:
                message = f"Nothing stands in {axis.column} of {problem.name!r}."
                findings.append(error("nothing_selected", file, message, column=f"grid.{name}", value=axis.column))
            values = standing or []
        axes[name] = values
    if findings:
        return [], findings
    draws = [] if content.draws is None else content.draws.drawn()
    found = [Variant(BASE, (), ())] if content.base or not (named or axes or draws) else []
    judge = _Judge(file)
    for one in named or [Named(VARIED)]:
        if not (named or axes or draws):
            break
        for point in itertools.product(*axes.values()):
            for number, drawn in enumerate(draws or [{}]):
                parameters = {**dict(zip(axes, point, strict=True)), **drawn}
                label = {**parameters, DRAW: number} if draws else parameters
                patches = judge.patches(one, content.changes, parameters)
                found.append(Variant(one.name, tuple(label.items()), patches))
    return found, list(dict.fromkeys(judge.findings))


class _Judge:
    """Makes patches of changes, and gathers what is wrong with them; what was judged once is not judged again."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._known: dict[str, str] = {}

    def patches(
        self, one: Named, changes: Sequence[Mapping[str, Any]], parameters: Mapping[str, Scalar]
    ) -> tuple[str, ...]:
        found = []
        if one.patch is not None:
            found.append(_as_text(one.patch))
        elif one.changes:
            found.append(self._patch(one.name, one.changes, parameters))
        if changes:
            found.append(self._patch("changes", changes, parameters))
        return tuple(found)

    def _patch(self, name: str, changes: Sequence[Mapping[str, Any]], parameters: Mapping[str, Scalar]) -> str:
        given = [filled(change, parameters) for change in changes]
        key = json.dumps([name, given], sort_keys=True, default=str)
        if key not in self._known:
            patch, wrong = judged_patch(name, {"changes": given}, self.file)
            self.findings += wrong
            self._known[key] = _as_text(patch)
        return self._known[key]


def _as_text(patch: Patch) -> str:
    return json.dumps({"name": patch.name, "changes": patch.as_dict()["changes"]}, sort_keys=True)


def _standing(problem: Problem | None, column: str) -> list[Scalar] | None:
    """The different values of a column, in the order of the table, blanks left out; None if there is no such column."""
    table, _, name = column.partition(".")
    if table not in TABLES or name not in TABLES[table].column_names:
        return None
    values = [getattr(row, name) for row in getattr(problem, table)] if problem is not None else []
    return [
        value if isinstance(value, str | int | float) else str(value)
        for value in dict.fromkeys(values)
        if value is not None
    ]


def _no_column(file: str, parameter: str, column: str) -> Finding:
    table, _, name = column.partition(".")
    if table in TABLES:
        known = [f"{table}.{other}" for other in TABLES[table].column_names]
    else:
        known = [f"{other}.{name or 'COLUMN'}" for other in TABLES]
    hint = guess.maybe(guess.name(column, known))
    expected = "TABLE.COLUMN, one of " + ", ".join(known)
    message = f"There is no column {column!r}."
    return error(
        "unknown_column", file, message, column=f"grid.{parameter}", value=column, expected=expected, hint=hint
    )
