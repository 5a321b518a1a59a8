"""The pool of slots, components and stock against the rules counted out one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import calendar_of
from models.listing.supply import Supply
from models.problem import (
    Component,
    ComponentRate,
    ItemComponent,
    Line,
    LineItem,
    LineRate,
    Problem,
    Receipt,
    Stock,
)
from tests.builders import START, an_item, bare_problem, day

WEEKS = 4


@dataclass(frozen=True)
class Table:
    """One item on one line, whose rate changes every week, with two seekers a unit."""

    rates: list[int]
    on_hand: int
    floor: int
    received: list[int]
    seekers: list[int]
    per_unit: int

    def problem(self) -> Problem:
        return bare_problem(
            periods=((WEEKS, 1),),
            line_rates=tuple(LineRate("missile_line", day(week), rate) for week, rate in enumerate(self.rates)),
            line_items=(LineItem("missile_line", "missile", self.per_unit),),
            components=(Component("seeker", self.seekers[0]),),
            component_rates=tuple(ComponentRate("seeker", day(week), rate) for week, rate in enumerate(self.seekers)),
            item_components=(ItemComponent("missile", "seeker", 2),),
            stocks=(Stock("missile", self.on_hand, self.floor),),
            receipts=tuple(Receipt("missile", day(week), units) for week, units in enumerate(self.received)),
        )

    def seekers_by(self, week: int) -> int:
        return self.seekers[0] + sum(self.seekers[: week + 1])

    def stock(self, week: int, made: Sequence[int]) -> int:
        """Above the hard floor, with nothing taken."""
        held = self.on_hand - min(self.floor, self.on_hand)
        return held + sum(self.received[: week + 1]) + sum(made[: week + 1])

    def most_by_each_week(self) -> list[int]:
        """The most that can have left by the end of each week: every sequence of weekly production is looked at."""
        best = [0] * WEEKS

        def look(week: int, made: tuple[int, ...]) -> None:
            if week == WEEKS:
                held = [self.stock(t, made) for t in range(WEEKS)]
                for t in range(WEEKS):
                    best[t] = max(best[t], min(held[t:]))
                return
            for units in range(self.rates[week] // self.per_unit + 1):
                if 2 * (sum(made) + units) <= self.seekers_by(week):
                    look(week + 1, (*made, units))

        look(0, ())
        return best


small = st.integers(0, 4)
weekly = st.lists(small, min_size=WEEKS, max_size=WEEKS)
tables = st.builds(Table, weekly, st.integers(0, 5), small, weekly, weekly, st.integers(1, 2))


@given(tables)
@settings(max_examples=150, deadline=None)
def test_reach_is_the_most_that_can_leave(table: Table) -> None:
    problem = table.problem()
    reach = Supply(problem, calendar_of(problem)).reach("missile")
    assert reach.units.tolist() == table.most_by_each_week()


@given(tables, st.lists(st.tuples(st.integers(0, WEEKS - 1), st.integers(1, 5)), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_bookings_keep_every_rule_and_each_other(table: Table, asked: list[tuple[int, int]]) -> None:
    """Whatever is booked in whatever order: slots, components and the floor hold in every week."""
    supply = Supply(table.problem(), calendar_of(table.problem()))
    total = np.zeros(WEEKS, dtype=np.int64)
    for week, units in asked:
        reach = supply.reach("missile")
        taken = np.minimum(reach.units, units)
        taken[:week] = 0
        supply.book("missile", taken, reach)
        total += taken
    made = [0] * WEEKS
    for row in supply.made():
        made[row.period] += row.quantity
    for t in range(WEEKS):
        assert 0 <= table.per_unit * made[t] <= table.rates[t]
        assert 2 * sum(made[: t + 1]) <= table.seekers_by(t)
        assert table.stock(t, made) >= total[t]


@given(tables, st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_unbooking_gives_everything_back(table: Table, units: int) -> None:
    supply = Supply(table.problem(), calendar_of(table.problem()))
    before = supply.reach("missile")
    booking = supply.book("missile", np.minimum(before.units, units), before)
    assert supply.unbook(booking)
    assert supply.reach("missile").units.tolist() == before.units.tolist()
    assert supply.made() == ()


def test_unbooking_is_refused_once_others_live_on_it() -> None:
    """Two slots in week 0 and two in week 1.

    Units of week 0 are made ahead for week 1, whose own slots are taken; when these come free, somebody else takes the
    units of week 0 at once and makes up for them in week 1.
    """
    problem = Table([2, 2, 0, 0], 0, 0, [0, 0, 0, 0], [9, 9, 9, 9], 1).problem()
    supply = Supply(problem, calendar_of(problem))
    week_one = np.array([0, 2, 2, 2])
    leaving = supply.book("missile", week_one, supply.reach("missile"))
    ahead = supply.book("missile", week_one, supply.reach("missile"))
    assert supply.unbook(leaving)
    supply.book("missile", np.array([2, 2, 2, 2]), supply.reach("missile"))
    made = supply.made()
    assert not supply.unbook(ahead)
    assert supply.made() == made
    assert supply.reach("missile").units.tolist() == [0, 0, 0, 0]


def test_a_copy_does_not_share_what_is_booked() -> None:
    problem = bare_problem()
    supply = Supply(problem, calendar_of(problem))
    other = supply.copy()
    other.book("missile", np.full(8, 2), other.reach("missile"))
    assert supply.reach("missile").units.tolist() == [3, 6, 9, 12, 15, 18, 21, 24]
    assert other.reach("missile").units.tolist() == [1, 4, 7, 10, 13, 16, 19, 22]


@pytest.mark.parametrize(("first", "second"), [("missile", "radar"), ("radar", "missile")])
def test_a_line_of_one_item_is_used_before_a_shared_one(first: str, second: str) -> None:
    problem = bare_problem(
        items=(an_item(), an_item("radar")),
        lines=(Line("shared", ""), Line("own", "")),
        line_rates=(LineRate("shared", START, 1.0), LineRate("own", START, 1.0)),
        line_items=(LineItem("shared", "missile", 1), LineItem("shared", "radar", 1), LineItem("own", "missile", 1)),
    )
    supply = Supply(problem, calendar_of(problem))
    for item in (first, second):
        supply.book(item, np.full(8, 1), supply.reach(item))
    assert {(row.line, row.item, row.period) for row in supply.made()} == {
        ("own", "missile", 0),
        ("shared", "radar", 0),
    }
