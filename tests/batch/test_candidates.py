"""The search for a plan: where a plan for less wins, where the nominal one stays, and what is never taken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from models.stochastic.risk import Risk
from optimizer.batch import candidates
from optimizer.batch.candidates import SAFER, Choice, SearchForPlan, earlier
from optimizer.batch.trials import Training
from optimizer.settings import Settings
from optimizer.solving.clock import WorkClock, going_by
from optimizer.solving.here import solve_here
from optimizer.solving.paying import Repaid, repaid
from tests.builders import an_order, bare_problem, day, small_plan, small_problem, with_dispatch, with_row
from tests.models.stochastic.worlds import slowed
from tests.solving.test_paying import a_plan, a_problem

FORMULATION = FORMULATIONS["tight"]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solves in this process."""

    def called(_module: str, name: str, arguments: dict[str, Any], _seconds: float, _stop: object) -> Repaid | None:
        assert name == "repaid"
        return repaid(**arguments)

    monkeypatch.setattr(candidates, "solve", solve_here)
    monkeypatch.setattr(candidates, "apart", called)


def trained(problem: Problem, worlds: Sequence[Problem], nominal: float = 0.2) -> Training:
    rest = (1 - nominal) / len(worlds)
    return Training(problem, (problem, *worlds), np.array([nominal, *[rest] * len(worlds)]), Risk(0.9, 0.5))


def searched(training: Training, plan: Plan | None = None, seconds: float = 60.0) -> SearchForPlan:
    if plan is None:
        plan = solve_here(training.problem, FORMULATION, Settings(seconds=20.0, threads=1)).plan
        assert plan is not None
    search = SearchForPlan(training, FORMULATION, Settings(seconds=seconds, threads=1), lambda _: None, lambda: False)
    search.run(plan, time.monotonic() + seconds)
    return search


def all_or_nothing(**changes: object) -> Problem:
    """Twenty-four missiles count when the last is there, which takes every slot there is; ten more count one by one."""
    whole = an_order("O-whole", quantity=24, due_date=day(0), delivery="complete")
    each = an_order("O-each", quantity=10, due_date=day(0))
    return replace(bare_problem(orders=(whole, each)), **changes)  # type: ignore[arg-type]


def test_a_plan_for_less_wins_where_the_nominal_one_is_all_or_nothing() -> None:
    problem = all_or_nothing()
    choice = searched(trained(problem, [slowed(problem, factor) for factor in (0.7, 0.75, 0.8, 0.85) * 5])).choice()
    nominal, taken = choice.trials[0], choice.taken
    assert taken.name.startswith("less output")
    assert check_plan(problem, taken.plan).passed
    assert taken.objective > nominal.objective, "it costs something if all goes as planned"
    assert all(taken.delay[1:] < nominal.delay[1:])


def test_the_nominal_plan_stays_where_nothing_happens() -> None:
    problem = all_or_nothing()
    choice = searched(trained(problem, [problem] * 4)).choice()
    assert choice.taken is choice.trials[0]
    assert [row.name for row in choice.trials] == ["nominal"]


def test_and_where_what_happens_is_rare() -> None:
    problem = all_or_nothing()
    choice = searched(trained(problem, [problem] * 19 + [slowed(problem, 0.7)])).choice()
    assert choice.taken is choice.trials[0]


def test_safer_payers_win_where_money_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "DEGREES", ())
    problem = with_row(a_problem(), "pledges", "B", amount_usd_m=25.0)
    # 21 of 25 million: a third donor would have to join, and two are allowed
    short = with_row(problem, "pledges", "A", amount_usd_m=21.0)
    choice = searched(trained(problem, [short, problem] * 6), a_plan()).choice()
    assert choice.taken.name == SAFER
    assert {row.pledge for row in choice.taken.plan.payments} == {"B", "C"}
    assert choice.taken.objective == choice.trials[0].objective
    assert choice.gains[1].difference < 0


def test_what_is_illegal_or_the_same_is_no_candidate() -> None:
    search = searched(trained(small_problem(), [small_problem()]), small_plan(), seconds=0.0)
    assert search.consider("broken", with_dispatch(small_plan(), "O-firm", 1, quantity=0)) is None
    assert "broken" in search.notes[-1]
    again = replace(small_plan(), dispatches=tuple(reversed(small_plan().dispatches)))
    assert search.consider("again", again) is None
    assert len(search.trials) == 1


def test_a_nominal_plan_that_is_illegal_is_refused() -> None:
    with pytest.raises(ValueError, match="breaks rules"):
        searched(trained(small_problem(), [small_problem()]), Plan(), seconds=0.0)


def test_without_time_only_the_nominal_plan_is_tried() -> None:
    problem = all_or_nothing()
    search = searched(trained(problem, [slowed(problem, 0.7)] * 8), seconds=0.0, plan=Plan())
    assert [row.name for row in search.trials] == ["nominal"]


def test_the_same_search_gives_the_same_choice() -> None:
    problem = all_or_nothing()
    training = trained(problem, [slowed(problem, factor) for factor in (0.7, 0.8)] * 4)

    def told(choice: Choice) -> list[object]:
        return [choice.taken.name, [row.plan for row in choice.trials], choice.gains]

    assert told(searched(training).choice()) == told(searched(training).choice())


# --- by work ---


def by_work(training: Training, work: float, plan: Plan | None = None) -> SearchForPlan:
    """The candidates for which so much work is enough, all of it theirs."""
    search = SearchForPlan(
        training, FORMULATION, Settings(work=work, seconds=300.0, threads=1), lambda _: None, lambda: False
    )
    with going_by(WorkClock(300.0)) as clock:
        search.run(nominal_of(training) if plan is None else plan, work)
        assert not clock.late
    return search


def nominal_of(training: Training) -> Plan:
    plan = solve_here(training.problem, FORMULATION, Settings(seconds=20.0, threads=1)).plan
    assert plan is not None
    return plan


def test_by_work_the_same_plans_are_tried_whatever_else_the_machine_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as in a process of the solver
    training = trained(all_or_nothing(), [slowed(all_or_nothing(), factor) for factor in (0.7, 0.8)] * 4)
    quick = by_work(training, 30.0)
    run = candidates.tried

    def slow(*about: Any) -> Any:
        time.sleep(0.5)
        return run(*about)

    monkeypatch.setattr(candidates, "tried", slow)
    again = by_work(training, 30.0)
    assert len(quick.trials) > 2
    assert [(row.name, row.plan) for row in again.trials] == [(row.name, row.plan) for row in quick.trials]
    assert (again.notes, again.disturbed) == (quick.notes, False)


def test_trying_a_plan_out_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    training = trained(all_or_nothing(), [slowed(all_or_nothing(), 0.7)] * 8)
    monkeypatch.setattr(candidates, "EXECUTING", 1.0)
    assert [row.name for row in by_work(training, 8.5).trials] == ["nominal"]


def test_solving_for_another_instance_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a solve took is gone from what the next one gets: here so much that there is no next."""
    given: list[float] = []

    def solved(*about: Any, **more: Any) -> Any:
        given.append(about[2].work)
        return replace(solve_here(*about, **more), work=38.0)

    monkeypatch.setattr(candidates, "solve", solved)
    training = trained(all_or_nothing(), [slowed(all_or_nothing(), factor) for factor in (0.7, 0.8)] * 4)
    search = by_work(training, 40.0)
    assert len(given) == 1
    assert "no time was left" in search.notes[-1]


def test_payers_that_a_process_took_along_disturb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "DEGREES", ())
    monkeypatch.setattr(candidates, "apart", lambda *_: None)
    problem = with_row(a_problem(), "pledges", "B", amount_usd_m=25.0)
    short = with_row(problem, "pledges", "A", amount_usd_m=21.0)
    assert by_work(trained(problem, [short, problem] * 6), 10.0, a_plan()).disturbed


def test_promises_earlier_are_promises_kept() -> None:
    problem = small_problem()
    found = earlier(problem, 2)
    assert [row.firm_by for row in found.orders] == [None, None, day(2), None], "not before two weeks from the start"
    assert found.offers[0].replacement_within_weeks == 6
    assert found.needs[0].expires_on == day(9)
    tight = with_row(problem, "orders", "O-firm", firm_by=day(1))
    assert earlier(tight, 2).orders[2].firm_by == day(1), "a promise that is near stays"
