"""Runs of the command inside the test's process, with a solver that answers at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer import pipeline
from optimizer.cli import main
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome, Progress, Status

ROOT = Path(__file__).parents[2]
TOY = ROOT / "instances" / "toy"
INFEASIBLE = next(
    path.parent
    for path in sorted((ROOT / "tests" / "conformance").glob("*/expected.json"))
    if '"infeasible"' in path.read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Run:
    """How a run of the command ended."""

    code: int
    out: str
    err: str


class Command:
    """Runs the command and gives back its code and its two streams, each apart."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture

    def __call__(self, *words: object) -> Run:
        self.capture.readouterr()
        code = main([str(word) for word in words])
        streams = self.capture.readouterr()
        return Run(code, streams.out, streams.err)


def answers(
    status: Status, *, bound: float | None = 0.9, spoil: Callable[[Plan], Plan] | None = None, **changes: object
) -> Callable[..., Outcome]:
    """A solver that gives the last legal plan it was started from, with `bound` as a share of its objective."""

    def solve(problem: Problem, formulation: object, settings: Settings, **given: object) -> Outcome:
        progress = given.get("progress")
        if callable(progress):
            progress(Progress("search", None, None, 0.0))
        starts = given["starts"]
        assert isinstance(starts, list)
        plan = starts[-1][1] if starts and status not in ("infeasible", "no_plan") else None
        value = None if plan is None else check_plan(problem, plan).terms.total
        if plan is not None and spoil is not None:
            plan = spoil(plan)
        proven = None if value is None or bound is None else value * bound
        seconds = {"build": 0.25, "solve": 0.5}
        ended = Outcome(status, plan, value, proven, getattr(formulation, "name", ""), "quick", None, seconds)
        return replace(ended, **changes)  # type: ignore[arg-type]

    return solve


def use(monkeypatch: pytest.MonkeyPatch, solve: Callable[..., Outcome]) -> None:
    """Let the pipeline use this solver."""
    monkeypatch.setattr(pipeline, "solve", solve)


def copy_of(instance: Path, target: Path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(instance, target)
    return target


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder and their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
