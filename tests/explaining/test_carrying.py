"""A plan valued in the instance of another."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from models.baselines import priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import Package, PackageContent, Problem
from optimizer.explaining.carrying import valued
from tests.builders import (
    a_need,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_order,
    with_row,
    without_row,
)
from tests.strategies import problems

SMALL, PLAN = small_problem(), small_plan()
TERMS = check_plan(SMALL, PLAN).terms


def test_at_home_it_is_worth_what_it_is_worth() -> None:
    found = valued(PLAN, SMALL, SMALL)
    assert (found.legal, found.terms, found.left_out) == (True, TERMS, ())
    renamed = valued(PLAN, SMALL, replace(SMALL, name="other"))
    assert (renamed.legal, renamed.terms) == (True, TERMS)


def test_another_weight_prices_the_same_plan_anew() -> None:
    problem = bare_problem(orders=(an_order(),))
    plan = Plan(dispatches=(to_order("O-each", "missile", 2, 4),))
    dearer = with_row(problem, "orders", "O-each", weight_multiplier=3.0)
    assert valued(plan, problem, dearer).terms.orders_delay == 3 * valued(plan, problem, problem).terms.orders_delay > 0


def test_a_plan_that_the_other_instance_forbids_says_which_rules() -> None:
    slower = replace(SMALL, line_rates=tuple(replace(row, slots_per_week=1.0) for row in SMALL.line_rates))
    found = valued(PLAN, SMALL, slower)
    assert not found.legal
    assert dict(found.broken)["line_capacity"] > 1


def test_what_the_other_instance_does_not_know_is_left_out_and_counted() -> None:
    without = without_row(replace(SMALL, commitments=()), "orders", "O-each")
    found = valued(PLAN, SMALL, without)
    assert found.legal
    assert dict(found.left_out) == {"dispatches": sum(row.demand == "O-each" for row in PLAN.dispatches)}


def test_a_new_demand_gets_nothing() -> None:
    more = replace(SMALL, needs=(*SMALL.needs, a_need("N-new", urgency=1, quantity=1)))
    found = valued(PLAN, SMALL, more)
    assert found.legal
    assert found.terms.needs_delay > TERMS.needs_delay


def test_a_week_later_the_first_week_has_gone() -> None:
    problem = bare_problem(orders=(an_order(quantity=4),))
    plan = priority_list(problem)
    assert {row.period for row in plan.dispatches} == {0, 1}
    found = valued(plan, problem, replace(problem, start=day(1)))
    assert found.legal
    assert dict(found.left_out) == {"dispatches": 1, "made": 1}


def test_back_in_time_the_last_weeks_are_too_late() -> None:
    problem = bare_problem(orders=(an_order(quantity=4),))
    late = Plan(dispatches=(to_order("O-each", "missile", 4, 7),))
    found = valued(late, problem, replace(problem, periods=((4, 1),)))
    assert dict(found.left_out) == {"dispatches": 1}


def test_a_package_that_is_paid_by_now_is_released_by_the_instance() -> None:
    paid = replace(
        SMALL,
        packages=(SMALL.packages[0], Package("P-proposed", "funded", SMALL.start), Package("P-new", "funded", day(1))),
        package_contents=(
            *SMALL.package_contents,
            *(PackageContent(row.package, row.need, row.quantity) for row in PLAN.contents),
        ),
    )
    found = valued(PLAN, SMALL, paid)
    assert found.legal
    assert dict(found.left_out) == {"contents": 1, "releases": 2, "payments": 3}


def test_an_offer_that_is_accepted_by_now_stays_accepted() -> None:
    refusing = replace(PLAN, accepted_offers=())
    accepted = with_row(SMALL, "offers", "V-open", status="accepted")
    assert "replacement_on_time" in dict(valued(replace(refusing, dispatches=()), SMALL, accepted).broken)


@given(problems())
@settings(max_examples=25, derandomize=True, deadline=None)
def test_at_home_every_plan_is_what_the_checker_says(problem: Problem) -> None:
    plan = priority_list(problem)
    verdict = check_plan(problem, plan)
    found = valued(plan, problem, problem)
    assert (found.terms, found.legal) == (verdict.terms, verdict.passed)
