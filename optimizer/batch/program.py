"""Which program it is: what a result depends on, as versions and as a hash of the modules that decide it."""

from __future__ import annotations

import hashlib
from functools import cache

from optimizer.identity import hash_of
from optimizer.reporting.manifest import version_of

DECIDING = (
    "models", "optimizer/solving", "optimizer/scenarios", "optimizer/settings.py", "optimizer/batch/sweep_run.py",
    "optimizer/batch/sweep_row.py",
)  # fmt: skip
"""Modules that a row of a sweep follows from. A change of a page or a command makes no result old."""
LIBRARIES = ("highspy", "numpy", "scipy")
"""Libraries that plans follow from."""


@cache
def program() -> str:
    """A short hash of the deciding modules and libraries: two processes with the same one give the same results."""
    libraries = "".join(f"{name} {version_of(name)}\n" for name in LIBRARIES)
    return hashlib.sha256((libraries + hash_of(DECIDING)).encode()).hexdigest()[:16]
