"""Every rule: a plan it allows, a plan it forbids by one small change, and proof that this rule alone forbids it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from models.checker import RULES, check_plan
from models.plan import ApprovedCase, Made, Payment, Plan
from models.problem import Problem, Stock
from tests.builders import (
    a_pledge,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
    with_dispatch,
    with_records,
    with_row,
)
from tests.checker.case import Broken, Case, made, payments
from tests.checker.cases_packages import PACKAGE_CASES
from tests.checker.cases_supply_demand import CASES_OF_SUPPLY_AND_DEMAND

RULES_OF_THE_PROBLEM = [
    "line_capacity",
    "component_supply",
    "stock_balance",
    "readiness_floor",
    "ordered_quantity",
    "firm_date",
    "completed",
    "needed_quantity",
    "lane_capacity",
    "review_capacity",
    "reviewed_before_approval",
    "after_approval",
    "released_once",
    "package_value",
    "releases_per_period",
    "fully_funded",
    "within_pledge",
    "pledge_earmark",
    "pledge_dates",
    "minimum_contribution",
    "donors_per_package",
    "content_within_need",
    "dispatch_after_release",
    "promise_kept",
    "offer_quantity",
    "replacement_on_time",
]

CASES = (*CASES_OF_SUPPLY_AND_DEMAND, *PACKAGE_CASES)


def broken(problem: Problem, plan: Plan) -> list[Broken]:
    """What the checker finds, without the words."""
    return [(found.rule, found.index, found.amount) for found in check_plan(problem, plan).violations]


def case_name(case: Case) -> str:
    return f"{case.rule}, {case.name}" if case.name else case.rule


each_case: Callable = pytest.mark.parametrize("case", CASES, ids=case_name)


def test_rules_are_those_of_the_problem() -> None:
    assert list(RULES) == ["well_formed", *RULES_OF_THE_PROBLEM]


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == set(RULES)


@each_case
def test_allowed(case: Case) -> None:
    verdict = check_plan(case.problem, case.allowed)
    assert verdict.violations == ()
    assert verdict.passed


@each_case
def test_forbidden(case: Case) -> None:
    verdict = check_plan(case.problem, case.forbidden)
    assert not verdict.passed
    found = {(row.rule, row.index): row for row in verdict.violations}
    assert found.keys() == {(case.rule, case.index), *((rule, index) for rule, index, _ in case.beside)}
    for rule, index, amount in ((case.rule, case.index, case.amount), *case.beside):
        assert found[rule, index].amount == pytest.approx(amount)
    for words in case.words:
        assert words in found[case.rule, case.index].message


@each_case
def test_no_other_rule_forbids_it(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule the forbidden plan passes: the test above bites on this rule, and on no other."""
    monkeypatch.delitem(RULES, case.rule)
    assert broken(case.problem, case.forbidden) == list(case.beside)


def test_a_pledge_nobody_knows_is_not_read_twice() -> None:
    """What breaks `well_formed` is left out of the other rules: one slip is one violation."""
    plan = with_records(small_plan(), payments=[Payment("P-proposed", "G-none", "air_defence", 10.0)])
    assert broken(small_problem(), plan) == [("well_formed", ("payment", "P-proposed", "G-none", "air_defence"), 1.0)]


def test_late_replacement_is_not_on_time() -> None:
    """Units after the promised date serve nothing, even beside a promise kept."""
    problem = with_row(small_problem(), "offers", "V-open", replacement_within_weeks=2)
    plan = with_dispatch(small_plan(made=made(missile_2=2)), "V-open", 2, period=5, arrival=5)
    assert broken(problem, plan) == [("replacement_on_time", ("V-open",), 4.0)]


def test_money_has_a_tolerance_and_units_have_none() -> None:
    near = small_plan(payments=payments(G_any=(10.0 + 9e-6, 5.0), G_ammo=(0.0, 15.0)))
    off = small_plan(payments=payments(G_any=(10.0 + 2e-5, 5.0), G_ammo=(0.0, 15.0)))
    assert broken(small_problem(), near) == []
    assert [rule for rule, _, _ in broken(small_problem(), off)] == ["fully_funded", "within_pledge"]
    assert check_plan(small_problem(), off, tolerance=1e-5).passed


def test_runs_of_periods_are_one_violation_each() -> None:
    """Short from period 2 to 2 and again from 4 on: two violations, each with its worst period."""
    problem = small_problem(receipts=(), readiness=None)
    plan = Plan(
        made=(Made("shell_line", "shell", 3, 3),),
        dispatches=(to_order("O-later", "shell", 1, 4), to_order("O-complete", "shell", 2, 2)),
        approvals=(ApprovedCase("C-review", 1), ApprovedCase("C-later", 3)),
    )
    shortage = [row for row in broken(problem, plan) if row[0] == "stock_balance"]
    assert shortage == [("stock_balance", ("shell", "2"), 2.0)]
    more = with_records(plan, dispatches=[to_order("O-complete", "shell", 2, 5)])
    shortage = [row for row in broken(problem, more) if row[0] == "stock_balance"]
    assert shortage == [("stock_balance", ("shell", "2"), 2.0), ("stock_balance", ("shell", "5"), 2.0)]


def test_an_item_with_no_stock_row_has_no_stock() -> None:
    problem = bare_problem(orders=(an_order(quantity=1),))
    plan = Plan(dispatches=(to_order("O-each", "missile", 1, 7),))
    assert broken(problem, plan) == [("stock_balance", ("missile", "7"), 1.0)]


@pytest.mark.parametrize(
    ("released", "period"), [(day(-1), 0), (day(-1, 3), 0), (day(0), 1), (day(2, 6), 3), (day(40), 10)]
)
def test_a_funded_package_is_contracted_after_its_own_date(released: dt.date, period: int) -> None:
    """One contract week after the day it is released on, in whatever period that day lies."""
    problem = with_row(small_problem(), "packages", "P-funded", release_on=released)
    for leaves in range(8):
        row = to_need("N-missile", "missile", 2, (leaves, leaves), ("air",))
        early = [found for found in broken(problem, Plan(dispatches=(row,))) if found[0] == "dispatch_after_release"]
        expected = [("dispatch_after_release", ("N-missile", str(leaves)), 2.0)] if leaves < period else []
        assert early == expected


def test_a_category_nobody_pays_for() -> None:
    plan = small_plan(payments=payments(G_any=(0.0, 5.0), G_ammo=(0.0, 15.0)))
    assert broken(small_problem(), plan) == [("fully_funded", ("P-proposed", "air_defence"), 10.0)]


def test_a_payment_of_nothing_is_none() -> None:
    """No rule about who may pay, when, how much at least and how many together sees an amount of 0."""
    problem = with_row(small_problem(), "pledges", "G-third", available_on=day(5))
    nothing = [
        Payment("P-new", "G-third", "ammunition", 0.0),
        Payment("P-proposed", "G-ammo", "air_defence", 0.0),
        Payment("P-elsewhere", "G-any", "ammunition", 0.0),
    ]
    assert broken(problem, with_records(small_plan(), payments=nothing)) == []


@pytest.mark.parametrize(("on_hand", "floor", "kept"), [(1, 1, 1), (1, 9, 1), (5, 2, 2), (5, 0, 0)])
def test_stock_keeps_the_lower_of_floor_and_beginning(on_hand: int, floor: int, kept: int) -> None:
    problem = bare_problem(orders=(an_order(quantity=9),), stocks=(Stock("missile", on_hand, floor),))
    allowed = Plan(dispatches=(to_order("O-each", "missile", on_hand - kept, 0),))
    assert broken(problem, allowed) == []
    rule = "readiness_floor" if kept else "stock_balance"
    one_more = Plan(dispatches=(to_order("O-each", "missile", on_hand - kept + 1, 0),))
    found = broken(problem, one_more)
    assert (rule, ("missile", "0"), 1.0) in found
    assert {row[0] for row in found} <= {rule, "stock_balance"}


def test_several_pledges_of_one_donor_are_several_donors() -> None:
    problem = small_problem(pledges=(*small_problem().pledges, a_pledge("G-again", amount_usd_m=5.0)))
    plan = small_plan(payments=payments(G_any=(10.0, 5.0), G_again=(0.0, 5.0), G_ammo=(0.0, 10.0)))
    assert broken(problem, plan) == [("donors_per_package", ("P-new",), 1.0)]
