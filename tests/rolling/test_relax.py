"""Promises that clash are relaxed by as little as needed, each recorded, until a plan exists."""

from __future__ import annotations

from dataclasses import replace

from models.problem import LineRate, PackageContent, Problem
from optimizer.rolling.relax import relaxed
from optimizer.solving.conflict import clashes
from optimizer.solving.outcome import Clash
from tests.builders import START, an_offer, an_order, bare_problem, day, small_problem
from tests.models.solved import SLOTS, solved


def until_there_is_a_plan(problem: Problem) -> tuple[Problem, list[str]]:
    """What the driver does."""
    said: list[str] = []
    for _ in range(20):
        if solved(problem, SLOTS).value is not None:
            return problem, said
        problem, broken = relaxed(problem, clashes(problem))
        assert broken
        said += [f"{row.rule} {row.demand} {row.units}" for row in broken]
    raise AssertionError(said)


def test_firm_order_that_cannot_be_there_stays_due() -> None:
    problem = bare_problem(orders=(an_order(quantity=7, firm_by=day(1)),))
    after, said = until_there_is_a_plan(problem)
    assert said == ["firm_date O-each 1"]
    assert (after.orders[0].firm_by, after.orders[0].due_date) == (None, day(2))


def test_only_the_promise_that_must_give_gives() -> None:
    orders = (an_order("dear", quantity=3, firm_by=START), an_order("more", quantity=3, firm_by=day(1)))
    after, said = until_there_is_a_plan(bare_problem(orders=orders))
    assert said == []
    assert after.orders == orders


def test_replacement_is_put_off_period_by_period() -> None:
    offer = an_offer(
        available_on=START,
        site=None,
        item="missile",
        replacement_quantity=8,
        replacement_within_weeks=0,
        status="accepted",
    )
    after, said = until_there_is_a_plan(bare_problem(recipients=small_problem().recipients, offers=(offer,)))
    assert len(said) == 2, "nine slots by the end of week 2"
    assert after.offers[0].replacement_within_weeks == 2


def test_replacement_that_can_never_be_is_no_longer_asked_for() -> None:
    offer = an_offer(available_on=START, site=None, item="missile", replacement_within_weeks=7, status="accepted")
    problem = bare_problem(recipients=small_problem().recipients, offers=(offer,), line_rates=())
    after, said = until_there_is_a_plan(problem)
    assert said == ["replacement_on_time V-open 2"]
    assert after.offers[0].replacement_quantity == 0


def test_what_is_paid_beyond_a_need_is_taken_from_the_package_released_last() -> None:
    base = small_problem()
    packages = tuple(replace(row, status="funded", release_on=day(k)) for k, row in enumerate(base.packages))
    contents = (PackageContent("P-funded", "N-missile", 4), PackageContent("P-proposed", "N-missile", 3))
    after, broken = relaxed(
        replace(base, packages=packages, package_contents=contents),
        clashes(replace(base, packages=packages, package_contents=contents)),
    )
    assert [(row.rule, row.demand, row.units) for row in broken] == [("content_within_need", "N-missile", 2)]
    assert [row.quantity for row in after.package_contents] == [4, 1]


def test_a_clash_of_a_limit_relaxes_nothing() -> None:
    clash = Clash("limit", "component_supply", ("seeker",), 2.0, "units", "…")
    problem = bare_problem(line_rates=(LineRate("missile_line", START, 1.0),))
    assert relaxed(problem, [clash]) == (problem, ())
