"""`manifest.json`: with what, on what and how a plan was found, so that it can be found again."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from optimizer.reporting.numbers import clean
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome

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
) -> dict[str, Any]:
    """The content of `manifest.json`. `instance` is the name of its folder or workbook, without the way to it.

    `rolled_from`: where the instance was rolled on from a plan before, what of: names and hashes; `beside`: files that
    the plan rests on and that lie beside it, by name.
    """
    return {
        "program": PROGRAM,
        "versions": versions(),
        "platform": {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "implementation": sys.implementation.name,
        },
        "source": instance,
        "inputs": {file.name: file.sha256 for file in files},
        "rolled_from": None if rolled_from is None else dict(rolled_from),
        **({"beside": {name: hashlib.sha256(data).hexdigest() for name, data in beside.items()}} if beside else {}),
        "options": {"formulation": outcome.formulation, **asdict(settings)},
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
        "trace": [{**asdict(step), "seconds": clean(step.seconds, 3)} for step in outcome.trace],
    }
