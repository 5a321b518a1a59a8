"""`manifest.json`: with what, on what and how a plan was found, so that it can be found again."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from models.formulation import Formulation
from optimizer.reporting.numbers import clean
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome, Phase

PROGRAM = "burdenshare"
_LIBRARIES = ("pyomo", "highspy", "numpy", "scipy", "networkx", "pydantic", "python-calamine", "XlsxWriter", "jinja2")


class HashedFile(Protocol):
    """A source file of the instance: its name and the SHA-256 of its bytes."""

    @property
    def name(self) -> str:
        """Name inside the instance's folder, or of the workbook."""

    @property
    def sha256(self) -> str:
        """Hexadecimal digest."""


def version_of(distribution: str) -> str | None:
    """The installed version, or None where it is not installed as a distribution."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """Versions of the program, of Python and of the libraries a plan depends on."""
    found: dict[str, str | None] = {PROGRAM: version_of(PROGRAM), "python": platform.python_version()}
    found.update({name: version_of(name) for name in _LIBRARIES})
    return found


def processor() -> str | None:
    """What the system calls the processor, None where it does not say: libraries choose their instructions by it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def platform_now() -> dict[str, str | None]:
    """System, machine and processor."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "implementation": sys.implementation.name,
        "processor": processor(),
    }


def manifest(
    instance: str,
    *,
    files: Sequence[HashedFile],
    outcome: Outcome,
    settings: Settings,
    seconds: Mapping[str, float],
    started: dt.datetime,
    warnings: Sequence[str],
    rolled_from: Mapping[str, Any] | None = None,
    beside: Mapping[str, bytes] | None = None,
    formulation: Formulation | None = None,
    starts: Mapping[str, str] | None = None,
    stood: Mapping[str, Any] | None = None,
    valued: bool = True,
    command: str = "solve",
) -> dict[str, Any]:
    """The content of `manifest.json`. `instance` is the name of its folder or workbook, without the way to it.

    `rolled_from`: where the instance was rolled on from a plan before, what of: names and hashes; `beside`: files that
    the plan rests on and that lie beside it, by name; `formulation`: all its choices; `starts`: plans to start from
    other than the baselines, which lie beside the plan: SHA-256 by file; `stood`: of a plan that stands, which is then
    the only start (`optimizer.continuing.Stood`); `valued`: whether values were asked for; `command`: what found the
    plan. With the copy of the instance this is all that it takes to run it again (`optimizer.batch.rerun`).
    """
    return {
        "program": PROGRAM,
        "command": command,
        "versions": versions(),
        "platform": platform_now(),
        "source": instance,
        "inputs": {file.name: file.sha256 for file in files},
        "rolled_from": None if rolled_from is None else dict(rolled_from),
        **({"beside": {name: hashlib.sha256(data).hexdigest() for name, data in beside.items()}} if beside else {}),
        "options": {"formulation": outcome.formulation, **asdict(settings)},
        "formulation": None if formulation is None else asdict(formulation),
        "starts": dict(starts or {}),
        **({"stood": dict(stood)} if stood is not None else {}),
        "valued": valued,
        "repeatable": outcome.repeatable,
        "seed": settings.seed,
        "threads": settings.threads,
        "method": outcome.method,
        "matrix": None if outcome.matrix is None else asdict(outcome.matrix),
        "nodes": outcome.nodes,
        "root_bound": outcome.root_bound,
        "root_seconds": None if outcome.root_seconds is None else clean(outcome.root_seconds, 3),
        "warnings": list(warnings),
        "started": started.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "seconds": {part: clean(value, 3) for part, value in seconds.items()},
        "phases": [_phase(phase) for phase in outcome.phases],
        "trace": [{**asdict(step), "seconds": clean(step.seconds, 3)} for step in outcome.trace],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    seconds, simplex = clean(phase.seconds, 3), clean(phase.simplex_seconds, 3)
    return {**asdict(phase), "seconds": seconds, "simplex_seconds": simplex}
