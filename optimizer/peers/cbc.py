"""CBC on the textbook model: its command-line program, an MPS file in, a solution file and a log out."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pulp.apis import coin_api

from models.matrix import Vector
from models.problem import Problem
from optimizer.exporting.export import write_model
from optimizer.exporting.linear import linear_of
from optimizer.peers.compiled import Ended, answer, compiled
from optimizer.peers.records import Job, PeerAnswer
from optimizer.peers.trace import Trace, known

_NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"
_SECONDS = rf"\({_NUMBER} seconds\)"
_PROGRESS = re.compile(
    rf"After \d+ nodes, \d+ on tree, {_NUMBER} best solution, best possible {_NUMBER} {_SECONDS}", re.IGNORECASE
)
_SOLUTION = re.compile(rf"Integer solution of {_NUMBER} found .*{_SECONDS}", re.IGNORECASE)
_RELAXED = re.compile(rf"Continuous objective value is {_NUMBER}")
_ROOT = re.compile(rf"At root node, .* changed objective from {_NUMBER} to {_NUMBER}")
_OBJECTIVE = re.compile(rf"^Objective value:\s+{_NUMBER}")
_BOUND = re.compile(rf"^Lower bound:\s+{_NUMBER}")
_NODES = re.compile(r"^Enumerated nodes:\s+(\d+)")
_INFEASIBLE = re.compile(r"problem is infeasible|problem proven infeasible|primal infeasible", re.IGNORECASE)

GRACE = 20.0
"""Seconds beyond its limit after which CBC is ended, with what its log says until then."""


def executable() -> Path:
    """The program that comes with PuLP."""
    return Path(coin_api.pulp_cbc_path)


@dataclass
class Log:
    """What a log says, line by line. CBC tells its own seconds; they count from `offset`."""

    trace: Trace
    offset: float
    objective: float | None = None
    bound: float | None = None
    root_bound: float | None = None
    nodes: int | None = None
    proven: bool = False
    infeasible: bool = False
    killed: bool = False
    lines: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Takes in one line."""
        self.lines.append(line)
        if found := _PROGRESS.search(line):
            best, bound, seconds = map(float, found.groups())
            self.trace.add(best if abs(best) < 1e49 else None, bound, self.offset + seconds)
        elif found := _SOLUTION.search(line):
            self.trace.add(float(found[1]), None, self.offset + float(found[2]))
        elif found := (_ROOT.search(line) or _RELAXED.search(line)):
            self.root_bound = float(found[found.lastindex or 1])
            self.trace.add(None, self.root_bound)
        elif found := _OBJECTIVE.search(line):
            self.objective = float(found[1])
        elif found := _BOUND.search(line):
            self.bound = float(found[1])
        elif found := _NODES.search(line):
            self.nodes = int(found[1])
        elif line.startswith("Result - Optimal solution found"):
            self.proven = "gap" not in line
        elif _INFEASIBLE.search(line):
            self.infeasible = True


def run(job: Job, problem: Problem) -> PeerAnswer:
    """CBC with its defaults but for time, gap, threads and seed. Hand-over is writing the file, not reading it."""
    trace = Trace()
    built, build_seconds = compiled(job, problem, "textbook")
    began = time.perf_counter()
    linear = linear_of(built)
    with tempfile.TemporaryDirectory() as folder:
        file, solution = Path(folder) / "model.mps", Path(folder) / "model.sol"
        write_model(linear, file)
        handover = time.perf_counter() - began
        log = Log(trace, trace.now)
        began = time.perf_counter()
        _solve(job, file, solution, log)
        seconds = time.perf_counter() - began
        x = _values(solution, linear.column_names)
    if x is None:
        message = f"ended {GRACE:g} s after its limit, which CBC does not look at within a linear program" * log.killed
        ended = Ended(log.infeasible, None, None, log.root_bound, log.root_bound, log.nodes, seconds, message)
    else:
        objective = float(linear.cost @ x)
        bound = objective if log.proven else known(log.bound if log.bound is not None else log.root_bound)
        x = x[: built.matrix.shape[1]]
        ended = Ended(False, x, objective, bound, log.root_bound, log.nodes, seconds)
    return answer(job, built, ended, trace, build_seconds=build_seconds, handover_seconds=handover)


def _solve(job: Job, file: Path, solution: Path, log: Log) -> None:
    options = {
        "seconds": job.seconds,
        "ratioGap": job.gap,
        "threads": job.threads if job.threads > 1 else 0,
        "randomCbcSeed": job.seed,
    }
    words = [str(executable()), str(file), "-timeMode", "elapsed"]
    for name, value in options.items():
        words += [f"-{name}", str(value)]
    words += ["-solve", "-solution", str(solution), "-quit"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=file.parent, env=environment
    ) as process:
        assert process.stdout is not None
        end = threading.Timer(job.seconds + GRACE, process.kill)
        end.start()
        for line in process.stdout:
            log.take(line.rstrip())
        process.wait()
        log.killed = end.finished.is_set() and process.returncode != 0
        end.cancel()
    if process.returncode != 0 and not log.killed:
        raise RuntimeError(f"CBC ended with code {process.returncode}: {' | '.join(log.lines[-3:])}")


def _values(solution: Path, names: list[str]) -> Vector | None:
    """Values by column from a solution file, which holds only those other than 0; None if there is no solution."""
    if not solution.exists():
        return None
    first, *rows = solution.read_text(encoding="ascii").splitlines()
    if "infeasible" in first.lower() or "no integer solution" in first.lower() or "unbounded" in first.lower():
        return None
    found = {}
    for row in rows:
        _, name, value, _ = row.removeprefix("**").split()
        found[name] = float(value)
    return np.array([found.get(name, 0.0) for name in names])
