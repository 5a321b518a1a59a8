"""Which program it is: a hash of the modules and libraries that a result follows from."""

from __future__ import annotations

import hashlib
import importlib.metadata
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_SOLVER = ("models", "optimizer/solving", "optimizer/settings.py")
_LIBRARIES = ("highspy", "numpy", "scipy")


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
def solver() -> str:
    """A short hash of what solutions follow from: two processes with the same one solve a part alike."""
    libraries = "".join(f"{name} {importlib.metadata.version(name)}\n" for name in _LIBRARIES)
    return hashlib.sha256((libraries + hash_of(_SOLVER)).encode()).hexdigest()[:16]
