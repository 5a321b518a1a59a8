"""The state every method shares: what it takes as better, as a bound, as the end; and whole units at the end."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from models.baselines import first_come_first_served
from models.build import Built
from models.checker import check_plan
from models.extract import extract
from optimizer.solving.direct import direct
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.search import Task, start_vector, whole_units
from tests.solving.tasks import bare_search, case, hard_knapsack, program, search_of, task_of


def test_offer_takes_what_is_feasible_and_better() -> None:
    heard: list[float | None] = []
    search = bare_search(program([1.0, 1.0], [(3, [1, 2], None)], [5, 5], [True, False]))
    search.report = lambda s: heard.append(s.objective)
    assert search.offer(np.array([3.0, 2.0]))
    assert search.offer(np.array([1.0, 1.0]))
    assert search.objective == 2.0
    assert search.best is not None
    assert search.best.tolist() == [1.0, 1.0]
    assert heard == [5.0, 2.0]


@pytest.mark.parametrize(
    ("x", "why"),
    [
        ([0.0, 0.0], "breaks the row"),
        ([3.0, -1.0], "breaks a bound"),
        ([0.4, 1.3], "breaks the row once the whole column is whole"),
        ([3.0, 2.0], "worse"),
        ([1.0, 1.0], "the same again"),
        (None, "nothing"),
    ],
)
def test_offer_refuses(x: list[float] | None, why: str) -> None:
    search = bare_search(program([1.0, 1.0], [(3, [1, 2], None)], [5, 5], [True, False]))
    assert search.offer(np.array([1.0, 1.0]))
    assert not search.offer(None if x is None else np.array(x)), why
    assert search.objective == 2.0
    assert search.best is not None
    assert search.best.tolist() == [1.0, 1.0]


def test_offer_refuses_the_infeasible_when_nothing_is_in_hand() -> None:
    search = bare_search(program([1.0, 1.0], [(3, [1, 2], None)], [5, 5], [True, False]))
    assert not search.offer(np.array([0.0, 0.0]))
    assert (search.best, search.objective) == (None, None)


def test_offer_rounds_whole_columns() -> None:
    search = bare_search(program([1.0, 1.0], [(3, [1, 2], None)], [5, 5], [True, False]))
    assert search.offer(np.array([1.0 + 1e-7, 1.0]))
    assert search.best is not None
    assert search.best[0] == 1.0


def test_bound_only_rises() -> None:
    heard: list[float | None] = []
    search = bare_search(hard_knapsack())
    search.report = lambda s: heard.append(s.bound)
    for bound in (None, 1.0, 0.5, None, 1.0, 2.0, -9.0):
        search.raise_bound(bound)
    assert search.bound == 2.0
    assert heard == [1.0, 2.0]


def test_proven_and_over() -> None:
    small = program([1.0, 1.0], [(3, [1, 2], None)], [5, 5], [True, False])
    search = bare_search(small, gap=0.1)
    assert (search.proven, search.over) == (False, False)
    search.raise_bound(1.7)
    assert not search.proven, "a bound alone proves nothing"
    search.offer(np.array([1.0, 1.0]))
    assert (search.proven, search.over) == (False, False)
    search.raise_bound(1.85)
    assert (search.proven, search.over) == (True, True)


def test_over_for_each_reason() -> None:
    small = program([1.0], [(1, [1], None)], [5], [True])
    assert bare_search(small, seconds=0.0).over
    stopped, impossible = bare_search(small), bare_search(small)
    stopped.stop, impossible.infeasible = (lambda: True), True
    assert stopped.over
    assert impossible.over
    assert not bare_search(small).over


def test_limits_stay_within_the_time_left() -> None:
    search = bare_search(hard_knapsack(), seconds=5.0)
    limits = search.limits(100.0, 0.25, mip_heuristic_effort=0.5)
    assert limits.seconds <= 5.0
    assert (limits.gap, limits.options) == (0.25, (("mip_heuristic_effort", 0.5),))
    assert search.limits(1.0, 0.25).seconds == 1.0


def test_direct_proves_and_stays_below() -> None:
    expected = case("case-021").objective
    search = search_of(task_of(case("case-021").problem))
    direct(search)
    assert search.proven
    assert search.objective == pytest.approx(expected, rel=1e-5)
    assert search.bound is not None
    assert expected is not None
    assert search.bound <= expected * (1 + 1e-6)


def test_direct_knows_the_infeasible() -> None:
    search = bare_search(program([1.0], [(1, [2], 1)], [5], [True]))
    direct(search)
    assert (search.infeasible, search.best, search.bound) == (True, None, None)


def test_direct_without_time_has_nothing() -> None:
    search = bare_search(hard_knapsack(), seconds=0.0)
    direct(search)
    assert (search.infeasible, search.best, search.bound) == (False, None, None)


@pytest.mark.parametrize("name", ["case-006", "case-014", "mixed-107"])
def test_plan_completed_to_a_start(name: str) -> None:
    """The plan of the list, with its whole columns fixed: allowed, and worth what the checker says at most."""
    problem = case(name).problem
    plan = first_come_first_served(problem)
    task = task_of(problem)
    search = search_of(task)
    x, mask = start_vector(task.exact, task.exact.start(plan))
    assert mask.any()
    completed = search.complete(task.program, mask & task.program.whole, x)
    assert search.offer(completed)
    assert search.best is not None
    assert search.objective is not None
    own = check_plan(problem, plan)
    assert own.passed
    assert search.objective <= own.terms.total * (1 + 1e-6) + 1e-6
    verdict = check_plan(problem, extract(task.exact, whole_units(task, search.best, search)))
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(search.objective, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["case-003", "case-013", "mixed-104"])
def test_whole_units_of_split_ones(name: str) -> None:
    """Units are split on purpose, by a mean of corners of what the whole columns leave; settling makes them whole."""
    task = task_of(case(name).problem)
    matrix, small = task.exact.matrix, task.program
    best = run(small, Limits(20.0, 1e-7)).x
    assert best is not None
    rest = small.fixed(small.whole, best).relaxed()
    random = np.random.default_rng(0)
    corners = []
    for _ in range(4):
        noise = np.where(matrix.in_units, random.standard_normal(len(best)), 0.0)
        x = run(replace(rest, cost=noise, offset=0.0), Limits(20.0, 1e-9)).x
        assert x is not None
        corners.append(x)
    split = np.array([0.37, 0.29, 0.21, 0.13]) @ np.array(corners)
    units = matrix.in_units
    assert np.abs(split - np.round(split))[units].max() > 0.01, "nothing is split: the test would say nothing"
    assert small.violation(split) <= 1e-5
    settled = whole_units(task, split)
    assert np.abs(settled - np.round(settled))[units].max() < 1e-6
    assert small.violation(settled) <= 1e-5
    assert small.value(settled) <= small.value(split) + 1e-6 * abs(small.value(split))
    verdict = check_plan(case(name).problem, extract(task.exact, settled))
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(small.value(settled), rel=1e-6)


def in_units(small: Program) -> Task:
    """A task in which every column is in units, declared whole or not."""
    matrix = SimpleNamespace(in_units=np.ones(len(small.cost), dtype=bool))
    return Task(cast(Built, SimpleNamespace(matrix=matrix)), small)


def test_whole_units_where_corners_split_them() -> None:
    """min a + b with 2a + 2b ≥ 3: every corner splits a unit, so units are declared whole."""
    small = program([1.0, 1.0], [(3, [2, 2], None)], [5, 5], [False, False])
    settled = whole_units(in_units(small), np.array([0.5, 1.0]))
    assert small.value(settled) == pytest.approx(2.0)
    assert settled.tolist() == [round(v) for v in settled]


def test_whole_units_that_need_another_choice() -> None:
    """2a + z = 3: with the whole z at 0 no whole a exists, so z is chosen again."""
    small = program([1.0, 5.0], [(3, [2, 1], 3)], [5, 5], [False, True])
    assert whole_units(in_units(small), np.array([1.5, 0.0])) == pytest.approx([1.0, 1.0])


def test_whole_units_that_do_not_exist() -> None:
    small = program([1.0], [(3, [2], 3)], [5], [False])
    with pytest.raises(ArithmeticError):
        whole_units(in_units(small), np.array([1.5]))
