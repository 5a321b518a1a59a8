"""What a run says about itself: nodes, the bound of the first relaxation and its time, the hand-over of the model."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from optimizer.settings import Settings
from optimizer.solving.bounding import Bounding, Subject
from optimizer.solving.child import Job
from optimizer.solving.effort import Effort, account, measured
from optimizer.solving.guided import guided
from optimizer.solving.highs import HotSimplex, Limits, run
from optimizer.solving.methods import METHODS
from optimizer.solving.outcome import Outcome
from tests.solving.tasks import SLOTS, TIGHT, Ear, case, hard_knapsack, led, led_toy, program, run_here, search_of

CALM = Settings(seconds=60.0, gap=1e-5, threads=1)


def solved(name: str, settings: Settings = CALM, method: str = "direct", ear: Ear | None = None) -> Outcome:
    return run_here(Job(case(name).problem, replace(TIGHT, method=method), settings), ear)


# --- the account ------------------------------------------------------------------------------------------------------


def test_runs_write_into_the_innermost_account() -> None:
    hard = hard_knapsack(12)
    with measured() as outer:
        with measured() as inner:
            run(hard, Limits(20.0, 1e-6))
        first = inner.nodes
        run(hard, Limits(20.0, 1e-6))
        run(hard, Limits(20.0, 1e-6))
    assert first is not None
    assert first > 0
    assert outer.nodes == 2 * first
    assert account().nodes is None, "outside nobody counts"


def test_linear_programs_branch_nothing() -> None:
    small = program([-1.0, -1.0], [(None, [2, 2], 5)], [5, 5], [True, True])
    with measured() as effort:
        run(small.relaxed(), Limits(5.0))
        HotSimplex(small, Limits(5.0)).solve(np.array([0]), np.zeros(1), np.ones(1))
    assert effort.nodes is None
    assert effort.handover is not None
    assert effort.handover > 0


def test_the_hand_over_is_the_first_one_of_the_largest() -> None:
    effort = Effort()
    for shape, seconds in (((2, 9), 0.5), ((7, 3), 1.0), ((7, 3), 2.0), ((5, 90), 4.0)):
        effort.handed_over(shape, seconds)
    assert effort.handover == 1.0


def test_nodes_of_the_bounding_process_count() -> None:
    """Nothing is solved in this process, and a process ended before it is done has still counted."""
    hard = hard_knapsack()
    rows, columns = (np.zeros(size, dtype=bool) for size in hard.A.shape)
    with measured() as effort:
        bounding = Bounding(Subject(hard, rows, columns, columns), Limits(30.0, 0.0))
        until = time.monotonic() + 20
        try:
            while not effort.nodes and time.monotonic() < until:
                bounding.hear()
                time.sleep(0.05)
        finally:
            bounding.close()
    assert effort.nodes is not None
    assert effort.nodes > 0


# --- bounds before the first linear program ---------------------------------------------------------------------------


def test_the_first_bound_is_that_of_the_relaxation() -> None:
    """What HiGHS says before is the least that the columns' bounds allow, far below."""
    whole = led_toy(0).program
    relaxed = run(whole.relaxed(), Limits(20.0)).objective
    assert relaxed is not None
    heard: list[float] = []
    answer = run(
        whole, Limits(30.0, 1e-4), on_progress=lambda _plan, bound: heard.append(bound) if bound is not None else None
    )
    assert answer.bound is not None
    assert relaxed * (1 - 1e-6) <= heard[0] < 0.99 * answer.bound
    assert heard == sorted(heard)


def test_stopped_before_the_first_relaxation_there_is_no_bound() -> None:
    answer = run(led_toy(0).program, Limits(30.0), stop=lambda: True)
    assert (answer.end, answer.bound) == ("stopped", None)


# --- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mixed-112", "case-023"])
def test_a_branched_case(name: str) -> None:
    outcome = solved(name)
    assert outcome.nodes is not None
    assert outcome.nodes > 0
    assert outcome.root_bound is not None
    assert outcome.bound is not None
    assert outcome.objective is not None
    relaxed = run(led(name).program.relaxed(), Limits(20.0)).objective
    assert relaxed is not None
    assert relaxed * (1 - 1e-6) <= outcome.root_bound < 0.99 * outcome.bound
    assert outcome.bound <= outcome.objective * (1 + 1e-6)
    assert outcome.root_seconds is not None
    assert outcome.seconds["build"] < outcome.root_seconds < outcome.trace[-1].seconds
    first = next(step for step in outcome.trace if step.bound is not None)
    assert (first.bound, first.seconds) == (outcome.root_bound, pytest.approx(outcome.root_seconds, abs=0.05))


@pytest.mark.parametrize("threads", [1, 2])
def test_guided_tells_the_root_of_its_guide(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guide is a relaxation, so its root is no better than the optimum and no worse than its own relaxation."""
    monkeypatch.setitem(METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    outcome = solved("mixed-112", replace(CALM, threads=threads), "guided")
    assert outcome.method == "guided"
    guide = led("mixed-112").guide_program
    assert guide is not None
    relaxed = run(guide.relaxed(), Limits(20.0)).objective
    assert relaxed is not None
    assert outcome.root_bound is not None
    assert outcome.bound is not None
    assert relaxed * (1 - 1e-6) <= outcome.root_bound < 0.99 * outcome.bound
    assert outcome.nodes is not None
    assert outcome.nodes > 0


def test_guided_counts_nodes_of_all_its_runs() -> None:
    with measured() as effort:
        guided(search_of(led("mixed-112"), gap=1e-4))
    assert effort.nodes is not None
    assert effort.nodes > 1


def test_stages_have_nodes_but_no_root() -> None:
    outcome = solved("stages-053")
    assert (outcome.root_bound, outcome.root_seconds) == (None, None)
    assert outcome.nodes is not None
    assert outcome.nodes > 0


@pytest.mark.parametrize("name", ["mixed-109", "mixed-112"])
def test_what_never_was_is_none(name: str) -> None:
    """An infeasible case, and one without any time."""
    outcome = solved(name, replace(CALM, seconds=60.0 if name == "mixed-109" else 0.0))
    assert outcome.plan is None
    assert (outcome.bound, outcome.root_bound, outcome.root_seconds) == (None, None, None)
    if name == "mixed-112":
        assert outcome.nodes is None
        assert "handover" not in outcome.seconds


def test_stopped_at_once_claims_no_root() -> None:
    outcome = run_here(Job(case("mixed-112").problem, SLOTS, CALM), Ear(lambda _ear: True))
    assert (outcome.status, outcome.root_bound, outcome.bound) == ("interrupted", None, None)
