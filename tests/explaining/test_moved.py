"""Which demands moved, and by how many unit-weeks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.comparing import Comparison
from optimizer.explaining.moved import DemandChange, apart
from tests.builders import START, an_order, bare_problem, day, small_plan, small_problem, to_order, with_dispatch
from tests.explaining.pairs import compared

NEVER = day(30)


def one_order(*when: tuple[int, int], problem: Problem | None = None) -> tuple[Problem, Plan]:
    """An order of four missiles due in week 2, sent as (units, week); nothing else."""
    problem = problem or bare_problem(orders=(an_order("O", quantity=4),))
    return problem, Plan(dispatches=tuple(to_order("O", "missile", units, week) for units, week in when))


def change_of(comparison: Comparison, demand: str = "O") -> DemandChange:
    return next(change for change in comparison.demands if change.demand == demand)


def test_units_are_matched_in_the_order_of_arrival() -> None:
    old, new = ((day(1), 2), (day(4), 1)), ((day(0), 1), (day(3), 2))
    assert apart(old, new, 3, NEVER) == (1 + 1, 2)
    assert apart(new, old, 3, NEVER) == (2, 1 + 1)


def test_what_does_not_come_counts_as_coming_last() -> None:
    assert apart(((day(1), 1),), (), 2, NEVER) == (0, 29)
    assert apart((), (), 5, NEVER) == (0, 0)


def test_only_units_that_both_ask_for_are_matched() -> None:
    assert apart(((day(1), 9),), ((day(2), 9),), 3, NEVER) == (0, 3)


def test_ten_million_units_take_no_longer() -> None:
    assert apart(((START, 10**7),), ((day(1), 10**7),), 10**7, NEVER) == (0, 10**7)


@pytest.mark.parametrize(
    ("old", "new", "movement", "weeks"),
    [
        (((4, 2),), ((4, 2),), "same", (0, 0)),
        (((4, 2),), ((2, 1), (2, 2)), "earlier", (2, 0)),
        (((4, 2),), ((2, 2), (2, 5)), "later", (0, 6)),
        (((4, 2),), ((2, 1), (2, 3)), "mixed", (2, 2)),
        (((4, 2),), ((3, 2),), "later", (0, 19)),
        ((), ((1, 0),), "earlier", (21, 0)),
    ],
)
def test_movements(old: tuple, new: tuple, movement: str, weeks: tuple[int, int]) -> None:
    change = change_of(compared(one_order(*old), one_order(*new)))
    assert (change.movement, (change.earlier, change.later)) == (movement, weeks)


def test_delay_is_the_difference_of_the_objective() -> None:
    comparison = compared(one_order((4, 2)), one_order((2, 2), (2, 5)))
    assert change_of(comparison).delay == 10.0 * 2 * 3 == comparison.difference
    early = change_of(compared(one_order((4, 2)), one_order((4, 0))))
    assert (early.delay, early.weighted) == (0.0, -10.0 * 4 * 2), "what comes before it is due moves, and costs nothing"


def test_new_and_gone() -> None:
    without = bare_problem(), Plan()
    assert change_of(compared(without, one_order((4, 2)))).movement == "new"
    gone = change_of(compared(one_order((4, 4)), without))
    assert (gone.movement, gone.new, gone.delay) == ("gone", None, -10.0 * 4 * 2)


def test_counted_otherwise() -> None:
    problem, plan = one_order((4, 4))
    earlier_due = replace(problem, orders=(replace(problem.orders[0], due_date=day(1)),))
    change = change_of(compared((problem, plan), (earlier_due, plan)))
    assert (change.movement, change.earlier, change.later, change.delay) == ("revalued", 0, 0, 40.0)
    bigger = replace(problem, orders=(replace(problem.orders[0], quantity=6),))
    assert change_of(compared((problem, plan), (bigger, plan))).movement == "revalued"


def test_a_name_that_becomes_another_kind_is_gone_and_new() -> None:
    small = small_problem()
    need = replace(small.needs[1], need="O-each")
    other = replace(small, orders=small.orders[1:], needs=(small.needs[0], need))
    comparison = compared((small, Plan()), (other, Plan()))
    found = {change.kind: change.movement for change in comparison.demands if change.demand == "O-each"}
    assert found == {"order": "gone", "need": "new"}


def test_a_substitute_is_counted_in_units_of_the_need_and_is_another_way() -> None:
    small, plan = small_problem(), small_plan()
    row = next(row for row in plan.dispatches if row.kind == "need" and row.item == "missile" and row.origin == "pool")
    swapped = with_dispatch(plan, row.demand, row.period, item="old_missile", quantity=2 * row.quantity)
    comparison = compared((small, plan), (small, swapped))
    change = change_of(comparison, row.demand)
    assert (change.movement, change.rerouted) == ("same", True)
    assert not comparison.same


def test_another_calendar_is_matched_by_the_day() -> None:
    problem, plan = one_order((4, 3))
    later = replace(problem, start=day(1))
    moved = Plan(dispatches=(to_order("O", "missile", 4, 2),))
    assert change_of(compared((problem, plan), (later, moved))).movement == "same"
    assert change_of(compared((problem, plan), (later, plan))).later == 4
    assert later.start - problem.start == dt.timedelta(weeks=1)
