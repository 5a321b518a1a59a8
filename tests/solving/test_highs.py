"""The one module that knows HiGHS: why a run ended, what is in hand, and what it says on the way."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from models.matrix import Vector
from optimizer.solving import highs
from optimizer.solving.highs import Limits, run
from tests.solving.tasks import hard_knapsack, program

EXACT = Limits(20.0, 1e-9)


def test_optimal_mixed_program() -> None:
    """max a + b with 2a + 2b ≤ 5, both whole: 2, though the relaxation gives 2.5."""
    small = program([-1.0, -1.0], [(None, [2, 2], 5)], [5, 5], [True, True])
    answer = run(small, EXACT)
    assert (answer.end, answer.duals) == ("optimal", None)
    assert answer.objective == answer.bound == pytest.approx(-2.0)
    assert answer.seconds >= 0


def test_optimal_linear_program_has_duals() -> None:
    answer = run(program([-1.0, -1.0], [(None, [2, 2], 5)], [5, 5], [False, False]), EXACT)
    assert (answer.end, answer.bound) == ("optimal", answer.objective)
    assert answer.objective == pytest.approx(-2.5)
    assert answer.duals is not None
    assert answer.duals == pytest.approx([-0.5])


@pytest.mark.parametrize("whole", [True, False])
def test_infeasible_has_nothing_in_hand(whole: bool) -> None:
    answer = run(program([1.0], [(3, [2], 3.5), (None, [1], 1)], [5], [whole]), EXACT)
    assert (answer.end, answer.x, answer.objective, answer.bound) == ("infeasible", None, None, None)


def test_infeasible_for_wholeness_only() -> None:
    answer = run(program([1.0, 1.0], [(3, [2, 2], 3)], [5, 5], [True, True]), EXACT)
    assert (answer.end, answer.x, answer.bound) == ("infeasible", None, None)


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_no_time_at_all(seconds: float) -> None:
    answer = run(hard_knapsack(), Limits(seconds))
    assert (answer.end, answer.x, answer.objective, answer.bound) == ("limit", None, None, None)


def test_time_limit_tells_bound_from_incumbent() -> None:
    hard = hard_knapsack()
    answer = run(hard, Limits(0.6, 0.0))
    assert answer.end == "limit"
    assert answer.seconds < 5
    assert answer.x is not None
    assert hard.violation(answer.x) <= 1e-5
    assert answer.objective == pytest.approx(hard.value(answer.x))
    assert answer.objective is not None
    assert answer.bound is not None
    assert answer.bound < answer.objective


@pytest.mark.parametrize(("right", "end"), [(0.0, "optimal"), (1.0, "infeasible")])
def test_program_without_columns(right: float, end: str) -> None:
    fixed = program([1.0], [(None, [1], None)], [0], [True], offset=4.0)
    nothing = replace(fixed.compressed()[0], A=sparse.csr_array((1, 0)))
    answer = run(replace(nothing, row_lower=np.array([right]), row_upper=np.array([np.inf])), EXACT)
    assert answer.end == end
    assert answer.objective == (4.0 if end == "optimal" else None)
    assert answer.bound == answer.objective


def test_program_without_rows() -> None:
    answer = run(program([-1.0, 2.0], [], [3, 3], [True, False]), EXACT)
    assert answer.end == "optimal"
    assert answer.objective == pytest.approx(-3.0)


def test_stopped_keeps_the_incumbent() -> None:
    hard, seen = hard_knapsack(), list[float]()
    answer = run(hard, Limits(30.0, 0.0), on_solution=lambda _x, value: seen.append(value), stop=lambda: bool(seen))
    assert answer.end == "stopped"
    assert answer.seconds < 15
    assert answer.x is not None
    assert hard.violation(answer.x) <= 1e-5
    assert answer.objective == pytest.approx(min(seen))


def test_stopped_linear_program() -> None:
    random = np.random.default_rng(1)
    rows = [(None, [float(v) for v in random.integers(1, 9, 40)], 50.0) for _ in range(40)]
    small = program([-1.0] * 40, [*rows], [9] * 40, [False] * 40)
    answer = run(small, replace(EXACT, options=(("presolve", "off"), ("solver", "simplex"))), stop=lambda: True)
    assert answer.end == "stopped"
    assert answer.bound is None


def test_solutions_and_progress_are_heard() -> None:
    hard = hard_knapsack()
    solutions: list[tuple[Vector, float]] = []
    looks: list[tuple[float | None, float | None]] = []
    answer = run(
        hard, Limits(1.0, 0.0),
        on_solution=lambda x, value: solutions.append((x, value)),
        on_progress=lambda incumbent, bound: looks.append((incumbent, bound)),
    )  # fmt: skip
    values = [value for _, value in solutions]
    assert values == sorted(values, reverse=True)
    for x, value in solutions:
        assert hard.violation(x) <= 1e-5
        assert hard.value(x) == pytest.approx(value)
    assert answer.objective == pytest.approx(values[-1])
    assert answer.objective is not None
    bounds = [bound for _, bound in looks if bound is not None]
    assert bounds == sorted(bounds)
    assert all(bound <= answer.objective + 1e-6 for bound in bounds)
    assert all(incumbent is None or incumbent >= answer.objective - 1e-6 for incumbent, _ in looks)


def test_start_is_taken_up() -> None:
    """With no heuristics and no time to search, the incumbent is the start or better."""
    hard = hard_knapsack()
    found = run(hard, Limits(0.6, 0.0))
    assert found.x is not None
    assert found.objective is not None
    first: list[float] = []
    run(hard, Limits(0.6, 0.0), start=found.x, on_solution=lambda _x, value: first.append(value),
        stop=lambda: bool(first))  # fmt: skip
    assert first[0] <= found.objective + 1e-6


def test_start_that_is_not_allowed_is_ignored() -> None:
    small = program([-1.0, -1.0], [(None, [2, 2], 5)], [5, 5], [True, True])
    answer = run(small, EXACT, start=np.array([5.0, 5.0]))
    assert answer.end == "optimal"
    assert answer.objective == pytest.approx(-2.0)


def test_number_of_threads_changes_within_a_process() -> None:
    small = program([-1.0, -1.0, -3.0], [(None, [2, 2, 5], 9), (None, [3, 1, 2], 8)], [5] * 3, [True] * 3)
    expected = run(small, EXACT).objective
    for threads in (2, 1, 2, 1):
        began = time.monotonic()
        answer = run(small, replace(EXACT, threads=threads))
        assert answer.end == "optimal"
        assert answer.objective == pytest.approx(expected)
        assert time.monotonic() - began < 10


def test_same_seed_same_solution() -> None:
    hard = hard_knapsack(12)
    first, second = run(hard, replace(EXACT, seed=3)), run(hard, replace(EXACT, seed=3))
    assert first.x is not None
    assert second.x is not None
    assert first.x.tolist() == second.x.tolist()


def test_a_run_that_forgets_the_time_is_ended_as_one_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where HiGHS does not look at its clock, ours ends the run; that is a limit, and nobody has stopped it."""
    monkeypatch.setattr(highs, "LATE", -59.5)
    began = time.monotonic()
    answer = run(hard_knapsack(), Limits(60.0, 0.0))
    assert answer.end == "limit"
    assert time.monotonic() - began < 30.0
