"""Lines that only put complete orders in sequence are told from others, and solved to the optimum with a true bound."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.orlib import START, problem_of
from models.blocks.orders_sequence import Sequence, covers, sequences
from models.build import compile_model
from models.checker import check_plan
from models.extract import extract
from models.facts import Facts
from models.problem import (
    Approval,
    ApprovalPolicy,
    Component,
    ItemComponent,
    Line,
    LineItem,
    LineRate,
    Need,
    Problem,
    ReadinessPolicy,
    Receipt,
    Stock,
)
from optimizer.solving import sequence_search
from optimizer.solving.program import program_of
from optimizer.solving.search import Search, Task
from optimizer.solving.sequence_bound import Jobs, best_rest, coarse_prices, rest
from optimizer.solving.sequence_search import sequenced
from optimizer.solving.sequencing import sequencing
from tests.models.solved import SLOTS, solved
from tests.orlib.subsets import least_weighted_tardiness
from tests.orlib.test_import import OPTIMA, THREE, WT40

PREWORK = replace(SLOTS, name="slots with prework", orders="prework", method="sequencing")


def only(problem: Problem) -> Sequence:
    (found,) = sequences(Facts(problem))
    return found


@st.composite
def small_jobs(draw: st.DrawFn) -> Jobs:
    """Up to six jobs with any nondecreasing costs."""
    n = draw(st.integers(1, 6))
    work = np.array([draw(st.integers(1, 5)) for _ in range(n)], dtype=np.int64)
    steps = st.lists(st.sampled_from((0, 0, 1, 3, 10)), min_size=int(work.sum()) + 1, max_size=int(work.sum()) + 1)
    return Jobs(work, np.array([np.cumsum(draw(steps)) for _ in range(n)], dtype=float))


def least(jobs: Jobs) -> float:
    return min(jobs.value(np.array(sequence)) for sequence in permutations(range(len(jobs.work))))


@given(small_jobs())
@settings(deadline=None, derandomize=True, max_examples=100)
def test_few_jobs_are_solved(jobs: Jobs) -> None:
    found = sequenced(jobs)
    assert found.value == pytest.approx(least(jobs))
    assert jobs.value(found.sequence) == pytest.approx(found.value)
    assert found.bound == pytest.approx(found.value)


@given(small_jobs(), st.lists(st.floats(-5, 20), min_size=6, max_size=6))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_any_prices_give_a_bound(jobs: Jobs, prices: list[float]) -> None:
    n, best = len(jobs.work), least(jobs)
    assert rest(jobs, np.array(prices[:n])).bound <= best + 1e-9
    assert rest(jobs, coarse_prices(jobs, 2)).bound <= best + 1e-9
    heard: list[float] = []
    kept = best_rest(jobs, best, lambda: False, heard.append, steps=20)
    assert heard == sorted(heard)
    assert kept.bound == heard[-1] <= best + 1e-9


@given(small_jobs())
@settings(deadline=None, derandomize=True, max_examples=100)
def test_a_narrow_beam_still_tells_a_true_bound(jobs: Jobs) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence_search, "WIDTHS", (1, 2))
        patch.setattr(sequence_search, "FEW_JOBS", 2)
        patch.setattr(sequence_search, "KICKS", 0)
        found = sequenced(jobs)
    assert found.bound - 1e-9 <= least(jobs) <= found.value + 1e-9
    assert jobs.value(found.sequence) == pytest.approx(found.value)


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("count", [8, 12])
def test_cuts_reach_the_optimum_of_the_oracle(number: int, count: int) -> None:
    cut = WT40[number].first(count, scaled=True)
    line = only(problem_of(cut, "cut"))
    found = sequenced(Jobs(line.work, line.cost))
    best = least_weighted_tardiness(cut.processing, cut.weights, cut.due)
    assert found.value == pytest.approx(best)
    assert found.bound == pytest.approx(best)


@pytest.mark.parametrize("number", [1, 16])
def test_published_optima_lie_between_bound_and_value(number: int) -> None:
    line = only(problem_of(WT40[number - 1], "whole"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence_search, "WIDTHS", (300,))
        patch.setattr(sequence_search, "KICKS", 5)
        found = sequenced(Jobs(line.work, line.cost))
    best = OPTIMA[number - 1]
    assert 0.95 * best <= found.bound <= best + 1e-6
    assert best - 1e-6 <= found.value <= 1.1 * best


def test_too_many_jobs_are_refused() -> None:
    jobs = Jobs(np.ones(63, dtype=np.int64), np.zeros((63, 64)))
    with pytest.raises(ValueError, match="more than 62"):
        sequenced(jobs)


# --- which lines are sequences ----------------------------------------------------------------------------------------

BASE = problem_of(THREE, "three")
FIRST, *OTHERS = BASE.orders
AWKWARD: dict[str, dict[str, Any]] = {
    "a unit in stock": {"stocks": (Stock("J01", 1),)},
    "a receipt": {"receipts": (Receipt("J01", START, 1),)},
    "a floor that is short": {"stocks": (Stock("J01", 0, 1),), "readiness": ReadinessPolicy(1.0)},
    "a component": {"components": (Component("K", 9),), "item_components": (ItemComponent("J01", "K", 1),)},
    "a second line": {
        "lines": (*BASE.lines, Line("B", "B")),
        "line_rates": (*BASE.line_rates, LineRate("B", START, 1.0)),
        "line_items": (*BASE.line_items, LineItem("B", "J01", 1)),
    },
    "another slot a unit": {"line_items": (replace(BASE.line_items[0], slots_per_unit=2), *BASE.line_items[1:])},
    "a need": {"needs": (Need("N", "J01", 1, 1, START),)},
    "an order by units": {"orders": (replace(FIRST, delivery="each"), *OTHERS)},
    "a firm date": {"orders": (replace(FIRST, firm_by=START + dt.timedelta(weeks=8)), *OTHERS)},
    "an earliest date": {"orders": (replace(FIRST, earliest_date=START + dt.timedelta(weeks=2)), *OTHERS)},
    "a case under review": {
        "approval": ApprovalPolicy(1.0, 0, 3.5, 1.0),
        "approvals": (Approval(FIRST.case, START, 2.0),),
    },
}


def test_one_line_of_complete_orders_is_a_sequence() -> None:
    facts = Facts(BASE)
    found = sequences(facts)
    assert [line.orders for line in found] == [("J01", "J02", "J03")]
    assert covers(facts, found)


@pytest.mark.parametrize("changes", AWKWARD.values(), ids=AWKWARD.keys())
def test_it_is_none_with(changes: dict[str, Any]) -> None:
    facts = Facts(replace(BASE, **changes))
    found = sequences(facts)
    assert found == []
    assert not covers(facts, found)


def method(problem: Problem) -> tuple[Search, Any]:
    built = compile_model(problem, PREWORK)
    search = Search(Task(built, program_of(built.matrix)), 60.0, 1e-6, 1, 0, lambda _: None, lambda: False)
    sequencing(search)
    return search, built


@st.composite
def sequence_problems(draw: st.DrawFn) -> Problem:
    """A few complete orders on one line with uneven rates, long and short periods, and a horizon that may be short."""
    n = draw(st.integers(1, 5))
    jobs = replace(
        THREE,
        processing=tuple(draw(st.integers(1, 4)) for _ in range(n)),
        weights=tuple(draw(st.integers(0, 5)) for _ in range(n)),
        due=tuple(draw(st.integers(0, 8)) for _ in range(n)),
    )
    problem = problem_of(jobs, "drawn")
    rate, slots = draw(st.sampled_from((1.0, 0.5, 1.5, 3.0))), draw(st.sampled_from((1, 2)))
    return replace(
        problem,
        periods=draw(st.sampled_from((((4, 1),), ((2, 1), (2, 2)), ((8, 1),)))),
        line_rates=(LineRate("MACHINE", START, rate),),
        line_items=tuple(replace(row, slots_per_unit=slots) for row in problem.line_items),
    )


@given(sequence_problems())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_the_method_reaches_the_optimum(problem: Problem) -> None:
    assert only(problem)
    search, built = method(problem)
    best = solved(problem, SLOTS).value
    assert best is not None
    assert search.objective == pytest.approx(best, abs=1e-6)
    assert search.bound == pytest.approx(best, abs=1e-6)
    assert search.best is not None
    verdict = check_plan(problem, extract(built, search.best))
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("name", ["a need", "a unit in stock", "an order by units"])
def test_any_other_problem_goes_to_branch_and_bound(name: str) -> None:
    problem = replace(BASE, **AWKWARD[name])
    search, _ = method(problem)
    best = solved(problem, SLOTS).value
    assert search.objective == pytest.approx(best, abs=1e-6)
    assert search.bound == pytest.approx(best, abs=1e-5)
