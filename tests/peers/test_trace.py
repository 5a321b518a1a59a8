"""What a run notes over time, how logs of CBC are read, and the words for an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.peers.records import Job
from optimizer.peers.trace import Trace, known, status_of
from tests.models.cases import all_cases

LOG = """\
Continuous objective value is 7297.37 - 0.00 seconds
Cbc0012I Integer solution of 8217.8138 found by DiveCoefficient after 26 iterations and 0 nodes (0.08 seconds)
Cbc0031I 10 added rows had average density of 7.6
Cbc0013I At root node, 10 cuts changed objective from 7297.3676 to 8000.5 in 8 passes
Cbc0010I After 0 nodes, 1 on tree, 8217.8138 best solution, best possible 8000.5 (0.10 seconds)
Cbc0010I After 900 nodes, 3 on tree, 8092.6743 best solution, best possible 8050.25 (1.50 seconds)
Result - Stopped on time limit
Objective value:                8092.67427834
Lower bound:                    8051.000
Gap:                            0.01
Enumerated nodes:               950
"""


def test_the_trace_keeps_what_is_news() -> None:
    trace = Trace()
    trace.add(None, None, 0.5)
    trace.add(10.0, None, 1.0)
    trace.add(12.0, float("-inf"), 2.0)
    trace.add(None, 4.0, 3.0)
    trace.add(9.0, 3.0, 4.0)
    trace.add(8.0, 8.5, 4.5)
    assert trace.points == [(1.0, 10.0, None), (3.0, 10.0, 4.0), (4.0, 9.0, 4.0), (4.5, 8.0, 8.0)]


def test_time_never_runs_back() -> None:
    trace = Trace()
    trace.add(10.0, None, 2.0)
    trace.add(9.0, None, 1.0)
    assert [point[0] for point in trace.points] == [2.0, 2.0]


@pytest.mark.parametrize("value", [None, float("inf"), float("nan"), -1e20, 1e50])
def test_what_solvers_say_instead_of_nothing(value: float | None) -> None:
    assert known(value) is None


@pytest.mark.parametrize(
    ("infeasible", "objective", "bound", "word"),
    [
        (True, None, None, "infeasible"),
        (False, None, 3.0, "no_plan"),
        (False, 10.0, 10.0, "optimal"),
        (False, 10.0, 9.995, "gap_reached"),
        (False, 10.0, 9.0, "time_limit"),
        (False, 10.0, None, "time_limit"),
        (False, 0.0, 0.0, "optimal"),
    ],
)
def test_the_word_for_an_end(infeasible: bool, objective: float | None, bound: float | None, word: str) -> None:
    assert status_of(infeasible, objective, bound, 1e-3) == word


def test_a_log_of_cbc() -> None:
    cbc = pytest.importorskip("optimizer.peers.cbc", exc_type=ImportError)
    log = cbc.Log(Trace(), 100.0)
    for line in LOG.splitlines():
        log.take(line)
    assert (log.objective, log.bound, log.root_bound, log.nodes) == (8092.67427834, 8051.0, 8000.5, 950)
    assert not log.proven
    assert not log.infeasible
    times = [point[0] for point in log.trace.points]
    assert times[-1] == 101.5
    assert log.trace.points[-1][1:] == (8092.6743, 8050.25)


def test_a_cbc_that_does_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that writes a line of a log and then sleeps stands for CBC in a long linear program."""
    cbc = pytest.importorskip("optimizer.peers.cbc", exc_type=ImportError)
    sleeper = tmp_path / "cbc"
    sleeper.write_text("#!/bin/sh\necho 'Continuous objective value is 12.5 - 0.00 seconds'\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(cbc, "executable", lambda: sleeper)
    monkeypatch.setattr(cbc, "GRACE", 0.5)
    case = next(case for case in all_cases() if case.name == "case-010")
    answer = cbc.run(Job("peer", "cbc_textbook", "", seconds=0.5), case.problem)
    assert (answer.status, answer.objective, answer.bound) == ("no_plan", None, 12.5)
    assert "ended" in answer.message
    assert answer.solve_seconds is not None
    assert answer.solve_seconds < 30
