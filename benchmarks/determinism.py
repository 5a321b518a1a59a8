"""Whether a limit of work gives the same plan on every run, and what it costs beside a limit in seconds.

    python -m benchmarks.determinism [INSTANCE] --work 60 --runs 3 --busy 1   # alone, and beside busy processes
    python -m benchmarks.determinism [INSTANCE] --work 60 --against 60        # and once by the wall, as many seconds
    python -m benchmarks.determinism [INSTANCE] --rates                       # units against processor seconds

Every run is the command itself in a process of its own, with another hash seed each time. A run is told by the SHA-256
of its files, times of day left out (`optimizer.batch.sameness`). `--rates` solves in this process, with one thread, and
sets the units that every run of the solver counted against the processor seconds that it took.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.relaxations import ROOT
from optimizer.batch.sameness import content
from optimizer.bench.machine import machine, state

INSTANCE = ROOT / "instances" / "purl-2026-w02"
_BUSY = "x = 1\nwhile True:\n    x = x * 3 % 1000003\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", nargs="?", type=Path, default=INSTANCE)
    parser.add_argument("--work", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2, help="alone, and as many beside busy processes")
    parser.add_argument("--busy", type=int, default=1, help="processes that keep the machine busy")
    parser.add_argument("--against", type=float, help="one run more, with this limit in seconds")
    parser.add_argument("--rates", action="store_true")
    asked = parser.parse_args()
    print(f"commit {state()[0]}, {machine()}, load {os.getloadavg()[0]:.1f}", flush=True)
    if asked.rates:
        rates(asked.instance, asked.work)
        return
    seen: set[str] = set()
    for number in range(2 * asked.runs):
        beside = asked.busy if number >= asked.runs else 0
        with busy(beside):
            found = solved(asked.instance, ["--work", f"{asked.work:g}"], asked.threads, number)
        seen.add(found["digest"])
        told(f"work {asked.work:g}, beside {beside}", found)
    print("identical" if len(seen) == 1 else f"NOT identical: {len(seen)} different plans", flush=True)
    if asked.against is not None:
        told(
            f"seconds {asked.against:g}", solved(asked.instance, ["--seconds", f"{asked.against:g}"], asked.threads, 0)
        )


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing but work."""
    running = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def solved(instance: Path, limit: list[str], threads: int, hash_seed: int) -> dict[str, Any]:
    """One run of the command: digest of its files, summary, seconds of the wall and of the processor."""
    with tempfile.TemporaryDirectory() as room:
        out = Path(room) / "plan"
        command = [sys.executable, "-m", "optimizer.cli", "solve", str(instance), "--out", str(out), *limit]
        before, began = os.times(), time.perf_counter()
        subprocess.run(
            [*command, "--threads", str(threads)], cwd=ROOT, capture_output=True, check=False,
            env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        )  # fmt: skip
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        files = sorted(path for path in out.rglob("*") if path.is_file())
        total = hashlib.sha256()
        for path in files:
            total.update(path.relative_to(out).as_posix().encode() + b"\0" + content(path))
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        return {
            "digest": total.hexdigest()[:16], "summary": summary, "wall": time.perf_counter() - began, "cpu": spent,
        }  # fmt: skip


def told(what: str, found: dict[str, Any]) -> None:
    """One line of a run."""
    summary = found["summary"]
    gap = "none" if summary["gap"] is None else f"{summary['gap']:.3%}"
    print(
        f"{what}: {found['digest']} objective {summary['objective']} bound {summary['bound']} gap {gap}, solve "
        f"{summary['seconds']['solve']:.1f} s, wall {found['wall']:.1f} s, processor {found['cpu']:.1f} s", flush=True,
    )  # fmt: skip


def rates(instance: Path, work: float) -> None:
    """Units counted against processor seconds, over all runs of the solver in one search."""
    from dataclasses import replace

    from models.catalog import DEFAULT, FORMULATIONS
    from optimizer.judging import judged_baselines
    from optimizer.reading.instance import read_instance
    from optimizer.settings import Settings
    from optimizer.solving import highs
    from optimizer.solving.child import main as child
    from optimizer.solving.clock import now
    from optimizer.solving.job import Job

    rows: list[tuple[bool, float, float]] = []
    original = highs._once

    def timed(program: Any, *others: Any, **named: Any) -> Any:
        units, seconds = now(), time.process_time()
        answer = original(program, *others, **named)
        rows.append((bool(program.whole.any()), now() - units, time.process_time() - seconds))
        return answer

    class Quiet:
        def send(self, _message: object) -> None: ...

        def poll(self) -> bool:
            return False

    problem = read_instance(instance).problem
    assert problem is not None
    highs._once = timed
    for method in ("guided", "separating", "pricing", "direct"):
        formulation = replace(FORMULATIONS[DEFAULT], method=method)
        limits = Settings(work=work, threads=1)
        child(Quiet(), Job(problem, formulation, limits, tuple(judged_baselines(problem)[1])))  # type: ignore[arg-type]
    for whole in (False, True):
        some = np.array([row[1:] for row in rows if row[0] == whole and row[2] > 0.005]).reshape(-1, 2)
        if not len(some):
            continue
        ratio = np.quantile(some[:, 0] / some[:, 1], [0.1, 0.5, 0.9])
        print(
            f"{'branch and bound' if whole else 'linear programs'}: {len(some)} runs, {some[:, 0].sum():.1f} units, "
            f"{some[:, 1].sum():.1f} s; units a second: {ratio[1]:.2f} ({ratio[0]:.2f} to {ratio[2]:.2f})"
        )


if __name__ == "__main__":
    main()
