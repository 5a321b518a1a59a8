"""Rolls inside the test's process: small instances, each solved to the optimum at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.formulation import Formulation
from models.problem import Problem
from optimizer.batch import roll_report, roll_week
from optimizer.batch.roll_records import RollOptions, Week
from optimizer.batch.roll_week import Planner
from optimizer.rolling.unfolding import Unfolding
from optimizer.scenarios.disturbances import NOTHING, Drawn
from optimizer.settings import Settings
from optimizer.solving.conflict import clashes
from optimizer.solving.outcome import Outcome
from tests.models.solved import SLOTS, solved

SECONDS = {"build": 0.0, "solve": 0.0}


def exactly(problem: Problem, formulation: Formulation, settings: Settings, **_: object) -> Outcome:
    """The optimum, or what clashes."""
    found = solved(problem, SLOTS)
    if found.value is None:
        why = clashes(problem)
        return Outcome("infeasible", None, None, None, formulation.name, "exact", None, SECONDS, clashes=why)
    return Outcome("optimal", found.plan, found.value, found.value, formulation.name, "exact", None, SECONDS)


def use(monkeypatch: pytest.MonkeyPatch, solve: Callable[..., Outcome] = exactly) -> None:
    """Let rolls use this solver."""
    monkeypatch.setattr(roll_week, "solve", solve)
    monkeypatch.setattr(roll_report, "solve", solve)


def rolled(problem: Problem, drawn: Drawn = NOTHING, weeks: int = 4, **options: object) -> list[Week]:
    """The days of planning of a roll, without any folder."""
    asked = RollOptions(weeks, **options)  # type: ignore[arg-type]
    planner = Planner(Unfolding(problem, drawn), asked)
    found = [planner.first()]
    while len(found) < weeks and found[-1].problem.periods:
        last = found[-1]
        if asked.horizon == "fixed" and sum(count for count, _ in last.problem.periods) < 2:
            break
        found.append(planner.after(last, roll_report.elapsed_of(found)))
    return found
