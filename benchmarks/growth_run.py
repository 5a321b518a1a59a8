"""One size of `benchmarks.growth`, in a process of its own: `python -m benchmarks.growth_run JOB RESULT`.

Calls what `burdenshare solve` calls, writes the plan with all its files into a folder that is thrown away, and tells
what the plan's own summary and manifest say, with the most memory of each phase.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from optimizer.pipeline import solve_instance
from optimizer.settings import Settings
from optimizer.solving.outcome import Progress

BEFORE, AFTER = "before the solver", "after the solver"
"""What memory is counted for until the solver is heard of, its own start included; and once its process is gone."""
EVERY = 0.25
"""Seconds between two looks at memory."""


class Listener:
    """Hears the progress of a solve, and looks at memory meanwhile: all processes from this one down together."""

    def __init__(self, launched: float) -> None:
        """`launched`: monotonic seconds when this process was started."""
        self.launched = launched
        self.began: float | None = None
        """Seconds from the start of the process to that of the solver's clock."""
        self.phase = BEFORE
        self.mib: dict[str, float] = {}
        """The most memory by phase."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def heard(self, progress: Progress) -> None:
        """A look at the solve."""
        behind = time.monotonic() - self.launched - progress.seconds
        self.began = behind if self.began is None else min(self.began, behind)
        self.phase = progress.phase

    def close(self) -> None:
        """No more looks."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        this = psutil.Process()
        while not self._over.wait(EVERY):
            phase, used = self.phase, 0
            for one in (this, *this.children(recursive=True)):
                with suppress(psutil.Error):
                    used += one.memory_info().rss
            if phase != BEFORE and not multiprocessing.active_children():
                phase = AFTER
            self.mib[phase] = max(self.mib.get(phase, 0.0), used / 2**20)


def main() -> int:
    """Does the job of the first file and writes the second."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    job = order["job"]
    settings = Settings(seconds=job["seconds"], gap=job["gap"], threads=job["threads"], seed=job["seed"])
    listener = Listener(float(order["launched"]))
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "plan"
        result = solve_instance(Path(job["instance"]), out, settings=settings, progress=listener.heard)
        ended = time.monotonic() - listener.launched
        listener.close()
        told = {"code": result.code, **_told(out, listener, ended)}
    part = Path(sys.argv[2]).with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    os.replace(part, sys.argv[2])
    return 0


def _told(out: Path, listener: Listener, ended: float) -> dict[str, Any]:
    """What is kept of a solve; `ended`: seconds from the start of the process."""
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    kept = ("status", "objective", "bound", "gap", "checker", "seconds")
    return {
        **{name: summary[name] for name in kept},
        **{name: manifest[name] for name in ("method", "matrix", "phases")},
        "trace": [[step["seconds"], step["incumbent"], step["bound"]] for step in manifest["trace"]],
        "solver_began": listener.began,
        "ended": ended,
        "phase_mib": listener.mib,
    }


if __name__ == "__main__":
    raise SystemExit(main())
