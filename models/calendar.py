"""Periods and lateness, as `problem.md`, "Conventions", defines them. The model's own copy: the checker has another."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from models.problem import Problem


@dataclass(frozen=True)
class Calendar:
    """Periods 0 … T-1 from day `start`; `weeks[t]` whole weeks each."""

    start: dt.date
    weeks: tuple[int, ...]
    after_horizon_weeks: int

    @cached_property
    def _offsets(self) -> tuple[int, ...]:
        """Days from the start to the first day of every period, and to the end of the horizon (length T + 1)."""
        offsets = [0]
        for weeks in self.weeks:
            offsets.append(offsets[-1] + 7 * weeks)
        return tuple(offsets)

    @cached_property
    def count(self) -> int:
        """T, the number of periods; as an index it means "never"."""
        return len(self.weeks)

    @cached_property
    def _shifted(self) -> dict[int, tuple[int, ...]]:
        """By weeks, the answers of `shift` for every period, T included: asked for thousands of times."""
        return {}

    def day(self, period: int) -> dt.date:
        """First day of the period; of T, the end of the horizon."""
        return self.start + dt.timedelta(days=self._offsets[period])

    def week(self, period: int) -> int:
        """Weeks from the start of the horizon to the first day of the period (T allowed)."""
        return self._offsets[period] // 7

    def period(self, date: dt.date) -> int:
        """The period that holds the date; 0 before the horizon, T from its end on."""
        days = (date - self.start).days
        return max(0, min(self.count, bisect_right(self._offsets, days) - 1))

    def shift(self, period: int, weeks: int) -> int:
        """The period `weeks` weeks after the first day of `period`; T if beyond the horizon."""
        found = self._shifted.get(weeks)
        if found is None:
            days, last = 7 * weeks, self.count
            reached = (bisect_right(self._offsets, offset + days) - 1 for offset in self._offsets[:-1])
            found = self._shifted[weeks] = (*(max(0, min(last, period)) for period in reached), last)
        return found[min(period, self.count)]

    def late(self, due: dt.date, period: int) -> int:
        """Whole weeks late of what happens in the period (T: what does not happen in the horizon)."""
        days = self._offsets[period] - (due - self.start).days
        if period < self.count:
            return max(0, -(-days // 7))
        return -(-days // 7) + self.after_horizon_weeks if days > 0 else 0


def calendar_of(problem: Problem) -> Calendar:
    """The calendar of an instance."""
    weeks = tuple(w for count, w in problem.periods for _ in range(count))
    return Calendar(problem.start, weeks, problem.after_horizon_weeks)
