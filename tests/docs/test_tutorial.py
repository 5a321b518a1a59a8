"""Every command of the tutorial is run, in order, in one folder, and what it is said to print is looked for.

A line of a `text` block stands for its words: one line of what is printed must have them all, in order.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.reporting.excel import SHEETS
from tests.docs.pages import DOCS, ROOT, blocks, names, read, tables
from tests.docs.saying import says

PAGE = DOCS / "tutorial.md"
_STEP = re.compile(r"^```sh test\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
STEPS = [(commands, shown or "") for commands, shown in _STEP.findall(read(PAGE))]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the project's, with the command on the path."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name in ("toy", "purl-2026-w02"):
        shutil.copytree(ROOT / "instances" / name, folder / "instances" / name)
    tools = folder / "bin"
    tools.mkdir()
    for name, words in (("burdenshare", "-m optimizer.cli"), ("python3", "")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    return folder


def run(commands: str, desk: Path) -> str:
    """Both streams of the commands; the first one that fails ends them."""
    paths = os.pathsep.join([str(desk / "bin"), os.environ["PATH"]])
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=desk,
        env={**os.environ, "PATH": paths, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, f"{commands}\n{ended.stdout}"
    return ended.stdout


def test_the_tutorial_from_beginning_to_end(desk: Path) -> None:
    assert len(STEPS) >= 10
    for commands, shown in STEPS:
        output = run(commands, desk)
        for line in filter(None, map(str.strip, shown.splitlines())):
            assert says(output, line), f"{commands}\ndoes not print {line!r}, but\n{output}"
    for made in ("plan/report.html", "plan/plan.xlsx", "empty.xlsx", "toy-again/instance.toml"):
        assert (desk / made).is_file(), made


def test_what_is_not_run_is_only_the_set_up_and_the_long_solve() -> None:
    left = [block for block in blocks(PAGE, "sh") if block not in {commands for commands, _ in STEPS}]
    assert len(left) == 2
    setup, solve = left
    assert setup.splitlines() == [
        "python3 -m venv .venv",
        ".venv/bin/pip install .",
        "source .venv/bin/activate",
    ]
    assert re.fullmatch(r"burdenshare solve instances/purl-2026-w02 --out [\w-]+( --\w+ [\w.]+)*\n", solve)


def test_sheets_are_those_of_the_workbook() -> None:
    found = names(tables(PAGE)["5. Read it"])
    assert sorted(found) == sorted({"summary", "production", "stock", *SHEETS})


def test_words_in_order_are_what_is_looked_for() -> None:
    assert says("│ total │ 3,260 │ 1,758 │ 922 │", "total 922")
    assert not says("total\n922", "total 922")
    assert not says("922 total", "total 922")
