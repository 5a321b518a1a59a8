"""What an instance offers a plan that is executed in it, element by element, so that elements can be exchanged.

A *supply* maps an element (a line, a pledge, …) to numbers. Two supplies of one plan differ in the elements that a
draw disturbed; a mix of the two is the world in which only some of the disturbances happen.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import astuple, replace
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from models import capacity
from models.calendar import Calendar
from models.priority import need_weight
from models.problem import Component, ComponentRate, Line, LineRate, Problem
from optimizer.rolling.execute_script import Script
from optimizer.scenarios.bearable import unbearable

ElementKind = Literal["line", "component", "receipt", "lane", "pledge", "offer", "package", "case", "review", "need"]


class Element(NamedTuple):
    """One thing that may be disturbed; `name` as in its table (`review`: the reviewers' capacity, without a name)."""

    kind: ElementKind
    name: str


Supply = Mapping[Element, np.ndarray]
"""By element, float numbers:

- line: slots by period; component: units there have been by the end of each period; receipt (of an item): units by
  period; lane: tonnes by period, infinite where there is no limit; review: weeks of review by period;
- pledge: first period, last period, million USD;
- offer: first period, units, units that replace them, units committed as its replacement;
- package (a funded one): the period from which its content may leave;
- case: the period of its submission, weeks of review; need (one that the plan does not know): what it costs that it
  gets nothing, in weight × million USD × weeks.
"""


def supply_of(script: Script, other: Problem | None = None, nominal: Supply | None = None) -> dict[Element, np.ndarray]:
    """What the instance of the plan offers, or another that is the same but for what disturbances change.

    `nominal`: the supply of the plan's own instance, if it is at hand: rates that are the same are not summed again.
    Raises `ValueError` where the other differs in something that an execution does not know how to bear.
    """
    problem = script.problem if other is None else other
    if other is not None:
        _comparable(script.problem, other)
    calendar = script.facts.calendar
    known = nominal or {}
    rows = (
        *_output(script, problem, calendar, known),
        *_transport(problem, calendar),
        *_money(problem, calendar),
        *_gifts(script, problem, calendar),
        *_review(script, problem, calendar),
        *_new_needs(script, problem, calendar),
    )
    return {element: np.asarray(numbers, dtype=float) for element, numbers in rows}


def _comparable(problem: Problem, other: Problem) -> None:
    for what in unbearable(problem, other):
        raise ValueError(f"a plan cannot be executed where {what}")


Row = tuple[Element, Any]


def _output(script: Script, problem: Problem, calendar: Calendar, known: Supply) -> Iterator[Row]:
    lines = _changed(problem.line_rates, script.problem.line_rates, problem.lines)
    changed = capacity.slots(replace(problem, lines=lines) if known else problem, calendar)
    for line in problem.lines:
        element = Element("line", line.line)
        yield element, changed[line.line] if line.line in changed else known[element]
    parts = _changed(problem.component_rates, script.problem.component_rates, problem.components)
    same_stock = problem.components == script.problem.components
    found = capacity.component_cumulative(
        replace(problem, components=parts) if known and same_stock else problem, calendar
    )
    for part in problem.components:
        element = Element("component", part.component)
        yield element, found[part.component] if part.component in found else known[element]
    for item, units in capacity.receipts(problem, calendar).items():
        yield Element("receipt", item), units


Entity = TypeVar("Entity", Line, Component)


def _changed(
    rates: Iterable[LineRate | ComponentRate], before: Iterable[LineRate | ComponentRate], entities: Iterable[Entity]
) -> tuple[Entity, ...]:
    """The lines or components whose rates differ."""
    differing = {astuple(row)[0] for row in set(rates) ^ set(before)}
    return tuple(row for row in entities if astuple(row)[0] in differing)


def _transport(problem: Problem, calendar: Calendar) -> Iterator[Row]:
    limited = capacity.lane_tonnes(problem, calendar)
    for lane in problem.lanes:
        yield Element("lane", lane.lane), limited.get(lane.lane, [math.inf] * calendar.count)


def _money(problem: Problem, calendar: Calendar) -> Iterator[Row]:
    for row in problem.pledges:
        last = calendar.count if row.expires_on is None else calendar.period(row.expires_on)
        yield Element("pledge", row.pledge), [calendar.period(row.available_on), last, row.amount_usd_m]
    policy = problem.package_policy
    for package in problem.packages:
        if policy is not None and package.status == "funded" and package.release_on is not None:
            ready = package.release_on + dt.timedelta(weeks=policy.contract_weeks)
            yield Element("package", package.package), [calendar.period(ready)]


def _gifts(script: Script, problem: Problem, calendar: Calendar) -> Iterator[Row]:
    committed = _committed(problem, calendar)
    there = {row.offer: row for row in problem.offers}
    for offer in script.offers:
        promised = [committed[offer, item, t] for item, t in script.committed.get(offer, ())]
        row = there.get(offer)
        if row is None:  # withdrawn: its units and its replacement are gone
            yield Element("offer", offer), [calendar.count, 0, 0, *promised]
        else:
            first = calendar.period(row.available_on)
            yield Element("offer", offer), [first, row.quantity, row.replacement_quantity, *promised]


def _committed(problem: Problem, calendar: Calendar) -> Mapping[tuple[str, str, int], int]:
    found: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in problem.commitments:
        if calendar.day(0) <= row.date < calendar.day(calendar.count):
            found[row.demand, row.item, calendar.period(row.date)] += row.quantity
    return found


def _review(script: Script, problem: Problem, calendar: Calendar) -> Iterator[Row]:
    if problem.approval is None:
        return
    yield Element("review", ""), capacity.review_capacity(problem, calendar)
    effort = capacity.review_effort(problem)
    for row in problem.approvals:
        yield Element("case", row.case), [calendar.period(row.submitted_on), effort[row.case]]


def _new_needs(script: Script, problem: Problem, calendar: Calendar) -> Iterator[Row]:
    known = {row.need for row in script.problem.needs}
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    for need in problem.needs:
        if need.need not in known:
            weeks = need.quantity * calendar.late(need.needed_by, calendar.count)
            yield Element("need", need.need), [need_weight(problem, need) * price[need.item] * weeks]


def disturbed(nominal: Supply, other: Supply) -> tuple[Element, ...]:
    """The elements in which the other differs, in the order of kinds and names."""
    found = {element for element in {**nominal, **other} if not _same(nominal.get(element), other.get(element))}
    return tuple(sorted(found))


def _same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


def mixed(nominal: Supply, other: Supply, chosen: Collection[Element]) -> dict[Element, np.ndarray]:
    """The nominal supply, but with the chosen elements of the other: the world in which only they are disturbed."""
    found = dict(nominal)
    for element in chosen:
        numbers = other.get(element)
        if numbers is None:
            found.pop(element, None)
        else:
            found[element] = numbers
    return found
