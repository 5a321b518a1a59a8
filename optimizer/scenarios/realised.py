"""`realised`: an instance as a history makes it turn out, or as it is known by a day.

| event | what it does to the instance |
|---|---|
| line slip, component shortage | the step function times the factor, from `begins` until before `ends` |
| late ramp | the line's rows dated `begins` or later are dated some weeks later, before any slip |
| urgent need | a row more in the table of needs |
| late pledge | the row's day and amount |
| withdrawn offer | the row goes, and what the plan before had committed to its replacement |
| longer review | more effort in the case's row |

Where slips overlap, all factors hold. Rates are multiplied as decimals, so that a rate reads back as it was written,
and the slots of a period follow from the changed table as `problem.md` says ("Slots, components, stock"): whole output
up to its end less whole output up to its beginning. So half a slot that a line did not turn out in March is missing in
the sum, and may cost the slot of April.

An event about something that the instance does not have any more does nothing.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from models.problem import Approval, ComponentRate, LineRate, Pledge, Problem
from optimizer.reading.column import LAST_DATE
from optimizer.scenarios.disturbances import ComponentShortage, Drawn, LatePledge, LateRamp, LineSlip

Step = tuple[dt.date, float]
"""From this day on, so many a week."""


def realised(problem: Problem, drawn: Drawn, known_by: dt.date | None = None) -> Problem:
    """The instance as it turns out; with `known_by`, only with what is known on that day. Nothing known: the same."""
    history = drawn if known_by is None else drawn.known_by(known_by)
    gone = {event.offer for event in history.withdrawn_offers}
    late = {event.pledge: event for event in history.late_pledges}
    more: dict[str, Decimal] = defaultdict(Decimal)
    for event in history.longer_reviews:
        more[event.case] += Decimal(str(event.more_weeks))
    there = {row.need for row in problem.needs}
    return replace(
        problem,
        line_rates=_line_rates(problem, history),
        component_rates=_component_rates(problem, history),
        needs=(*problem.needs, *(event.need for event in history.urgent_needs if event.need.need not in there)),
        pledges=tuple(_pledge(row, late.get(row.pledge)) for row in problem.pledges),
        offers=tuple(row for row in problem.offers if row.offer not in gone),
        commitments=tuple(row for row in problem.commitments if row.demand not in gone),
        approvals=tuple(_review(row, more.get(row.case)) for row in problem.approvals),
    )


def _pledge(row: Pledge, event: LatePledge | None) -> Pledge:
    if event is None:
        return row
    return replace(row, available_on=min(LAST_DATE, event.available_on), amount_usd_m=event.amount_usd_m)


def _review(row: Approval, more: Decimal | None) -> Approval:
    return row if more is None else replace(row, review_weeks=float(Decimal(str(row.review_weeks)) + more))


def slipped(steps: Iterable[Step], spells: Sequence[LineSlip | ComponentShortage]) -> list[Step]:
    """A step function multiplied by the factors of all spells that hold on a day; sorted, no step without a change."""
    rows = sorted(steps)
    if not rows:
        return []
    first = rows[0][0]
    days = {day for day, _ in rows}
    for spell in spells:
        days |= {day for day in (spell.begins, spell.ends) if day is not None and first < day <= LAST_DATE}
    dates, given = [day for day, _ in rows], {day for day, _ in rows}
    found: list[Step] = []
    for day in sorted(days):
        rate = Decimal(str(rows[bisect_right(dates, day) - 1][1]))
        for spell in spells:
            if spell.begins <= day and (spell.ends is None or day < spell.ends):
                rate *= Decimal(str(spell.factor))
        if day in given or not found or float(rate) != found[-1][1]:
            found.append((day, float(rate)))
    return found


def ramped(steps: Iterable[Step], ramps: Sequence[LateRamp]) -> list[Step]:
    """A step function whose later steps come later; a step that would come after any plausible date never comes."""
    later = [
        (day + dt.timedelta(weeks=sum(ramp.weeks for ramp in ramps if ramp.begins <= day)), rate)
        for day, rate in sorted(steps)
    ]
    return [step for step in later if step[0] <= LAST_DATE]


def _line_rates(problem: Problem, history: Drawn) -> tuple[LineRate, ...]:
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in problem.line_rates:
        steps[row.line].append((row.from_date, row.slots_per_week))
    struck = {event.line for event in history.line_slips} | {event.line for event in history.late_ramps}
    for line in struck & steps.keys():
        later = ramped(steps[line], [event for event in history.late_ramps if event.line == line])
        steps[line] = slipped(later, [event for event in history.line_slips if event.line == line])
    rows: list[LineRate] = []
    for row in problem.line_rates:
        if row.line not in struck:
            rows.append(row)
        else:
            rows += [LineRate(row.line, *step) for step in steps.pop(row.line, ())]
    return tuple(rows)


def _component_rates(problem: Problem, history: Drawn) -> tuple[ComponentRate, ...]:
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in problem.component_rates:
        steps[row.component].append((row.from_date, row.units_per_week))
    struck = {event.component for event in history.component_shortages}
    for part in struck & steps.keys():
        spells = [event for event in history.component_shortages if event.component == part]
        steps[part] = slipped(steps[part], spells)
    rows: list[ComponentRate] = []
    for row in problem.component_rates:
        if row.component not in struck:
            rows.append(row)
        else:
            rows += [ComponentRate(row.component, *step) for step in steps.pop(row.component, ())]
    return tuple(rows)
