"""Plans as bills, and plans with units taken out of their packages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.checker import check_plan
from models.facts import Facts
from models.lighter import bills_of, loss_of, without, worth_of
from tests.builders import small_plan, small_problem, to_need, with_policy, with_row


def test_bills_are_what_is_paid() -> None:
    plan = small_plan()
    bills = bills_of(Facts(small_problem()), plan)
    assert [(bill.package, bill.period, bill.total) for bill in bills] == [("P-proposed", 0, 10.0), ("P-new", 1, 20.0)]
    paid = {
        name: sum(row.amount_usd_m for row in plan.payments if row.package == name) for name in ("P-proposed", "P-new")
    }
    assert {bill.package: bill.total for bill in bills} == paid


def test_only_new_packages_can_be_cut_and_only_by_what_leaves_the_pool() -> None:
    proposed, new = bills_of(Facts(small_problem()), small_plan())
    assert proposed.cuttable == {}
    assert new.cuttable == {"N-shell": 10}
    less = small_plan(dispatches=tuple(row for row in small_plan().dispatches if row.demand != "N-shell"))
    assert bills_of(Facts(small_problem()), less)[1].cuttable == {"N-shell": 0}


def test_what_is_cut_is_not_sent_the_latest_first_and_the_plan_stays_legal() -> None:
    problem = with_policy(small_problem(), "package_policy", tolerance=0.3)
    facts, plan = Facts(problem), small_plan()
    lighter = without(facts, plan, {("P-new", "N-shell"): 3})
    assert [row.quantity for row in lighter.contents] == [7]
    sent = sorted((row.period, row.quantity) for row in lighter.dispatches if row.demand == "N-shell")
    assert sent == [(4, 5), (5, 2)]
    payments = tuple(
        row if row.pledge != "G-ammo" else type(row)(row.package, row.pledge, row.category, 9.0)
        for row in plan.payments
    )
    verdict = check_plan(problem, replace(lighter, payments=payments))
    assert verdict.passed, verdict.violations
    assert verdict.terms.needs_delay > check_plan(problem, plan).terms.needs_delay
    assert without(facts, plan, {}) == replace(plan, dispatches=tuple(sorted(plan.dispatches)))


def test_a_substitute_is_cut_by_whole_units_of_the_need() -> None:
    problem = with_row(small_problem(), "offers", "V-open", site="plant")
    facts = Facts(problem)

    plan = small_plan(dispatches=(to_need("N-missile", "old_missile", 4, (1, 1), ("air",)),))
    assert [row.quantity for row in without(facts, plan, {("P", "N-missile"): 1}).dispatches] == [2]


def test_worth_and_loss_are_the_objective_s() -> None:
    facts, plan = Facts(small_problem()), small_plan()
    assert worth_of(facts, plan) == {
        "P-proposed": facts.need_weight["N-missile"] / 10.0, "P-new": facts.need_weight["N-shell"] / 2.0,
    }  # fmt: skip
    never, first, second = (facts.calendar.late(facts.needs["N-shell"].needed_by, t) for t in (facts.T, 5, 6))
    wanted = facts.need_weight["N-shell"] * (never - (first + second) / 2)
    assert loss_of(facts, plan)["N-shell"] == pytest.approx(wanted)
