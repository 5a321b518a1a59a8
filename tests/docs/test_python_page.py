"""The examples of the Python page, run as one script; what they are said to print is looked for."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.docs.examples import assert_examples_run
from tests.docs.pages import DOCS, ROOT


def test_the_examples_run(tmp_path: Path) -> None:
    for name in ("toy", "scenarios"):
        shutil.copytree(ROOT / "instances" / name, tmp_path / "instances" / name)
    assert_examples_run(DOCS / "python.md", tmp_path, 20)
