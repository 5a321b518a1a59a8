"""What a plan means for every demand: by hand on the small instance, and against the checker on every example."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Made, Plan
from optimizer.explaining.facts import DemandFacts, Facts, facts_of
from optimizer.reading.instance import read_instance
from tests.builders import (
    a_need,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_order,
    with_dispatch,
    with_row,
)

CASES = sorted((Path(__file__).parents[1] / "conformance").glob("*/instance.toml"))


def demand(facts: Facts, name: str) -> DemandFacts:
    return next(row for row in facts.demands if row.demand == name)


@pytest.mark.parametrize("plan_of", [first_come_first_served, priority_list])
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.parent.name)
def test_the_delay_of_the_demands_adds_up_to_the_checkers_terms(file: Path, plan_of) -> None:
    problem = read_instance(file.parent).problem
    assert problem is not None
    plan = plan_of(problem)
    terms, facts = check_plan(problem, plan).terms, facts_of(problem, plan)
    assert sum(row.delay for row in facts.needs) == pytest.approx(terms.needs_delay, abs=1e-6)
    assert sum(row.delay for row in facts.orders) == pytest.approx(terms.orders_delay, abs=1e-6)


def test_an_order_that_counts_unit_by_unit() -> None:
    plan = Plan(dispatches=(to_order("O", "missile", 2, 1), to_order("O", "missile", 1, 4)))
    order = an_order("O", quantity=5, due_date=day(2))
    row = facts_of(bare_problem(orders=(order,)), plan).orders[0]
    assert (row.delivered, row.on_time, row.undelivered) == (3, 2, 2)
    assert (row.first, row.last, row.completed) == (day(1), day(4), None)
    # 2 units in time, 1 two weeks late, 2 missing: (8 weeks - 2) + 13 each; weight 1, 10 million USD a unit.
    assert row.delay == pytest.approx(10 * (2 + 2 * 19))
    assert row.weeks_late == pytest.approx(40 / 5)
    assert row.latest_weeks == 2


def test_a_complete_order_counts_with_its_last_unit() -> None:
    order = an_order("O", quantity=3, due_date=day(2), delivery="complete")
    plan = Plan(dispatches=(to_order("O", "missile", 2, 1), to_order("O", "missile", 1, 4)))
    row = facts_of(bare_problem(orders=(order,)), plan).orders[0]
    assert row.completed == day(4)
    assert row.delay == pytest.approx(10 * 3 * 2)
    assert row.weeks_late == 2


def test_substitutes_count_in_units_of_the_need() -> None:
    row = demand(facts_of(small_problem(), small_plan()), "N-missile")
    assert (row.quantity, row.delivered, row.undelivered) == (5, 5, 0)
    assert row.last == day(4)


def test_a_replacement_is_due_when_it_was_promised() -> None:
    row = demand(facts_of(small_problem(), small_plan()), "V-open")
    assert row.due == day(2) + dt.timedelta(weeks=8)
    assert (row.delivered, row.on_time, row.delay) == (2, 2, 0)


def test_stock_slots_and_lanes_of_the_small_plan() -> None:
    supply = facts_of(small_problem(), small_plan()).supply
    assert supply.stock["missile"][:4] == [3, 4, 2, 2]
    assert supply.stock["shell"][:3] == [2, 7, 9]
    assert supply.used["missile_line"][:3] == [3, 3, 0]
    assert supply.slots["shell_line"][:4] == [2, 3, 2, 3]
    assert supply.lane_load["sea"][4:6] == [5.0, 5.0]
    assert supply.lane_load["road"][4:7] == [0.0, 5.0, 5.0]
    assert supply.lane_load["rail"][3] == 2.0


def test_packages_and_pledges_of_the_small_plan() -> None:
    facts = facts_of(small_problem(), small_plan())
    assert [(p.package, p.status, p.release_date, p.value_usd_m) for p in facts.packages] == [
        ("P-funded", "funded", day(-1), 20.0),
        ("P-proposed", "proposed", day(0), 10.0),
        ("P-new", "new", day(1), 20.0),
    ]
    assert {p.pledge.pledge: (p.paid_usd_m, p.left_usd_m) for p in facts.pledges} == {
        "G-any": (15.0, 0.0),
        "G-ammo": (15.0, 5.0),
        "G-third": (0.0, 10.0),
    }


def test_unmet_counts_demands_and_units() -> None:
    plan = with_dispatch(small_plan(), "N-shell", 5, quantity=0)
    assert facts_of(small_problem(), plan).unmet() == {"orders": 0, "order_units": 0, "needs": 1, "need_units": 5}


def test_spare_capacity_is_what_the_plan_leaves() -> None:
    problem = bare_problem()
    busy = Plan(made=tuple(Made("missile_line", "missile", t, 3) for t in range(5)))
    supply = facts_of(problem, busy).supply
    assert supply.spare_from("missile") == 0, "what is made for nobody stays in the pool"
    assert supply.spare_from("missile", 16) == 8, "the last periods make 3 each, the pool holds 15"
    taken = dataclasses.replace(busy, dispatches=(to_order("O", "missile", 15, 4),))
    order = an_order("O", quantity=15)
    supply = facts_of(bare_problem(orders=(order,)), taken).supply
    assert supply.spare_from("missile") == 5
    assert supply.spare_units("missile") == 9


def test_a_component_that_runs_out_leaves_no_spare_unit() -> None:
    problem = with_row(small_problem(), "component_rates", "seeker", units_per_week=0.0)
    plan = Plan(made=(Made("missile_line", "missile", 0, 2),), dispatches=(to_order("O-each", "missile", 4, 0),))
    assert facts_of(problem, plan).supply.spare_from("missile") == facts_of(problem, plan).calendar.count


def test_needs_have_the_weight_of_their_urgency() -> None:
    problem = small_problem(needs=(a_need("N", urgency=2),), packages=(), package_contents=())
    assert facts_of(problem, Plan()).needs[0].weight == 64.0
