"""README's commands are what they say, links lead somewhere, and pages name files that exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.docs.pages import blocks, read
from tests.house.tree import ROOT, kept_files, sources, syntax

README = ROOT / "README.md"
PAGES = [path for path in kept_files() if path.suffix == ".md" and "conformance" not in path.parts]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


def commands(block: str) -> list[list[str]]:
    """The commands of a block of one line, split at `&&`, each as its words."""
    assert len(block.strip().splitlines()) == 1, "one command line"
    return [shlex.split(part) for part in block.strip().split("&&")]


def test_the_first_block_solves_the_real_instance() -> None:
    venv, install, solve = commands(blocks(README, "sh")[0])
    assert venv == ["python3", "-m", "venv", ".venv"]
    assert install == [".venv/bin/pip", "install", "."]
    assert solve[:2] == [".venv/bin/burdenshare", "solve"]
    assert (ROOT / solve[2] / "instance.toml").is_file()
    assert solve[2] == "instances/purl-2026-w02"
    assert "--out" in solve


def test_the_options_of_the_first_block_exist() -> None:
    import typer

    from optimizer.cli.app import app

    solve = typer.main.get_command(app).commands["solve"]  # type: ignore[attr-defined]
    words = commands(blocks(README, "sh")[0])[2][2:]
    with solve.make_context("solve", words, resilient_parsing=False) as context:
        assert context.params["out"] == Path("plan")


def test_the_second_block_runs_the_tests() -> None:
    venv, install, tests = commands(blocks(README, "sh")[1])
    assert venv == ["python3", "-m", "venv", ".venv"]
    assert install == [".venv/bin/pip", "install", ".[test]"]
    assert tests[:3] == [".venv/bin/python", "-m", "pytest"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {re.split(r"[<>=]", name)[0] for name in project["optional-dependencies"]["test"]}
    assert "pytest" in extras
    assert "-n" not in tests or "pytest-xdist" in extras


def test_ci_runs_the_second_block_itself() -> None:
    script = read(ROOT / ".ci" / "run")
    assert "README.md" in script
    assert "pytest " not in script, "the command stands in the README only"
    for tool in ("ruff", "mypy", "lint-imports"):
        assert tool in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    targets = [link.split("#")[0] for link in _LINK.findall(read(page)) if "://" not in link]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_pages_name_files_that_exist() -> None:
    """Paths in code on the pages about the code, as `models/plan.py`."""
    missing = []
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/mathematics.md", "docs/choices.md"):
        for code in _CODE.findall(read(ROOT / name)):
            if re.fullmatch(r"(?:models|optimizer|tests|docs|instances)/[\w./*-]+", code):
                there = list(ROOT.glob(code)) if "*" in code else [path for path in [ROOT / code] if path.exists()]
                missing += [] if there else [f"{name}: {code}"]
    assert missing == []


def test_docstrings_name_pages_that_exist() -> None:
    pages = {path.name for path in PAGES}
    missing = []
    for module, path in sources().items():
        named = set(re.findall(r"`([\w-]+\.md)`", read(path)))
        missing += [f"{module}: {name}" for name in named - pages]
    assert missing == []
    assert len([module for module, path in sources().items() if syntax(path)]) > 50


def test_every_folder_of_the_code_stands_in_the_architecture() -> None:
    text = read(ROOT / "ARCHITECTURE.md")
    folders = {path.parent.relative_to(ROOT).as_posix() for path in sources().values()}
    top = {folder for folder in folders if folder.count("/") == 1}
    assert {folder for folder in top if f"`{folder}/`" not in text} == set()
    loose = {path.name for path in sources().values() if path.parent == ROOT / "models" and path.stem != "__init__"}
    loose |= {path.name for path in sources().values() if path.parent == ROOT / "optimizer" and path.stem != "__init__"}
    assert {name for name in loose if name not in text} == set()


def test_the_real_instance_and_the_toy_are_in_the_table_of_instances() -> None:
    rows = read(ROOT / "instances" / "README.md")
    for folder in sorted((ROOT / "instances").iterdir()):
        if (folder / "instance.toml").is_file() and (folder / "README.md").is_file():
            assert f"[`{folder.name}`]({folder.name}/README.md)" in rows
