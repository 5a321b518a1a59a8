"""The checker's own reading of periods and lateness (`problem.md`, "Conventions").

Periods are whole weeks, so a table from week to period answers every question; the model's calendar searches instead.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from models.problem import Problem


@dataclass(frozen=True, slots=True)
class Timeline:
    """Periods 0 … T-1 as weeks counted from the first day of the horizon; T stands for "never"."""

    first_day: dt.date
    weeks: tuple[int, ...]
    first_week: tuple[int, ...]
    """Weeks before each period, and before the end of the horizon (T + 1 numbers)."""
    period_of_week: tuple[int, ...]
    after_horizon_weeks: int

    @property
    def count(self) -> int:
        """T, the number of periods."""
        return len(self.weeks)

    @property
    def first_days(self) -> tuple[int, ...]:
        """Days before each period, and before the end of the horizon (T + 1 numbers)."""
        return tuple(7 * week for week in self.first_week)

    def day(self, period: int) -> dt.date:
        """First day of the period; of T, the day after the horizon."""
        return self.first_day + dt.timedelta(weeks=self.first_week[period])

    def in_horizon(self, date: dt.date) -> bool:
        """True if the date lies in one of the periods."""
        return 0 <= (date - self.first_day).days < 7 * len(self.period_of_week)

    def period(self, date: dt.date) -> int:
        """The period that holds the date; 0 for a date before the horizon, T for one after it."""
        return self._at_week((date - self.first_day).days // 7)

    def shift(self, period: int, weeks: int) -> int:
        """The period `weeks` weeks after the first day of `period`; T from the end of the horizon on."""
        return self._at_week(self.first_week[period] + weeks)

    def late(self, due: dt.date, period: int) -> int:
        """Whole weeks late of what happens in `period`; for T also the weeks added after the horizon."""
        days_before_due = (due - self.first_day).days - 7 * self.first_week[period]
        if days_before_due >= 0:
            return 0
        # Floor division of the negative count rounds away from zero: a week begun is a week late.
        weeks = -(days_before_due // 7)
        return weeks if period < self.count else weeks + self.after_horizon_weeks

    def _at_week(self, week: int) -> int:
        if week >= len(self.period_of_week):
            return self.count
        return self.period_of_week[max(0, week)]


def timeline_of(problem: Problem) -> Timeline:
    """The timeline of an instance."""
    weeks: list[int] = []
    for how_many, length in problem.periods:
        weeks += [length] * how_many
    first_week = [0]
    period_of_week: list[int] = []
    for period, length in enumerate(weeks):
        first_week.append(first_week[-1] + length)
        period_of_week += [period] * length
    return Timeline(problem.start, tuple(weeks), tuple(first_week), tuple(period_of_week), problem.after_horizon_weeks)
