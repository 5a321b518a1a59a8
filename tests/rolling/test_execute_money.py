"""Releases when money is late or short: who waits, who steps in, what falls away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.checker import check_plan
from models.plan import Content, Payment, Plan, Release
from models.problem import Package, PackageContent, PackagesPolicy, Pledge, Problem
from optimizer.rolling.execute import Execution, execute_in
from tests.builders import START, a_need, a_pledge, bare_problem, day, to_need, with_row
from tests.rolling.test_execute import made

POLICY = PackagesPolicy(
    target_usd_m=20.0, tolerance=0.1, max_new=2, max_donors=2, min_contribution_usd_m=5.0, contract_weeks=1
)


def case(**policy: Any) -> tuple[Problem, Plan]:
    """Two new packages of two missiles each, released in weeks 0 and 2; the first is paid by two pledges."""
    problem = bare_problem(
        needs=(a_need(quantity=4),),
        pledges=(
            a_pledge("G-one", amount_usd_m=10.0),
            a_pledge("G-two", amount_usd_m=10.0),
            a_pledge("G-three", amount_usd_m=20.0),
        ),
        package_policy=replace(POLICY, **policy),
    )
    plan = Plan(
        dispatches=(to_need("N-missile", "missile", 2, (1, 1)), to_need("N-missile", "missile", 2, (3, 3))),
        made=made((1, 2), (3, 2)),
        contents=(Content("P1", "N-missile", 2), Content("P2", "N-missile", 2)),
        releases=(Release("P1", "new", 0), Release("P2", "new", 2)),
        payments=(
            Payment("P1", "G-one", "air_defence", 10.0),
            Payment("P1", "G-two", "air_defence", 10.0),
            Payment("P2", "G-three", "air_defence", 20.0),
        ),
    )
    return problem, plan


def run(problem: Problem, plan: Plan, world: Problem) -> Execution:
    assert check_plan(problem, plan).violations == ()
    found = execute_in(problem, plan, world)
    verdict = check_plan(world, found.plan)
    assert {(row.rule, row.index[0]) for row in verdict.violations} == found.broken_rules
    return found


def released(found: Execution) -> dict[str, int]:
    return {row.package: row.period for row in found.plan.releases}


def paid(found: Execution, package: str) -> dict[str, float]:
    return {row.pledge: row.amount_usd_m for row in found.plan.payments if row.package == package}


def pledge(problem: Problem, name: str, **changes: Any) -> Problem:
    return with_row(problem, "pledges", name, **changes)


def test_undisturbed_money_is_paid_as_planned() -> None:
    problem, plan = case()
    found = run(problem, plan, problem)
    assert released(found) == {"P1": 0, "P2": 2}
    assert sorted(found.plan.payments) == sorted(plan.payments)


def test_a_package_waits_for_money_that_nobody_else_has() -> None:
    problem, plan = case()
    world = pledge(pledge(problem, "G-three", available_on=day(2)), "G-two", available_on=day(1))
    found = run(problem, plan, world)
    assert released(found) == {"P1": 1, "P2": 2}
    assert {(row.period, row.quantity) for row in found.plan.dispatches} == {(2, 2), (3, 2)}
    assert [(row.promise.kind, row.promise.name, row.missing) for row in found.broken] == [("release_date", "P1", 1)]


def test_other_money_steps_in_and_what_is_short_is_passed_to_the_last() -> None:
    problem, plan = case()
    found = run(problem, plan, pledge(problem, "G-two", amount_usd_m=0.0))
    assert released(found) == {"P1": 0}
    assert paid(found, "P1") == {"G-one": 10.0, "G-three": 10.0}
    assert sum(row.quantity for row in found.plan.dispatches) == 2
    assert {row.package for row in found.plan.contents} == {"P1"}


def test_late_money_comes_in_for_the_package_that_lent_it() -> None:
    problem, plan = case()
    found = run(problem, plan, pledge(problem, "G-two", available_on=day(4)))
    assert released(found) == {"P1": 0, "P2": 4}
    assert paid(found, "P2") == {"G-three": 10.0, "G-two": 10.0}


def test_nobody_steps_in_with_less_than_the_least_contribution() -> None:
    problem, plan = case()
    world = pledge(problem, "G-two", amount_usd_m=7.0)
    assert released(run(problem, plan, world)) == {"P2": 2}
    problem, plan = case(min_contribution_usd_m=3.0, max_donors=3)
    world = pledge(problem, "G-two", amount_usd_m=7.0)
    found = run(problem, plan, world)
    assert (released(found), paid(found, "P1")) == ({"P1": 0}, {"G-one": 10.0, "G-two": 7.0, "G-three": 3.0})


def test_no_more_donors_step_in_than_the_policy_allows() -> None:
    problem, plan = case(min_contribution_usd_m=3.0)
    assert released(run(problem, plan, pledge(problem, "G-two", amount_usd_m=7.0))) == {"P2": 2}


def test_an_earmark_keeps_money_from_stepping_in() -> None:
    problem, plan = case()
    tank: Pledge = a_pledge("G-tanks", amount_usd_m=20.0, earmark="tanks")
    wide = replace(
        problem,
        pledges=(*problem.pledges, tank),
        items=(*problem.items, replace(problem.items[0], item="tank", category="tanks")),
    )
    assert paid(run(wide, plan, pledge(wide, "G-two", amount_usd_m=0.0)), "P1") == {"G-one": 10.0, "G-three": 10.0}


def test_who_is_on_time_is_not_pushed_back_by_who_waited() -> None:
    problem, plan = case(max_releases_per_period=1)
    world = pledge(pledge(problem, "G-two", available_on=day(2)), "G-three", available_on=day(2))
    assert released(run(problem, plan, world)) == {"P1": 3, "P2": 2}


def test_money_that_has_expired_when_the_rest_comes_pays_nothing() -> None:
    problem, plan = case()
    world = pledge(pledge(problem, "G-one", expires_on=day(1)), "G-two", available_on=day(3))
    found = run(problem, plan, pledge(world, "G-three", available_on=day(2)))
    assert released(found) == {"P2": 2}


def test_a_funded_package_that_is_released_later_holds_its_content() -> None:
    problem = bare_problem(
        needs=(a_need(quantity=2),),
        packages=(Package("P-funded", "funded", START),),
        package_contents=(PackageContent("P-funded", "N-missile", 2),),
        package_policy=POLICY,
    )
    plan = Plan(dispatches=(to_need("N-missile", "missile", 2, (1, 1)),), made=made((1, 2)))
    found = run(problem, plan, with_row(problem, "packages", "P-funded", release_on=day(4)))
    assert [(row.period, row.quantity) for row in found.plan.dispatches] == [(5, 2)]


@pytest.mark.parametrize("amount", [20.0, 19.9999999])
def test_a_speck_less_money_is_the_tolerance_of_the_checker(amount: float) -> None:
    problem, plan = case()
    assert released(run(problem, plan, pledge(problem, "G-three", amount_usd_m=amount))) == {"P1": 0, "P2": 2}
