"""Every formulation reaches the proven optimum of every conformance case.

The models are solved here directly, so that a case takes a second; what `solve` makes of them, in its own process, is
tested on a choice of cases, and on all of them with `-m slow`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.build import compile_model
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.extract import extract
from models.formulation import Formulation
from models.plan import Terms
from models.problem import TERMS
from optimizer.settings import Settings
from optimizer.solving import child
from optimizer.solving.highs import Limits, run
from optimizer.solving.outcome import Outcome
from optimizer.solving.program import program_of
from optimizer.solving.solve import solve
from tests.models.cases import Case, all_cases
from tests.models.solved import settled, solved
from tests.solving.tasks import run_here

CASES = all_cases()
WEIGHTED = [case for case in CASES if case.objective is not None and not case.lexicographic]
STAGED = [case for case in CASES if case.objective is not None and case.lexicographic]
IMPOSSIBLE = [case for case in CASES if case.objective is None]
CHOSEN = [*WEIGHTED[::9], *STAGED[::3]]
REST = [case for case in WEIGHTED + STAGED if case not in CHOSEN]
ACCURACY = 1e-4
LONG = {"case-004", "case-008", "case-016", "case-023", "case-028", "stages-053", "stages-054"}
"""Cases that take packages by index many seconds; those formulations solve them with `-m slow`."""


def of(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def each(cases: list[Case], share: int = 1) -> pytest.MarkDecorator:
    """Every exact formulation on every case; what takes long is marked slow. Relaxations need their method.

    `share`: of the short cases, formulations other than the literal and the default one take one in so many at once,
    each others than the next; all their other cases are marked slow.
    """
    exact = [formulation for formulation in FORMULATIONS.values() if formulation.exact == formulation]
    short = [case for case in cases if case.name not in LONG]

    def takes_long(case: Case, formulation: Formulation, k: int) -> bool:
        if case.name in LONG and formulation.name in ("textbook", "ordered"):
            return True
        return share > 1 and formulation.name not in ("textbook", DEFAULT) and case not in short[k % share :: share]

    pairs = [
        pytest.param(
            case,
            formulation,
            id=f"{case.name}-{formulation.name}",
            marks=[pytest.mark.slow] if takes_long(case, formulation, k) else [],
        )
        for k, formulation in enumerate(exact)
        for case in cases
    ]
    return pytest.mark.parametrize(("case", "formulation"), pairs)


def near(value: float) -> object:
    return pytest.approx(value, rel=ACCURACY, abs=ACCURACY)


def assert_reached(case: Case, terms: Terms) -> None:
    """The objective, and where the case is staged every term."""
    assert terms.total == near(case.objective or 0.0)
    for term, value in case.terms.items():
        assert getattr(terms, term) == near(value), term


def test_all_cases_are_there() -> None:
    assert len(CASES) >= 48
    assert len(IMPOSSIBLE) >= 1
    assert all(set(case.terms) == set(TERMS) for case in STAGED)


@each(WEIGHTED)
def test_model_reaches_the_weighted_optimum(case: Case, formulation: Formulation) -> None:
    problem = case.problem
    built = compile_model(problem, formulation)
    answer = run(program_of(built.matrix), Limits(seconds=120.0, gap=ACCURACY / 10))
    assert answer.end == "optimal"
    assert answer.x is not None
    assert answer.objective == near(case.objective or 0.0)
    verdict = check_plan(problem, extract(built, settled(built.matrix, answer.x)))
    assert verdict.violations == ()
    assert_reached(case, verdict.terms)


@each(STAGED, share=3)
def test_model_reaches_every_stage(case: Case, formulation: Formulation) -> None:
    """Each stage minimised in turn, with the ones before it held at their best."""
    problem = case.problem
    built = compile_model(problem, formulation)
    program, x = program_of(built.matrix), None
    for term in problem.objective.stages:
        row, constant = built.matrix.cost({term: 1.0})
        answer = run(replace(program, cost=row, offset=constant), Limits(seconds=120.0, gap=1e-9))
        assert answer.end == "optimal"
        assert answer.objective == near(case.terms[term])
        x = answer.x
        assert x is not None
        program = program.with_row(row, float(row @ x) + 1e-6)
    assert x is not None
    verdict = check_plan(problem, extract(built, settled(built.matrix, x)))
    assert verdict.violations == ()
    assert_reached(case, verdict.terms)


@each(IMPOSSIBLE)
def test_model_knows_that_there_is_no_plan(case: Case, formulation: Formulation) -> None:
    assert solved(case.problem, formulation).value is None


def assert_solved(case: Case, outcome: Outcome) -> None:
    problem = case.problem
    assert outcome.status in ("optimal", "gap_reached")
    assert outcome.plan is not None
    verdict = check_plan(problem, outcome.plan)
    assert verdict.violations == ()
    assert_reached(case, verdict.terms)
    assert outcome.objective == near(verdict.terms.total)
    assert outcome.objective is not None
    assert outcome.bound is not None
    assert outcome.bound <= outcome.objective * (1 + 1e-9) + 1e-6
    if case.lexicographic:
        assert [stage.term for stage in outcome.stages] == list(problem.objective.stages)
        assert [stage.value for stage in outcome.stages] == [near(case.terms[s.term]) for s in outcome.stages]


@of(CHOSEN)
def test_solve_reaches_the_optimum(case: Case) -> None:
    assert_solved(case, solve(case.problem, FORMULATIONS[DEFAULT], Settings(seconds=120.0, gap=ACCURACY / 10)))


@pytest.mark.slow
@of(REST)
def test_solve_reaches_the_optimum_of_the_rest(case: Case) -> None:
    """In this process: that a child does the same is seen above, and its start takes longer than most cases."""
    settings = Settings(seconds=120.0, gap=ACCURACY / 10, threads=1)
    assert_solved(case, run_here(child.Job(case.problem, FORMULATIONS[DEFAULT], settings)))


@of(IMPOSSIBLE)
def test_solve_says_what_clashes(case: Case) -> None:
    outcome = solve(case.problem, FORMULATIONS[DEFAULT], Settings(seconds=60.0))
    assert (outcome.status, outcome.plan, outcome.objective) == ("infeasible", None, None)
    assert outcome.clashes
    assert all(clash.rule and clash.message and clash.amount > 0 for clash in outcome.clashes)
