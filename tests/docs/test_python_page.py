"""The examples of the Python page, run as one script; what they are said to print is looked for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS, ROOT, blocks, marked, read
from tests.docs.saying import says

PAGE = DOCS / "python.md"
_STEP = re.compile(r"^```python test\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
_MARK = "-- end of example --"


def test_the_examples_run(tmp_path: Path) -> None:
    steps = [(code, shown or "") for code, shown in _STEP.findall(read(PAGE))]
    assert len(steps) == len(blocks(PAGE, "python")) == len(marked(PAGE, "python test")) >= 10
    shutil.copytree(ROOT / "instances" / "toy", tmp_path / "instances" / "toy")
    script = tmp_path / "examples.py"
    script.write_text("".join(f"{code}\nprint({_MARK!r})\n" for code, _ in steps), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    outputs = ended.stdout.split(_MARK)
    for (code, shown), output in zip(steps, outputs, strict=False):
        for line in filter(None, map(str.strip, shown.splitlines())):
            assert says(output, line), f"{code}\ndoes not print {line!r}, but\n{output}"
