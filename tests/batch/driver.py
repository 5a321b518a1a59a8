"""`burdenshare sweep` as a process of its own, that a test may kill."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.batch.sweeps import ROOT


class Driver:
    """Starts the command, and ends whatever is left of it."""

    def __init__(self, file: Path, out: Path, *words: str) -> None:
        self.words = [sys.executable, "-m", "optimizer.cli", "sweep", str(file), "--out", str(out), *words]
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *more: str) -> subprocess.Popen[str]:
        """The command, begun."""
        process = subprocess.Popen(
            [*self.words, *more], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """Nothing of it is left."""
        for process in self.started:
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()
            process.communicate()


def killed(process: subprocess.Popen[str]) -> None:
    """Kills the command alone, and waits until what it had started is gone too."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))


def until(said: Callable[[], bool], seconds: float = 120) -> None:
    """Waits until it is so."""
    end = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
