"""One more, solved again: against the optimum of the whole problem by brute force, and against the linear program."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.plan import Made, Plan
from models.problem import Problem
from optimizer.explaining.values import Resource
from optimizer.valuing.exact import exact_value, known
from tests.builders import START, an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.strategies import problems
from tests.valuing.test_fast import ORDERS, PLAN
from tests.valuing.worth import WEIGHTED, exact, fast, listed, of, optimum


def test_a_complete_order_gains_only_when_whole() -> None:
    """Four missiles as one order, three slots a week: one more slot brings all four a week forward. With completions
    held the linear program sees nothing of it."""
    problem = bare_problem(orders=(an_order(quantity=4, due_date=START, delivery="complete"),))
    plan = Plan(
        (to_order("O-each", "missile", 3, 0), to_order("O-each", "missile", 1, 1)),
        (Made("missile_line", "missile", 0, 3), Made("missile_line", "missile", 1, 1)),
    )
    slot = Resource("slot", "missile_line", 0)
    assert of(fast(problem, plan), slot) == 0.0
    one = exact(problem, plan, slot)
    assert (one.value, one.weeks, one.how) == (40.0, 4.0, "resolved")
    assert [(gain.demand, gain.value) for gain in one.gains] == [("O-each", 40.0)]


def test_where_units_are_single_both_agree() -> None:
    slot = Resource("slot", "missile_line", 0)
    problem = bare_problem(orders=ORDERS)
    assert exact(problem, PLAN, slot).value == of(fast(problem, PLAN), slot) == 10.0
    later = Resource("slot", "missile_line", 5)
    assert exact(problem, PLAN, later).value == of(fast(problem, PLAN), later) == 0.0


def test_a_lot_is_whole() -> None:
    """Two slots a missile and three slots: the linear program makes one and a half, and half of one from a slot more; a
    factory makes one, and another from the fourth slot."""
    problem = bare_problem(orders=(an_order(quantity=2, due_date=START),))
    problem = replace(
        problem,
        line_items=(replace(problem.line_items[0], slots_per_unit=2),),
        line_rates=(replace(problem.line_rates[0], slots_per_week=3.0),),
    )
    plan = Plan(
        (to_order("O-each", "missile", 1, 0), to_order("O-each", "missile", 1, 1)),
        (Made("missile_line", "missile", 0, 1), Made("missile_line", "missile", 1, 1)),
    )
    slot = Resource("slot", "missile_line", 0)
    assert of(fast(problem, plan), slot) == pytest.approx(5.0)
    assert exact(problem, plan, slot).value == pytest.approx(10.0)


@pytest.mark.parametrize(
    "what",
    [Resource("pledge", "G-any", None), Resource("lane", "air", 1), Resource("floor", "missile", None),
     Resource("component", "seeker", 0), Resource("reviewer", "", 1), Resource("slot", "shell_line", 2)],
)  # fmt: skip
def test_every_kind_in_the_instance_with_every_feature(what: Resource) -> None:
    one = exact(small_problem(), small_plan(), what)
    assert one.value >= 0
    assert one.resource == what
    assert sum(gain.value for gain in one.gains) == pytest.approx(one.value, abs=1e-6)


def test_a_week_of_review_is_worth_what_the_whole_problem_says() -> None:
    orders = tuple(an_order(f"O-{k}", case=f"C-{k}", quantity=1, due_date=START) for k in (1, 2))
    full = small_problem()
    assert full.approval is not None
    problem = replace(
        bare_problem(orders=orders),
        approvals=tuple(
            replace(full.approvals[0], case=f"C-{k}", submitted_on=START, review_weeks=2.0) for k in (1, 2)
        ),
        approval=replace(full.approval, review_weeks_per_week=1.0, processing_weeks=0),
    )
    plan = listed(problem)
    assert plan is not None
    for t in (0, 2, 5):
        what = Resource("reviewer", "", t)
        assert exact(problem, plan, what).value == pytest.approx(optimum(problem) - optimum(problem, what), abs=1e-6)


@pytest.mark.parametrize("what", [Resource("slot", "nobody", 0), Resource("slot", "missile_line", 99),
                                  Resource("pledge", "none", None), Resource("floor", "missile", 1)])  # fmt: skip
def test_what_is_not_there_is_an_error(what: Resource) -> None:
    with pytest.raises(KeyError):
        known(bare_problem(), what)
    with pytest.raises(KeyError):
        exact_value(bare_problem(orders=ORDERS), PLAN, what, seconds=5)


def test_no_time_says_that_nothing_is_known() -> None:
    one = exact_value(bare_problem(orders=ORDERS), PLAN, Resource("slot", "missile_line", 0), seconds=0)
    assert one.timed_out
    assert one.low <= 10.0 <= one.high


def plain(problem: Problem) -> Problem:
    """The instance with everything off that an exact value holds as in the plan."""
    return replace(
        problem, packages=(), package_contents=(), pledges=(), offers=(), approvals=(), package_policy=None,
        approval=None, objective=WEIGHTED,
        commitments=tuple(row for row in problem.commitments if not row.demand.startswith("V")),
    )  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems(), st.data())
def test_against_the_whole_problem_solved_twice(problem: Problem, data: st.DataObject) -> None:
    """Where nothing is held the exact value is that of the whole problem, whatever plan it stands beside."""
    problem = plain(problem)
    plan = listed(problem)
    T = sum(count for count, _ in problem.periods)
    lines = [Resource("slot", line.line, t) for line in problem.lines for t in range(T)]
    parts = [Resource("component", part.component, t) for part in problem.components for t in range(T)]
    if plan is None or not lines + parts:
        return
    what = data.draw(st.sampled_from(lines + parts))
    one = exact(problem, plan, what)
    brute = optimum(problem) - optimum(problem, what)
    assert one.value == pytest.approx(brute, abs=0.01, rel=1e-6)
    assert sum(gain.value for gain in one.gains) == pytest.approx(one.value, abs=1e-4)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems(), st.data())
def test_one_more_of_anything_never_harms(problem: Problem, data: st.DataObject) -> None:
    plan = listed(problem)
    values = () if plan is None else fast(problem, plan).values
    if not values or plan is None:
        return
    what = data.draw(st.sampled_from([one.resource for one in values]))
    one = exact(problem, plan, what)
    assert 0 <= one.low <= one.value <= one.high
    assert sum(gain.value for gain in one.gains) == pytest.approx(one.value, abs=1e-4)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_without_anything_whole_the_linear_program_is_exact(problem: Problem) -> None:
    """Every unit by itself, one slot each, no components, lanes or substitutes: a network, whose vertices are whole."""
    problem = replace(
        plain(problem), components=(), component_rates=(), item_components=(), substitutes=(), delivery=None, lanes=(),
        orders=tuple(replace(o, delivery="each") for o in problem.orders),
        line_items=tuple(replace(row, slots_per_unit=1) for row in problem.line_items),
    )  # fmt: skip
    plan = listed(problem)
    if plan is None:
        return
    found = fast(problem, plan)
    for line in problem.lines:
        what = Resource("slot", line.line, 0)
        assert exact(problem, plan, what).value == pytest.approx(of(found, what), abs=0.01)


def test_day_of_the_period() -> None:
    assert exact(bare_problem(orders=ORDERS), PLAN, Resource("slot", "missile_line", 2)).date == day(2)
