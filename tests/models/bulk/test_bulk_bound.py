"""No bound of the relaxation of an order book lies above a proven optimum, at whatever prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.bulk.batch import PATTERN
from tests.builders import ABSENT, a_need, a_pledge, an_item, an_order, bare_problem, day, small_problem, without
from tests.models.bulk.books import bound_at, master_of, relaxed, slack, some_duals
from tests.models.cases import Case, all_cases
from tests.models.solved import SLOTS, solved
from tests.strategies import problems

WEIGHTED = [case for case in all_cases() if case.objective is not None and not case.lexicographic]
DRAWN = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PERIODS = pytest.mark.parametrize("periods", [((8, 1),), ((2, 1), (2, 3))], ids=["weeks", "of unequal length"])


def assert_below(problem: p.Problem, optimum: float, count: int) -> None:
    """Every bound and the relaxation's value are at most the optimum, and columns cost what pricing says."""
    master = master_of(problem)
    found, heard = relaxed(master)
    assert found is not None
    most = optimum + slack(optimum)
    assert found.bound <= most
    assert found.value <= most
    assert all(bound <= min(most, value + slack(value)) for value, bound in heard)
    assert max((bound_at(master, dual) for dual in some_duals(master, found.dual, count)), default=0.0) <= most
    # a bound far below the value, with no column left to add, would say that pricing and columns disagree
    if not problem.commitments:
        assert found.bound >= found.value - 2e-5 * max(1.0, abs(found.value))


@pytest.mark.parametrize("case", WEIGHTED, ids=lambda case: case.name)
def test_no_bound_is_above_the_optimum_of_a_case(case: Case) -> None:
    assert case.objective is not None
    assert_below(case.problem, case.objective, 10)


@DRAWN
@given(problems())
def test_no_bound_is_above_the_optimum_of_a_drawn_instance(problem: p.Problem) -> None:
    optimum = solved(problem, SLOTS).value
    if optimum is not None:
        assert_below(problem, optimum, 3)


def test_the_relaxation_is_not_slack_where_nothing_is_relaxed() -> None:
    """Without packages, reviews and complete orders the relaxation of units is the problem itself, here."""
    problem = bare_problem(orders=(an_order("O1", quantity=9, due_date=day(1)), an_order("O2", quantity=7)))
    found, _ = relaxed(master_of(problem))
    assert found is not None
    optimum = solved(problem, SLOTS).value
    assert optimum == pytest.approx(found.bound, rel=1e-6)
    assert optimum > 0


@PERIODS
@pytest.mark.parametrize(
    "changes",
    [
        *ABSENT,
        {"commitments": (), "stability": None},
        {"stocks": (), "receipts": ()},
        {"lines": (), "line_rates": (), "line_items": ()},
    ],
    ids=without,
)
def test_features_may_be_absent(changes: dict[str, object], periods: tuple[tuple[int, int], ...]) -> None:
    problem = small_problem(**changes, periods=periods)
    optimum = solved(problem, SLOTS).value
    if optimum is None:
        master = master_of(problem)
        relaxed(master)
    else:
        assert_below(problem, optimum, 3)


def test_nobody_asks_for_anything() -> None:
    master = master_of(bare_problem())
    found, _ = relaxed(master)
    assert found is not None
    assert (found.value, found.bound) == (0.0, 0.0)


def test_a_committed_unit_of_a_need_without_units_cannot_be_kept() -> None:
    """Its cost is certain: the bound holds all of it."""
    problem = bare_problem(
        needs=(a_need("N", quantity=0),),
        commitments=(p.Commitment("N", "missile", day(0), 3),),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert found.bound == pytest.approx(3 * 10.0 * 52.0)


def test_committed_units_beyond_an_order_cannot_all_be_kept() -> None:
    problem = bare_problem(
        orders=(an_order("O", quantity=2, due_date=day(0)),),
        commitments=(p.Commitment("O", "missile", day(0), 2), p.Commitment("O", "missile", day(1), 2)),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert found.bound == pytest.approx(2 * 10.0 * 52.0, rel=1e-6)
    assert solved(problem, SLOTS).value == pytest.approx(found.bound)


def test_a_case_is_approved_before_the_first_kept_unit_of_an_order_that_is_never_completed() -> None:
    """Review is dear from week 3 on only: the unit kept in week 1 needs its case approved by then already."""
    problem = bare_problem(
        orders=(an_order("O", quantity=3, case="C", delivery="complete", weight_multiplier=0.0),),
        approval=p.ApprovalPolicy(1.0, 0, 3.5, 0.5),
        approvals=(p.Approval("C", day(0), 1.0),),
        commitments=(p.Commitment("O", "missile", day(1), 1), p.Commitment("O", "missile", day(3), 1)),
        stability=p.StabilityPolicy(2, 52.0, 40.0),
    )
    master = master_of(problem)
    rows = master.rows.layout.rows
    dual = np.zeros(master.rows.layout.count)
    dual[rows["review_capacity"][:, 3:]] = -1e4
    dual[rows["stock_balance"]] = -300.0
    found = [batch for batch in master.pricing.price(dual, dual, 20, 0.0).batches if batch.kind == PATTERN]
    patterns = [master.pricing.patterns[int(batch.mark[0])] for batch in found]
    assert (problem.periods[0][0], 1, 1, 3, 1) in patterns
    optimum = solved(problem, SLOTS).value
    assert optimum is not None
    assert_below(problem, optimum, 20)


def test_a_promise_with_dispatches_of_the_plan_before_is_kept() -> None:
    """A firm order that is complete only as a whole has no way never to be completed."""
    problem = bare_problem(
        orders=(an_order("O", quantity=3, delivery="complete", firm_by=day(4), weight_multiplier=0.0),),
        needs=(a_need("N", quantity=24, needed_by=day(0)),),
        commitments=(p.Commitment("O", "missile", day(1), 1),),
        stability=p.StabilityPolicy(2, 52.0, 0.0),
    )
    master = master_of(problem)
    relaxed(master)
    assert all(pattern[0] <= 4 for pattern in master.pricing.patterns)
    optimum = solved(problem, SLOTS).value
    assert optimum is not None
    assert_below(problem, optimum, 10)


def test_a_unit_may_arrive_on_the_day_a_need_expires() -> None:
    problem = bare_problem(
        needs=(a_need("N", quantity=3, needed_by=day(0), expires_on=day(0)),),
    )
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert found.value == pytest.approx(0.0, abs=1e-6)
    later = replace(problem, needs=(a_need("N", quantity=4, needed_by=day(0), expires_on=day(0)),))
    found, _ = relaxed(master_of(later))
    assert found is not None
    assert found.value > 0


def test_money_that_cannot_be_paid_keeps_needs_waiting() -> None:
    """The relaxation knows of packages' money: with half of it, half of the need is late for good."""
    policy = p.PackagesPolicy(20.0, 0.0, 2, 8, 0.0, 0)
    problem = bare_problem(
        needs=(a_need("N", quantity=4, needed_by=day(7)),),
        stocks=(p.Stock("missile", 4),),
        package_policy=policy,
        pledges=(a_pledge("G", amount_usd_m=40.0),),
    )
    rich, _ = relaxed(master_of(problem))
    poor, _ = relaxed(master_of(replace(problem, pledges=(a_pledge("G", amount_usd_m=20.0),))))
    none, _ = relaxed(master_of(replace(problem, pledges=())))
    assert rich is not None
    assert poor is not None
    assert none is not None
    assert rich.bound == pytest.approx(0.0, abs=1e-6)
    assert poor.bound == pytest.approx(none.bound / 2)
    assert none.bound > 0


def test_items_without_a_price_cost_nothing() -> None:
    problem = bare_problem(items=(an_item(unit_price_usd_m=0.0),), orders=(an_order("O", quantity=99),))
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert found.value == 0.0
