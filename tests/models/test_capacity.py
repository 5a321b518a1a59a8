"""Slots, components, receipts, floors: fractional rates counted exactly, day by day."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import capacity
from models.calendar import calendar_of
from models.problem import Approval, ApprovalPolicy, Component, ComponentRate, Lane, Line, LineRate, Receipt, Stock
from tests.builders import START, a_recipient, an_order, bare_problem, day

Steps = list[tuple[int, int]]
periods = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), min_size=1, max_size=3).map(tuple)
steps = st.lists(st.tuples(st.integers(-40, 120), st.integers(0, 40)), max_size=4, unique_by=lambda step: step[0])
"""(days from the start, eighths of a unit a week): eighths are exact in binary, sevenths of them are not."""


def exact_total(found: Steps, until: int) -> Fraction:
    """Units from day 0 to the day `until`: on each day a seventh of the rate that holds on it."""
    total = Fraction(0)
    for at in range(until):
        holding = [rate for begin, rate in sorted(found) if begin <= at]
        total += Fraction(holding[-1], 8 * 7) if holding else 0
    return total


@given(periods, steps)
def test_slots_are_what_is_whole_by_the_end_of_the_period(shape: tuple[tuple[int, int], ...], found: Steps) -> None:
    rates = tuple(LineRate("missile_line", START + dt.timedelta(days=begin), rate / 8) for begin, rate in found)
    problem = bare_problem(periods=shape, line_rates=rates)
    calendar = calendar_of(problem)
    whole = [math.floor(exact_total(found, 7 * calendar.week(t))) for t in range(calendar.count + 1)]
    expected = [after - before for before, after in pairwise(whole)]
    assert capacity.slots(problem, calendar) == {"missile_line": expected}


@given(periods, steps, st.integers(0, 9))
def test_components_accumulate(shape: tuple[tuple[int, int], ...], found: Steps, on_hand: int) -> None:
    rates = tuple(ComponentRate("seeker", START + dt.timedelta(days=begin), rate / 8) for begin, rate in found)
    problem = bare_problem(periods=shape, components=(Component("seeker", on_hand),), component_rates=rates)
    calendar = calendar_of(problem)
    expected = [on_hand + math.floor(exact_total(found, 7 * calendar.week(t + 1))) for t in range(calendar.count)]
    assert capacity.component_cumulative(problem, calendar) == {"seeker": expected}


@pytest.mark.parametrize(
    ("rate", "slots"),
    [
        (0.5, [0, 1, 0, 1, 0, 1, 0, 1]),
        (2.5, [2, 3, 2, 3, 2, 3, 2, 3]),
        (1 / 3, [0, 0, 1, 0, 0, 1, 0, 0]),
        (0.1, [0, 0, 0, 0, 0, 0, 0, 0]),
        (0.0, [0] * 8),
    ],
)
def test_slots_by_hand(rate: float, slots: list[int]) -> None:
    problem = bare_problem(line_rates=(LineRate("missile_line", START, rate),))
    assert capacity.slots(problem, calendar_of(problem))["missile_line"] == slots


def test_rate_that_changes_within_a_week() -> None:
    """Seven a week for three days, then fourteen: 3 + 8 in week 0, 14 after it; another line has no rate at all."""
    problem = bare_problem(
        periods=((2, 1),),
        lines=(Line("a", "a"), Line("b", "b")),
        line_rates=(LineRate("a", day(0, 3), 14.0), LineRate("a", day(-5), 7.0)),
    )
    assert capacity.slots(problem, calendar_of(problem)) == {"a": [11, 14], "b": [0, 0]}


def test_receipts_by_period() -> None:
    rows = (Receipt("missile", day(0, 6), 1), Receipt("missile", day(0), 2), Receipt("missile", day(8), 5))
    problem = bare_problem(receipts=(*rows, Receipt("missile", day(7, 6), 4)))
    assert capacity.receipts(problem, calendar_of(problem)) == {"missile": [3, 0, 0, 0, 0, 0, 0, 4]}


@pytest.mark.parametrize(("on_hand", "floor", "hard"), [(5, 3, 3), (3, 5, 3), (0, 4, 0), (4, 0, 0)])
def test_stock_falls_no_lower_than_it_already_is(on_hand: int, floor: int, hard: int) -> None:
    problem = bare_problem(stocks=(Stock("missile", on_hand, floor),))
    assert capacity.on_hand(problem) == {"missile": on_hand}
    assert capacity.readiness_floors(problem) == {"missile": floor}
    assert capacity.hard_floors(problem) == {"missile": hard}


def test_lanes_and_reviewers_have_more_in_longer_periods() -> None:
    lanes = (Lane("road", "a", "b", 1, 2.5), Lane("sea", "a", "b", 2))
    problem = bare_problem(periods=((1, 1), (1, 4)), lanes=lanes, approval=ApprovalPolicy(1.5, 2, 3.5, 0.5))
    calendar = calendar_of(problem)
    assert capacity.lane_tonnes(problem, calendar) == {"road": [2.5, 10.0]}
    assert capacity.review_capacity(problem, calendar) == [1.5, 6.0]


def test_review_effort_on_the_fast_track() -> None:
    """Half the effort from 3.5 % on; below it, or where nothing is known, all of it."""
    spending = {"AAA": 3.5, "BBB": 3.4, "CCC": None}
    problem = bare_problem(
        recipients=tuple(a_recipient(name, defence_pct_gdp=value) for name, value in spending.items()),
        orders=tuple(an_order(f"O-{name}", case=f"C-{name}", recipient=name) for name in spending),
        approvals=tuple(Approval(f"C-{name}", START, 6.0) for name in spending),
        approval=ApprovalPolicy(1.0, 0, 3.5, 0.5),
    )
    assert capacity.review_effort(problem) == {"C-AAA": 3.0, "C-BBB": 6.0, "C-CCC": 6.0}
