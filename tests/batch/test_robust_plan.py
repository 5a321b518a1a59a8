"""A robust plan as a whole: candidates, program and choice together, and what is told of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.problem import Problem
from models.stochastic.figures import RobustFigures
from models.stochastic.risk import Risk
from optimizer.batch import candidates, robust_plan
from optimizer.batch.robust_plan import HEDGED, TOO_LARGE, search_robust
from optimizer.batch.trials import Training
from optimizer.scenarios.scenario_set import ScenarioSet
from optimizer.settings import Settings
from optimizer.solving.here import solve_here
from optimizer.solving.outcome import Outcome
from optimizer.solving.paying import Repaid
from optimizer.solving.robust_outcome import RobustOutcome
from tests.builders import bare_problem, small_problem
from tests.models.stochastic.worlds import against, slowed

RISK = Risk(0.9, 0.5)


def here(*arguments: object, progress: object = None, **options: object) -> Outcome:
    """A solve in this process."""
    return solve_here(*arguments, **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solves in this process; payers are not chosen."""

    for module in (candidates, robust_plan):
        monkeypatch.setattr(module, "solve", here)
    monkeypatch.setattr(candidates, "apart", lambda *_: None)
    monkeypatch.setattr(candidates, "DEGREES", ())


def asked(problem: Problem, *worlds: Problem) -> tuple[ScenarioSet, Training]:
    rest = 0.8 / len(worlds)
    training = Training(problem, (problem, *worlds), np.array([0.2, *[rest] * len(worlds)]), RISK)
    return ScenarioSet(against(problem, *worlds, risk=RISK, nominal=0.2), (), 0.0), training


def program(monkeypatch: pytest.MonkeyPatch, answer: RobustOutcome) -> list[object]:
    """The program answers at once; what it was asked."""
    heard: list[object] = []

    def solved(*arguments: object, **options: object) -> RobustOutcome:
        heard.append(options["starts"])
        return answer

    monkeypatch.setattr(robust_plan, "solve_robust", solved)
    return heard


def figures(chosen: str, gap: float | None) -> RobustFigures:
    return RobustFigures(0.9, 0.5, 4, 10.0, 9.0, 11.0, 9.9, gap, 9.0, 12.0, 11.0, 13.0, "extensive", chosen, 0, ())


def test_the_program_s_plan_is_tried_and_its_status_told(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem()
    scenarios, training = asked(problem, *[slowed(problem, 0.5)] * 4)
    formulation = FORMULATIONS["tight"]
    hedged = solve_here(slowed(problem, 0.7), formulation, Settings(seconds=10.0, threads=1)).plan
    assert hedged is not None
    assert check_plan(problem, hedged).passed
    outcome = Outcome("optimal", hedged, 1.0, 1.0, "tight", "extensive", None, {}, messages=("said",))
    heard = program(monkeypatch, RobustOutcome(outcome, figures("together", 0.0)))
    found = search_robust(scenarios, training, formulation, Settings(seconds=20.0, threads=1))
    assert found.choice is not None
    assert HEDGED in [row.name for row in found.choice.trials]
    assert found.outcome.status == "optimal"
    assert found.outcome.objective == found.choice.taken.objective
    assert found.outcome.plan == found.choice.taken.plan
    assert found.outcome.bound is not None
    assert found.outcome.bound <= found.outcome.objective
    assert "said" in found.outcome.messages
    assert not found.outcome.repeatable
    assert heard[0][0] == ("nominal", found.nominal)  # type: ignore[index]


@pytest.mark.parametrize(("same", "promised"), [(True, True), (False, False)])
def test_by_work_the_same_plan_is_promised_if_all_parts_promise_it(
    monkeypatch: pytest.MonkeyPatch, same: bool, promised: bool
) -> None:
    problem = small_problem()
    scenarios, training = asked(problem, *[slowed(problem, 0.5)] * 4)
    outcome = Outcome("optimal", None, None, None, "tight", "extensive", None, {}, repeatable=same, work=5.0)
    limits: list[Settings] = []

    def solved(*about: object, **_: object) -> RobustOutcome:
        limits.append(about[2])  # type: ignore[arg-type]
        return RobustOutcome(outcome, None)

    monkeypatch.setattr(robust_plan, "solve_robust", solved)
    monkeypatch.setattr(candidates, "apart", lambda *_: Repaid(None, 0.0, late=False))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as in a process of the solver
    monkeypatch.setattr(robust_plan, "solve", lambda *about, **more: replace(here(*about, **more), work=6.0))
    settings = Settings(work=20.0, seconds=100.0, threads=1)
    found = search_robust(scenarios, training, FORMULATIONS["tight"], settings).outcome
    assert found.repeatable is promised
    assert found.work is not None
    assert limits[0].work is not None
    assert 5.0 < limits[0].work < 20.0 - 6.0, "what the nominal plan took is gone"
    assert found.work == pytest.approx(20.0 - limits[0].work + 5.0), "what the parts took is taken from the whole"


def test_an_order_book_has_candidates_and_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The models of its scenarios would never be written down; its time is the candidates'."""
    problem = small_problem()
    scenarios, training = asked(problem, *[slowed(problem, 0.5)] * 4)
    heard = program(monkeypatch, RobustOutcome(Outcome("optimal", None, None, None, "tight", "direct", None, {}), None))
    monkeypatch.setattr(robust_plan, "is_book", lambda _: True)
    found = search_robust(scenarios, training, FORMULATIONS["tight"], Settings(seconds=20.0, threads=1))
    assert heard == []
    assert TOO_LARGE in found.outcome.messages
    assert found.outcome.plan is not None
    assert found.figures is None


def test_without_figures_the_gap_is_not_proven_and_the_nominal_plan_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem()
    scenarios, training = asked(problem, problem)
    nothing = Outcome("time_limit", None, None, None, "tight", "decomposition", None, {})
    program(monkeypatch, RobustOutcome(nothing, None))
    found = search_robust(scenarios, training, FORMULATIONS["tight"], Settings(seconds=20.0, threads=1))
    assert found.choice is not None
    assert found.choice.taken is found.choice.trials[0]
    assert (found.outcome.status, found.figures) == ("time_limit", None)


def test_no_plan_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem()
    broken = replace(problem, orders=(replace(problem.orders[0], firm_by=problem.start, quantity=10_000),))
    scenarios, training = asked(broken, broken)
    heard = program(monkeypatch, RobustOutcome(Outcome("no_plan", None, None, None, "tight", "direct", None, {}), None))
    found = search_robust(scenarios, training, FORMULATIONS["tight"], Settings(seconds=20.0, threads=1))
    assert (found.outcome.status, found.choice, found.nominal) == ("infeasible", None, None)
    assert heard == []


def test_whoever_stops_has_the_nominal_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem()
    scenarios, training = asked(problem, slowed(problem, 0.5))
    heard = program(monkeypatch, RobustOutcome(Outcome("no_plan", None, None, None, "tight", "direct", None, {}), None))

    def stop() -> bool:
        return heard == [] and len(trials) > 0

    trials: list[str] = []
    found = search_robust(
        scenarios, training, FORMULATIONS["tight"], Settings(seconds=20.0, threads=1), stop=stop,
        progress=lambda look: trials.append(look.phase) if look.phase.startswith("trying") else None,
    )  # fmt: skip
    assert found.outcome.status == "interrupted"
    assert found.choice is not None
    assert [row.name for row in found.choice.trials] == ["nominal"]
    assert heard == []


def test_an_instance_that_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bare_problem()
    scenarios, training = asked(problem, slowed(problem, 0.5))
    program(monkeypatch, RobustOutcome(Outcome("optimal", None, None, None, "tight", "direct", None, {}), None))
    found = search_robust(scenarios, training, FORMULATIONS["tight"], Settings(seconds=20.0, threads=1))
    assert found.choice is not None
    assert [row.name for row in found.choice.trials] == ["nominal"]
    assert found.outcome.objective == 0.0
