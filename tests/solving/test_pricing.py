"""Method "pricing": knapsacks find the cheapest patterns, every bound is one, every instance is solved to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.blocks import packages_columns
from models.build import compile_model
from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.extract import extract
from models.patterns import Knapsack, knapsacks
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving import child, separating
from optimizer.solving.highs import run
from optimizer.solving.methods import METHODS
from optimizer.solving.pricing import Generation
from optimizer.solving.pricing_master import Knapsacks, Master, Price
from optimizer.solving.program import program_of
from optimizer.solving.search import Search, Task, start_vector, whole_units
from tests.models.cases import Case, all_cases
from tests.models.package_worlds import packagings
from tests.models.solved import LIMITS, SLOTS, lp_bound, solved
from tests.models.test_patterns import knapsacks_drawn
from tests.solving.tasks import case, run_here, search_of
from tests.strategies import problems

ACCURACY = 1e-4
COLUMNS = FORMULATIONS["columns"]
WEIGHTED = [found for found in all_cases() if found.objective is not None and not found.lexicographic]
STAGED = [
    pytest.param(found, id=found.name, marks=[pytest.mark.slow] if found.name == "stages-053" else [])
    for found in all_cases()
    if found.objective is not None and found.lexicographic
]
IMPOSSIBLE = [pytest.param(found, id=found.name) for found in all_cases() if found.objective is None]
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture
def nothing_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact model without patterns, as on instances that have too many: generation has to find them."""
    monkeypatch.setattr(packages_columns, "MOST_LISTED", -1)


def task_of(problem: Problem) -> Task:
    """The task of the weighted objective with the relaxation that the method asks for."""
    guide = METHODS["pricing"].guide
    assert guide is not None
    exact = compile_model(problem, COLUMNS)
    loose = compile_model(problem, guide(COLUMNS), exact.draft.facts)
    return Task(exact, program_of(exact.matrix), loose, program_of(loose.matrix))


def searched(
    problem: Problem, gap: float = 1e-7, report: Callable[[Search], None] = lambda _search: None
) -> tuple[Search, list[str]]:
    """The search after the method, and the phases it went through."""
    phases: list[str] = []

    def both(search: Search) -> None:
        phases.append(search.phase)
        report(search)

    search = search_of(task_of(problem), gap=gap, report=both)
    METHODS["pricing"].run(search)
    return search, phases


def generated(task: Task, gap: float = 1e-9, report: Callable[[Search], None] = lambda _: None) -> Generation:
    """Patterns generated to the end; the bound stands in its search."""
    assert task.guide is not None
    generation = Generation(search_of(task, gap=gap, report=report), knapsacks(task.guide.draft))
    generation.run(60.0)
    return generation


def complete_master(task: Task) -> float | None:
    """The linear program of the master with every pattern there is."""
    assert task.guide is not None
    assert task.guide_program is not None
    master = Master(task.guide, task.guide_program)
    for t, knapsack in knapsacks(task.guide.draft).items():
        patterns = knapsack.patterns(5000)
        assert patterns is not None
        for pattern in patterns:
            assert master.add(t, pattern)
            assert not master.add(t, pattern)
    return run(master.whole().relaxed(), LIMITS).objective


def assert_proven(problem: Problem, search: Search, optimum: float, accuracy: float = 1e-6) -> None:
    """The optimum, proven, with a plan that the checker passes."""
    near = pytest.approx(optimum, rel=accuracy, abs=accuracy)
    assert search.objective == near
    assert search.bound == near
    assert search.best is not None
    verdict = check_plan(problem, extract(search.task.exact, whole_units(search.task, search.best, search)))
    assert verdict.violations == ()
    assert verdict.terms.total == near


# --- to the end -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_listed")
@pytest.mark.parametrize("found", WEIGHTED, ids=lambda found: found.name)
def test_every_case_is_proven(found: Case) -> None:
    search, _ = searched(found.problem, gap=ACCURACY / 10)
    assert_proven(found.problem, search, found.objective or 0.0, ACCURACY)


@pytest.mark.parametrize("found", WEIGHTED[::4], ids=lambda found: found.name)
def test_cases_with_listed_patterns_are_proven(found: Case) -> None:
    search, _ = searched(found.problem, gap=ACCURACY / 10)
    assert_proven(found.problem, search, found.objective or 0.0, ACCURACY)


@pytest.mark.parametrize("found", [*STAGED, *IMPOSSIBLE])
def test_every_staged_case_is_solved(found: Case) -> None:
    """As the solver process does it: each stage its own master, with the stages before it held."""
    outcome = run_here(child.Job(found.problem, COLUMNS, Settings(seconds=120.0, gap=ACCURACY / 10)))
    if found.objective is None:
        assert outcome.status == "infeasible"
        return
    assert (outcome.method, outcome.status) == ("pricing", "optimal")
    assert outcome.plan is not None
    verdict = check_plan(found.problem, outcome.plan)
    assert verdict.violations == ()
    for term, value in found.terms.items():
        assert getattr(verdict.terms, term) == pytest.approx(value, rel=ACCURACY, abs=ACCURACY), term


@pytest.mark.usefixtures("nothing_listed")
@given(problem=st.one_of(packagings(), problems()))
@settings(drawn, max_examples=25)
def test_it_agrees(problem: Problem) -> None:
    best = solved(problem, SLOTS).value
    search, _ = searched(problem)
    if best is None:
        assert search.infeasible
        assert search.best is None
    else:
        assert_proven(problem, search, best)


def test_without_releases_there_is_nothing_to_price() -> None:
    search, phases = searched(case("case-007").problem, gap=ACCURACY / 10)
    assert set(phases) == {"branch and bound"}
    assert_proven(case("case-007").problem, search, case("case-007").objective or 0.0, ACCURACY)


@pytest.mark.parametrize("name", ["case-010", "mixed-111"])
def test_a_large_relaxation_leads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separating, "LARGE", 0)
    search, phases = searched(case(name).problem, gap=ACCURACY / 10)
    assert "pricing patterns" in phases
    assert "releases" in phases
    assert "patterns whole" not in phases
    assert_proven(case(name).problem, search, case(name).objective or 0.0, ACCURACY)


def test_out_of_time_nothing_is_claimed() -> None:
    search = search_of(task_of(case("case-010").problem), seconds=0.0)
    METHODS["pricing"].run(search)
    assert (search.best, search.bound, search.infeasible) == (None, None, False)


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["case-004", "case-010", "case-012", "case-023", "mixed-101", "mixed-110", "mixed-111"]
)
def test_the_last_bound_is_that_of_all_patterns(name: str) -> None:
    """And every one before it lies below, so below the optimum, and above the relaxation without patterns."""
    task, bounds = task_of(case(name).problem), list[float]()
    whole = complete_master(task)
    assert whole is not None
    generation = generated(task, report=lambda search: bounds.append(search.bound or 0.0))
    assert generation.rounds > 1
    assert generation.search.bound == pytest.approx(whole, rel=1e-6)
    assert max(bounds) <= whole * (1 + 1e-7)
    assert task.guide is not None
    loose = lp_bound(task.guide)
    assert loose is not None
    assert loose <= whole * (1 + 1e-9)
    assert whole <= (case(name).objective or 0.0) * (1 + 1e-6)


@given(problem=packagings())
@settings(drawn, max_examples=25)
def test_it_is_where_packages_and_donors_are_scarce(problem: Problem) -> None:
    task = task_of(problem)
    whole = complete_master(task)
    assert whole is not None
    generation = generated(task)
    if generation.rounds:
        assert generation.search.bound == pytest.approx(whole, rel=1e-5, abs=1e-5)


def test_patterns_raise_the_bound_somewhere() -> None:
    task = task_of(case("mixed-101").problem)
    assert task.guide is not None
    loose = lp_bound(task.guide)
    assert loose is not None
    bound = generated(task).search.bound
    assert bound is not None
    assert bound > 1.3 * loose


def test_the_bound_counts_packages_that_may_be_released() -> None:
    """Three packages at most, two in one period: twice the cheapest and once the next, and nothing for what costs."""
    task = task_of(case("mixed-111").problem)
    assert task.guide is not None
    assert task.guide_program is not None
    master = Master(task.guide, task.guide_program)
    assert (master.most, master.most_in_all) == ({0: 2, 2: 2, 3: 2}, 3)
    assert master.lagrangian(100.0, {0: -5.0, 2: -7.0, 3: 1.0}) == 100.0 - 2 * 7.0 - 5.0
    assert master.lagrangian(100.0, {0: 5.0, 2: np.inf, 3: -1.0}) == 98.0
    assert master.lagrangian(100.0, {0: -np.inf, 2: 0.0, 3: 0.0}) == -np.inf


def test_a_bound_that_forgets_what_is_not_generated_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value of a restricted master is no bound: taken for one, it lies above what all patterns give."""
    task = task_of(case("case-004").problem)
    whole = complete_master(task)
    assert whole is not None
    monkeypatch.setattr(Master, "lagrangian", lambda _self, value, _least: value)
    bound = generated(task).search.bound
    assert bound is not None
    assert bound > 1.001 * whole


# --- knapsacks and master ---------------------------------------------------------------------------------------------


@given(knapsacks_drawn(), st.data())
@settings(drawn, max_examples=60)
def test_the_cheapest_pattern_is_found(knapsack: Knapsack, data: st.DataObject) -> None:
    prices = st.sampled_from((-4.7, -2.0, 0.0, 1.3, -11.9))
    price = Price(data.draw(st.sampled_from((0.0, 8.5, -3.0))), {need: data.draw(prices) for need in knapsack.needs})
    every = knapsack.patterns(1000)
    assert every is not None
    bound, found = Knapsacks(knapsack).cheapest(price, LIMITS, lambda: False)
    if not every:
        assert (bound, found) == (np.inf, [])
        return
    least = min(price.of(pattern) for pattern in every)
    assert bound == pytest.approx(least, abs=1e-6)
    assert price.of(found[-1]) == pytest.approx(least, abs=1e-6)
    assert set(found) <= set(every)


def test_a_penalty_of_nothing_is_the_relaxation_and_a_large_one_the_master() -> None:
    task = task_of(case("case-010").problem)
    assert task.guide is not None
    generation = generated(task)
    master = generation.master
    values = [run(master.penalised(penalty), LIMITS).objective for penalty in (0.0, 3.0, 300.0, 1e6)]
    assert values == sorted(values, key=lambda value: value or 0.0)
    assert values[0] == pytest.approx(lp_bound(task.guide))
    assert values[-1] == pytest.approx(run(master.whole().relaxed(), LIMITS).objective)
    free, held = (run(master.penalised(penalty), LIMITS).x for penalty in (0.0, 1e6))
    assert free is not None
    assert held is not None
    assert master.missed(held) < 1e-6


def test_the_patterns_of_the_best_plan_are_columns_from_the_start() -> None:
    found = case("case-010")
    best = solved(found.problem, SLOTS).plan
    task = task_of(found.problem)
    exact = task.exact
    x, mask = start_vector(exact, exact.start(best))
    search = search_of(task, gap=1e-9)
    assert search.offer(search.complete(task.program, mask & task.program.whole, x))
    assert task.guide is not None
    generation = Generation(search, knapsacks(task.guide.draft))
    units = {row.need: row.quantity for row in best.contents}
    period = next(row.period for row in best.releases if row.status == "new")
    pattern = tuple((need, units[need]) for need in task.guide.draft.facts.needs if units.get(need))
    assert generation._of_best() == [(period, pattern)]
    generation.run(60.0)
    assert generation.master.known[period, pattern] == 0


def test_a_restricted_master_proves_nothing() -> None:
    """With the patterns of a poor plan alone its best is no bound: `realise` offers plans only."""
    found = case("case-010")
    task = task_of(found.problem)
    assert task.guide is not None
    generation = Generation(search_of(task, gap=1e-9), knapsacks(task.guide.draft))
    generation.realise(60.0)
    assert generation.search.objective is not None
    assert generation.search.objective > (found.objective or 0.0)
    assert generation.search.bound is None
    assert not generation.search.infeasible


def test_the_method_takes_any_exact_choice_of_packages() -> None:
    """What is priced is a package, whatever the exact model has for it."""
    found = case("mixed-106")
    formulation = replace(SLOTS, name="slots, priced", method="pricing")
    outcome = run_here(child.Job(found.problem, formulation, Settings(seconds=60.0, gap=ACCURACY / 10)))
    assert outcome.method == "pricing"
    assert outcome.objective == pytest.approx(found.objective, rel=ACCURACY)
