"""One plan valued in the instance of another: is a difference due to the input, or to the plan?

Records are carried by date and name. What the other instance does not know (a demand, an offer, a case) is left out, as
is what left before its first day or would arrive after its end; what is left out is counted. Then the checker judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.calendar import Calendar, calendar_of
from models.checker import check_plan
from models.plan import POOL, ApprovedCase, Dispatch, Plan, Release, Terms
from models.problem import Problem


@dataclass(frozen=True, slots=True)
class Valuation:
    """A plan in an instance that it was not made for.

    `terms`: what the checker says it is worth there; `broken`: (rule, how often) in the checker's order, empty if it is
    a legal plan there; `left_out`: records that the instance has no place for, by kind (`dispatches`, `approvals`, …).
    """

    terms: Terms
    broken: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]

    @property
    def legal(self) -> bool:
        """Whether the plan would be allowed there."""
        return not self.broken


def valued(plan: Plan, home: Problem, other: Problem) -> Valuation:
    """The plan of `home` as a plan of `other`."""
    if replace(home, name=other.name) == other:
        moved, left_out = plan, Counter[str]()
    else:
        moved, left_out = _Carrier(home, other).carry(plan)
    verdict = check_plan(other, moved)
    broken = Counter(violation.rule for violation in verdict.violations)
    return Valuation(verdict.terms, tuple(broken.items()), tuple((kind, n) for kind, n in left_out.items() if n))


def carried(plan: Plan, home: Problem, other: Problem) -> tuple[Plan, tuple[tuple[str, int], ...]]:
    """The records of the plan that the other instance has a place for, and how many of each kind are left out.

    Whether it is a legal plan there is for the checker.
    """
    moved, left_out = _Carrier(home, other).carry(plan)
    return moved, tuple((kind, n) for kind, n in left_out.items() if n)


class _Carrier:
    """Carries records from one calendar and one set of names to another."""

    def __init__(self, home: Problem, other: Problem) -> None:
        self.before, self.after = calendar_of(home), calendar_of(other)
        self.other = other
        self.lane_weeks = {lane.lane: lane.weeks for lane in other.lanes}
        self.demands = {
            "order": {row.order for row in other.orders},
            "need": {row.need for row in other.needs},
            "replacement": {row.offer for row in other.offers},
        }
        self.offers = {row.offer for row in other.offers}
        self.status = {row.package: row.status for row in other.packages}

    def carry(self, plan: Plan) -> tuple[Plan, Counter[str]]:
        """The plan in the other instance, and how many records of each kind have no place there."""
        known_needs, listed = self.demands["need"], {row.case for row in self.other.approvals}
        dispatches = tuple(self._dispatches(plan))
        made = tuple(
            replace(row, period=period) for row in plan.made if (period := self._period(row.period)) is not None
        )
        contents = tuple(row for row in plan.contents if row.package not in self.status and row.need in known_needs)
        releases = tuple(self._releases(plan))
        out = {row.package for row in plan.releases} - {row.package for row in releases}
        payments = tuple(row for row in plan.payments if row.package not in out)
        accepted = [name for name in plan.accepted_offers if name in self.offers]
        accepted += [v.offer for v in self.other.offers if v.status == "accepted" and v.offer not in accepted]
        approvals = tuple(self._approvals(plan, listed))
        contents = tuple(row for row in contents if row.package not in out)
        kept = Plan(dispatches, made, contents, releases, payments, tuple(accepted), approvals)
        counts: Counter[str] = Counter()
        for kind in ("dispatches", "made", "contents", "releases", "payments", "approvals"):
            counts[kind] = len(getattr(plan, kind)) - len(getattr(kept, kind))
        counts["accepted_offers"] = sum(name not in self.offers for name in plan.accepted_offers)
        return kept, counts

    def _period(self, period: int) -> int | None:
        """The other calendar's period of the same day; None if it has none."""
        return same_day(period, self.before, self.after)

    def _dispatches(self, plan: Plan) -> Iterator[Dispatch]:
        for row in plan.dispatches:
            period = self._period(row.period)
            known = row.demand in self.demands[row.kind] and (row.origin == POOL or row.origin in self.offers)
            if period is None or not known:
                continue
            weeks = sum(self.lane_weeks.get(lane, 0) for lane in row.route)
            arrival = self.after.shift(period, weeks)
            if arrival < self.after.count:
                yield replace(row, period=period, arrival=arrival)

    def _releases(self, plan: Plan) -> Iterator[Release]:
        for row in plan.releases:
            period = self._period(row.period)
            there = self.status.get(row.package)
            fits = there == "proposed" if row.status == "proposed" else there is None
            if period is not None and fits:
                yield replace(row, period=period)

    def _approvals(self, plan: Plan, listed: set[str]) -> Iterator[ApprovedCase]:
        for row in plan.approvals:
            period = self._period(row.period)
            if row.case in listed and period is not None:
                yield replace(row, period=period)


def same_day(period: int, home: Calendar, other: Calendar) -> int | None:
    """The period of another calendar in which a period's first day lies; None before its start or after its end."""
    day = home.day(period)
    if day < other.start or day >= other.day(other.count):
        return None
    return other.period(day)
