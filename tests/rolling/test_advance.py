"""Drawn instances planned on: what is left of the plan is legal, worth what is left, and no unit is lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from models.calendar import Calendar, calendar_of
from models.capacity import component_cumulative, hard_floors, on_hand, readiness_floors, slots
from models.checker import check_plan
from models.plan import POOL, Plan
from models.priority import need_weight, order_weight, priorities
from models.problem import Problem
from optimizer.rolling.advance import advance
from optimizer.rolling.bounds import loosened
from optimizer.rolling.demands import units_sent
from optimizer.rolling.happened import past_of
from optimizer.rolling.records import Advanced
from tests.builders import START, day, small_plan, small_problem
from tests.models.solved import SLOTS, solved
from tests.rolling.rolled import best_plan, read_back
from tests.strategies import problems

FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def fixed_depth(problem: Problem) -> Problem:
    """The problem with a calendar that is not deepened again: what is left is then the rest of the same periods."""
    return replace(problem, depth=((1, problem.periods[-1][1]),))


def gone_by(problem: Problem, plan: Plan, elapsed: int) -> float:
    """What the elapsed periods cost, by hand: delay of what was dispatched, stock below its floor, changes of all."""
    calendar = calendar_of(problem)
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    weights, cost = priorities(problem), 0.0
    for order in problem.orders:
        rows = [row for row in plan.dispatches if (row.kind, row.demand) == ("order", order.order)]
        worth = order_weight(problem, order, weights) * price[order.item]
        early = [row for row in rows if row.period < elapsed]
        if order.delivery == "each":
            cost += sum(worth * row.quantity * calendar.late(order.due_date, row.arrival) for row in early)
        elif order.quantity and sum(row.quantity for row in early) == order.quantity:
            cost += worth * order.quantity * calendar.late(order.due_date, max(row.arrival for row in early))
    past = past_of(problem, problem, plan, calendar.day(elapsed), elapsed)
    for need in problem.needs:
        for row in plan.dispatches:
            if (row.kind, row.demand) == ("need", need.need) and row.period < elapsed:
                units = units_sent(past, [row])[need.need]
                worth = need_weight(problem, need) * price[need.item]
                cost += worth * units * calendar.late(need.needed_by, row.arrival)
    cost += check_plan(problem, plan).terms.plan_change
    if problem.readiness is not None:
        for item, floor in readiness_floors(problem).items():
            for t in range(elapsed):
                missing = max(0, floor - stock_at_end(problem, plan, item, t))
                cost += problem.readiness.weight * price[item] * calendar.weeks[t] * missing
    return cost


def stock_at_end(problem: Problem, plan: Plan, item: str, period: int) -> int:
    """Units in the pool at the end of a period."""
    calendar = calendar_of(problem)
    level = on_hand(problem)[item]
    level += sum(row.quantity for row in problem.receipts if row.item == item and calendar.period(row.date) <= period)
    level += sum(row.quantity for row in plan.made if row.item == item and row.period <= period)
    sent = (row for row in plan.dispatches if (row.item, row.origin) == (item, POOL) and row.period <= period)
    return level - sum(row.quantity for row in sent)


@FEW
@given(problems())
def test_what_is_left_is_legal_and_worth_what_is_left(drawn: Problem) -> None:
    problem = fixed_depth(drawn)
    plan = best_plan(problem)
    if plan is None:
        return
    calendar, whole = calendar_of(problem), check_plan(problem, plan).terms.total
    for elapsed in range(1, calendar.count):
        found = advance(problem, plan, to=calendar.day(elapsed))
        assert calendar_of(found.problem).weeks == calendar.weeks[elapsed:]
        assert read_back(found.problem) == found.problem
        verdict = check_plan(found.problem, found.carried)
        assert verdict.passed, verdict.violations
        assert verdict.terms.plan_change == 0
        left = whole - gone_by(problem, plan, elapsed)
        assert verdict.terms.total == pytest.approx(left, rel=1e-9, abs=1e-6)
        assert not found.broken


@FEW
@given(problems())
def test_calendar_that_is_deepened_only_adds(drawn: Problem) -> None:
    plan = best_plan(drawn)
    if plan is None:
        return
    calendar = calendar_of(drawn)
    found = advance(drawn, plan)
    after = calendar_of(found.problem)
    days = {after.day(t) for t in range(after.count + 1)}
    assert {calendar.day(t) for t in range(1, calendar.count + 1)} <= days
    assert read_back(found.problem) == found.problem
    if after.weeks[: calendar.count - 1] == calendar.weeks[1:]:
        assert check_plan(found.problem, found.carried).passed


@FEW
@given(problems())
def test_bound_that_is_carried_over_holds(drawn: Problem) -> None:
    """The proof of docs/replanning.md: from an optimal plan, nothing better is left where nothing was loosened."""
    problem = fixed_depth(drawn)
    plan = best_plan(problem)
    if plan is None:
        return
    calendar = calendar_of(problem)
    for elapsed in range(1, calendar.count):
        found = advance(problem, plan, to=calendar.day(elapsed))
        if loosened(problem, plan, found):
            continue
        rest = check_plan(found.problem, found.carried).terms.total
        best = solved(found.problem, SLOTS).value
        assert best == pytest.approx(rest, rel=1e-6, abs=1e-5)


@FEW
@given(problems())
def test_six_weeks_in_a_row_every_plan_is_legal_and_no_unit_is_lost(drawn: Problem) -> None:
    problem, plan = drawn, best_plan(drawn)
    ordered = {row.order: row.quantity for row in drawn.orders}
    for _ in range(6):
        if plan is None or not (problem.orders or problem.needs):
            break
        found = advance(problem, plan)
        assert not found.broken
        there = held(problem) + came(problem, found)
        there.subtract({item: units for item, units in left(found).items() if units})
        assert +there == +held(found.problem)
        for row in found.happened.dispatches:
            if row.kind == "order":
                ordered[row.demand] -= row.quantity
        assert {name: units for name, units in ordered.items() if units} == {
            row.order: row.quantity for row in found.problem.orders if row.quantity
        }
        problem = read_back(found.problem)
        assert problem == found.problem
        plan = best_plan(problem)
        assert plan is not None, "what is left of a legal plan is a plan"


def held(problem: Problem) -> Counter[str]:
    """Units that are there: on hand, and written as receipts of the first day where stock began below its floor."""
    found = Counter(on_hand(problem))
    for row in problem.receipts:
        if row.date == problem.start:
            found[row.item] += row.quantity
    return found


def came(problem: Problem, found: Advanced) -> Counter[str]:
    """Units made, and units of receipts after the first day and up to the new one."""
    units: Counter[str] = Counter()
    for made in found.happened.made:
        units[made.item] += made.quantity
    for row in problem.receipts:
        if problem.start < row.date <= found.problem.start:
            units[row.item] += row.quantity
    return units


def left(found: Advanced) -> Counter[str]:
    """Units that have left the pool."""
    units: Counter[str] = Counter()
    for row in found.happened.dispatches:
        if row.origin == POOL:
            units[row.item] += row.quantity
    return units


@pytest.fixture
def advanced() -> Advanced:
    problem, plan = small_problem(), small_plan()
    return advance(problem, plan)


def test_small_plan_is_rolled_on(advanced: Advanced) -> None:
    found = advanced.problem
    assert (found.start, found.as_of, found.depth) == (day(1), day(1), ((8, 1), (2, 2)))
    assert found.periods == ((7, 1), (2, 2))
    assert check_plan(found, advanced.carried).passed
    assert {row.order: row.quantity for row in found.orders} == {"O-complete": 4, "O-firm": 1, "O-later": 1}
    assert {row.need: row.quantity for row in found.needs} == {"N-missile": 3, "N-shell": 10}
    assert [(row.package, row.status, row.release_on) for row in found.packages] == [("P-proposed", "funded", START)]
    assert [(row.package, row.need, row.quantity) for row in found.package_contents] == [("P-proposed", "N-missile", 1)]
    assert {row.pledge: row.amount_usd_m for row in found.pledges} == {"G-any": 5.0, "G-ammo": 20.0, "G-third": 10.0}
    assert [(row.offer, row.status) for row in found.offers] == [("V-open", "accepted")]


def test_commitments_are_what_is_left_to_dispatch_from_the_pool(advanced: Advanced) -> None:
    rows = {(row.demand, row.item, row.date): row.quantity for row in advanced.problem.commitments}
    assert rows["O-firm", "missile", day(1)] == 1
    assert rows["V-open", "missile", day(2)] == 2
    assert ("N-missile", "old_missile", day(3)) not in rows, "what leaves an offer is no commitment of the pool"
    assert all(row.date >= day(1) for row in advanced.problem.commitments)


def test_slots_and_components_are_where_they_were(advanced: Advanced) -> None:
    before, after = small_problem(), advanced.problem
    old, new = (slots(problem, calendar_of(problem)) for problem in (before, after))
    assert {line: row[1:] for line, row in old.items()} == new
    used = sum(row.quantity for row in small_plan().made if row.period == 0 and row.item == "missile")
    (cumulative,) = component_cumulative(before, calendar_of(before)).values()
    (left,) = component_cumulative(after, calendar_of(after)).values()
    assert left == [units - used for units in cumulative[1:]]


def test_new_start_must_begin_a_period() -> None:
    for wrong in (day(1, 2), day(9), day(99)):
        with pytest.raises(ValueError, match="not the first day of a period"):
            advance(small_problem(), small_plan(), to=wrong)
    assert advance(small_problem(), small_plan(), to=day(10)).elapsed == 9


def test_plan_may_be_rolled_to_the_end_of_its_horizon() -> None:
    found = advance(small_problem(), small_plan(), to=day(12))
    assert found.carried.dispatches == ()
    assert found.problem.periods == ((8, 1), (2, 2))
    assert read_back(found.problem) == found.problem
    assert check_plan(found.problem, found.carried).passed


def test_names_of_new_packages_never_meet(advanced: Advanced) -> None:
    later = advance(small_problem(), small_plan(), to=day(2))
    assert later.renamed == (("P-new", f"PKG-{day(1)}-1"),)
    assert [row.package for row in later.problem.packages if row.status == "funded"] == [f"PKG-{day(1)}-1"]
    assert {row.package for row in advanced.carried.releases} == {"NEW-01"}
    assert hard_floors(later.problem)["missile"] == 2


def test_days_of_a_calendar_of_its_own() -> None:
    """An edited calendar is taken as it is: from the new first day where it starts then, else rolled on itself."""
    base, plan = small_problem(), small_plan()
    own = advance(replace(base, start=day(1), periods=((4, 1),)), plan, to=day(1), base=base)
    assert (own.problem.periods, own.problem.depth) == (((4, 1),), ((4, 1),))
    longer = advance(replace(base, periods=((20, 1),)), plan, to=day(1), base=base)
    assert (longer.problem.periods, longer.problem.depth) == (((20, 1),), ((20, 1),))
    assert Calendar(day(1), (1,) * 20, 0).count == calendar_of(longer.problem).count
    with pytest.raises(ValueError, match="own calendar"):
        advance(replace(base, periods=((10, 2),)), plan, to=day(1), base=base)
    assert dt.timedelta(weeks=1) == day(1) - START
