"""What the manifest of a plan's folder asks for, judged: a recipe that finds the plan again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any

from models.formulation import Formulation
from models.plan import Plan
from optimizer.continuing import Stood
from optimizer.findings import Finding, error, has_errors
from optimizer.reading.instance import read_instance
from optimizer.reporting import output
from optimizer.reporting.starts import FOLDER, read_start
from optimizer.scenarios.robust_file import KEPT as ROBUST_FILE
from optimizer.settings import Settings


@dataclass(frozen=True)
class Recipe:
    """What a manifest asks for. `promised`: whether the same plan must come of it (a limit by work, kept).

    `alone`: only the plan's own files are compared. What page, workbook, summary and manifest tell besides does not
    come again: of a plan before that is not here, or because nobody asked what one more is worth, as in a sweep.
    `stood`: the plan stood when it was planned on, with this bound.
    `robust`: the copy of the robust file that the plan was found with, None if it was found without one.
    """

    instance: Path
    name: str
    formulation: Formulation
    settings: Settings
    given: tuple[tuple[str, Plan], ...]
    promised: bool
    alone: bool = False
    robust: Path | None = None
    stood: Stood | None = None


def document(file: Path) -> dict[str, Any]:
    """A JSON file that holds an object. Raises `ValueError` if it does not, `OSError` if it cannot be read."""
    found = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def recipe_of(folder: Path) -> tuple[Recipe | None, tuple[Finding, ...]]:
    """What to run again, judged: the copies must be the files that the plan was found from. Never raises."""
    if not output.is_ours(folder):
        return None, (_wrong(folder.name, "the folder holds no result of `solve`", expected="what `solve` wrote"),)
    manifest = document(folder / output.MANIFEST)
    findings: list[Finding] = []
    command = manifest.get("command", "solve")
    if command != "solve":
        message = "only what `solve` wrote can be run again"
        if command == "roll":
            message += "; the plan of a day of planning rests on those before it: roll again into a new folder"
        return None, (_wrong(output.MANIFEST, message, key="command", value=str(command), expected="solve"),)
    if manifest.get("rolled_from") and not manifest.get("starts"):
        findings.append(_wrong(output.MANIFEST, "the plan stands on a plan before that is not kept here",
                               key="rolled_from"))  # fmt: skip
    robust = _robust(folder, manifest.get("beside"), findings)
    instance = output.instance_in(folder / output.INSTANCE)
    findings += _changed_copies(instance, manifest.get("inputs"))
    settings = _settings(manifest.get("options"), findings)
    formulation = _formulation(manifest, findings)
    given = _given(folder, manifest.get("starts") or {}, findings)
    if has_errors(findings) or settings is None or formulation is None:
        return None, tuple(findings)
    stood = _stood(manifest.get("stood"), given, findings)
    if findings:
        return None, tuple(findings)
    counted = settings.work is not None or (stood is not None and stood.bound is not None)
    promised = counted and manifest.get("repeatable") is True
    name, alone = (
        str(manifest.get("source", folder.name)),
        bool(manifest.get("rolled_from")) or manifest.get("valued") is False,
    )
    return Recipe(instance, name, formulation, settings, given, promised, alone, robust, stood), ()


def _wrong(file: str, message: str, *, key: str | None = None, value: str | None = None, expected: str = "") -> Finding:
    return error("cannot_rerun", file, message, column=key, value=value, expected=expected)


def _robust(folder: Path, beside: Any, findings: list[Finding]) -> Path | None:
    """The copy of the robust file; it and the disturbance file beside it must be as they were."""
    if not beside:
        return None
    kept = beside if isinstance(beside, Mapping) else {}
    if ROBUST_FILE not in kept:
        findings.append(_wrong(output.MANIFEST, "the manifest does not say against what scenarios it was solved",
                               key="beside", expected=ROBUST_FILE))  # fmt: skip
    for name, sha256 in kept.items():
        try:
            same = hashlib.sha256((folder / Path(str(name)).name).read_bytes()).hexdigest() == sha256
        except (OSError, ValueError):
            same = False
        if not same:
            message = "a file that the plan was found with is missing or was changed since"
            findings.append(_wrong(output.MANIFEST, message, key="beside", value=str(name),
                                   expected=f"SHA-256 {sha256}"))  # fmt: skip
    return folder / ROBUST_FILE


def _changed_copies(instance: Path, inputs: Any) -> list[Finding]:
    """What is not as it was when the plan was found: files changed, missing, or added since."""
    if not isinstance(inputs, Mapping) or not inputs:
        return [_wrong(output.MANIFEST, "the manifest does not say what the instance was", key="inputs")]
    reading = read_instance(instance)
    there = {file.name: file.sha256 for file in reading.files}
    found = []
    for name in sorted({*inputs, *there}):
        place = f"{output.INSTANCE}/{name}"
        if name not in there:
            found.append(_wrong(place, "the copy of the instance lacks this file"))
        elif name not in inputs:
            found.append(_wrong(place, "the file was added to the copy of the instance since"))
        elif there[name] != inputs[name]:
            found.append(_wrong(place, "the copy of the instance was changed since", value=there[name],
                                expected=f"SHA-256 {inputs[name]}"))  # fmt: skip
    return found


def _settings(options: Any, findings: list[Finding]) -> Settings | None:
    """The settings of the options; each must be there, as a number of its kind."""
    if not isinstance(options, Mapping):
        findings.append(_wrong(output.MANIFEST, "the manifest does not say with what limits it was solved",
                               key="options", expected=", ".join(row.name for row in fields(Settings))))  # fmt: skip
        return None
    given: dict[str, Any] = {}
    for name in (field.name for field in fields(Settings)):
        value, whole = options.get(name), name in ("threads", "seed")
        maybe = name in ("work", "memory_gib") and value is None
        fine = isinstance(value, int) if whole else isinstance(value, int | float) or maybe
        if not fine or isinstance(value, bool) or (value is not None and not 0 <= value < float("inf")):
            findings.append(_wrong(output.MANIFEST, "a limit of the solve is not what it must be",
                                   key=f"options.{name}", value=json.dumps(value),
                                   expected="a whole number" if whole else "a number of 0 or more"))  # fmt: skip
            continue
        given[name] = value
    return Settings(**given) if len(given) == len(fields(Settings)) else None


def _stood(found: Any, given: Sequence[tuple[str, Plan]], findings: list[Finding]) -> Stood | None:
    """The plan that stood, if it did: the only one that there is to start from."""
    if found is None:
        return None
    told = found if isinstance(found, Mapping) else {}
    bound, enough, why = told.get("bound"), told.get("enough"), told.get("why")
    right = all(isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
                for value in (enough, 0.0 if bound is None else bound))  # fmt: skip
    if len(given) != 1 or not right or not isinstance(why, str):
        message = "the manifest does not say how the plan stood"
        findings.append(_wrong(output.MANIFEST, message, key="stood", value=json.dumps(found),
                               expected="bound, enough, why; and one plan to start from"))  # fmt: skip
        return None
    return Stood(given[0][1], None if bound is None else float(bound), float(enough or 0.0), why)


def _formulation(manifest: Mapping[str, Any], findings: list[Finding]) -> Formulation | None:
    """The formulation with all its choices, which must be ones there are."""
    choices = manifest.get("formulation")
    names = {field.name for field in fields(Formulation)}
    if (
        not isinstance(choices, Mapping)
        or set(choices) != names
        or not all(isinstance(v, str) for v in choices.values())
    ):
        findings.append(_wrong(output.MANIFEST, "the manifest does not say all choices of the formulation",
                               key="formulation", expected=", ".join(sorted(names))))  # fmt: skip
        return None
    from optimizer.solving.methods import METHODS  # the solver is loaded for nothing else here

    found = Formulation(**choices)
    try:
        found.blocks()
        if found.method not in METHODS:
            raise ValueError(f"there is no method {found.method!r}")
    except (ValueError, KeyError) as problem:
        findings.append(_wrong(output.MANIFEST, f"this formulation cannot be built here: {problem}", key="formulation",
                               value=found.name))  # fmt: skip
        return None
    return found


def _given(folder: Path, starts: Any, findings: list[Finding]) -> tuple[tuple[str, Plan], ...]:
    """The plans that the solve was given to start from."""
    found = []
    for name, sha256 in starts.items() if isinstance(starts, Mapping) else ():
        place = f"{FOLDER}/{name}"
        try:
            data = (folder / FOLDER / Path(name).name).read_bytes()
            if hashlib.sha256(data).hexdigest() != sha256:
                raise ValueError("it was changed since")
            found.append(read_start(data))
        except (OSError, ValueError, KeyError, TypeError) as problem:
            findings.append(_wrong(place, f"a plan to start from cannot be read: {problem}"))
    return tuple(found)
