"""A run's process from start to end: its memory is watched, and it is ended where it goes beyond its limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimizer.bench.extras import extra
from optimizer.bench.machine import ROOT
from optimizer.bench.records import ERROR, KILLED_MEMORY, KILLED_TIME
from optimizer.peers.records import Job

COMMAND = (sys.executable, "-m", "optimizer.bench.job")
"""What a run's process is; it is given the file of the job and the file of the result."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS", "POLARS_MAX_THREADS")
_TAIL = 600
"""Characters of what a process said last that go into a record."""


def hard_limit(job: Job) -> float:
    """Seconds after which a run is ended by force: limits bind the solving phase, reading and building come on top."""
    return job.seconds * 1.5 + 60.0


@dataclass(frozen=True)
class Watched:
    """How a run's process ended. `fields` of a `Record`, or None where the bench itself was interrupted."""

    fields: dict[str, Any] | None
    total_seconds: float
    peak_memory_mib: float


@dataclass
class _Memory:
    """Resident memory of a process and all below it; pages that they share count once for each.

    `processes`: the one that is watched, or nothing where it was gone before it could be seen.
    """

    processes: list[Any]
    peak: int = 0
    seen: dict[int, Any] = field(default_factory=dict)

    def sample(self) -> int:
        """Bytes now."""
        psutil, total = extra("psutil"), 0
        with suppress(psutil.Error):
            for child in [child for one in self.processes for child in one.children(recursive=True)]:
                self.seen[child.pid] = child
        for one in (*self.processes, *self.seen.values()):
            with suppress(psutil.Error):
                total += one.memory_info().rss
        self.peak = max(self.peak, total)
        return total

    def kill(self) -> None:
        """Ends all of them, children of children first."""
        psutil = extra("psutil")
        self.sample()
        for one in (*reversed(self.seen.values()), *self.processes):
            with suppress(psutil.Error):
                if one.is_running():
                    one.kill()


def watch(
    job: Job,
    stop: threading.Event,
    *,
    most_seconds: float | None = None,
    command: tuple[str, ...] = COMMAND,
) -> Watched:
    """Runs the job in a new process and waits for its end.

    Args:
        job: what to run.
        stop: once set, the process is ended and nothing is recorded.
        most_seconds: when it is ended by force; `hard_limit` unless told otherwise.
        command: what to start; the files of job and result are added.
    """
    limit = hard_limit(job) if most_seconds is None else most_seconds
    with tempfile.TemporaryDirectory(prefix="burdenshare-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        order, result, said = folder / "job.json", folder / "result.json", folder / "said.txt"
        launched = time.monotonic()
        order.write_text(json.dumps({"job": job.as_dict(), "launched": launched}), encoding="utf-8")
        with said.open("wb") as out:
            process = subprocess.Popen(
                [*command, str(order), str(result)],
                cwd=folder, env=_environment(job), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        memory = _Memory(_handle(process.pid))
        try:
            killed = _wait(process, memory, job, launched + limit, stop)
        finally:
            memory.kill()
            process.wait()
        total = time.monotonic() - launched
        peak = memory.peak / 2**20
        if killed == "stopped":
            return Watched(None, total, peak)
        fields = _result(result, said, process.returncode, killed, limit)
        return Watched(fields, total, max(peak, fields.pop("own_peak_mib", 0.0)))


def _handle(pid: int) -> list[Any]:
    psutil = extra("psutil")
    with suppress(psutil.NoSuchProcess):
        return [psutil.Process(pid)]
    return []


def _wait(process: subprocess.Popen[bytes], memory: _Memory, job: Job, deadline: float, stop: threading.Event) -> str:
    """Why the process was ended by force, or "" where it ended by itself."""
    most = None if job.memory_gib is None else job.memory_gib * 2**30
    began = time.monotonic()
    while True:
        now = time.monotonic()
        try:
            process.wait(0.05 if now - began < 10 else 0.25)
            return ""
        except subprocess.TimeoutExpired:
            pass
        used = memory.sample()
        if stop.is_set():
            return "stopped"
        if most is not None and used > most:
            return KILLED_MEMORY
        if time.monotonic() > deadline:
            return KILLED_TIME


def _result(result: Path, said: Path, code: int, killed: str, limit: float) -> dict[str, Any]:
    """What the process wrote; where it wrote nothing, why."""
    if killed == KILLED_TIME:
        return {"status": killed, "message": f"ended after {limit:.0f} s"}
    if killed == KILLED_MEMORY:
        return {"status": killed, "message": "ended as it took more memory than allowed"}
    with suppress(OSError, ValueError):
        fields: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return fields
    tail = said.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL:]
    return {"status": ERROR, "message": f"the process ended with code {code} and no result; last it said: {tail}"}


def _environment(job: Job) -> dict[str, str]:
    """Threads of numerical libraries as the job says, no chance in hashing, and this program before any other."""
    found = {**os.environ, **dict.fromkeys(_THREADS, str(job.threads)), "PYTHONHASHSEED": "0"}
    found["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    return found
