"""Which program it is: what a result depends on, as versions and as a hash of the modules that decide it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from optimizer.reporting.manifest import version_of

_ROOT = Path(__file__).resolve().parents[2]
DECIDING = (
    "models", "optimizer/solving", "optimizer/scenarios", "optimizer/settings.py", "optimizer/batch/sweep_run.py",
    "optimizer/batch/sweep_row.py",
)  # fmt: skip
"""Modules that a row of a sweep follows from. A change of a page or a command makes no result old."""
LIBRARIES = ("highspy", "numpy", "scipy")
"""Libraries that plans follow from."""


@cache
def hash_of(parts: tuple[str, ...]) -> str:
    """A hash over names and contents of these modules and packages; paths as seen from the root of the project."""
    found = hashlib.sha256()
    for part in parts:
        path = _ROOT / part
        files = sorted(p for p in path.rglob("*") if p.suffix in {".py", ".csv"}) if path.is_dir() else [path]
        for file in files:
            found.update(file.relative_to(_ROOT).as_posix().encode())
            found.update(file.read_bytes())
    return found.hexdigest()


@cache
def program() -> str:
    """A short hash of the deciding modules and libraries: two processes with the same one give the same results."""
    libraries = "".join(f"{name} {version_of(name)}\n" for name in LIBRARIES)
    return hashlib.sha256((libraries + hash_of(DECIDING)).encode()).hexdigest()[:16]
