"""The files of the project as tests of the house look at them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("models", "optimizer")


@cache
def sources() -> dict[str, Path]:
    """All modules of the packages by dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def syntax(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """All that the module imports anywhere in it, as dotted names; `a.b.c` for a module imported from package `a.b`."""
    found: set[str] = set()
    for node in ast.walk(syntax(sources()[module])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            assert node.module
            inner = {name for alias in node.names if (name := f"{node.module}.{alias.name}") in sources()}
            found |= inner if len(inner) == len(node.names) else {node.module, *inner}
    return frozenset(found)


def reaches(name: str, targets: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the targets or lies inside one."""
    return any(name == target or name.startswith(f"{target}.") for target in targets)


@cache
def kept_files() -> tuple[Path, ...]:
    """All files of the project that hold text: those git keeps or would keep; in an archive, all but hidden folders."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0:
        found = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    else:
        hidden = (path for path in ROOT.rglob("*") if not any(p.startswith(".") for p in path.relative_to(ROOT).parts))
        found = [path for path in hidden if "__pycache__" not in path.parts]
    return tuple(path for path in found if path.is_file() and b"\0" not in path.read_bytes()[:4096])


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call in the module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
