"""What the rights are judged by, on the instance in which every feature is on."""

from __future__ import annotations

import math

from models.plan import ApprovedCase, Plan, Release
from models.problem import Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.rights import Side
from optimizer.explaining.sides import Past, Sides
from optimizer.explaining.turns import leaving
from tests.builders import bare_problem, small_plan, small_problem


def sides(problem: Problem, plan: Plan) -> dict[str, Side]:
    facts = facts_of(problem, plan)
    now = leaving(facts, problem.start, 12.0)
    return {side.demand: side for side in Sides(problem, plan, facts, now, Past({}, 12.0, {})).all()}


def test_approval_and_money_say_when_a_demand_is_ready() -> None:
    found = sides(small_problem(), small_plan())
    ready = {name: side.ready for name, side in found.items()}
    assert ready == {
        "O-each": 0.0,
        "O-complete": 3.0,
        "O-firm": 0.0,
        "O-later": 4.0,
        "N-missile": 0.0,
        "N-shell": 2.0,
        "V-open": 0.0,
    }


def test_never_approved_and_in_no_package_is_never_ready() -> None:
    plan = small_plan(approvals=(ApprovedCase("C-later", 3),), contents=(), releases=())
    found = sides(small_problem(), plan)
    assert found["O-complete"].ready == math.inf
    assert found["N-shell"].ready == math.inf
    assert found["N-missile"].ready == 0.0, "a package that was funded before holds two"


def test_needs_are_bundled_by_packages_that_donors_pay_in_this_plan() -> None:
    found = sides(small_problem(), small_plan())
    assert {name for name, side in found.items() if side.bundled} == {"N-missile", "N-shell"}
    none = sides(small_problem(), small_plan(contents=(), releases=()))
    assert {name for name, side in none.items() if side.bundled} == set()
    one = sides(small_problem(), small_plan(contents=(), releases=(Release("P-proposed", "proposed", 0),)))
    assert {name for name, side in one.items() if side.bundled} == {"N-missile"}


def test_promised_dates_and_what_is_kept_of_the_plan_before() -> None:
    found = sides(small_problem(), small_plan())
    assert {name: side.promised for name, side in found.items() if side.promised is not None} == {
        "O-firm": 3.0,
        "V-open": 10.0,
    }
    assert {name for name, side in found.items() if side.kept} == {"O-each"}


def test_slots_are_those_of_units_that_are_asked_of_the_pool() -> None:
    found = sides(small_problem(), small_plan())
    assert found["N-missile"].slots == 3, "two of five come from the offer"
    assert (found["O-complete"].complete, found["O-each"].complete) == (True, False)
    assert found["O-firm"].multiplier == 1.5
    assert found["O-each"].before == 12.0, "the case does not know it"
    assert sides(bare_problem(), Plan()) == {}
