"""Where and with what a run was made: state of the program, versions, machine."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from optimizer.bench.extras import extra
from optimizer.reporting.manifest import PROGRAM, version_of, versions

ROOT = Path(__file__).resolve().parents[2]
"""Where `models` and `optimizer` stand."""
PARTS = ("models", "optimizer", "pyproject.toml")
"""What the program is made of; a commit that touches nothing of it is the same program."""
_PEERS = ("pyscipopt", "ortools", "pulp", "gurobipy", "linopy")


def state() -> tuple[str, bool]:
    """The commit that last changed the program, and whether it was changed since.

    A changed program is told from others by a hash: `4684f60b2c+1f09ae`. Outside a checkout: the version.
    """
    if _git("ls-files", "--error-unmatch", "optimizer/bench/machine.py") is None:
        return f"v{version_of(PROGRAM) or 'unknown'}", False
    commit = _git("log", "-1", "--format=%h", "--abbrev=10", "--", *PARTS) or "none"
    if not _git("status", "--porcelain", "--", *PARTS):
        return commit, False
    return f"{commit}+{_digest_of_sources()[:6]}", True


def _git(*words: str) -> str | None:
    """What git answers; None where it fails or is missing."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _digest_of_sources() -> str:
    files = [
        path
        for part in PARTS
        for path in (sorted((ROOT / part).rglob("*")) if (ROOT / part).is_dir() else [ROOT / part])
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return digest(files, ROOT)


def digest(files: list[Path], root: Path) -> str:
    """SHA-256 over names and contents, hexadecimal."""
    found = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        found.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()


def all_versions() -> dict[str, str | None]:
    """Versions of the program, its libraries, and the other solvers that are installed."""
    others = {name: version for name in _PEERS if (version := version_of(name)) is not None}
    return {**versions(), **others}


def machine() -> dict[str, Any]:
    """What a reader needs to judge the seconds; no name of the host."""
    psutil = extra("psutil")
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    for line in text.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
