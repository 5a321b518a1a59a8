"""One run of the bench that notes its steps as they begin: `python -m benchmarks.loading_run STEPS JOB RESULT`.

A process that is ended by force writes no result. The file STEPS says how far it was: one JSON object a line, with
`step`, `seconds` since this module began, and `mib`, resident then.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import psutil

from optimizer.bench import job
from optimizer.peers import trace


class Steps(logging.Handler):
    """Writes a line for every step that the log names."""

    def __init__(self, file: Path) -> None:
        """`file` is made anew."""
        super().__init__()
        self.file, self.began = file, time.monotonic()
        file.write_text("", encoding="utf-8")
        self.note("read")

    def note(self, step: str) -> None:
        """One line."""
        told = {
            "step": step,
            "seconds": round(time.monotonic() - self.began, 2),
            "mib": round(psutil.Process().memory_info().rss / 2**20),
        }
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(told) + "\n")

    def emit(self, record: logging.LogRecord) -> None:
        """A step begins."""
        self.note(record.getMessage())


def main() -> int:
    """The job, with its steps noted."""
    trace.log.addHandler(Steps(Path(sys.argv[1])))
    trace.log.setLevel(logging.INFO)
    return job.main(sys.argv[2:])


if __name__ == "__main__":
    raise SystemExit(main())
