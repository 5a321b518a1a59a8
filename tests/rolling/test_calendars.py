"""Periods that are left, and calendars deepened again: boundaries never move."""

from __future__ import annotations

import datetime as dt

import pytest

from models.calendar import Calendar
from models.problem import Periods
from optimizer.rolling.calendars import as_periods, deepened, elapsed_periods, lengths

MONDAY = dt.date(2026, 1, 5)


def weeks_of(periods: Periods) -> list[int]:
    return lengths(periods)


def boundaries(periods: Periods, first: int) -> set[int]:
    """Weeks from the first start at which periods begin."""
    found, at = set(), first
    for length in lengths(periods):
        found.add(at)
        at += length
    return found


def test_calendar_of_the_weekly_plan_keeps_its_depth() -> None:
    depth: Periods = ((52, 1), (13, 4))
    seen, now = [], depth
    for _ in range(9):
        now, fits = deepened(lengths(now)[1:], depth)
        assert fits
        seen.append(now)
    assert seen[:5] == [((51, 1), (13, 4)), ((50, 1), (13, 4)), ((49, 1), (13, 4)), depth, ((51, 1), (13, 4))]
    assert seen[7] == depth


@pytest.mark.parametrize(
    "depth",
    [((4, 1),), ((3, 1), (1, 2)), ((1, 3), (3, 1)), ((2, 1), (2, 2), (2, 4)), ((2, 2), (1, 4)), ((2, 1), (1, 3))],
    ids=str,
)
def test_week_after_week_no_boundary_moves_and_no_week_is_lost(depth: Periods) -> None:
    total, now, gone = sum(weeks_of(depth)), depth, 0
    last = lengths(depth)[-1]
    for _ in range(12):
        before = boundaries(now, gone)
        gone += lengths(now)[0]
        now, fits = deepened(lengths(now)[1:], depth)
        assert fits
        there = boundaries(now, gone)
        assert {week for week in before if week >= gone} <= there
        assert total - last < sum(weeks_of(now)) <= total


def test_several_periods_may_go_at_once() -> None:
    assert deepened([1] * 44 + [4] * 13, ((52, 1), (13, 4)))[0] == ((52, 1), (13, 4))
    assert deepened([], ((4, 1),))[0] == ((4, 1),)


def test_periods_that_are_not_of_the_depth_stay() -> None:
    assert deepened([1, 3], ((4, 1), (2, 2))) == (((1, 1), (1, 3)), False)
    assert deepened([4, 1], ((4, 1), (2, 4))) == (((1, 4), (1, 1)), False)


def test_more_than_the_depth_is_left_alone() -> None:
    assert deepened([1] * 9, ((4, 1),))[0] == ((9, 1),)


def test_a_period_that_cannot_be_split_into_whole_ones_is_not() -> None:
    assert deepened([1, 3, 3], ((3, 1), (2, 3)))[0] == ((1, 1), (2, 3))
    assert deepened([2, 3], ((2, 2), (1, 3)))[0] == ((1, 2), (1, 3))


def test_elapsed_periods_are_counted_at_boundaries_only() -> None:
    calendar = Calendar(MONDAY, (1, 1, 2), 4)
    days = [MONDAY + dt.timedelta(weeks=week) for week in range(6)]
    assert [elapsed_periods(calendar, day) for day in days] == [0, 1, 2, None, 3, None]
    assert elapsed_periods(calendar, MONDAY + dt.timedelta(days=1)) is None


def test_equal_periods_are_counted_together() -> None:
    assert as_periods([1, 1, 4, 1]) == ((2, 1), (1, 4), (1, 1))
    assert as_periods([]) == ()
