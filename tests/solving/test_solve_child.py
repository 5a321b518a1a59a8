"""`solve` and its spawned process: stops, crashes, errors, scripts without a guard, one thread, two in a row."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.baselines import first_come_first_served
from models.checker import check_plan
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome, Progress
from optimizer.solving.solve import SolverError, solve
from tests.models.cases import Case
from tests.solving.tasks import SLOTS, case, named

ROOT = Path(__file__).parents[2]
LONG = "mixed-112"
"""A case that keeps the solver busy for more than a second after its start is in hand."""


def assert_allowed(found: Case, outcome: Outcome) -> None:
    assert outcome.plan is not None
    verdict = check_plan(found.problem, outcome.plan)
    assert verdict.violations == ()
    assert outcome.objective == pytest.approx(verdict.terms.total, rel=1e-6)


class Killer:
    """Hears progress in the parent, and kills the child in branch and bound, up to `times` of them."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.killed: list[int] = []

    def __call__(self, progress: Progress) -> None:
        ready = progress.phase == "branch and bound" and progress.incumbent is not None
        for process in multiprocessing.active_children():
            if ready and process.pid and process.pid not in self.killed and len(self.killed) < self.times:
                self.killed.append(process.pid)
                os.kill(process.pid, signal.SIGKILL)


def test_stop_gives_the_plan_in_hand() -> None:
    found = case(LONG)
    looks: list[Progress] = []
    outcome = solve(
        found.problem, SLOTS, Settings(seconds=120.0, gap=0.0, threads=1),
        starts=named(first_come_first_served(found.problem)),
        progress=looks.append,
        stop=lambda: any(look.phase == "branch and bound" for look in looks),
    )  # fmt: skip
    assert outcome.status == "interrupted"
    assert_allowed(found, outcome)
    assert multiprocessing.active_children() == []


def test_killed_child_is_followed_by_another() -> None:
    found, killer = case(LONG), Killer(1)
    outcome = solve(
        found.problem, SLOTS, Settings(seconds=60.0, threads=1),
        starts=named(first_come_first_served(found.problem)), progress=killer,
    )  # fmt: skip
    assert len(killer.killed) == 1
    assert outcome.status in ("optimal", "gap_reached")
    assert outcome.objective == pytest.approx(found.objective, rel=1e-4)
    assert_allowed(found, outcome)
    assert any("exit code -9" in message and "solved again" in message for message in outcome.messages)
    assert outcome.nodes is None, "what the killed child had counted is not known"


def test_killed_twice_the_best_is_read_back() -> None:
    found, killer = case(LONG), Killer(2)
    start = first_come_first_served(found.problem)
    outcome = solve(found.problem, SLOTS, Settings(seconds=60.0, threads=1), starts=named(start), progress=killer)
    assert len(killer.killed) == 2
    assert outcome.status == "time_limit"
    assert_allowed(found, outcome)
    assert outcome.objective is not None
    assert outcome.objective <= check_plan(found.problem, start).terms.total * (1 + 1e-6)
    assert outcome.bound is None or outcome.bound <= outcome.objective
    assert any("best plan it had found" in message for message in outcome.messages)


def test_killed_before_any_plan_is_a_status() -> None:
    killed: list[int] = []

    def kill(_progress: Progress) -> None:
        for process in multiprocessing.active_children():
            if process.pid and process.pid not in killed:
                killed.append(process.pid)
                os.kill(process.pid, signal.SIGKILL)

    outcome = solve(case("case-021").problem, SLOTS, Settings(seconds=60.0), progress=kill)
    assert len(killed) == 2
    assert (outcome.status, outcome.plan, outcome.objective, outcome.bound) == ("no_plan", None, None, None)
    assert any("ended by itself" in message for message in outcome.messages)


def test_child_that_raises_is_an_error_of_the_program() -> None:
    with pytest.raises(SolverError, match="has no choice 'nonsense'"):
        solve(case("case-021").problem, replace(SLOTS, supply="nonsense"), Settings(seconds=5.0))
    assert multiprocessing.active_children() == []


SCRIPT = """
import sys
from pathlib import Path
from models.catalog import FORMULATIONS
from optimizer.reading.instance import read_instance
from optimizer.settings import Settings
from optimizer.solving.solve import solve

print("begins", flush=True)
problem = read_instance(Path(sys.argv[1])).problem
for seed in (0, 1):
    outcome = solve(problem, FORMULATIONS["slots"], Settings(seconds=60.0, gap=1e-6, threads=1, seed=seed))
    print(outcome.status, round(outcome.objective, 3), flush=True)
"""


def test_script_without_a_guard_solves_twice(tmp_path: Path) -> None:
    """The spawned child does not run the script again: it begins once, and solves twice in one process."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    found = case("case-021")
    done = subprocess.run(
        [sys.executable, str(script), str(found.folder)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "begins"
    assert lines.count("begins") == 1
    assert [line.split()[0] for line in lines[1:]] == ["optimal", "optimal"]
    assert [float(line.split()[1]) for line in lines[1:]] == [pytest.approx(found.objective, abs=1e-2)] * 2


@pytest.mark.parametrize("threads", [1, 2])
def test_number_of_threads_is_no_matter_of_the_answer(threads: int) -> None:
    found = case("case-006")
    outcome = solve(found.problem, SLOTS, Settings(seconds=60.0, gap=1e-6, threads=threads))
    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(found.objective, rel=1e-5)
    assert_allowed(found, outcome)
