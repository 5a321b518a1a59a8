"""A process that runs one peer on conformance cases: `python -m tests.peers.child PEER SECONDS CASE…` writes JSON.

Some solvers cannot share a process with others, so that no test runs a peer in its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from models.checker import check_plan
from models.problem import Problem
from optimizer.peers import PEERS
from optimizer.peers.records import Job, PeerAnswer
from tests.house.tree import ROOT
from tests.models.cases import all_cases


@dataclass(frozen=True)
class Answered:
    """A peer's answer on a case, with what the checker says of its plan."""

    answer: dict[str, Any]
    passed: bool | None
    total: float | None


def job(peer: str, seconds: float = 60.0) -> Job:
    """A job that asks for the optimum."""
    return Job("peer", peer, "", seconds=seconds, gap=1e-6, threads=1)


def described(problem: Problem, answer: PeerAnswer) -> dict[str, Any]:
    """The answer as JSON can carry it, and the checker's verdict."""
    verdict = None if answer.plan is None else check_plan(problem, answer.plan)
    fields = {name: getattr(answer, name) for name in PeerAnswer.__dataclass_fields__ if name != "plan"}
    return {
        "answer": fields,
        "passed": None if verdict is None else verdict.passed,
        "total": None if verdict is None else verdict.terms.total,
    }


def answers(peer: str, cases: list[str], seconds: float = 60.0) -> dict[str, Answered]:
    """What the peer answers on the cases, in one process of its own."""
    words = [sys.executable, "-m", "tests.peers.child", peer, str(seconds), *cases]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr
    return {name: Answered(**said) for name, said in json.loads(ended.stdout.splitlines()[-1]).items()}


def main(peer: str, seconds: str, *cases: str) -> None:
    """Runs the peer and writes the answers as the last line of standard output."""
    problems = {case.name: case.problem for case in all_cases() if case.name in cases}
    found = {
        name: described(problem, PEERS[peer].run(job(peer, float(seconds)), problem))
        for name, problem in problems.items()
    }
    print(json.dumps(found))  # noqa: T201 - the answer of the process


if __name__ == "__main__":
    main(*sys.argv[1:])
