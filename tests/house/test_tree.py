"""What no file of the project may hold, and how large a room may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, calls, kept_files, sources, syntax

MOST_LINES = 400
_MACHINE = re.compile(
    r"(?<![\w.~/:!-])/(?:home|root|work|Users|mnt|opt|srv|tmp|usr|var)/[\w.-]+"  # an absolute path of some machine
    r"|\b[A-Z]:\\\\?Users\b"
)
_REGISTRY = re.compile(
    r"https?://[^\s\"'<>)]*(?:pypi\.org|pythonhosted\.org|artifactory|/simple\b|registry|nexus|jfrog)"
    r"|--(?:extra-)?index-url\b|\bindex-url\s*=|--trusted-host\b",
    re.IGNORECASE,
)
HERE = Path(__file__)


def found_in(pattern: re.Pattern[str], path: Path) -> list[str]:
    """Every match with its place."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    name = path.relative_to(ROOT)
    return [f"{name}:{k}: {match.group()}" for k, line in enumerate(lines, 1) for match in pattern.finditer(line)]


@pytest.mark.parametrize("pattern", [_MACHINE, _REGISTRY], ids=["a path of a machine", "a registry"])
def test_no_file_names(pattern: re.Pattern[str]) -> None:
    files = [path for path in kept_files() if path != HERE]
    assert len(files) > 100
    assert [place for path in files for place in found_in(pattern, path)] == []


def test_the_patterns_find_what_they_are_for(tmp_path: Path) -> None:
    bad = (
        "see /home/" + "ana/notes",
        "cd /work/" + "x && ls",
        "pip install --index-" + "url=x",
        "https://pypi." + "org/simple",
    )
    good = ("and/or", "models/problem.py", "https://example.org/home/page", "slots/week", "~/plans", "`usr`")
    for text in bad:
        assert _MACHINE.search(text) or _REGISTRY.search(text), text
    for text in good:
        assert not _MACHINE.search(text), text
        assert not _REGISTRY.search(text), text


def test_nothing_prints_but_the_command_line() -> None:
    found = []
    for module, path in sources().items():
        if not module.startswith("optimizer.cli"):
            for call in calls(syntax(path)):
                function = call.func
                plain = isinstance(function, ast.Name) and function.id in {"print", "input", "breakpoint"}
                stream = isinstance(function, ast.Attribute) and ast.unparse(function).startswith(
                    ("sys.stdout.", "sys.stderr.", "typer.echo")
                )
                if plain or stream:
                    found.append(f"{module}:{call.lineno}")
    assert found == []


def test_logging_is_set_up_by_the_command_line_only() -> None:
    found = []
    for module, path in sources().items():
        for call in calls(syntax(path)):
            name = ast.unparse(call.func)
            if not module.startswith("optimizer.cli") and name in {"logging.basicConfig", "logging.config.dictConfig"}:
                found.append(f"{module}:{call.lineno}")
            if name == "logging.getLogger":
                assert ast.unparse(call).endswith("(__name__)") or module.startswith("optimizer.cli"), module
    assert found == []


def test_rooms_are_small() -> None:
    large = {module: count for module, path in sources().items() if (count := _lines(path)) > MOST_LINES}
    assert large == {}


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_module_says_what_it_is() -> None:
    silent = [module for module, path in sources().items() if not ast.get_docstring(syntax(path))]
    assert silent == []


def test_no_two_test_modules_share_a_name() -> None:
    """pytest imports them by name."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
