"""Order books with stages: the sum that stands for them, the order in which they count, and what is proven."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.baselines import first_come_first_served, priority_list
from models.bulk import size
from models.bulk.stages import FALL, LEAST, factors, ranges_of, weighed
from models.bulk.worth import worth
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.facts import Facts
from models.plan import Dispatch, Made, Plan
from optimizer.settings import Settings
from optimizer.solving import bulk_work
from optimizer.solving.bulk_staged import TOLD, Staged
from optimizer.solving.bulk_work import METHOD, takes
from optimizer.solving.clock import clock
from optimizer.solving.here import solve_here
from optimizer.solving.highs import Limits
from optimizer.solving.job import Job
from optimizer.solving.outcome import Outcome, Progress, Stage, stages_bound, worst_gap
from optimizer.solving.places.where import Where
from tests.builders import (
    a_need,
    a_recipient,
    a_weights_policy,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
)
from tests.models.cases import Case, all_cases
from tests.solving.tasks import named
from tests.strategies import problems

CASES = [case for case in all_cases() if case.lexicographic and case.objective is not None]
TIGHT = FORMULATIONS[DEFAULT]
SHORT = Settings(seconds=20.0, gap=1e-6, threads=1)
DRAWN = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
ORDERS_FIRST = ("orders_delay", "needs_delay", "readiness_shortfall", "plan_change")


def in_stages(problem: p.Problem, *stages: str, tolerance: float = 0.0) -> p.Problem:
    return replace(problem, objective=p.ObjectivePolicy("lexicographic", stages or p.TERMS, tolerance))


def book(problem: p.Problem, monkeypatch: pytest.MonkeyPatch, *starts: Plan, **changes: Any) -> Outcome:
    monkeypatch.setattr(size, "LARGE", 0)
    return solve_here(problem, TIGHT, replace(SHORT, **changes), starts=named(*starts))


def rivals() -> p.Problem:
    """Three slots a week; a need of three and an order of three are due at once. The order's delay weighs far more."""
    return bare_problem(
        recipients=(a_recipient(),),
        orders=(an_order("O", quantity=3, due_date=day(0), weight_multiplier=400.0),),
        needs=(a_need("N", quantity=3, needed_by=day(0)),),
    )


# --- the sum that stands for stages ---


def test_the_heaviest_of_a_stage_counts_a_share_of_the_lightest_before_it() -> None:
    """Needs weigh 16 and 1 here, orders 400, readiness 1 as nothing is said of it, and changes 1 and 52."""
    weights = a_weights_policy(ukraine=1.0, minimum=1.0, maximum=1.0)
    steady = p.StabilityPolicy(4, 52.0, 1.0)
    problem = replace(rivals(), weights=weights, stability=steady)
    problem = replace(problem, needs=(*problem.needs, a_need("N5", urgency=5)))
    assert ranges_of(problem) == {
        "needs_delay": (1.0, 16.0), "orders_delay": (400.0, 400.0),
        "readiness_shortfall": (1.0, 1.0), "plan_change": (1.0, 52.0),
    }  # fmt: skip
    found = factors(in_stages(problem, "needs_delay", "orders_delay"))
    orders = FALL / 400
    rest = FALL * orders * 400
    assert found == pytest.approx({
        "needs_delay": 1.0, "orders_delay": orders, "readiness_shortfall": rest, "plan_change": rest / 52,
    })  # fmt: skip
    first = factors(in_stages(problem, "plan_change"))
    assert (first["plan_change"], first["needs_delay"]) == (1.0, pytest.approx(FALL / 16))


def test_no_factor_is_lost_in_tolerances() -> None:
    heavy = replace(rivals(), orders=(an_order("O", weight_multiplier=1e12),))
    assert factors(in_stages(heavy))["orders_delay"] == LEAST


@given(problem=problems())
@DRAWN
def test_a_term_is_worth_its_factor_and_nothing_else_changes(problem: p.Problem) -> None:
    by = {"needs_delay": 3.0, "orders_delay": 5.0, "readiness_shortfall": 7.0, "plan_change": 11.0}
    other = weighed(problem, by)
    plan = first_come_first_served(problem)
    before, after = check_plan(problem, plan), check_plan(other, plan)
    assert [row.rule for row in after.violations] == [row.rule for row in before.violations]
    for term, factor in by.items():
        assert getattr(after.terms, term) == pytest.approx(factor * getattr(before.terms, term), rel=1e-9, abs=1e-9)
    assert worth(Facts(other), plan) == pytest.approx(after.terms.total, rel=1e-9, abs=1e-6)
    assert other.objective.mode == "weighted"


def test_an_instance_without_weights_gets_some() -> None:
    problem = replace(small_problem(), weights=None)
    by = dict.fromkeys(p.TERMS, 0.0) | {"needs_delay": 3.0}
    terms, other = (check_plan(row, small_plan()).terms for row in (problem, weighed(problem, by)))
    assert other.needs_delay == pytest.approx(3.0 * terms.needs_delay)
    assert (other.orders_delay, other.readiness_shortfall, other.plan_change) == (0.0, 0.0, 0.0)
    assert terms.needs_delay > 0


# --- the method ---


def test_stages_are_no_reason_to_take_another_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "LARGE", 1)
    assert takes(Job(in_stages(rivals()), TIGHT, SHORT))


@pytest.mark.parametrize(("stages", "first"), [(p.TERMS, "N"), (ORDERS_FIRST, "O")])
def test_an_earlier_stage_goes_first_whatever_it_weighs(
    monkeypatch: pytest.MonkeyPatch, stages: tuple[str, ...], first: str
) -> None:
    outcome = book(in_stages(rivals(), *stages), monkeypatch)
    assert outcome.method == METHOD
    assert outcome.plan is not None
    assert {row.demand for row in outcome.plan.dispatches if row.period == 0} == {first}
    assert [stage.term for stage in outcome.stages] == list(stages)
    assert TOLD in outcome.messages
    weighted = book(rivals(), monkeypatch)
    assert weighted.plan is not None
    assert {row.demand for row in weighted.plan.dispatches if row.period == 0} == {"O"}
    assert (weighted.stages, TOLD in weighted.messages) == ((), False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gets_a_plan_near_its_stages_and_a_bound_of_the_first(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = case.problem
    stages = problem.objective.stages
    lists = (first_come_first_served(problem), priority_list(problem))
    outcome = book(problem, monkeypatch, *lists)
    best = case.terms[stages[0]]
    legal = [v.terms for v in (check_plan(problem, plan) for plan in lists) if not v.violations]
    if outcome.plan is None:
        assert not legal
        return
    verdict = check_plan(problem, outcome.plan)
    assert verdict.violations == ()
    assert outcome.objective == pytest.approx(verdict.terms.total)
    first, *later = outcome.stages
    assert first.bound <= best + 1e-6 * max(1.0, best), "a bound of the first stage alone"
    assert first.value >= best - 1e-6 * max(1.0, best)
    assert all(stage.bound == 0.0 for stage in later)
    assert all(stage.value == pytest.approx(getattr(verdict.terms, stage.term)) for stage in outcome.stages)
    reached = tuple(getattr(verdict.terms, stage) for stage in stages)
    assert all(reached[0] <= getattr(terms, stages[0]) * (1 + 1e-9) + 1e-6 for terms in legal)


def test_a_bound_of_the_first_stage_is_found_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six weeks of three slots before the need is served: its relaxation says so."""
    problem = in_stages(bare_problem(needs=(a_need("N", quantity=18, needed_by=day(0)),)))
    outcome = book(problem, monkeypatch)
    stage = outcome.stages[0]
    assert stage.value == pytest.approx(stage.bound)
    assert stage.value > 0
    assert outcome.status == "optimal"
    assert outcome.bound == pytest.approx(outcome.objective)


def test_proven_is_what_is_proven_of_every_stage_and_of_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bare_problem(needs=(a_need("N", quantity=18, needed_by=day(0)),))
    assert book(in_stages(problem, "needs_delay"), monkeypatch).status == "optimal"
    with_order = replace(problem, orders=(an_order("O", due_date=day(0)),))
    one, both = (book(in_stages(with_order, *p.TERMS[:n]), monkeypatch) for n in (1, 2))
    assert (one.status, both.status) == ("optimal", "time_limit")
    assert both.stages[1].value > both.stages[1].bound == 0.0


def test_what_the_bound_took_is_taken_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[float] = []

    class Noted(bulk_work.Bulk):
        def __init__(self, *about: Any, **more: Any) -> None:
            super().__init__(*about, **more)
            left.append(self.limits.seconds)

    monkeypatch.setattr(bulk_work, "Bulk", Noted)
    monkeypatch.setattr(Staged, "prove", lambda *_: clock().spend(7.0))
    book(in_stages(rivals()), monkeypatch, work=20.0, seconds=100.0)
    assert left == [pytest.approx(13.0, abs=0.5)]


def test_of_two_plans_the_one_that_is_better_in_an_earlier_stage_counts() -> None:
    problem = rivals()

    def plan(first: str, second: str) -> Plan:
        kinds = {"N": "need", "O": "order"}
        sends = tuple(
            Dispatch(name, kinds[name], "pool", "missile", 3, t, t)  # type: ignore[arg-type]
            for t, name in enumerate((first, second))
        )
        return Plan(dispatches=sends, made=tuple(Made("missile_line", "missile", t, 3) for t in (0, 1)))

    need, order = plan("N", "O"), plan("O", "N")
    assert Staged(in_stages(problem)).best([order, need])[0] is need
    assert Staged(in_stages(problem, *ORDERS_FIRST)).best([need, order])[0] is order
    assert Staged(in_stages(problem, "plan_change")).best([need, order])[0] is order, "a tie goes by the sum"
    loose = in_stages(problem, tolerance=10.0)
    assert Staged(loose).best([order, need])[0] is need, "0 within any share of itself"


def test_a_start_that_is_better_by_the_stages_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weighed sum would give it up for much of a later stage."""
    problem = in_stages(rivals())
    good = book(problem, monkeypatch).plan
    assert good is not None
    monkeypatch.setattr("models.bulk.stages.FALL", 1e6)  # nothing outweighs anything
    assert book(problem, monkeypatch, good).stages[0].value == 0.0
    assert book(problem, monkeypatch).stages[0].value > 0.0


def test_what_is_told_on_the_way_is_in_the_objectives_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "LARGE", 0)
    said: list[Progress] = []
    problem = in_stages(small_problem())
    lists = (first_come_first_served(problem), priority_list(problem))
    work = bulk_work.BulkWork(
        Job(problem, TIGHT, SHORT, named(*lists)), lambda _kind, what: said.append(what), lambda: False
    )
    outcome = work.outcome()
    worst = max(check_plan(problem, plan).terms.total for plan in lists)
    known = [row.incumbent for row in said if row.incumbent is not None]
    assert known
    assert all((outcome.objective or 0.0) - 1e-6 <= value <= worst + 1e-6 for value in known)
    assert all(row.bound is None for row in (*said, *outcome.trace))
    assert any(row.phase == "bound of needs_delay" for row in said)


def test_a_run_that_was_cut_off_goes_on_and_takes_no_bound_of_the_sum(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(size, "LARGE", 0)
    job = Job(in_stages(small_problem()), TIGHT, SHORT, checkpoint=tmp_path)
    first, again = (bulk_work.BulkWork(job, lambda *_: None, lambda: False).outcome() for _ in range(2))
    assert any("goes on from a checkpoint" in message for message in again.messages)
    assert again.stages[0].value <= first.stages[0].value + 1e-6
    assert again.stages[0].bound == pytest.approx(first.stages[0].bound)
    finish = replace(job, finish=True)
    last = bulk_work.BulkWork(finish, lambda *_: None, lambda: False).outcome()
    assert last.objective == pytest.approx(again.objective)
    assert last.stages[0].bound == 0.0


def test_by_work_the_same_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = in_stages(small_problem())
    one, two = (book(problem, monkeypatch, work=5.0, seconds=100.0) for _ in range(2))
    assert (one.plan, one.stages, one.work) == (two.plan, two.stages, two.work)
    assert one.work is not None
    assert one.work <= 5.0 * 1.1


def test_the_bound_of_the_first_stage_gets_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given_: list[float] = []

    class Noted(bulk_work.Bulk):
        def prove(self) -> float | None:
            given_.append(self.limits.seconds)
            return 1.0

    monkeypatch.setattr("optimizer.solving.bulk_staged.Bulk", Noted)
    staged = Staged(in_stages(rivals()))
    staged.prove(Limits(100.0), Where(workers=1), lambda _: None, lambda: False)
    assert staged.bound == 1.0
    assert given_ == [pytest.approx(30.0)], "of which a relaxation takes half"


# --- what is proven of all stages ---


def test_the_worst_stage_counts_and_a_missing_one_is_not_proven() -> None:
    stages = (Stage("needs_delay", 10.0, 9.0), Stage("orders_delay", 4.0, 4.0))
    assert worst_gap(stages, ("needs_delay", "orders_delay")) == pytest.approx(0.1)
    assert worst_gap(stages[:1], ("needs_delay", "orders_delay")) == 1.0
    assert worst_gap((), ()) == 0.0


def test_the_bounds_of_all_terms_add_up() -> None:
    stages = tuple(Stage(term, 10.0, 6.0) for term in p.TERMS)
    assert stages_bound(stages, 40.0) == 24.0
    assert stages_bound(stages, 20.0) == 20.0
    assert stages_bound(stages[1:], 40.0) is None
