"""The state of the program: the commit that last changed it, and what was changed since."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from optimizer.bench import machine


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a program of two files and a page."""
    for name in ("models/a.py", "optimizer/bench/machine.py", "docs/page.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    return tmp_path


def git(folder: Path, *words: str) -> str:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *names, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return git(folder, "rev-parse", "--short=10", "HEAD")


def test_a_page_does_not_change_the_program(checkout: Path) -> None:
    before = machine.state()
    assert before == (git(checkout, "rev-parse", "--short=10", "HEAD"), False)
    (checkout / "docs" / "page.md").write_text("two\n", encoding="utf-8")
    assert machine.state() == before
    commit(checkout)
    assert machine.state() == before


def test_a_changed_program_is_another_one(checkout: Path) -> None:
    before, _ = machine.state()
    (checkout / "models" / "a.py").write_text("two\n", encoding="utf-8")
    changed, dirty = machine.state()
    assert dirty
    assert changed.startswith(f"{before}+")
    (checkout / "models" / "b.py").write_text("three\n", encoding="utf-8")
    assert machine.state()[0] not in (before, changed)
    assert machine.state() == (machine.state()[0], True)
    assert (commit(checkout), False) == machine.state()


def test_outside_a_checkout_the_version_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    found, dirty = machine.state()
    assert found.startswith("v")
    assert not dirty
