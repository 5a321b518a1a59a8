"""Plans to roll on: drawn problems solved to the optimum, and what a rolled instance is after a round trip by files."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.reading.instance import read_instance
from optimizer.reading.write import write_folder
from tests.models.solved import SLOTS, solved


def best_plan(problem: Problem) -> Plan | None:
    """The optimal plan, judged; None if there is none."""
    found = solved(problem, SLOTS)
    if found.value is None:
        return None
    plan = found.plan
    verdict = check_plan(problem, plan)
    assert verdict.passed, verdict.violations
    return plan


def read_back(problem: Problem, since: dt.date | None = None) -> Problem:
    """The instance written to files and read again, which must find no error."""
    with tempfile.TemporaryDirectory() as place:
        write_folder(problem, Path(place) / "rolled")
        reading = read_instance(Path(place) / "rolled", since)
    errors = [finding.line() for finding in reading.findings if finding.severity == "error"]
    assert not errors
    assert reading.problem is not None
    return reading.problem
