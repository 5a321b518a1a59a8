"""Table by table: what a rolled instance holds, at the corners where it would be easy to get wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.calendar import calendar_of
from models.capacity import component_cumulative, slots
from models.checker import check_plan
from models.plan import Made, Plan
from models.problem import (
    Approval,
    ApprovalPolicy,
    Component,
    ComponentRate,
    ItemComponent,
    LineRate,
    PackageContent,
    Problem,
    Stock,
)
from optimizer.reading.column import MAX_MONEY
from optimizer.rolling.advance import advance
from tests.builders import (
    START,
    a_need,
    an_offer,
    an_order,
    as_replacement,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
    with_row,
)

# --- supply -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.3, 1.5, 2.75, 0.1, 1 / 3, 0.9999999999, 999_999.5])
@pytest.mark.parametrize("periods", [((8, 1),), ((2, 1), (2, 2), (1, 3))], ids=str)
def test_fractions_of_slots_and_parts_are_carried_on(rate: float, periods: tuple[tuple[int, int], ...]) -> None:
    problem = bare_problem(
        periods=periods,
        depth=((1, periods[-1][1]),),
        line_rates=(LineRate("missile_line", START, rate), LineRate("missile_line", day(3, 3), rate / 2)),
        components=(Component("seeker", 7),),
        component_rates=(ComponentRate("seeker", START, rate),),
        item_components=(ItemComponent("missile", "seeker", 1),),
    )
    whole = slots(problem, calendar_of(problem))["missile_line"]
    parts = component_cumulative(problem, calendar_of(problem))["seeker"]
    step, gone = problem, 0
    while calendar_of(step).count > 1:
        step, gone = advance(step, Plan()).problem, gone + 1
        assert slots(step, calendar_of(step))["missile_line"] == whole[gone:]
        assert component_cumulative(step, calendar_of(step))["seeker"] == parts[gone:]
        assert len(step.line_rates) <= 3
        assert check_plan(step, Plan()).terms.total == 0


def test_rates_that_are_over_leave_the_table() -> None:
    rates = (
        LineRate("missile_line", day(-9), 1.0),
        LineRate("missile_line", START, 2.0),
        LineRate("missile_line", day(6), 4.0),
    )
    found = advance(bare_problem(line_rates=rates), Plan(), to=day(3)).problem
    assert found.line_rates == rates[1:]


def test_level_below_the_floor_stays_what_it_was_until_the_floor_is_reached() -> None:
    """Stock begins at 0 of 3: what is made may be sent next week, which a floor of what there is by then forbids."""
    orders = (an_order(quantity=2, earliest_date=day(1)),)
    problem = bare_problem(stocks=(Stock("missile", 0, 3),), orders=orders)
    sends = Plan((to_order("O-each", "missile", 2, 1),), (Made("missile_line", "missile", 0, 2),))
    found = advance(problem, sends)
    assert found.problem.stocks == (Stock("missile", 0, 3),)
    assert [(row.date, row.quantity) for row in found.problem.receipts] == [(day(1), 2)]
    assert check_plan(found.problem, found.carried).passed
    keeps = advance(problem, Plan((), (Made("missile_line", "missile", 0, 3),)))
    assert keeps.problem.stocks == (Stock("missile", 3, 3),)
    assert keeps.problem.receipts == ()


def test_item_without_a_row_gets_one_when_it_is_there() -> None:
    found = advance(bare_problem(), Plan((), (Made("missile_line", "missile", 0, 2),)))
    assert found.problem.stocks == (Stock("missile", 2),)
    assert advance(bare_problem(), Plan()).problem.stocks == ()


# --- demands ----------------------------------------------------------------------------------------------------------


def test_complete_order_partly_dispatched_keeps_the_worth_of_the_whole() -> None:
    problem = bare_problem(orders=(an_order(quantity=6, delivery="complete", due_date=START, weight_multiplier=1.5),))
    made = tuple(Made("missile_line", "missile", t, 3) for t in (0, 1))
    plan = Plan((to_order("O-each", "missile", 2, 0), to_order("O-each", "missile", 4, 1)), made)
    found = advance(problem, plan)
    (order,) = found.problem.orders
    assert (order.quantity, order.weight_multiplier) == (4, pytest.approx(1.5 * 6 / 4))
    before, after = check_plan(problem, plan).terms.total, check_plan(found.problem, found.carried).terms.total
    assert after == pytest.approx(before) == pytest.approx(6 * 10 * 1.5)


def test_weight_beyond_any_limit_is_cut_and_said() -> None:
    order = an_order(quantity=3, delivery="complete", weight_multiplier=900_000.0)
    plan = Plan((to_order("O-each", "missile", 2, 0),), (Made("missile_line", "missile", 0, 2),))
    found = advance(bare_problem(orders=(order,)), plan)
    assert found.problem.orders[0].weight_multiplier == MAX_MONEY
    assert [note.code for note in found.notes] == ["over_limit"]


def test_firm_date_that_has_passed_is_broken_and_still_due() -> None:
    problem = bare_problem(orders=(an_order(quantity=3, firm_by=day(0, 6)),))
    plan = Plan((to_order("O-each", "missile", 2, 0),), (Made("missile_line", "missile", 0, 2),))
    found = advance(problem, plan)
    (broken,) = found.broken
    assert (broken.rule, broken.demand, broken.units, broken.was) == ("firm_date", "O-each", 1, day(0, 6))
    (order,) = found.problem.orders
    assert (order.firm_by, order.due_date, order.quantity) == (None, day(2), 1)
    assert advance(with_row(problem, "orders", "O-each", firm_by=day(1)), plan).broken == ()


def test_replacement_whose_day_has_passed_gets_the_least_more_time() -> None:
    offer = an_offer(available_on=START, site=None, replacement_within_weeks=0, status="accepted", item="missile")
    problem = bare_problem(recipients=small_problem().recipients, offers=(offer,))
    plan = Plan(
        (as_replacement("V-open", "missile", 1, 0),),
        (Made("missile_line", "missile", 0, 1),),
        accepted_offers=("V-open",),
    )
    found = advance(problem, plan)
    (broken,) = found.broken
    assert (broken.rule, broken.units, broken.was, broken.now) == ("replacement_on_time", 1, START, day(1))
    (row,) = found.problem.offers
    assert (row.replacement_quantity, row.replacement_within_weeks) == (1, 1)
    calendar = calendar_of(found.problem)
    assert [t for t in range(calendar.count) if calendar.late(day(1), t) == 0] == [0]


def test_offer_that_is_given_and_replaced_is_gone_and_its_promise_keeps_its_day() -> None:
    problem, plan = small_problem(), small_plan()
    found = advance(problem, plan, to=day(3))
    (offer,) = found.problem.offers
    assert (offer.quantity, offer.replacement_quantity, offer.available_on) == (6, 0, day(2))
    assert advance(problem, plan, to=day(4)).problem.offers[0].quantity == 2
    everything = replace(offer, quantity=4, replacement_quantity=2)
    whole = replace(problem, offers=(replace(everything, status="open"),))
    assert advance(whole, plan, to=day(4)).problem.offers == ()


def test_expired_need_stays_and_is_said() -> None:
    problem = bare_problem(needs=(a_need(needed_by=START, expires_on=day(0, 3)),))
    plan = Plan((to_need("N-missile", "missile", 2, (0, 0)),), (Made("missile_line", "missile", 0, 2),))
    found = advance(problem, plan)
    assert [(row.need, row.quantity) for row in found.problem.needs] == [("N-missile", 3)]
    assert [(note.code, note.amount) for note in found.notes] == [("expired", 3.0)]


def test_demand_the_instance_no_longer_has_is_forgotten_and_its_units_are_gone() -> None:
    base, plan = small_problem(), small_plan()
    cancelled = replace(base, orders=tuple(row for row in base.orders if row.order not in ("O-each", "O-firm")))
    found = advance(cancelled, plan, base=base)
    assert {row.demand for row in found.problem.commitments}.isdisjoint({"O-each", "O-firm"})
    assert found.problem.stocks[0] == advance(base, plan).problem.stocks[0]
    assert check_plan(found.problem, found.carried).passed


# --- packages ---------------------------------------------------------------------------------------------------------


def test_deliveries_are_taken_from_the_package_that_was_released_first() -> None:
    found = advance(small_problem(), small_plan(), to=day(2)).problem
    rows = {(row.package, row.need): row.quantity for row in found.package_contents}
    assert rows == {(f"PKG-{day(1)}-1", "N-shell"): 10}, "3 missiles have left: 2 of the funded, 1 of the proposed"
    assert [row.package for row in found.packages] == [f"PKG-{day(1)}-1"]


def test_proposed_package_that_holds_more_than_is_left_is_dropped_and_said() -> None:
    problem = with_row(small_problem(), "needs", "N-missile", quantity=4)
    contents = (PackageContent("P-funded", "N-missile", 2), PackageContent("P-proposed", "N-missile", 4))
    problem = replace(problem, package_contents=contents)
    plan = replace(small_plan(), releases=(), contents=(), payments=())
    found = advance(problem, plan)
    assert [row.package for row in found.problem.packages] == []
    (note,) = [note for note in found.notes if note.code == "not_releasable"]
    assert note.entities == ("P-proposed", "N-missile")


def test_paid_packages_hold_no_more_than_is_left_of_a_need() -> None:
    base, plan = small_problem(), small_plan()
    smaller = with_row(base, "needs", "N-shell", quantity=6)
    found = advance(smaller, plan, base=base, to=day(2))
    rows = {row.need: row.quantity for row in found.problem.package_contents}
    assert rows["N-shell"] == 6
    assert "beyond_the_need" in {note.code for note in found.notes}


def test_pledge_spent_to_the_last_is_gone() -> None:
    found = advance(small_problem(), small_plan(), to=day(2)).problem
    assert {row.pledge: row.amount_usd_m for row in found.pledges} == {"G-ammo": 5.0, "G-third": 10.0}


# --- review -----------------------------------------------------------------------------------------------------------


def reviewed(*rows: Approval, weeks: float = 1.0) -> Problem:
    orders = tuple(an_order(f"O{k}", case=row.case, due_date=day(9)) for k, row in enumerate(rows))
    policy = ApprovalPolicy(weeks, processing_weeks=2, fast_track_pct_gdp=9.0, fast_track_factor=0.5)
    return bare_problem(orders=orders, approvals=rows, approval=policy)


def test_work_is_done_on_the_case_that_is_approved_first() -> None:
    problem = reviewed(Approval("late", START, 2.0), Approval("soon", START, 1.5))
    plan = small_plan(dispatches=(), made=(), contents=(), releases=(), payments=(), accepted_offers=())
    plan = replace(
        plan,
        approvals=tuple(replace(row, case=case) for row, case in zip(plan.approvals, ("soon", "late"), strict=True)),
    )
    found = advance(problem, plan)
    assert {row.case: row.review_weeks for row in found.problem.approvals} == {"late": 2.0, "soon": 0.5}
    after = advance(problem, plan, to=day(3))
    assert {row.case: row.review_weeks for row in after.problem.approvals} == {"late": pytest.approx(0.5)}
    (order,) = [row for row in after.problem.orders if row.case == "soon"]
    assert order.earliest_date == day(4), "approved in week 2, two weeks of processing"


def test_case_that_is_never_approved_is_worked_on_last_and_not_before_its_submission() -> None:
    problem = reviewed(Approval("idle", START, 5.0), Approval("later", day(2), 1.0), weeks=2.0)
    found = advance(problem, Plan(), to=day(2))
    assert {row.case: row.review_weeks for row in found.problem.approvals} == {"idle": pytest.approx(1.0), "later": 1.0}


def test_without_reviewers_cases_stay_as_they_are() -> None:
    problem = replace(reviewed(Approval("some", START, 2.0)), approval=None)
    assert advance(problem, Plan()).problem.approvals == problem.approvals
