"""What a plan moves of the one before: by hand, and in sums that must always hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.plan import Dispatch, Plan
from optimizer.rolling.nervousness import ALPHA, Moves, instability, kept_in_frozen, moves
from tests.builders import an_item, bare_problem, day, small_problem, to_need, to_order


def plan(*rows: Dispatch) -> Plan:
    return Plan(dispatches=rows)


def test_the_same_plan_moves_nothing() -> None:
    old = plan(to_order("A", "missile", 3, 2), to_order("B", "missile", 1, 0))
    found = moves(bare_problem(), old, old)
    assert (found.units, found.new, found.changed, found.weighted) == (0, 0, 0, 0.0)
    assert (found.planned, found.dispatches, found.orders) == (4, 2, 4)


def test_moved_cut_and_new() -> None:
    """Three of week 2: one goes to week 1, one to week 4, one is cut; of B one is new."""
    old = plan(to_order("A", "missile", 3, 2))
    new = plan(to_order("A", "missile", 1, 1), to_order("A", "missile", 1, 4), to_order("B", "missile", 2, 0))
    found = moves(bare_problem(), old, new)
    assert (found.earlier, found.later, found.cut, found.new) == (1, 1, 1, 2)
    assert (found.moved, found.units, found.changed, found.dispatches) == (2, 3, 1, 1)
    assert (found.moved_value, found.cut_value, found.new_value) == (20.0, 10.0, 20.0)
    assert found.value == 30.0


def test_units_stay_with_their_demand_origin_and_item() -> None:
    """What one demand loses is cut, what another gains is new; a gift is not the pool's."""
    old = plan(to_order("A", "missile", 2, 1))
    assert moves(bare_problem(), old, plan(to_order("B", "missile", 2, 1))).cut == 2
    gift = to_need("N", "missile", 2, (1, 1), origin="V")
    found = moves(bare_problem(), plan(to_need("N", "missile", 2, (1, 1))), plan(gift))
    assert (found.cut, found.new, found.moved) == (2, 2, 0)


def test_two_rows_of_one_day_are_one() -> None:
    old = plan(to_order("A", "missile", 1, 1), to_order("A", "missile", 1, 1))
    assert moves(bare_problem(), old, plan(to_order("A", "missile", 2, 1))).changed == 0


def test_frozen_weeks() -> None:
    """Two weeks are frozen in the small instance."""
    old = plan(to_order("A", "missile", 3, 1), to_order("A", "missile", 3, 2))
    found = moves(small_problem(), old, plan(to_order("A", "missile", 1, 1)))
    assert (found.frozen_planned, found.frozen_changed, found.frozen_changed_value) == (3, 2, 20.0)
    assert found.cut == 5
    kept = kept_in_frozen(small_problem(), old, plan(to_order("A", "missile", 1, 1)))
    assert kept == {("A", "missile", day(1)): (3, 1)}


def test_the_measure_of_sridharan_berry_and_udayabhanu() -> None:
    """Two units leave week 1, one comes to week 3: weighted by (1 − α) α^weeks, over three dispatches in both plans."""
    old = plan(to_order("A", "missile", 2, 1), to_order("B", "missile", 1, 0))
    new = plan(to_order("A", "missile", 1, 3), to_order("B", "missile", 1, 0))
    found = moves(bare_problem(), old, new)
    assert found.weighted == pytest.approx((1 - ALPHA) * (2 * ALPHA + ALPHA**3))
    assert found.orders == 4
    assert instability([found]) == pytest.approx((found.weighted / 4, 10 * found.weighted / 4))
    near = moves(bare_problem(), plan(to_order("A", "missile", 1, 0)), plan())
    far = moves(bare_problem(), plan(to_order("A", "missile", 1, 6)), plan())
    assert near.weighted > far.weighted


def test_weeks_count_not_periods() -> None:
    long = bare_problem(periods=((2, 4),))
    found = moves(long, plan(to_order("A", "missile", 1, 1)), plan())
    assert found.weighted == pytest.approx((1 - ALPHA) * ALPHA**4)


def test_nothing_planned_is_no_number() -> None:
    assert instability([]) == (None, None)
    assert instability([Moves()]) == (None, None)


rows = st.lists(
    st.builds(
        to_order, st.sampled_from(["A", "B", "<script>"]), st.just("missile"), st.integers(1, 4), st.integers(0, 7)
    ),
    max_size=6,
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(old=rows, new=rows)
def test_what_is_left_is_what_was_less_cut_and_more_new(old: list[Dispatch], new: list[Dispatch]) -> None:
    problem = bare_problem(items=(an_item(unit_price_usd_m=2.5),))
    found = moves(problem, plan(*old), plan(*new))
    before, after = sum(row.quantity for row in old), sum(row.quantity for row in new)
    assert found.planned == before
    assert before - found.cut + found.new == after
    assert 0 <= found.moved + found.cut <= before
    assert found.value == pytest.approx(2.5 * found.units)
    back = moves(problem, plan(*new), plan(*old))
    assert (back.earlier, back.later, back.cut, back.new) == (found.later, found.earlier, found.new, found.cut)
    assert Moves.from_dict(json.loads(json.dumps(found.as_dict()))) == found
