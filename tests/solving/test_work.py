"""A limit of work: runs of the solver end by what they count, and no wall clock, however mad, changes a plan."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.formulation import Formulation
from models.problem import Problem
from optimizer.generating.generate import generate
from optimizer.judging import judged_baselines
from optimizer.reading.instance import read_instance
from optimizer.settings import Settings
from optimizer.solving import clock as clocks
from optimizer.solving import highs, methods, search
from optimizer.solving.child import Job
from optimizer.solving.clock import WallClock, WorkClock, clock, going_by, now
from optimizer.solving.highs import HotSimplex, Limits, run
from optimizer.solving.methods import METHODS
from optimizer.solving.outcome import Outcome
from optimizer.solving.program import Program
from optimizer.solving.spawning import THREADS
from optimizer.solving.work import Tally
from tests.solving.drawn import random_program
from tests.solving.tasks import TIGHT, case, hard_knapsack, led_toy, run_here, toy
from tests.strategies import problems


@contextmanager
def mad(monkeypatch: pytest.MonkeyPatch, step: float) -> Iterator[None]:
    """A wall clock that goes on by `step` seconds at every look."""
    ticks = itertools.count()
    with monkeypatch.context() as patch:
        patch.setattr(clocks.time, "monotonic", lambda: step * next(ticks))
        yield


@pytest.fixture(scope="module")
def weekly() -> Problem:
    with TemporaryDirectory() as room:
        generate("weekly", 3, Path(room) / "weekly", factor=0.1)
        problem = read_instance(Path(room) / "weekly").problem
    assert problem is not None
    return problem


def told(outcome: Outcome) -> object:
    """All of an outcome but seconds of the wall."""
    trace = tuple(replace(step, seconds=0.0) for step in outcome.trace)
    return replace(outcome, seconds={}, trace=trace, root_seconds=None, phases=())


def by_work(problem: Problem, method: str, work: float, formulation: Formulation = TIGHT, threads: int = 1) -> Outcome:
    """The outcome of a job in this process, from the baselines, with a net that never tears."""
    limits = Settings(seconds=math.inf, gap=1e-5, threads=threads, work=work)
    return run_here(Job(problem, replace(formulation, method=method), limits, tuple(judged_baselines(problem)[1])))


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_a_clock_of_work_stands_still_until_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with mad(monkeypatch, 1e6), going_by(WorkClock()) as found:
        begin = now()
        assert now() == begin
        found.spend(2.5)
        found.wait(0.5)
        assert now() - begin == 3.0
        assert not found.late


def test_the_net_ends_it_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = WorkClock(seconds=1e5)
    assert not found.late
    monkeypatch.setattr(clocks.time, "monotonic", lambda: math.inf)
    assert found.now() >= clocks.LATE
    assert found.late


def test_the_clock_of_the_process_is_the_wall_but_inside() -> None:
    assert isinstance(clock(), WallClock)
    with going_by(WorkClock()):
        assert clock().counted
    assert isinstance(clock(), WallClock)


# --- runs of the solver -----------------------------------------------------------------------------------------------


def counted(program: Program, work: float) -> tuple[object, ...]:
    """What a run by work gives, and how much it counted."""
    with going_by(WorkClock()):
        answer = run(program, Limits(work, 1e-9))
        x = None if answer.x is None else answer.x.tobytes()
        return answer.end, x, answer.objective, answer.bound, answer.seconds, now()


@pytest.mark.parametrize("work", [0.02, 0.3, 3.0])
def test_a_run_ends_at_the_same_place(work: float) -> None:
    found = counted(hard_knapsack(), work)
    assert found == counted(hard_knapsack(), work)
    assert found[0] == "limit"
    assert work < float(str(found[-1])) < work + 0.5


def test_a_run_that_ends_by_itself_counts_less_than_its_limit() -> None:
    end, *_, spent = counted(random_program(1), 50.0)
    assert end == "optimal"
    assert 0 < float(str(spent)) < 5


def test_a_linear_program_ends_by_work() -> None:
    whole = led_toy(0).program
    least = Tally(int(whole.A.shape[0]), int(whole.A.nnz)).work
    assert counted(whole.relaxed(), 1.2 * least)[0] == "limit"
    assert counted(whole.relaxed(), 50.0)[0] == "optimal"


def test_branch_and_bound_does_not_begin_what_its_relaxation_cannot_end() -> None:
    """It would not look at its limits before that."""
    whole = led_toy(0).program
    least = Tally(int(whole.A.shape[0]), int(whole.A.nnz)).work
    end, x, *_, spent = counted(whole, 1.5 * least)
    assert (end, x) == ("limit", None)
    assert float(str(spent)) < 4 * least


def test_a_hot_simplex_ends_by_work() -> None:
    whole = led_toy(0).program
    none = np.zeros(0, dtype=np.int64)
    with going_by(WorkClock()):
        assert HotSimplex(whole, Limits(1e-6)).solve(none, np.zeros(0)) is None
        begin = now()
        hot = HotSimplex(whole, Limits(50.0))
        assert hot.solve(none, np.zeros(0)) is not None
        first = now() - begin
        assert hot.solve(none, np.zeros(0)) is not None
        assert first < now() - begin < 2 * first  # from the basis it takes less


# --- whole searches ---------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a spawned process is started."""
    monkeypatch.setenv(THREADS[0], "1")


def same(monkeypatch: pytest.MonkeyPatch, again: Callable[[], Outcome]) -> bool:
    """Whether the wall clock has no say."""
    found = []
    for step in (0.02, 50.0):
        with mad(monkeypatch, step):
            found.append(again())
    assert all(outcome.repeatable for outcome in found)
    return told(found[0]) == told(found[1])


@pytest.mark.parametrize("method", sorted(METHODS))
def test_no_method_looks_at_the_wall(monkeypatch: pytest.MonkeyPatch, weekly: Problem, method: str) -> None:
    monkeypatch.setitem(methods.METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    for problem in (case("mixed-112").problem, weekly):
        assert same(monkeypatch, lambda problem=problem: by_work(problem, method, 0.4))  # type: ignore[misc]


@pytest.mark.parametrize("name", ["stages-051", "stages-054"])
def test_nor_do_stages(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert same(monkeypatch, lambda: by_work(case(name).problem, "direct", 0.3))


@pytest.mark.parametrize("name", ["unindexed", "columns", "separated"])
def test_nor_do_relaxations_that_are_refined(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    from models.catalog import FORMULATIONS

    chosen = FORMULATIONS[name]
    assert same(monkeypatch, lambda: by_work(case("mixed-104").problem, chosen.method, 0.5, chosen))


def test_nor_does_the_search_for_what_clashes(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = case("case-020").problem
    assert same(monkeypatch, lambda: by_work(problem, "direct", 5.0))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problem=problems())
def test_nor_does_any_small_instance(monkeypatch: pytest.MonkeyPatch, problem: Problem) -> None:
    assert same(monkeypatch, lambda: by_work(problem, "improving", 0.2))


@pytest.mark.parametrize("place", [search, highs])
def test_the_wall_put_back_in_one_place_is_noticed(
    monkeypatch: pytest.MonkeyPatch, weekly: Problem, place: object
) -> None:
    """What the tests above are worth."""
    monkeypatch.setitem(methods.METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    monkeypatch.setattr(place, "now", clocks.wall)
    assert not same(monkeypatch, lambda: by_work(weekly, "guided", 1.0))


def test_two_processes_hear_of_each_other_at_the_same_places(monkeypatch: pytest.MonkeyPatch, weekly: Problem) -> None:
    """The wall clock of the other one is as it is, and the machine as busy as it is."""
    monkeypatch.setitem(methods.METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    found = [by_work(weekly, "guided", 2.0, threads=2) for _ in range(2)]
    assert found[0].repeatable
    assert told(found[0]) == told(found[1])
    assert told(found[0]) != told(by_work(weekly, "guided", 2.0, threads=1))


def test_more_work_is_no_worse(weekly: Problem) -> None:
    little, much = (by_work(weekly, "improving", work) for work in (0.3, 3.0))
    assert little.objective is not None
    assert much.objective is not None
    assert much.objective <= little.objective


# --- what is not promised ---------------------------------------------------------------------------------------------


def test_a_torn_net_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = case("mixed-112").problem
    limits = Settings(seconds=0.2, gap=0.0, threads=1, work=1e6)
    with mad(monkeypatch, 0.001):
        outcome = run_here(Job(problem, replace(TIGHT, method="direct"), limits, tuple(judged_baselines(problem)[1])))
    assert not outcome.repeatable
    assert any("the net of 0.2 s ended the solve" in message for message in outcome.messages)
    assert outcome.plan is not None


def test_seconds_promise_nothing() -> None:
    problem = toy(0)
    limits = Settings(seconds=60.0, threads=1)
    assert not run_here(Job(problem, replace(TIGHT, method="direct"), limits)).repeatable


def test_nor_does_a_process_that_adds_with_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    assert not by_work(case("case-003").problem, "direct", 2.0).repeatable


def test_settings_have_a_wide_net() -> None:
    assert Settings().seconds == Settings().limit == 90.0
    assert (Settings(work=60.0).seconds, Settings(work=60.0).limit) == (1200.0, 60.0)
    assert Settings(work=1.0).seconds == 600.0
    assert Settings(seconds=5.0, work=60.0).seconds == 5.0
