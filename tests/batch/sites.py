"""A Dask scheduler and a worker, each as a command of its own, for the tests."""

from __future__ import annotations

import socket
import subprocess
import sys

import psutil

from tests.batch.sweeps import ROOT


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Site:
    """A scheduler and a worker under a nanny, each as a command of its own, as on a cluster."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._run("dask_scheduler", "--port", str(self.port), "--no-dashboard", "--host", "127.0.0.1")
        self._run("dask_worker", self.address, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60")

    def _run(self, module: str, *words: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.running.append(subprocess.Popen(command, cwd=ROOT, **quiet))  # type: ignore[call-overload]

    def kill_workers(self) -> None:
        """Leaves the scheduler alone."""
        self._kill(self.running[1:])

    def kill(self) -> None:
        self._kill(self.running)
        self.running.clear()

    def _kill(self, those: list[subprocess.Popen[bytes]]) -> None:
        for process in those:
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()
            process.wait()
