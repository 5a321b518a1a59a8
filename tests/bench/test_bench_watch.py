"""A run's process is ended at its limits, with all below it, and its end is always told."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from optimizer.bench.machine import ROOT
from optimizer.bench.records import ERROR, KILLED_MEMORY, KILLED_TIME
from optimizer.bench.watch import Watched, hard_limit, watch
from tests.bench.records import a_job

SLEEPS = "import time; time.sleep(60)"
GRANDCHILD = f"""
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])
pathlib.Path({{where!r}}).write_text(str(child.pid))
time.sleep(60)
"""


def run(code: str, **limits: float) -> Watched:
    """What comes of a process that runs the code; `sys.argv[1:]` are the files of job and result."""
    seconds = limits.pop("most_seconds", 20.0)
    return watch(a_job(**limits), threading.Event(), most_seconds=seconds, command=(sys.executable, "-c", code))


def test_limits_bind_the_solving_phase_only() -> None:
    assert hard_limit(a_job(seconds=600.0)) == 960.0


def test_too_long() -> None:
    found = run(SLEEPS, most_seconds=0.5)
    assert found.fields is not None
    assert found.fields["status"] == KILLED_TIME
    assert 0.5 <= found.total_seconds < 10


def test_too_much_memory() -> None:
    found = run("import time; held = bytearray(300 * 2**20); time.sleep(60)", memory_gib=0.15)
    assert found.fields is not None
    assert found.fields["status"] == KILLED_MEMORY
    assert found.peak_memory_mib > 150


def test_memory_of_children_counts() -> None:
    child = "import time; held = bytearray(300 * 2**20); time.sleep(60)"
    found = run(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", memory_gib=0.15)
    assert found.fields is not None
    assert found.fields["status"] == KILLED_MEMORY


def test_children_end_with_it(tmp_path: Path) -> None:
    where = tmp_path / "pid"
    run(GRANDCHILD.format(where=str(where)), most_seconds=3.0)
    pid = int(where.read_text())
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    pytest.fail("the child of the run still runs")


def test_a_crash_is_an_error_with_what_was_said_last() -> None:
    found = run("import os, sys; print('oh no', file=sys.stderr, flush=True); os._exit(7)")
    assert found.fields is not None
    assert found.fields["status"] == ERROR
    assert "code 7" in found.fields["message"]
    assert "oh no" in found.fields["message"]


def test_a_result_is_taken_over() -> None:
    found = run('import sys; open(sys.argv[2], \'w\').write(\'{"status": "optimal", "own_peak_mib": 1e6}\')')
    assert found.fields == {"status": "optimal"}
    assert found.peak_memory_mib == 1e6


def test_threads_and_hashing_are_pinned() -> None:
    code = "import json, os, sys; json.dump({k: os.environ[k] for k in ('OMP_NUM_THREADS', 'PYTHONHASHSEED')}, open(sys.argv[2], 'w'))"  # noqa: E501
    assert run(code, threads=3).fields == {"OMP_NUM_THREADS": "3", "PYTHONHASHSEED": "0"}


def test_stopping_leaves_no_record() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    found = watch(a_job(), stop, command=(sys.executable, "-c", SLEEPS))
    assert found.fields is None


def test_a_run_ends_when_the_bench_is_gone(tmp_path: Path) -> None:
    """The job's own watch on its parent, in a process whose parent is ended."""
    where = tmp_path / "pid"
    orphan = (
        "import os, pathlib, threading, time; from optimizer.bench.job import _end_with_parent; "
        "threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start(); "
        f"pathlib.Path({str(where)!r}).write_text(str(os.getpid())); time.sleep(120)"
    )
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {orphan!r}]).wait()"
    process = psutil.Popen([sys.executable, "-c", parent], env={**os.environ, "PYTHONPATH": str(ROOT)})
    deadline = time.monotonic() + 60
    while not (where.exists() and where.read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.kill()
    process.wait()
    pid = int(where.read_text())
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, json.dumps({"still runs": pid})
        time.sleep(0.1)
