"""How a solve ends, run in this process as the spawned child runs it: statuses, stages, clashes, limits, stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.baselines import first_come_first_served
from models.checker import check_plan
from models.plan import Plan
from models.problem import TERMS, ObjectivePolicy, Problem
from optimizer.settings import Settings
from optimizer.solving.child import Job
from optimizer.solving.outcome import Outcome, Progress, relative_gap
from optimizer.solving.search import FEASIBLE
from tests.builders import an_order, bare_problem, day, small_problem
from tests.solving.tasks import SLOTS, Ear, case, named, run_here

CALM = Settings(seconds=60.0, gap=1e-5, threads=1)


def staged(problem: Problem, *stages: str, tolerance: float = 0.0) -> Problem:
    return replace(problem, objective=ObjectivePolicy("lexicographic", stages, tolerance))


def assert_allowed(problem: Problem, outcome: Outcome) -> None:
    """The plan in hand is allowed, and worth what the outcome says."""
    assert outcome.plan is not None
    verdict = check_plan(problem, outcome.plan)
    assert verdict.violations == ()
    assert outcome.objective == pytest.approx(verdict.terms.total, rel=1e-6, abs=1e-5)


def values(outcome: Outcome) -> dict[str, float]:
    return {stage.term: stage.value for stage in outcome.stages}


@pytest.mark.parametrize("name", ["case-007", "case-021", "mixed-104"])
def test_weighted(name: str) -> None:
    found = case(name)
    outcome = run_here(Job(found.problem, SLOTS, CALM))
    assert outcome.status in ("optimal", "gap_reached")
    assert_allowed(found.problem, outcome)
    assert outcome.objective == pytest.approx(found.objective, rel=1e-5)
    assert outcome.bound is not None
    assert outcome.gap is not None
    assert outcome.gap <= CALM.gap
    assert (outcome.stages, outcome.clashes, outcome.method) == ((), (), "direct")
    assert outcome.matrix is not None
    assert 0 < outcome.matrix.integers <= outcome.matrix.columns
    assert set(outcome.seconds) == {"build", "handover", "solve"}
    assert 0 < outcome.seconds["handover"] < outcome.seconds["solve"]


@pytest.mark.parametrize("name", ["stages-055", "mixed-103"])
def test_lexicographic_stages_in_order_each_proven(name: str) -> None:
    found = case(name)
    outcome = run_here(Job(found.problem, SLOTS, CALM))
    assert [stage.term for stage in outcome.stages] == list(found.problem.objective.stages)
    for stage in outcome.stages:
        assert stage.value == pytest.approx(found.terms[stage.term], rel=1e-4, abs=1e-4)
        assert relative_gap(stage.value, stage.bound) == pytest.approx(0.0, abs=1e-5)
        assert stage.bound <= stage.value
    assert outcome.status == "optimal"
    assert_allowed(found.problem, outcome)
    assert outcome.bound is not None
    assert outcome.bound == pytest.approx(outcome.objective, rel=1e-5)


def test_order_of_the_stages_matters() -> None:
    """Each way round, the first stage gets its own best: no other plan has less of it."""
    needs = run_here(Job(staged(small_problem(), *TERMS), SLOTS, CALM))
    change = run_here(Job(staged(small_problem(), *reversed(TERMS)), SLOTS, CALM))
    assert needs.stages[0].term == change.stages[-1].term == "needs_delay"
    assert values(needs)["needs_delay"] <= values(change)["needs_delay"] + 1e-6
    assert values(change)["plan_change"] <= values(needs)["plan_change"] + 1e-6
    assert values(needs) != values(change)


def test_tolerance_of_a_stage_is_room_for_the_next() -> None:
    problem = case("stages-051").problem
    stages = problem.objective.stages
    strict = run_here(Job(staged(problem, *stages), SLOTS, CALM))
    loose = run_here(Job(staged(problem, *stages, tolerance=0.2), SLOTS, CALM))
    assert loose.plan is not None
    terms = check_plan(problem, loose.plan).terms
    first, second = stages[0], stages[1]
    assert getattr(terms, first) <= 1.2 * values(strict)[first] + 1e-5
    assert values(loose)[second] < values(strict)[second] - 1e-6
    assert_allowed(problem, loose)


def test_terms_without_a_stage_come_last_and_claim_no_bound() -> None:
    problem = staged(small_problem(), "orders_delay")
    outcome = run_here(Job(problem, SLOTS, CALM))
    assert [stage.term for stage in outcome.stages] == ["orders_delay"]
    assert (outcome.status, outcome.bound) == ("optimal", None)
    assert_allowed(problem, outcome)
    weighted = run_here(Job(small_problem(), SLOTS, CALM))
    assert weighted.plan is not None
    assert values(outcome)["orders_delay"] <= check_plan(problem, weighted.plan).terms.orders_delay + 1e-6


@pytest.mark.parametrize("lexicographic", [False, True])
def test_infeasible_says_what_clashes(lexicographic: bool) -> None:
    problem = bare_problem(orders=(an_order("O-firm", quantity=10, due_date=day(2), firm_by=day(2)),))
    if lexicographic:
        problem = staged(problem, *TERMS)
    outcome = run_here(Job(problem, SLOTS, CALM))
    assert (outcome.status, outcome.plan, outcome.objective, outcome.bound) == ("infeasible", None, None, None)
    assert [(clash.rule, clash.entities) for clash in outcome.clashes] == [("firm_date", ("O-firm",))]
    assert outcome.clashes[0].amount == pytest.approx(1.0)


@pytest.mark.parametrize("seconds", [0.0, 1e-3, 0.1])
@pytest.mark.parametrize("name", ["mixed-112", "stages-053"])
@pytest.mark.parametrize("started", [False, True])
def test_no_time_is_a_status(name: str, seconds: float, started: bool) -> None:
    problem = case(name).problem
    starts = named(first_come_first_served(problem)) if started else ()
    outcome = run_here(Job(problem, SLOTS, replace(CALM, seconds=seconds), starts))
    assert outcome.status in ("time_limit", "no_plan")
    assert all(stage.bound <= case(name).terms[stage.term] + 1e-4 for stage in outcome.stages[:1])
    assert (outcome.plan is None) == (outcome.status == "no_plan") == (outcome.objective is None)
    if outcome.plan is not None:
        assert_allowed(problem, outcome)


def at(phase: str) -> Ear:
    """Stops the solve once it is in the phase and has a plan in hand."""
    return Ear(lambda ear: any(p.phase.endswith(phase) and p.incumbent is not None for p in ear.of("progress")))


@pytest.mark.parametrize("name", ["mixed-112", "stages-053"])
def test_stopped_with_a_plan_in_hand(name: str) -> None:
    problem = case(name).problem
    outcome = run_here(Job(problem, SLOTS, CALM, named(first_come_first_served(problem))), at("branch and bound"))
    assert outcome.status == "interrupted"
    assert_allowed(problem, outcome)
    assert outcome.seconds["solve"] < 20


def test_stopped_at_once_has_no_plan() -> None:
    outcome = run_here(Job(case("mixed-112").problem, SLOTS, CALM), Ear(lambda _ear: True))
    assert outcome.status == "interrupted"
    assert (outcome.plan, outcome.objective) == (None, None)


def test_start_is_used_and_kept_if_nothing_better_is_found() -> None:
    problem = case("mixed-112").problem
    plan = first_come_first_served(problem)
    ear = Ear(lambda ear: bool(ear.of("solution")))
    outcome = run_here(Job(problem, SLOTS, CALM, named(plan)), ear)
    assert_allowed(problem, outcome)
    assert outcome.objective is not None
    assert outcome.objective <= check_plan(problem, plan).terms.total * (1 + 1e-6)
    assert len(ear.of("solution")) == 1
    assert outcome.status == "interrupted"


def test_start_that_is_not_allowed_is_named_and_left_aside() -> None:
    """A plan that sends nothing never completes the firm order."""
    order = an_order("O-firm", quantity=4, delivery="complete", firm_by=day(3))
    problem = bare_problem(orders=(order,))
    outcome = run_here(Job(problem, SLOTS, CALM, (("yesterday", Plan()),)))
    assert any("'yesterday'" in message for message in outcome.messages)
    assert outcome.status == "optimal"
    assert_allowed(problem, outcome)


def test_known_solution_is_read_back() -> None:
    """What a child before had found, read back without solving; one of another model is left aside."""
    problem = case("case-007").problem
    ear = Ear()
    first = run_here(Job(problem, SLOTS, CALM, named(first_come_first_served(problem))), ear)
    known = ear.of("solution")[-1]
    back = run_here(Job(problem, SLOTS, CALM, known=known, finish=True))
    assert_allowed(problem, back)
    assert back.objective is not None
    assert first.objective is not None
    assert back.objective >= first.objective * (1 - 1e-6)
    assert back.bound is None
    other = run_here(Job(problem, SLOTS, CALM, known=known[:-1], finish=True))
    assert (other.plan, other.status) == (None, "no_plan")


def test_progress_never_goes_back() -> None:
    ear = Ear()
    outcome = run_here(Job(case("case-008").problem, SLOTS, CALM), ear)
    assert outcome.trace
    for looks in (list(outcome.trace), ear.of("progress")):
        incumbents = [look.incumbent for look in looks if look.incumbent is not None]
        bounds = [look.bound for look in looks if look.bound is not None]
        assert incumbents == sorted(incumbents, reverse=True)
        assert bounds == sorted(bounds)
        assert [look.seconds for look in looks] == sorted(look.seconds for look in looks)
    assert ear.said[0][0] == "progress"
    assert len(ear.of("outcome")) == 1


def test_gap_of_what_is_unknown_is_unknown() -> None:
    assert Progress("x", None, 1.0, 0.0).gap is None
    assert Progress("x", 2.0, None, 0.0).gap is None
    assert Progress("x", 2.0, 1.0, 0.0).gap == 0.5
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(2.0, 3.0) == 0.0, "a bound above by the solver's tolerance is no negative gap"
    assert relative_gap(-2.0, -3.0) == 0.5
    assert FEASIBLE < 1e-4
