"""How a history unfolds for whoever plans week by week: what is known, what is true, and what has happened meanwhile.

A plan of day `now` answers what is known then. Until the next day of planning, `then`, lines and components turn out
what the whole history says, known or not. On `then` the planner knows what came in the meantime, and of the future
what is known by then. All step functions are those of the original instance, so that what is rounded down never depends
on how often somebody planned (`problem.md`, "Slots, components, stock").

An event has no effect where it comes too late: a case that is approved needs no more review, a pledge that has paid is
not late, an offer of which a unit (or a unit of its replacement) has left is not withdrawn. Such events *stand aside*.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import ComponentRate, LineRate, Pledge, Problem
from optimizer.reading.column import MAX_RATE
from optimizer.scenarios.disturbances import Drawn, Event
from optimizer.scenarios.realised import Step, realised

_SLACK = Fraction(1, 10**9)
"""The 1e-9 that `problem.md` adds before rounding down."""
Rates = dict[str, list[Step]]


@dataclass(frozen=True)
class Unfolding:
    """An original instance and the history that it meets."""

    original: Problem
    drawn: Drawn

    def first(self) -> Problem:
        """The instance of the first day of planning: what is known on it."""
        return realised(self.original, self.drawn, self.original.start)

    def world(self, problem: Problem, then: dt.date) -> Problem:
        """The instance of a day of planning, as it turns out until `then`; from then on as it is known on that day."""
        return self._with_rates(problem, problem.start, then, problem.start)

    def edited(self, problem: Problem, happened: Plan, then: dt.date) -> tuple[Problem, tuple[Event, ...]]:
        """The same instance with all that is known on `then`, and the events that stand aside.

        `happened`: what was done from the instance's first day until `then`, in its calendar.
        """
        news = [event for event in self.drawn.events() if problem.start < event.known_on <= then]
        fresh = self.drawn.kept(lambda event: event in news)
        aside: list[Event] = []
        paid = {row.pledge for row in happened.payments}
        moved = {row.origin for row in happened.dispatches} | {row.demand for row in happened.dispatches}
        pledges = {row.pledge: row for row in problem.pledges}
        given = {row.pledge: row.amount_usd_m for row in self.original.pledges}
        for late in fresh.late_pledges:
            row = pledges.get(late.pledge)
            if row is None or late.pledge in paid or row.amount_usd_m != given[late.pledge]:
                aside.append(late)
        offers = {row.offer: row for row in self.original.offers}
        there = {row.offer: row for row in problem.offers}
        for gone in fresh.withdrawn_offers:
            now, first = there.get(gone.offer), offers[gone.offer]
            whole = now is not None and (now.quantity, now.replacement_quantity) == (
                first.quantity,
                first.replacement_quantity,
            )
            if not whole or gone.offer in moved:
                aside.append(gone)
        approved = {row.case for row in happened.approvals}
        under_review = {row.case for row in problem.approvals} - approved
        aside += [event for event in fresh.longer_reviews if event.case not in under_review]
        known = realised(problem, replace(fresh.without(*aside), line_slips=(), late_ramps=(), component_shortages=()))
        return self._with_rates(known, problem.start, then, then), tuple(aside)

    def outcome(self, aside: Iterable[Event], last: dt.date) -> Problem:
        """The original instance as it turned out up to the last day of planning, and from then on as it was known."""
        known = self.drawn.known_by(last).without(*aside)
        whole = realised(self.original, replace(known, line_slips=(), late_ramps=(), component_shortages=()))
        return self._with_rates(whole, self.original.start, last, last)

    def _with_rates(self, problem: Problem, start: dt.date, true_until: dt.date, known_on: dt.date) -> Problem:
        """The instance, whose first day is `start`, with rates that are true until one day and known from it on."""
        true, known = realised(self.original, self.drawn), realised(self.original, self.drawn, known_on)
        calendar = calendar_of(problem)
        end = calendar.day(1) if calendar.count else start

        def rolled(truth: list[Step], belief: list[Step]) -> list[Step]:
            return rates_from(spliced(truth, belief, true_until), self.original.start, start, end)

        lines = {event.line for event in self.drawn.line_slips} | {event.line for event in self.drawn.late_ramps}
        parts = {event.component for event in self.drawn.component_shortages}
        return replace(
            problem,
            line_rates=tuple(
                LineRate(name, *step)
                for name, step in _replaced(
                    lines,
                    [(row.line, (row.from_date, row.slots_per_week)) for row in problem.line_rates],
                    _line_steps(true),
                    _line_steps(known),
                    rolled,
                )
            ),
            component_rates=tuple(
                ComponentRate(name, *step)
                for name, step in _replaced(
                    parts,
                    [(row.component, (row.from_date, row.units_per_week)) for row in problem.component_rates],
                    _component_steps(true),
                    _component_steps(known),
                    rolled,
                )
            ),
        )


def _line_steps(problem: Problem) -> Rates:
    steps: Rates = defaultdict(list)
    for row in problem.line_rates:
        steps[row.line].append((row.from_date, row.slots_per_week))
    return steps


def _component_steps(problem: Problem) -> Rates:
    steps: Rates = defaultdict(list)
    for row in problem.component_rates:
        steps[row.component].append((row.from_date, row.units_per_week))
    return steps


def _replaced(
    struck: set[str],
    rows: list[tuple[str, Step]],
    true: Rates,
    known: Rates,
    rolled: Callable[[list[Step], list[Step]], list[Step]],
) -> list[tuple[str, Step]]:
    """The rows of those that no event strikes as they are, then the others anew."""
    kept = [row for row in rows if row[0] not in struck]
    return kept + [(name, step) for name in true if name in struck for step in rolled(true[name], known[name])]


def spliced(truth: Iterable[Step], belief: Iterable[Step], day: dt.date) -> list[Step]:
    """The step function that is the first before a day, and the second from it on."""
    before = [step for step in sorted(truth) if step[0] < day]
    later = sorted(belief)
    in_force = [step for step in later if step[0] <= day][-1:]
    rate = in_force[0][1] if in_force else 0.0
    at_once = [(day, rate)] if before or rate else []
    if before and before[-1][1] == rate:
        at_once = []
    return [*before, *at_once, *(step for step in later if step[0] > day)]


def accrued(steps: Iterable[Step], begin: dt.date, end: dt.date) -> Fraction:
    """What a step function of units a week turns out from one day to another, exactly as the tables write its rates."""
    ordered, total = sorted(steps), Fraction(0)
    for index, (day, rate) in enumerate(ordered):
        until = min(end, ordered[index + 1][0]) if index + 1 < len(ordered) else end
        days = (until - max(day, begin)).days
        if days > 0:
            total += Fraction(Decimal(str(rate))) * days / 7
    return total


def rates_from(steps: Iterable[Step], origin: dt.date, start: dt.date, end: dt.date) -> list[Step]:
    """A step function that was counted from `origin`, from a later day on: in the first period, which ends with `end`,
    it also turns out the part of a unit that was begun, so that later roundings fall as they would have fallen.
    """
    ordered = sorted(steps)
    in_force = [step for step in ordered if step[0] <= start][-1:]
    later = [step for step in ordered if step[0] > start]
    total = accrued(ordered, origin, start)
    begun = total - math.floor(total + _SLACK)
    if begun <= _SLACK or end <= start:
        return [*in_force, *later]
    more = begun * 7 / (end - start).days
    first = [(start, in_force[0][1] if in_force else 0.0), *(step for step in later if step[0] < end)]
    raised = [(day, min(float(MAX_RATE), float(Fraction(Decimal(str(rate))) + more))) for day, rate in first]
    rest = [step for step in later if step[0] >= end]
    if not rest or rest[0][0] > end:
        rest.insert(0, (end, first[-1][1]))
    return [*raised, *rest]


def elapsed_part(plan: Plan) -> Plan:
    """What a plan does in its first period."""
    released = tuple(row for row in plan.releases if row.period == 0)
    names = {row.package for row in released}
    return Plan(
        dispatches=tuple(row for row in plan.dispatches if row.period == 0),
        made=tuple(row for row in plan.made if row.period == 0),
        contents=tuple(row for row in plan.contents if row.package in names),
        releases=released,
        payments=tuple(row for row in plan.payments if row.package in names),
        accepted_offers=plan.accepted_offers,
        approvals=tuple(row for row in plan.approvals if row.period == 0),
    )


def money_unspent(pledges: Iterable[Pledge], first: dt.date, last: dt.date) -> float:
    """Million USD that may be paid in a period, from its first to its last day: pledges available and not expired."""
    return sum(
        row.amount_usd_m
        for row in pledges
        if row.available_on <= last and (row.expires_on is None or first <= row.expires_on)
    )
