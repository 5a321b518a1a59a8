"""Periods and lateness of the model, against the definitions of problem.md counted day by day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import Calendar, calendar_of
from tests.builders import START, bare_problem, day

calendars = st.builds(
    Calendar, st.just(START), st.lists(st.integers(1, 6), min_size=1, max_size=8).map(tuple), st.integers(0, 20)
)
days = st.integers(-50, 400).map(lambda count: START + dt.timedelta(days=count))


def first_days(calendar: Calendar) -> list[dt.date]:
    """start[0] … start[T], walked week by week."""
    found = [calendar.start]
    for weeks in calendar.weeks:
        at = found[-1]
        for _ in range(weeks):
            at += dt.timedelta(days=7)
        found.append(at)
    return found


def period_by_counting(calendar: Calendar, date: dt.date) -> int:
    if date < calendar.start:
        return 0
    starts = first_days(calendar)
    return next((t for t in range(calendar.count) if starts[t] <= date < starts[t + 1]), calendar.count)


def weeks_late_by_counting(due: dt.date, date: dt.date) -> int:
    """The fewest whole weeks that bring the due date up to the date."""
    weeks = 0
    while due + dt.timedelta(weeks=weeks) < date:
        weeks += 1
    return weeks


@given(calendars, days)
def test_period_of_a_date(calendar: Calendar, date: dt.date) -> None:
    assert calendar.period(date) == period_by_counting(calendar, date)
    starts = first_days(calendar)
    assert [calendar.day(t) for t in range(calendar.count + 1)] == starts
    assert [calendar.week(t) for t in range(calendar.count + 1)] == [(at - START).days // 7 for at in starts]


@given(calendars, st.integers(0, 9), st.integers(0, 60))
def test_shift(calendar: Calendar, period: int, weeks: int) -> None:
    period = min(period, calendar.count)
    expected = period_by_counting(calendar, first_days(calendar)[period] + dt.timedelta(weeks=weeks))
    assert calendar.shift(period, weeks) == expected


@given(calendars, days, st.integers(0, 9))
def test_lateness(calendar: Calendar, due: dt.date, period: int) -> None:
    period = min(period, calendar.count)
    expected = weeks_late_by_counting(due, first_days(calendar)[period])
    if period == calendar.count and due < first_days(calendar)[-1]:
        expected += calendar.after_horizon_weeks
    assert calendar.late(due, period) == expected


@given(calendars, days)
def test_later_is_never_less_late(calendar: Calendar, due: dt.date) -> None:
    late = [calendar.late(due, t) for t in range(calendar.count + 1)]
    assert late == sorted(late)


@pytest.mark.parametrize(
    ("due", "period", "late"),
    [
        (day(0), 0, 0),
        (day(0, 1), 0, 0),
        (day(-1), 0, 1),
        (day(-1, 6), 0, 1),
        (day(3, 6), 4, 1),
        (day(4), 4, 0),
        (day(4, 1), 4, 0),
        (day(3), 5, 5),
        (day(11, 6), 6, 1 + 13),
        (day(12), 6, 0),
    ],
)
def test_lateness_by_hand(due: dt.date, period: int, late: int) -> None:
    """Weeks 0, 1, 2, 3 and two periods of four weeks: period 5 begins in week 8, the horizon ends with week 12."""
    assert calendar_of(bare_problem(periods=((4, 1), (2, 4)))).late(due, period) == late
