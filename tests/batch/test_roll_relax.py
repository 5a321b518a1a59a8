"""Promises that no plan can hold: moved by as little as needed, one after the other, each recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.problem import Offer, Problem
from optimizer.batch.roll_relax import CannotRelaxError, relaxed
from optimizer.solving.conflict import clashes
from optimizer.solving.outcome import Clash
from tests.builders import an_offer, an_order, bare_problem, day
from tests.models.solved import SLOTS, solved


def firm(name: str, quantity: int, week: int) -> Problem:
    return bare_problem(orders=(an_order(name, quantity=quantity, due_date=day(week), firm_by=day(week)),))


def an_accepted(quantity: int, within: int) -> Offer:
    return an_offer(
        item="missile",
        quantity=1,
        available_on=day(0),
        site=None,
        replacement_quantity=quantity,
        replacement_within_weeks=within,
        status="accepted",
    )


def test_a_firm_date_moves_to_the_first_day_that_can_be() -> None:
    """Ten missiles at three a week are there in week 3, not in week 1; a day earlier than that is impossible."""
    problem = firm("A", 10, 1)
    found, (broken,) = relaxed(problem, clashes(problem))
    assert (broken.rule, broken.demand, broken.units, broken.was, broken.now) == ("firm_date", "A", 4, day(1), day(3))
    assert found.orders[0].firm_by == day(3)
    assert solved(found, SLOTS).value is not None
    earlier = replace(found, orders=(replace(found.orders[0], firm_by=day(2)),))
    assert solved(earlier, SLOTS).value is None


def test_a_date_that_no_week_can_keep_is_dropped() -> None:
    problem = firm("A", 99, 1)
    found, (broken,) = relaxed(problem, clashes(problem))
    assert broken.now is None
    assert found.orders[0].firm_by is None
    assert solved(found, SLOTS).value is not None


def test_a_replacement_gets_weeks_or_units_less() -> None:
    late = bare_problem(offers=(an_accepted(10, 1),))
    found, (broken,) = relaxed(late, clashes(late))
    assert (broken.rule, broken.now, found.offers[0].replacement_within_weeks) == ("replacement_on_time", day(3), 3)
    assert found.offers[0].replacement_quantity == 10
    never = bare_problem(offers=(an_accepted(30, 1),))
    found, (broken,) = relaxed(never, clashes(never))
    assert broken.now is None
    assert found.offers[0].replacement_quantity == 24  # all of eight weeks
    assert solved(found, SLOTS).value is not None


def test_several_promises_until_a_plan_exists_and_none_that_could_stay() -> None:
    problem = bare_problem(
        orders=tuple(
            an_order(name, quantity=quantity, due_date=day(week), firm_by=day(week))
            for name, quantity, week in (("A", 6, 0), ("B", 6, 1), ("C", 1, 7))
        )
    )
    found, broken = relaxed(problem, clashes(problem))
    assert solved(found, SLOTS).value is not None
    assert {row.demand for row in broken} <= {"A", "B"}
    assert len({row.demand for row in broken}) == len(broken)
    assert found.orders[2] == problem.orders[2]


def test_nothing_to_relax() -> None:
    problem = firm("A", 1, 1)
    assert relaxed(problem, ()) == (problem, ())


def test_what_no_promise_can_be_blamed_for() -> None:
    limit = Clash("limit", "component_supply", ("seeker",), 1.0, "units", "one more seeker would do")
    with pytest.raises(CannotRelaxError, match="one more seeker"):
        relaxed(bare_problem(), (limit,))
