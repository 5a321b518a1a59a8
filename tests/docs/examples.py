"""Running the examples of a page: its marked blocks as one script, and what each is said to print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, blocks, marked, read
from tests.docs.saying import says

_STEP = re.compile(r"^```python test\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
_MARK = "-- end of example --"


def assert_examples_run(page: Path, folder: Path, least: int) -> None:
    """Runs every Python block of the page in the folder; each prints the lines of the text block after it.

    `least`: how many blocks the page has at least; all of them are marked to be tested.
    """
    steps = [(code, shown or "") for code, shown in _STEP.findall(read(page))]
    assert len(steps) == len(blocks(page, "python")) == len(marked(page, "python test")) >= least
    script = folder / "examples.py"
    script.write_text("".join(f"{code}\nprint({_MARK!r})\n" for code, _ in steps), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    outputs = ended.stdout.split(_MARK)
    assert len(outputs) == len(steps) + 1
    for (code, shown), output in zip(steps, outputs, strict=False):
        for line in filter(None, map(str.strip, shown.splitlines())):
            assert says(output, line), f"{code}\ndoes not print {line!r}, but\n{output}"
