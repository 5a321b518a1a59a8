"""Method "separating": every formulation reaches the proven optimum; a wrong split or cut does not go unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models import splitting
from models.blocks import funding_separated
from models.build import compile_model
from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.draft import Draft
from models.extract import extract
from models.facts import Facts
from models.formulation import Formulation
from models.plan import Plan
from models.problem import Problem
from models.splitting import Released
from models.writer import Row
from optimizer.settings import Settings
from optimizer.solving import child, separating
from optimizer.solving.leads import wanted
from optimizer.solving.methods import METHODS
from optimizer.solving.program import program_of
from optimizer.solving.search import Search, Task, whole_units
from tests.models.cases import Case, all_cases
from tests.models.package_worlds import packagings
from tests.models.solved import SLOTS, solved
from tests.models.test_funding_separated import few_donors
from tests.models.test_packages_unindexed import dear_units
from tests.solving.tasks import run_here, search_of
from tests.strategies import problems

ACCURACY = 1e-4
WAYS = [f for f in FORMULATIONS.values() if f.method == "separating"]
MORE = [
    replace(SLOTS, name="slots, grouped", funding="grouped", method="separating"),
    replace(SLOTS, name="slots_linked, separated", packages="slots_linked", funding="separated", method="separating"),
    replace(SLOTS, name="slots, pooled", funding="pooled", method="separating"),
    replace(SLOTS, name="slots, counted", funding="counted", method="separating"),
]
WEIGHTED = [case for case in all_cases() if case.objective is not None and not case.lexicographic]
STAGED = [case for case in all_cases() if case.objective is not None and case.lexicographic]
IMPOSSIBLE = [case for case in all_cases() if case.objective is None]
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def searched(
    problem: Problem, formulation: Formulation, gap: float = 1e-7, seconds: float = 60.0
) -> tuple[Search, Any]:
    """The search after the method, and the phases it went through."""
    exact = compile_model(problem, formulation.exact)
    loose = compile_model(problem, formulation, exact.draft.facts)
    phases: list[str] = []
    task = Task(exact, program_of(exact.matrix), loose, program_of(loose.matrix))
    search = search_of(task, gap=gap, seconds=seconds, report=lambda s: phases.append(s.phase))
    METHODS["separating"].run(search)
    return search, phases


def plan_of(search: Search) -> Plan:
    assert search.best is not None
    return extract(search.task.exact, whole_units(search.task, search.best, search))


def assert_proven(problem: Problem, search: Search, optimum: float, accuracy: float = 1e-6) -> None:
    """The optimum, proven, with a plan that the checker passes."""
    near = pytest.approx(optimum, rel=accuracy, abs=accuracy)
    assert search.objective == near
    assert search.bound == near
    verdict = check_plan(problem, plan_of(search))
    assert verdict.violations == ()
    assert verdict.terms.total == near


@pytest.mark.parametrize("formulation", WAYS, ids=lambda f: f.name)
@pytest.mark.parametrize("case", WEIGHTED, ids=lambda case: case.name)
def test_every_case_is_proven(case: Case, formulation: Formulation) -> None:
    search, _ = searched(case.problem, formulation, gap=ACCURACY / 10)
    assert_proven(case.problem, search, case.objective or 0.0, ACCURACY)


@pytest.mark.parametrize("formulation", WAYS, ids=lambda f: f.name)
@pytest.mark.parametrize("case", [*STAGED, *IMPOSSIBLE], ids=lambda case: case.name)
def test_every_staged_case_is_solved(case: Case, formulation: Formulation) -> None:
    """As the solver process does it: each stage its own relaxation, with the stages before it held."""
    outcome = run_here(child.Job(case.problem, formulation, Settings(seconds=120.0, gap=ACCURACY / 10)))
    if case.objective is None:
        assert outcome.status == "infeasible"
        return
    assert outcome.method == "separating"
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    verdict = check_plan(case.problem, outcome.plan)
    assert verdict.violations == ()
    for term, value in case.terms.items():
        assert getattr(verdict.terms, term) == pytest.approx(value, rel=ACCURACY, abs=ACCURACY), term


@pytest.mark.parametrize("formulation", [*WAYS, *MORE], ids=lambda f: f.name)
@given(problem=packagings())
@settings(drawn, max_examples=15)
def test_it_agrees_where_packages_and_donors_are_scarce(formulation: Formulation, problem: Problem) -> None:
    best = solved(problem, SLOTS).value
    assert best is not None
    search, _ = searched(problem, formulation)
    assert_proven(problem, search, best)


@pytest.mark.parametrize("formulation", WAYS, ids=lambda f: f.name)
@given(problem=problems())
@settings(drawn, max_examples=15)
def test_it_agrees_on_whole_instances(formulation: Formulation, problem: Problem) -> None:
    best = solved(problem, SLOTS).value
    search, _ = searched(problem, formulation)
    if best is None:
        assert search.infeasible
        assert search.best is None
    else:
        assert_proven(problem, search, best)


# --- refinement -------------------------------------------------------------------------------------------------------


def awkward_units() -> Problem:
    """Units of 7, 7, 4 and 2 are worth two packages of 10, and split into none: 7 + 2 and 7 + 4 miss the value."""
    return dear_units((2, 1, 1), (7.0, 4.0, 2.0), 0.0)


def test_contents_that_do_not_split_bring_release_slots() -> None:
    problem = awkward_units()
    released = Released({0: 2}, {("N0", 0): 2, ("N1", 0): 1, ("N2", 0): 1}, {})
    assert sum(released.value(Facts(problem)).values()) == 20.0
    search, phases = searched(problem, FORMULATIONS["unindexed"])
    assert "refining" in phases
    best = solved(problem, SLOTS).value
    assert best is not None
    loose = solved(problem, FORMULATIONS["unindexed"]).value
    assert loose is not None
    assert loose < best - 1.0
    assert_proven(problem, search, best)


@pytest.mark.parametrize("formulation", [FORMULATIONS["separated"], MORE[2]], ids=lambda f: f.name)
def test_money_without_donors_takes_pledges_out_of_their_group(formulation: Formulation) -> None:
    problem = few_donors()
    search, phases = searched(problem, formulation)
    assert "refining" in phases
    best = solved(problem, SLOTS).value
    assert best is not None
    assert_proven(problem, search, best)


def test_out_of_time_it_keeps_plan_and_bound_apart() -> None:
    search, _ = searched(awkward_units(), FORMULATIONS["unindexed"], seconds=0.0)
    assert search.best is None
    assert search.bound is None
    assert not search.infeasible


def test_with_another_method_a_relaxation_is_solved_as_what_it_relaxes() -> None:
    problem = awkward_units()
    outcome = run_here(child.Job(problem, replace(FORMULATIONS["unindexed"], method="direct"), Settings(seconds=30.0)))
    best = solved(problem, SLOTS).value
    assert outcome.objective == pytest.approx(best)
    assert outcome.plan is not None
    assert check_plan(problem, outcome.plan).violations == ()


# --- what is wrong is seen --------------------------------------------------------------------------------------------


def test_a_split_that_forgets_the_value_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its packages break rows of the exact model, so no plan is offered on their strength."""

    class Careless(Draft):
        def rule(self, name: str, rows: Mapping[Any, Row]) -> None:
            if name != "package_value":
                super().rule(name, rows)

    problem = awkward_units()
    best = solved(problem, SLOTS).value
    assert best is not None
    monkeypatch.setattr(splitting, "Draft", Careless)
    search, _ = searched(problem, FORMULATIONS["unindexed"])
    assert_proven(problem, search, best)


def test_a_cut_that_counts_too_little_money_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of agreement fails on a wrong cut: its bound lies above the optimum."""
    problem = dear_units((2,), (10.0,), 0.0)
    best = solved(problem, SLOTS).value
    assert best is not None
    truth = funding_separated.money_for
    monkeypatch.setattr(funding_separated, "money_for", lambda facts, pairs: 0.15 * truth(facts, pairs))
    wrong = solved(problem, FORMULATIONS["separated"]).value
    assert wrong is not None
    assert wrong > best + 1.0
    search, _ = searched(problem, FORMULATIONS["separated"])
    with pytest.raises(AssertionError):
        assert_proven(problem, search, best)


# --- too large to be solved -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formulation", WAYS, ids=lambda f: f.name)
@pytest.mark.parametrize("name", ["case-014", "case-024", "mixed-104", "mixed-111"])
def test_a_large_relaxation_leads(name: str, formulation: Formulation, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in method "guided": releases without slots become packages with payers, and the end is the same."""
    monkeypatch.setattr(separating, "LARGE", 0)
    found = next(case for case in WEIGHTED if case.name == name)
    search, phases = searched(found.problem, formulation, gap=ACCURACY / 10)
    assert "releases" in phases
    assert "relaxation" not in phases
    assert_proven(found.problem, search, found.objective or 0.0, ACCURACY)


def test_releases_of_a_period_share_its_contents() -> None:
    problem = dear_units((3, 2), (4.0, 3.0))
    built = compile_model(problem, FORMULATIONS["unindexed"])
    x = np.zeros(built.matrix.shape[1])
    of = built.matrix.column_of
    x[of["releases", (0,)]] = 2.0
    x[of["content", ("N0", 0, "any")]] = 3.0
    x[of["content", ("N1", 0, "any")]] = 2.0
    found = wanted(Facts(problem), built, x)
    assert [w.place for w in found] == [("new", 0, 0), ("new", 0, 1)]
    assert [w.contents for w in found] == [{"N0": 1.5, "N1": 1.0}, {"N0": 1.5, "N1": 1.0}]
