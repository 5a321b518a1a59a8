"""Where every demand stands in the queue for its item: in the plan, and where the dates alone would put it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from models.calendar import Calendar
from models.plan import Kind
from models.problem import Problem
from optimizer.explaining.facts import DemandFacts, Facts


@dataclass(frozen=True, slots=True)
class Place:
    """`place` of `of` demands for the item, by when the units leave in the plan; `by_date`: first come, first served.

    Demands that are level share the better place.
    """

    place: int
    by_date: int
    of: int


def places(problem: Problem, facts: Facts) -> dict[tuple[Kind, str], Place]:
    """The place of every order, need and replacement among the demands for the item it asks for.

    In the plan it is the mean day on which the units leave, a missing unit counting as leaving at the end of the
    horizon. By date: orders by `placed_on`, needs by `needed_by` (`problem.md`, "Two cases to compare with"),
    replacements by the day on which the gift is available.
    """
    dates = _dates(problem)
    by_item: dict[str, list[DemandFacts]] = defaultdict(list)
    for demand in facts.demands:
        by_item[demand.item].append(demand)
    found = {}
    for demands in by_item.values():
        leaves = [_mean_week(demand, facts.calendar) for demand in demands]
        dated = [dates[demand.kind, demand.demand] for demand in demands]
        in_plan, in_time = sorted(leaves), sorted(dated)
        for demand, week, date in zip(demands, leaves, dated, strict=True):
            place = Place(1 + bisect_left(in_plan, week), 1 + bisect_left(in_time, date), len(demands))
            found[demand.kind, demand.demand] = place
    return found


def _dates(problem: Problem) -> dict[tuple[Kind, str], dt.date]:
    found: dict[tuple[Kind, str], dt.date] = {("order", order.order): order.placed_on for order in problem.orders}
    found.update({("need", need.need): need.needed_by for need in problem.needs})
    found.update({("replacement", offer.offer): offer.available_on for offer in problem.offers})
    return found


def _mean_week(demand: DemandFacts, calendar: Calendar) -> float:
    """Mean week of leaving over all units of the demand, rounded so that equal means are equal."""
    weeks = sum(units * calendar.week(row.period) for row, units in zip(demand.sent, demand.sent_units, strict=True))
    weeks += demand.undelivered * calendar.week(calendar.count)
    return round(weeks / demand.quantity, 6) if demand.quantity else 0.0
