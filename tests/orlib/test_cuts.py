"""Every way to model complete orders reaches the optimum that dynamic programming finds for cuts of OR-Library."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.orlib import Jobs, problem_of
from models.build import compile_model
from models.checker import check_plan
from models.extract import extract
from models.formulation import CHOICES, Formulation
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of
from optimizer.solving.search import Search, Task, whole_units
from optimizer.solving.sequencing import sequencing
from tests.models.solved import SLOTS, solved
from tests.orlib.subsets import least_weighted_tardiness
from tests.orlib.test_import import WT40

WAYS = [replace(SLOTS, name=f"slots with orders {name}", orders=name) for name in CHOICES["orders"]]
ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.orders)


def shrunk(number: int, count: int, unit: int) -> Jobs:
    """The first jobs in coarser units of work, as contested as before: small enough for any formulation."""
    cut = WT40[number].first(count, scaled=True)
    return Jobs(tuple(-(-p // unit) for p in cut.processing), cut.weights, tuple(d // unit for d in cut.due))


def least(jobs: Jobs) -> int:
    return least_weighted_tardiness(jobs.processing, jobs.weights, jobs.due)


@ways
@pytest.mark.parametrize("number", [9, 14, 19])
def test_branch_and_bound_proves_small_cuts(number: int, way: Formulation) -> None:
    jobs = shrunk(number, 5, 20)
    best = least(jobs)
    assert best > 0
    problem = problem_of(jobs, "shrunk")
    found = solved(problem, way)
    assert found.value == pytest.approx(best, abs=1e-6)
    assert check_plan(problem, found.plan).terms.total == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize(
    ("way", "count"),
    [(way, count) for way in WAYS for count in (8, 12) if (way.orders, count) != ("literal", 12)],
    ids=lambda value: getattr(value, "orders", str(value)),
)
@pytest.mark.parametrize("number", [10, 17])
def test_every_way_holds_the_optimal_sequence(number: int, way: Formulation, count: int) -> None:
    """The optimum is a solution of every formulation, worth the same (12 jobs in `literal` take long to write)."""
    cut = WT40[number].first(count, scaled=True)
    problem = problem_of(cut, "cut")
    built = compile_model(problem, way)
    search = Search(Task(built, program_of(built.matrix)), 120.0, 1e-6, 1, 0, lambda _: None, lambda: False)
    sequencing(search)
    assert search.best is not None
    assert search.objective == pytest.approx(least(cut))
    assert search.bound == pytest.approx(least(cut))
    verdict = check_plan(problem, extract(built, whole_units(search.task, search.best)))
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(least(cut))


@pytest.mark.parametrize("number", [10, 15, 17])
def test_prework_closes_most_of_the_gap_of_the_relaxation(number: int) -> None:
    """The linear bound of these cuts: a fifth or more below the optimum, with prework a tenth at most."""
    cut = WT40[number].first(8, scaled=True)
    best = least(cut)
    bounds = {}
    for name in ("late_only", "prework"):
        program = program_of(compile_model(problem_of(cut, "cut"), replace(SLOTS, orders=name)).matrix)
        answer = run(program.relaxed(), Limits(60.0))
        assert answer.bound is not None
        bounds[name] = answer.bound
    assert bounds["late_only"] < 0.8 * best
    assert 0.9 * best < bounds["prework"] <= best + 1e-6
